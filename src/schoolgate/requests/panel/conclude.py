"""From votes to the decision: taken when the quorum rules say so, whoever asks; who decided is who voted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from schoolgate import dictionary, people, register
from schoolgate.clock import Clock, custodians_day
from schoolgate.errors import Refusal
from schoolgate.machine import Move
from schoolgate.requests.agreement.overdue import overdue_problems
from schoolgate.requests.conditions import Condition
from schoolgate.requests.drafting.reach import alternatives
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.models import Request
from schoolgate.requests.panel.cases import (
    CASES,
    live_problems,
    locked_case,
    members_of,
    standing,
    triage_of,
    votes_of,
)
from schoolgate.requests.panel.clocks import clocks
from schoolgate.requests.panel.complete import send_back
from schoolgate.requests.panel.conflict import conflicts_of
from schoolgate.requests.panel.models import Case
from schoolgate.requests.panel.proposal import settle_proposal
from schoolgate.requests.panel.quorum import RISKS, ItemVote, Member, Outcome, Vote
from schoolgate.requests.panel.rules import condition_problems, lawful_problems, room_problems
from schoolgate.requests.panel.voting import OF_APPLICATIONS
from schoolgate.requests.steps import take_step
from schoolgate.requests.stored import from_json
from schoolgate.requests.terms import Refused


def conclude(case_id: str, actor: str, clock: Clock) -> str | Refused:
    """Turn the votes into the decision.

    Args:
        case_id: a case whose votes are enough.
        actor: the custodian's, or a member who takes part; not more than who writes it down.
        clock: the time.

    Returns:
        What came of it: ``approved``, ``refused``, ``returned``, or ``not approved`` for an emergency that now takes
        the ordinary road.
    """
    person = people.person(actor)
    with transaction.atomic():
        row, case = locked_case(case_id)
        move = CASES.move(case.state, "conclude", person.role)
        members = members_of(case)
        found = live_problems(row, case)
        if isinstance(move, Refusal) and not found:
            found.append(move)
        if person.role == "panel" and not any(one.person == actor and not one.out for one in members):
            found.append(Refusal("not-named", "You were not named to decide this.", where="actor"))
        # What became known since they were named counts too: an account that holds two persons, a new employer.
        for one in members:
            if not one.out and (why := conflicts_of(people.person(one.person), row)):
                found.append(
                    Refusal("conflict", f"{one.person} {why[0]}; take them out first.", "conflicts", where="members")
                )
        if found:
            return Refused(tuple(found))
        _as_risky_as_now(row, case)
        result = standing(case, row)
        if result.result == "not-yet":
            return Refused(tuple(Refusal("not-decided", why, "quorum rules") for why in result.why))
        votes = votes_of(case)
        why = reasons_of(result.result, votes, members)
        if case.kind in OF_APPLICATIONS:
            done = _decide(row, case, result, why, votes, members, clock)
        else:
            done = settle_proposal(row, case, result, why, person, clock)
        if isinstance(done, Refused):
            return done
        case.state, case.closed_at, case.outcome = "decided", clock.now(), done
        case.result = {
            "reasons": list(why),
            "conditions": list(result.conditions),
            "items": [[one.item, one.decision, one.instead] for one in result.items],
            "votes": list(result.counts),
        }
        case.save()
    return done


def _as_risky_as_now(row: Request, case: Case) -> None:
    """Raise the class of a case when more is at risk now than when members were named: who asks may have changed."""
    now = triage_of(row, case.content.get("items", ()))
    if RISKS.index(now.risk) > RISKS.index(case.risk):
        case.risk, case.risk_why = now.risk, list(now.why)
        case.save(update_fields=["risk", "risk_why"])


def reasons_of(result: str, votes: Sequence[Vote], members: Sequence[Member]) -> tuple[str, ...]:
    """The reasons of those whose vote carried it, each once, in the order in which they were named."""
    place = {member.person: number for number, member in enumerate(members) if not member.out}
    carried = sorted(
        (vote for vote in votes if vote.choice == result and vote.person in place), key=lambda vote: place[vote.person]
    )
    # A refusal can come of too few yeses without anybody voting no: then everybody's reasons are the decision's.
    chosen = carried or [vote for vote in votes if vote.person in place]
    return tuple(dict.fromkeys(reason for vote in chosen for reason in vote.reasons))


def item_conditions(items: Sequence[ItemVote]) -> list[Condition]:
    """What is said of single items, as conditions that the gate holds to.

    An item that is refused is taken out; one that another item stands in for is taken out and the other comes in.
    A coarser form that the lake does not have stands in words, and binds people.
    """
    lake = {item for item, column in dictionary.lake_columns().items() if column.kind == "item"}
    found = []
    for one in items:
        if one.decision == "approve":
            continue
        if one.decision == "refuse" or one.instead == "left-out":
            found.append(Condition("without-item", one.item))
        elif one.instead in lake:
            found.append(Condition("coarser-item", f"{one.item}, {one.instead}"))
        else:
            words = next(
                (form.words for form in alternatives().get(one.item, ()) if form.coarser == one.instead), one.instead
            )
            found.append(Condition("other", f"In place of {one.item} only this may be used or kept: {words}"))
    return list(dict.fromkeys(found))


def _plain_item(one: ItemVote) -> str:
    return f"{one.item}: not given" if one.decision == "refuse" else f"{one.item}: only {one.instead} is given"


def _decide(
    row: Request,
    case: Case,
    result: Outcome,
    why: Sequence[str],
    votes: Sequence[Vote],
    members: Sequence[Member],
    clock: Clock,
) -> str | Refused:
    if result.result == "changes":
        return _changes(row, case, result, why, clock)
    approve = result.result == "approve"
    if not approve and case.kind == "emergency":
        return _not_in_a_hurry(row, case, result, why, clock)
    event = "approve_in_emergency" if case.kind == "emergency" else "approve" if approve else "refuse"
    move = LIFECYCLE.move(row.state, event, "panel")
    if isinstance(move, Refusal):
        return Refused((move,))
    spec = from_json(row.spec)
    set_out = [Condition.parse(text) for text in result.conditions]
    set_out += [one for one in item_conditions(result.items) if one not in set_out]
    found = [*condition_problems(spec, approve, set_out), *room_problems([*why, *(one.plain for one in set_out)])]
    if approve:
        found += [*lawful_problems(spec, set_out), *overdue_problems(row.organisation_id, custodians_day(clock))]
    if found:
        return Refused(tuple(found))
    row.reasons = list(why)
    row.conditions = [[one.kind, one.detail] for one in set_out]
    further: dict[str, Any] = {}
    if case.kind == "emergency":
        row.review_due = custodians_day(clock) + timedelta(days=clocks().review_days)
        further = {"emergency": " ".join(case.reasons), "review_due": row.review_due.isoformat()}
    if case.kind == "appeal":
        further = {"appeal": "yes"}
        row.review_due = None
    if changed := [_plain_item(one) for one in result.items if one.decision != "approve"]:
        further["items"] = changed
    case.log_index = take_step(
        row,
        move,
        actors=list(result.voters),
        role="panel",
        reason="\n".join(why),
        subject=row.application_id,
        payload={
            "outcome": move.target,
            "reasons": list(why),
            "conditions": [one.plain for one in set_out],
            "votes": list(result.counts),
            "risk": case.risk,
            "risk_reasons": list(case.risk_why),
            **(
                {"items": items} if (items := [_plain_item(o) for o in result.items if o.decision != "approve"]) else {}
            ),
            **further,
        },
        clock=clock,
    )
    return move.target


def _not_in_a_hurry(row: Request, case: Case, result: Outcome, why: Sequence[str], clock: Clock) -> str:
    """The members who were asked to decide at once did not say yes: in public, and it takes the ordinary road."""
    told = {"reasons": list(why), "votes": list(result.counts)}
    case.log_index = register.append_event("emergency.declined", row.application_id, told, clock.now())
    return "not approved"


def _changes(row: Request, case: Case, result: Outcome, why: Sequence[str], clock: Clock) -> str | Refused:
    if case.kind == "emergency":
        return _not_in_a_hurry(row, case, result, why, clock)
    move: Move | Refusal = LIFECYCLE.move(row.state, "return", "panel")
    if case.kind == "appeal":
        # An appeal is about what was decided; a new version would be another application.
        return Refused((Refusal("appeal-changes", "An appeal is decided: approve it or refuse it.", where="choice"),))
    if isinstance(move, Refusal):
        return Refused((move,))
    case.log_index = send_back(row, move, why, list(result.voters), "panel", clock)
    return move.target
