"""The end of an agreement, by a side's word or by its last day, and destruction that is overdue."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from schoolgate import people
from schoolgate.clock import Clock, custodians_day
from schoolgate.errors import Refusal
from schoolgate.requests.agreement.hold import Ending
from schoolgate.requests.agreement.overdue import overdue
from schoolgate.requests.agreement.parties import built_in, gone, own_organisation
from schoolgate.requests.agreement.reminders import tell_overseers
from schoolgate.requests.found import request_row
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.models import Request
from schoolgate.requests.panel.cases import PROPOSALS, stop_cases
from schoolgate.requests.panel.rules import reasons_problems
from schoolgate.requests.steps import take_step
from schoolgate.requests.stored import agreement_of
from schoolgate.requests.terms import Agreement, Refused

CLOCK = "clock"
"""Who acts when a day is past."""

_IN_FORCE = tuple(move.source for move in LIFECYCLE.moves if move.event == "expire")


def end(agreement_id: str, reason: str, actor: str, clock: Clock) -> Agreement | Refused:
    """End an agreement at once; the next read under it is refused.

    Args:
        agreement_id: an agreement in force, suspended or re-opened.
        reason: why, in plain words; it is public.
        actor: person id: the custodian's, or a researcher's of the organisation.
        clock: the time.
    """
    person, today = people.person(actor), custodians_day(clock)
    with transaction.atomic():
        row = request_row(agreement_id, locked=True)
        move = LIFECYCLE.move(row.state, "end", person.role)
        found = [
            *([move] if isinstance(move, Refusal) else []),
            *gone(person),
            *own_organisation(row, person, or_successor=True),
            *reasons_problems([reason], "reason"),
            *built_in(row),
        ]
        if found or isinstance(move, Refusal):
            return Refused(tuple(found))
        row.ended_on, row.end_planned = today, agreement_of(row).valid_until <= today
        stop_cases(row, kinds=PROPOSALS)  # there is nothing left to change
        take_step(
            row,
            move,
            actors=[actor],
            role=person.role,
            reason=reason.strip(),
            subject=str(row.agreement_id),
            payload={"reason": reason.strip()},
            clock=clock,
        )
    return agreement_of(row)


def expire_due(clock: Clock) -> tuple[str, ...]:
    """End every agreement whose last day is past and that nobody ended; their numbers."""
    today = custodians_day(clock)
    # ISO dates compare as texts; an extension is looked at below, row by row.
    due = Request.objects.filter(state__in=_IN_FORCE, built_in=False, spec__valid_until__lt=today.isoformat())
    return tuple(found for pk in list(due.values_list("pk", flat=True)) if (found := _expire(pk, today, clock)))


def _expire(pk: int, today: date, clock: Clock) -> str:
    with transaction.atomic():
        row = Request.objects.select_for_update().get(pk=pk)
        move = LIFECYCLE.move(row.state, "expire", CLOCK)
        if isinstance(move, Refusal):
            return ""  # somebody ended it meanwhile
        last = agreement_of(row).valid_until
        if last >= today:
            return ""
        # The day after the last day, however late this ran: the days that follow count from there.
        row.ended_on, row.end_planned = last + timedelta(days=1), True
        stop_cases(row, kinds=PROPOSALS)
        reason = "Its last day is past."
        take_step(
            row,
            move,
            actors=[],
            role=CLOCK,
            reason=reason,
            subject=str(row.agreement_id),
            payload={"reason": reason},
            clock=clock,
        )
    return str(row.agreement_id)


def note_overdue(clock: Clock) -> tuple[Ending, ...]:
    """Tell the register and the overseer, once each, of every destruction that is overdue; those told of now."""
    return tuple(one for one in overdue(custodians_day(clock)) if _note(one, clock))


def _note(late: Ending, clock: Clock) -> bool:
    with transaction.atomic():
        row = request_row(late.agreement_id, locked=True)
        move = LIFECYCLE.move(row.state, "note_overdue", CLOCK)
        if isinstance(move, Refusal) or row.steps.filter(event="note_overdue").exists():
            return False
        take_step(
            row,
            move,
            actors=[],
            role=CLOCK,
            reason="",
            subject=late.agreement_id,
            payload={
                "agreement": late.agreement_id,
                "organisation": late.organisation_name,
                "due": late.due.isoformat(),
            },
            clock=clock,
        )
        tell_overseers(late, clock)
    return True
