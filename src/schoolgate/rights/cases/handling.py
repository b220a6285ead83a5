"""The steps of a case after its receipt: who took each, and why, is kept; the family is told of each by letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from schoolgate.clock import Clock, custodians_day
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.machine import Move
from schoolgate.rights.cases.kept import line_of, locked, refuse_or_move, take, unknown, view_of
from schoolgate.rights.cases.letters import wait_letter
from schoolgate.rights.cases.lifting import lift_now
from schoolgate.rights.cases.models import Case, CasePause
from schoolgate.rights.cases.moved import follow, keep
from schoolgate.rights.cases.opening import text_problems
from schoolgate.rights.cases.posting import take_and_tell
from schoolgate.rights.cases.states import LIFE
from schoolgate.rights.cases.telling import tell_school
from schoolgate.rights.cases.views import CaseLine, CaseView, Said
from schoolgate.rights.claims import pupil_of
from schoolgate.rights.views import ChildLink

FAMILY_STEPS = ("give_identity", "clarify", "withdraw", "appeal", "escalate", "go_outside")
STAFF_STEPS = (
    "acknowledge", "ask_identity", "give_identity", "ask_clarification", "clarify", "ask_source", "note_silence",
    "extend", "tell_progress", "record_outcome", "take_up_again", "end_outside",
    "follow_row", "keep_child", "go_on",
)  # fmt: skip
"""Steps that need no more than words; those that decide are in `deciding`."""


def _own(link: ChildLink) -> QuerySet[Case]:
    return Case.objects.filter(account_id=link.account_id, pupil=pupil_of(link))


def own_row(link: ChildLink, reference: str) -> Case:
    """A family's own case: of this account, about this child, also when it came to the child by an earlier link.

    Raises:
        UnknownCase: there is none, or it is somebody else's.
    """
    row = _own(link).filter(reference=reference).first()
    if row is None:
        raise unknown()
    return row


def list_own(link: ChildLink, *, clock: Clock) -> tuple[CaseLine, ...]:
    """The account's cases about a child, the newest first."""
    rows = _own(link).prefetch_related("pauses")
    return tuple(line_of(row, custodians_day(clock)) for row in rows.order_by("-received_at", "-pk"))


def staff_row(reference: str, role: str) -> Case:
    """A case as staff may see it: the custodian every one, an overseer those that families brought before it.

    Raises:
        UnknownCase: there is none, or it is not for this role.
    """
    row = Case.objects.filter(reference=reference).first()
    if row is None or role not in ("custodian", "overseer"):
        raise unknown()
    if role == "overseer" and not row.steps.filter(event="escalate").exists():
        raise unknown()
    return row


def show_own(link: ChildLink, reference: str, *, config: Config, clock: Clock) -> CaseView:
    """A family's own case.

    Raises:
        UnknownCase: there is none, or it is somebody else's.
    """
    return view_of(own_row(link, reference), "family", config, clock, link.actor)


def show_staff(reference: str, role: str, actor: str, *, config: Config, clock: Clock) -> CaseView:
    """A case for the custodian or an overseer.

    Raises:
        UnknownCase: there is none, or it is not for this role.
    """
    return view_of(staff_row(reference, role), role, config, clock, actor)


def by_family(link: ChildLink, reference: str, event: str, text: str, *, config: Config, clock: Clock) -> str | Refused:
    """A step of the family's.

    Args:
        link: the account's link to the child.
        reference: of its case.
        event: one of `FAMILY_STEPS`.
        text: what it says.
        config: the installation.
        clock: the time.

    Returns:
        The state the case is in now, or every reason why not.

    Raises:
        UnknownCase: no such case of this account, or no such step.
    """
    own_row(link, reference)
    if event not in FAMILY_STEPS:
        raise unknown()
    needs_words = event not in ("withdraw", "go_outside")
    return _step(reference, event, "family", link.actor, text, needs_words, config, clock)


def by_staff(
    reference: str, event: str, text: str, role: str, actor: str, *, config: Config, clock: Clock
) -> str | Refused:
    """A step of the custodian's that needs no more than words.

    Returns:
        The state the case is in now, or every reason why not.

    Raises:
        UnknownCase: no such case, or no such step.
    """
    row = staff_row(reference, role)
    if event not in STAFF_STEPS:
        raise unknown()
    if event == "note_silence" and row.source_urn is None and not text.strip():
        # No school is known that was asked on its page, so nobody was, unless in another way.
        words = "No school was asked on its page."
        return Refused(
            (Refusal("source-not-asked", words, remedy="Look at the record, or say whom you asked, how and when."),)
        )
    return _step(reference, event, role, actor, text, event not in ("acknowledge", "note_silence"), config, clock)


def _step(
    reference: str, event: str, role: str, actor: str, text: str, needs_words: bool, config: Config, clock: Clock
) -> str | Refused:
    with transaction.atomic():
        row = locked(reference)
        found = refuse_or_move(row, event, role, actor, clock)
        words = text_problems(text) if needs_words or text else []
        if isinstance(found, Refused):
            return Refused((*found.reasons, *words))
        if words:
            return Refused(tuple(words))
        _stamp(row, found, role, actor, clock)
        said = Said(text=text.strip())
        if event == "end_outside":
            said = replace(said, letter=wait_letter(row, said, clock))
        if role == "family":
            take(row, found, role, actor, said, config, clock)
        else:
            take_and_tell(row, found, role, actor, said, config, clock)
        if event == "withdraw":
            lift_now(row, actor, clock)
        if event == "ask_source":
            tell_school(row, clock)
    return row.state


def _stamp(row: Case, move: Move, role: str, actor: str, clock: Clock) -> None:
    """Note the days on which the clocks rest."""
    today = custodians_day(clock)
    match move.event:
        case "ask_identity":
            row.identity_asked_on = today
        case "give_identity":
            row.identity_received_on = today
        case "ask_clarification":
            CasePause.objects.create(case=row, asked_on=today)
        case "clarify":
            row.pauses.filter(answered_on=None).update(answered_on=today)
        case "extend":
            row.extended_on = today
        case "ask_source":
            row.source_asked_on, row.source_heard, row.source_by = today, False, ""
        case "note_silence":
            row.source_heard, row.source_by = True, actor
        case _:
            _stamp_later(row, move.event, today, actor, clock)
    if role == "custodian" and row.acknowledged_on is None:
        row.acknowledged_on = today  # the family is written to at each step, and so knows that it arrived


def _stamp_later(row: Case, event: str, today: date, actor: str, clock: Clock) -> None:
    match event:
        case "appeal":
            row.told_on, row.was_appealed = None, True  # what is disputed stays out until the next decision was told
        case "escalate":
            row.told_on, row.was_overseen = None, True
        case "go_outside":
            row.told_on = None
            _ask_no_more(row, today)
        case "go_on":
            _ask_no_more(row, today)
        case "record_outcome" | "end_outside":
            row.told_on = today
        case "follow_row":
            follow(row, actor, clock)
        case "keep_child":
            keep(row, clock)
        case "tell_progress" if row.state == "outside":
            row.waits_since = today  # the next time to ask how it stands


def _ask_no_more(row: Case, today: date) -> None:
    """Whoever goes to the regulator, or says no more, is not waited for: the month runs on from its beginning."""
    row.pauses.filter(answered_on=None).update(answered_on=today)
    if row.identity_received_on is None:
        row.identity_asked_on = None


def take_by_clock(row: Case, event: str, config: Config, clock: Clock) -> bool:
    """A step that the days take; whether it was time."""
    found = refuse_or_move(row, event, "clock", "clock", clock)
    if isinstance(found, Refused):
        return False
    if event == "lapse":
        row.lapsed = True
        row.told_on = custodians_day(clock)
        take_and_tell(row, found, "clock", "clock", Said(), config, clock)
    else:
        take(row, found, "clock", "clock", Said(), config, clock)
    return True


def clock_steps(state: str) -> tuple[str, ...]:
    """The steps that days can take in a state."""
    return tuple(move.event for move in LIFE.moves if move.source == state and "clock" in move.who)
