"""The end of an agreement, by a side's word or by its last day, and the destruction of what was handed over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction

from schoolgate import people
from schoolgate.clock import Clock, custodians_day
from schoolgate.errors import Refusal
from schoolgate.machine import Move
from schoolgate.requests.agreement.clocks import is_overdue, methods
from schoolgate.requests.agreement.hold import Ending
from schoolgate.requests.agreement.overdue import due_of, overdue
from schoolgate.requests.agreement.parties import built_in, gone, own_organisation
from schoolgate.requests.agreement.reminders import tell_overseers
from schoolgate.requests.found import request_row
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.models import Certificate, Request
from schoolgate.requests.panel.rules import reasons_problems
from schoolgate.requests.steps import take_step
from schoolgate.requests.stored import agreement_of
from schoolgate.requests.terms import Agreement, Refused

CLOCK = "clock"
"""Who acts when a day is past."""

_MOST_NAMED = 500

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
            *own_organisation(row, person),
            *reasons_problems([reason], "reason"),
            *built_in(row),
        ]
        if found or isinstance(move, Refusal):
            return Refused(tuple(found))
        row.ended_on, row.end_planned = today, agreement_of(row).valid_until <= today
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


def certify_destruction(
    agreement_id: str,
    words: str,
    actor: str,
    witness: str,
    clock: Clock,
    *,
    method: str = "otherwise",
    destroyed_on: date | None = None,
    releases: Sequence[str] = (),
) -> Agreement | Refused:
    """Certify that what was handed over is destroyed.

    Args:
        agreement_id: an ended agreement.
        words: how, in plain words; public.
        actor: person id of who certifies: a researcher of the organisation, or the custodian's.
        witness: person id of another person, of the custodian, who witnessed it.
        clock: the time.
        method: one of `clocks.methods`.
        destroyed_on: the day it was done; today when left out.
        releases: numbers of the releases it covers; public.
    """
    person, today = people.person(actor), custodians_day(clock)
    day = destroyed_on or today
    try:
        seen = people.person(witness)
    except people.UnknownPerson as unknown:
        return Refused((Refusal(unknown.code, unknown.what, where="witness"),))
    with transaction.atomic():
        row = request_row(agreement_id, locked=True)
        move = LIFECYCLE.move(row.state, "certify_destruction", person.role)
        found = [
            *([move] if isinstance(move, Refusal) else []),
            *gone(person),
            *own_organisation(row, person),
            *reasons_problems([words], "method"),
            *_witness_problems(person, seen),
            *_how_problems(method, day, today),
            *built_in(row),
        ]
        if found or isinstance(move, Refusal):
            return Refused(tuple(found))
        _certify(row, move, person, seen, words.strip(), method, day, tuple(dict.fromkeys(releases)), clock)
    return agreement_of(row)


def _witness_problems(person: people.PersonView, seen: people.PersonView) -> list[Refusal]:
    same = seen.id == person.id or (seen.account_id is not None and seen.account_id == person.account_id)
    if seen.role == "custodian" and not same:
        return []
    return [Refusal("witness", "The witness must be another person, of the custodian.", where="witness")]


def _how_problems(method: str, day: date, today: date) -> list[Refusal]:
    found = []
    if method not in methods():
        known = ", ".join(methods())
        found.append(Refusal("method-unknown", "This is not a known way to destroy data.", remedy=f"Known: {known}."))
    if day > today:
        found.append(Refusal("in-the-future", "What is destroyed is certified afterwards.", where="destroyed_on"))
    return found


def _certify(
    row: Request,
    move: Move,
    person: people.PersonView,
    seen: people.PersonView,
    words: str,
    method: str,
    day: date,
    releases: tuple[str, ...],
    clock: Clock,
) -> None:
    due = due_of(row)
    said = words if method == "otherwise" else f"{methods()[method]} {words}"
    index = take_step(
        row,
        move,
        actors=[person.id],
        role=person.role,
        reason=f"{said} Witness: {seen.id}.",
        subject=str(row.agreement_id),
        payload={
            "agreement": row.agreement_id,
            "method": said,
            "witnessed_by": seen.role,
            "destroyed_on": day.isoformat(),
            "due": due.isoformat(),
            "releases": _named(releases),
        },
        clock=clock,
    )
    Certificate.objects.create(
        request=row,
        releases=list(releases),
        method=method,
        words=words,
        destroyed_on=day,
        certified_by=person.id,
        witnessed_by=seen.id,
        log_index=index,
    )


def _named(releases: tuple[str, ...]) -> list[str]:
    """The releases a certificate covers, as the register names them: an entry of the log has room for so many."""
    if len(releases) <= _MOST_NAMED:
        return list(releases)
    return [f"{releases[0]} to {releases[-1]}, every release under the agreement"]


def is_late(agreement_id: str, today: date) -> bool:
    """Whether the destruction under an agreement that ended is overdue on a day."""
    row = request_row(agreement_id)
    return row.state == "ended" and row.ended_on is not None and is_overdue(due_of(row), today)
