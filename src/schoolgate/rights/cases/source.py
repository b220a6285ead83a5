"""The school that sent a fact answers for it on its own page, while it is asked and no longer.

It is shown the question and what it sent itself, and the family's files where the family lets it; a shielded child's
case never, since that it is there tells where the child is. A case of another school is as one that is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet

from schoolgate import consent, gate
from schoolgate.clock import Clock, custodians_day
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.ids import Urn
from schoolgate.rights.cases import rules
from schoolgate.rights.cases.evidence import file_of
from schoolgate.rights.cases.handling import own_row
from schoolgate.rights.cases.kept import (
    about,
    evidence_view,
    facts_of,
    locked,
    note,
    refuse_or_move,
    said_in,
    take,
    unknown,
)
from schoolgate.rights.cases.models import Case
from schoolgate.rights.cases.opened import note_opened
from schoolgate.rights.cases.opening import text_problems
from schoolgate.rights.cases.states import OVER
from schoolgate.rights.cases.telling import tell_family
from schoolgate.rights.cases.views import FileOut, Said, SourceLine, SourceView
from schoolgate.statutory import Due

if TYPE_CHECKING:
    from schoolgate.rights.views import ChildLink

ANSWERS = ("wrong", "right", "not-ours")
"""What a school says of a fact: it was wrong and this is right; it is right; it did not send it."""

_SOURCE, _SOURCE_ASKED = "The school that sent it", "The school that was asked"
"""Never a school's name: no page of a family whose child may be shielded later says where it is."""


def school_of(urn: Urn | int) -> str:
    """Who a school is in the steps of a case."""
    return f"school:{int(urn)}"


def _asked(urn: Urn | int) -> QuerySet[Case]:
    shielded = [int(pupil) for pupil in consent.shielded_pupils()]
    asked = Case.objects.filter(source_urn=int(urn), state="with_source", kind="rectification")
    return asked.exclude(pupil__in=shielded).exclude(pmr__in=shielded)


def _row(urn: Urn | int, reference: str) -> Case:
    row = _asked(urn).filter(reference=reference).first()
    if row is None:
        raise unknown()
    return row


def _line(row: Case, clock: Clock) -> SourceLine:
    asked, until, today = row.source_asked_on, rules.source_due(facts_of(row)), custodians_day(clock)
    if asked is None or until is None:
        raise unknown()
    soon = Due(until, None, "").is_late_soon(today)
    return SourceLine(row.reference, row.item, asked, until, today > until, soon)


def asked_of_school(urn: Urn | int, *, clock: Clock) -> tuple[SourceLine, ...]:
    """The cases in which a school is asked now, the earliest last day first."""
    lines = [_line(row, clock) for row in _asked(urn).order_by("received_at", "pk")]
    return tuple(sorted(lines, key=lambda line: line.last_day))


def show_source(urn: Urn | int, reference: str, *, config: Config, clock: Clock) -> SourceView:
    """What a school is asked.

    Raises:
        UnknownCase: there is none, or it is not asked of this school.
    """
    row = _row(urn, reference)
    said = {one.event: said_in(one, row.reference, config) for one in row.steps.order_by("number")}
    family, asked = said["receive"], said.get("ask_source", Said())
    files = row.evidence.filter(role="family").order_by("number") if row.source_may_see else ()
    return SourceView(
        line=_line(row, clock),
        wrong_since=row.wrong_since,
        stands=family.stands,
        should_be=family.should_be,
        text=family.text,
        asked=asked.text,
        files=tuple(evidence_view(one, row.reference, config) for one in files),
    )


def look_source(urn: Urn | int, reference: str, *, config: Config, clock: Clock) -> gate.SentBySchool | Refused:
    """Who the case is about, and what the school sent: a read, in the log and in the child's own answer.

    Raises:
        UnknownCase: there is none, or it is not asked of this school.
    """
    row, actor = _row(urn, reference), school_of(urn)
    found = gate.sent_by_school(about(row), row.item, row.row, Urn(urn), actor, config=config, clock=clock)
    if isinstance(found, Refusal):
        return Refused((found,))
    with transaction.atomic():
        case = locked(reference)
        note(case, "look", case.state, "school", actor, Said(), config, clock)
    return found


def file_for_source(urn: Urn | int, reference: str, number: int, *, config: Config, clock: Clock) -> FileOut:
    """One file of the family's, where it lets the school see them; that the school opens it is a step of the case.

    Raises:
        UnknownCase: no such case, no such file, or not for this school.
    """
    row = _row(urn, reference)
    if not row.source_may_see or not row.evidence.filter(number=number, role="family").exists():
        raise unknown()
    note_opened(row, "school", school_of(urn), config=config, clock=clock)
    return file_of(row, number, config)


def school_answers(
    urn: Urn | int, reference: str, answer: str, value: str, text: str, *, config: Config, clock: Clock
) -> str | Refused:
    """What the school says of what it sent.

    Args:
        urn: the school.
        reference: the case.
        answer: one of `ANSWERS`.
        value: what it should say, where it is wrong.
        text: why.
        config: the installation.
        clock: the time.

    Returns:
        The state the case is in now, or every reason why not.

    Raises:
        UnknownCase: there is none, or it is not asked of this school.
    """
    _row(urn, reference)
    actor = school_of(urn)
    if answer not in ANSWERS:
        return Refused((Refusal("answer-unknown", "This is no answer.", remedy="Choose one.", where="answer"),))
    event = "not_ours" if answer == "not-ours" else "answer"
    with transaction.atomic():
        row = locked(reference)
        found = refuse_or_move(row, event, "school", actor, clock)
        words = [*text_problems(text), *(text_problems(value, "value", 500) if answer == "wrong" else ())]
        if isinstance(found, Refused) or words:
            return Refused((*(found.reasons if isinstance(found, Refused) else ()), *words))
        if event == "not_ours":
            row.source_urn, row.source_asked_on, row.source_heard, row.source_by = None, None, False, ""
            said = Said(text=text.strip(), source=_SOURCE_ASKED)
        else:
            row.source_heard, row.source_by = True, actor
            right = value.strip() if answer == "wrong" else ""
            agrees = "yes" if answer == "wrong" else "no"
            said = Said(text=text.strip(), source=_SOURCE, agrees=agrees, should_be=right)
        take(row, found, "school", actor, said, config, clock)
        tell_family(row, event, config, clock)
    return row.state


def let_source_see(link: ChildLink, reference: str, allowed: bool, *, config: Config, clock: Clock) -> bool | Refused:
    """The family lets the school that sent the fact see its files, or no more.

    Returns:
        Whether the school may see them now, or why that is not said.

    Raises:
        UnknownCase: no such case of this account.
    """
    own_row(link, reference)
    with transaction.atomic():
        row = locked(reference)
        if row.state in OVER or row.kind != "rectification":
            return Refused((Refusal("not-asked", "No school is asked in this case."),))
        if row.source_may_see != allowed:
            row.source_may_see = allowed
            row.save(update_fields=["source_may_see"])
            event = "let_source" if allowed else "let_source_no_more"
            note(row, event, row.state, "family", link.actor, Said(), config, clock)
    return allowed
