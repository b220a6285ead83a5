"""Rows of cases, and their sealed words: every reading and writing of them goes through here.

Words and files are sealed under the installation's master key, which only the gate's process has; the site reaches a
case by an act of the desk or not at all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from schoolgate import consent, people, statutory
from schoolgate.clock import Clock, custodians_day
from schoolgate.config import Config
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.ids import Pmr
from schoolgate.machine import Move
from schoolgate.rights.cases import rules
from schoolgate.rights.cases.days import case_rules
from schoolgate.rights.cases.models import Case, CaseLetter, CaseStep, Evidence
from schoolgate.rights.cases.states import DECIDED, KINDS, LIFE, OVER, STOPPED
from schoolgate.rights.cases.telling import on_paper
from schoolgate.rights.cases.views import CaseLine, CaseView, EvidenceView, OnPaper, Said, StepView

_PURPOSE = "family-cases"
_SIGNS = "23456789CDFGHJKMNPQRTVWX"
"""No vowels, so that no word comes up, and no sign that is taken for another on the telephone."""

Entropy = Callable[[int], bytes]


class UnknownCase(SchoolgateError):
    """There is no such case, or it is not for whoever asks: the same words for both."""


def unknown() -> UnknownCase:
    """What is said of a case that is not there, or not theirs."""
    return UnknownCase("There is no such case.", code="case-unknown")


def new_reference(entropy: Entropy = os.urandom) -> str:
    """A reference that can be said on the telephone; 24 ** 8, about 110 thousand million of them."""
    signs = "".join(_SIGNS[byte % 24] for byte in entropy(32) if byte < 240)[:8]
    return f"RC-{signs[:4]}-{signs[4:]}" if len(signs) == 8 else new_reference(entropy)


def seal(config: Config, plain: bytes, *place: object) -> bytes:
    """Seal for one place: what is moved to another does not open there."""
    return config.keyring().seal(_PURPOSE, plain, "/".join(str(part) for part in place).encode())


def unseal(config: Config, sealed: bytes | memoryview, *place: object) -> bytes:
    """Open what `seal` made for this place.

    Raises:
        SealBroken: it was changed or moved.
    """
    return config.keyring().unseal(_PURPOSE, bytes(sealed), "/".join(str(part) for part in place).encode())


def said_in(step: CaseStep, reference: str, config: Config) -> Said:
    """What was written in a step."""
    return Said(**json.loads(unseal(config, step.said, reference, step.number)))


def facts_of(row: Case) -> rules.Facts:
    """What bears on a case's next step."""
    pauses = tuple(statutory.Pause(one.asked_on, one.answered_on) for one in row.pauses.all())
    running = statutory.Running(
        row.received_on, row.identity_asked_on, row.identity_received_on, pauses, row.extended_on
    )
    return rules.Facts(
        kind=row.kind,
        state=row.state,
        received=row.received_on,
        running=rules.counted(row.kind, running),
        acknowledged=row.acknowledged_on,
        source_asked=row.source_asked_on,
        source_heard=row.source_heard,
        source_by=row.source_by,
        decided_by=row.decided_by,
        reviewed_by=row.reviewed_by,
        told=row.told_on,
        waits_since=row.waits_since,
        disputed=row.disputed,
        moved=row.pmr is not None and not row.followed,
        clarified=bool(pauses),
    )


_PERSON = "P-"


def facts_for(row: Case, actor: str) -> rules.Facts:
    """The same for who is about to act: where this human being had a part as another person (`people.same_human`: one
    account, several numbers), the part stands under the number that acts now.
    """
    facts = facts_of(row)
    if not actor.startswith(_PERSON):
        return facts

    def own(part: str) -> str:
        return actor if part.startswith(_PERSON) and people.same_human(part, actor) else part

    return replace(
        facts,
        source_by=own(facts.source_by),
        decided_by=own(facts.decided_by),
        reviewed_by=own(facts.reviewed_by),
    )


def about(row: Case) -> Pmr:
    """Whose record the case is about: the child's, or the same child's under the reference that has the row now."""
    return Pmr(row.pmr if row.followed and row.pmr is not None else row.pupil)


def locked(reference: str) -> Case:
    """A case's row, held until the caller's transaction ends.

    Raises:
        UnknownCase: there is none.
    """
    row = Case.objects.select_for_update().filter(reference=reference).first()
    if row is None:
        raise unknown()
    return row


def refuse_or_move(row: Case, event: str, role: str, actor: str, clock: Clock, outcome: str = "") -> Move | Refused:
    """The move, or every reason why it may not be made now."""
    no = rules.problems(facts_for(row, actor), event, role, actor, custodians_day(clock), outcome)
    if no:
        return Refused(no)
    move = LIFE.move(row.state, event, role)
    assert isinstance(move, Move)  # otherwise it would be among the problems  # noqa: S101
    return move


def take(row: Case, move: Move, role: str, actor: str, said: Said, config: Config, clock: Clock) -> CaseStep:
    """Take a step: the state, and who did it and why, in the caller's transaction."""
    if move.target != row.state:
        row.waits_since = custodians_day(clock)
    row.state = move.target
    if row.state in OVER:
        row.closed_on = custodians_day(clock)
    row.save()
    return note(row, move.event, move.source, role, actor, said, config, clock)


def note(
    row: Case, event: str, source: str, role: str, actor: str, said: Said, config: Config, clock: Clock
) -> CaseStep:
    """Write a step down."""
    number = row.steps.count() + 1
    words = {key: value for key, value in asdict(said).items() if value}
    return CaseStep.objects.create(
        case=row, number=number, event=event, source=source, target=row.state, role=role, actor=actor, at=clock.now(),
        said=seal(config, json.dumps(words).encode(), row.reference, number),
    )  # fmt: skip


def _waits_for(state: str) -> str:
    if state in STOPPED:
        return "family"
    if state == "overseen":
        return "custodian"
    if state in (*DECIDED, *OVER):
        return "nobody"
    return {"with_source": "source", "with_overseer": "overseer", "outside": "regulator"}.get(state, "custodian")


def line_of(row: Case, today: date) -> CaseLine:
    """A case in a list."""
    next_due = rules.due(facts_of(row))
    return CaseLine(
        reference=row.reference,
        kind=row.kind,
        state=row.state,
        item=row.item,
        received_on=row.received_on,
        due_what=next_due.what,
        last_day=next_due.last_day,
        is_late=next_due.is_late(today),
        is_late_soon=next_due.is_late_soon(today),
        waits_for=_waits_for(row.state),
    )


def others(row: Case) -> int:
    """How many other open cases say that the same item of the same child is wrong."""
    if not row.item:
        return 0
    same = Case.objects.filter(pupil=row.pupil, item=row.item, closed_on=None, kind="rectification")
    return same.exclude(pk=row.pk).exclude(state__in=(*DECIDED, "outside")).count()


_OF_THE_SOURCE = frozenset({"ask_source", "answer", "not_ours", "note_silence"})


def shown(said: Said, event: str, role: str, hidden: bool) -> Said:
    """What was said in a step, for who looks: what is written to a source or by it can name the school of a child that
    is kept from being found, and the adult whom two people confirmed since is told no place either.
    """
    if role != "family" or not hidden or event not in _OF_THE_SOURCE:
        return said
    return replace(said, text="", source="")


def view_of(row: Case, role: str, config: Config, clock: Clock, actor: str = "") -> CaseView:
    """A case as a family (`role` ``family``) or staff may see it."""
    today, facts = custodians_day(clock), facts_for(row, actor)
    events = (event for event in LIFE.events if not rules.problems(facts, event, role, actor, today, _any(row.kind)))
    hidden = any(consent.shielded_since(one) is not None for one in {about(row), Pmr(row.pupil)})
    lifts = None
    if row.disputed and row.told_on is not None and row.state in (*DECIDED, *OVER):
        lifts = date.fromordinal(row.told_on.toordinal() + case_rules().lift_days)
    return CaseView(
        line=line_of(row, today),
        right=KINDS[row.kind].right,
        row=row.row,
        wrong_since=row.wrong_since,
        outcomes=KINDS[row.kind].outcomes,
        disputed=row.disputed,
        lifts_after=lifts,
        others=others(row),
        may=tuple(events),
        extended=row.extended_on is not None,
        outcome=row.outcome,
        steps=tuple(
            StepView(
                number=one.number,
                event=one.event,
                target=one.target,
                who=one.role,
                at=one.at,
                said=shown(said_in(one, row.reference, config), one.event, role, hidden),
                actor=one.actor if role != "family" and one.role != "family" else "",
                paper=paper_of(one, role),
            )
            for one in row.steps.select_related("on_paper").order_by("number")
        ),
        evidence=tuple(evidence_view(one, row.reference, config) for one in row.evidence.order_by("number")),
        source_may_see=row.source_may_see,
        source_urn=None if role == "family" else row.source_urn,
        on_paper=role != "family" and on_paper(row),
    )


def paper_of(step: CaseStep, role: str) -> OnPaper | None:
    """The letter on paper about a step, for who looks."""
    letter: CaseLetter | None = getattr(step, "on_paper", None)
    if letter is None:
        return None
    by_staff = letter.how == "posted" and role != "family"
    return OnPaper(letter.how or "waits", letter.left_on, letter.noted_by if by_staff else "")


def _any(kind: str) -> str:
    return KINDS[kind].outcomes[0]


def evidence_view(row: Evidence, reference: str, config: Config) -> EvidenceView:
    """A file, without its content."""
    name = unseal(config, row.name, reference, "name", row.number).decode()
    return EvidenceView(row.number, name, row.kind, row.size, row.role, row.at)


def as_mapping(said: Said) -> Mapping[str, Any]:
    """What was written, without what is empty."""
    return {key: value for key, value in asdict(said).items() if value}
