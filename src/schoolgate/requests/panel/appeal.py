"""Appeals: once, in time, before members who did not decide; what comes of one is final."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from schoolgate import people
from schoolgate.clock import Clock, custodians_day, day_of
from schoolgate.errors import Refusal
from schoolgate.requests.found import request_row
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.models import Request, RequestStep
from schoolgate.requests.panel.clocks import clocks
from schoolgate.requests.panel.conflict import pool
from schoolgate.requests.panel.models import Case
from schoolgate.requests.panel.quorum import Member, Rule, allocation_gaps
from schoolgate.requests.panel.rules import reasons_problems, room_problems
from schoolgate.requests.steps import take_step
from schoolgate.requests.terms import Refused

_DECISIONS = ("approve", "refuse", "approve_in_emergency")


def _decided(row: Request) -> RequestStep | None:
    return row.steps.filter(event__in=_DECISIONS).order_by("-log_index").first()


def appeal(request_id: str, reasons: Sequence[str], actor: str, clock: Clock) -> str | Refused:
    """Ask for the decision, or its conditions, to be looked at by others.

    Args:
        request_id: an application that was decided and is not signed.
        reasons: why the decision is wrong, in plain words; public.
        actor: a researcher of the organisation that asked.
        clock: the time.

    Returns:
        The application's id.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = request_row(request_id, locked=True)
        move = LIFECYCLE.move(row.state, "appeal", person.role)
        found = [
            *([move] if isinstance(move, Refusal) else []),
            *reasons_problems(reasons, "reasons"),
            *room_problems(reasons),
            *_time_problems(row, clock),
        ]
        if person.organisation_id != row.organisation_id:
            found.append(Refusal("not-your-organisation", "This is another organisation's application.", where="actor"))
        if isinstance(move, Refusal) or found:
            return Refused(tuple(found))
        why = [reason.strip() for reason in reasons]
        take_step(
            row,
            move,
            actors=[actor],
            role=person.role,
            reason="\n".join(why),
            subject=row.application_id,
            payload={"reasons": why},
            clock=clock,
        )
    return row.application_id


def _time_problems(row: Request, clock: Clock) -> list[Refusal]:
    found = []
    if row.steps.filter(event="appeal").exists():
        found.append(Refusal("appealed-once", "An application is appealed once; what came of it is final."))
    decided = _decided(row)
    if decided is not None:
        last = day_of(decided.at) + timedelta(days=clocks().appeal_days)
        if custodians_day(clock) > last:
            found.append(
                Refusal(
                    "too-late",
                    f"An appeal had to come by {last:%-d %B %Y}, {clocks().appeal_days} days after the decision.",
                    "clocks of the panel",
                    "Apply anew.",
                )
            )
    return found


def appeal_problems(row: Request, named: Sequence[Member], rule: Rule) -> list[Refusal]:
    """Why these members cannot look at an appeal: they decided, and others can be found; or the same member leads."""
    decided = _decided(row)
    before = set(decided.actors) if decided is not None else set()
    earlier = Case.objects.filter(request=row, state="decided").order_by("-pk").first()
    led = {one.person for one in earlier.members.filter(chair=True)} if earlier is not None else set()
    others = [one for one in pool(row) if one.person not in before]
    ready = [Member(one.person, one.seat, one.human, chair=False) for one in others]
    enough = _could_decide(rule, ready)
    found = []
    again = sorted(one.person for one in named if not one.out and one.person in before)
    if clocks().others and enough and again:
        what = f"{', '.join(again)} took part in the decision, and enough others can be found."
        found.append(Refusal("decided-before", what, "clocks of the panel", where="members"))
    if clocks().chair_differs and any(one.chair and one.person in led for one in named):
        found.append(Refusal("led-before", "Somebody else leads an appeal.", "clocks of the panel", where="chair"))
    return found


def _could_decide(rule: Rule, members: Sequence[Member]) -> bool:
    """Whether these members could be a quorum, with one of them leading."""
    for one in members:
        if one.seat == rule.chair_seat:
            chaired = [Member(m.person, m.seat, m.human, chair=m is one) for m in members]
            return not allocation_gaps(rule, chaired)
    return not rule.chair_votes and not allocation_gaps(rule, members)
