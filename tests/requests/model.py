"""A bounded model of everything that bears on whether data may be delivered, walked exhaustively.

One agreement, six days. What may happen is asked of the real state table, the real rule on overdue destruction and,
for each state that is reached, the real policy. Beside them the model remembers what truly happened (who approved,
who signed which text, when families were told); policy never sees that, and what it allows must follow from it.

Run it by itself for the figures: ``python -m tests.requests.model``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from schoolgate.machine import Move, StateTable
from schoolgate.policy import (
    Addition,
    AgreementTerms,
    Decision,
    Notice,
    PersonTerms,
    ScanRequest,
    decide,
)
from schoolgate.requests import LIFECYCLE, Ending, held_up

START = date(2026, 9, 1)
BEFORE, FIRST, LAST, AFTER = 0, 3, 4, 5
"""Days of the model: before the first day of use, the first, the last, after it."""

REVIEW_BY = 3
"""The day by which an emergency approval must have been looked at."""

NOTICE_DAYS = 1
"""Full days between a notice and the use it allows."""

BASE, ADDED = "census_pupil.sex", "census_pupil.age"
ROLES = ("researcher", "panel", "custodian", "clock")


class World(NamedTuple):
    """One state: what the system holds, and, from `approved_by` on, what truly happened.

    Attributes:
        state: of the request.
        day: of the model.
        accredited: the last day of the reader's accreditation; -1: none.
        late: whether a destruction of the organisation's is overdue.
        review_due: whether an emergency approval waits to be looked at.
        noticed: the day of the first notice; -1: none.
        change: of an amendment: "" (none), "made", "accepted", "signed".
        anew: of the text that names a changed organisation as it is: "" (none), "made", "accepted".
        change_noticed: the day of the first notice after it; -1: none.
        approved_by: who approved what is in force: "", "panel" or "emergency".
        reviewed: whether the panel looked at an emergency approval.
        organisation_signed, custodian_signed: the text in force.
        change_organisation_signed, change_custodian_signed: the amendment's.
        other: whether the organisation is another than the one that was decided on.
        stopped: whether the custodian stopped the use and the panel did not let it go on.
        over: whether somebody ended it, or the clock did.
    """

    state: str = LIFECYCLE.start
    day: int = BEFORE
    accredited: int = AFTER
    late: bool = False
    review_due: bool = False
    noticed: int = -1
    change: str = ""
    change_noticed: int = -1
    anew: str = ""
    approved_by: str = ""
    reviewed: bool = False
    organisation_signed: bool = False
    custodian_signed: bool = False
    change_organisation_signed: bool = False
    change_custodian_signed: bool = False
    other: bool = False
    stopped: bool = False
    over: bool = False


@dataclass(frozen=True)
class Guards:
    """What the walk asks; a test puts a weaker one in the place of one of them.

    Attributes:
        table: the state table.
        held_up: the rule on overdue destruction.
        decide: policy.
    """

    table: StateTable = LIFECYCLE
    held_up: Callable[[Sequence[Ending], str], Sequence[object]] = held_up
    decide: Callable[..., Decision] = decide


_LATE = (Ending("A-2025-0001", "O-0001", "Synthetic", START, START),)
_HELD_UP = frozenset(
    {
        "approve", "approve_in_emergency", "accept", "sign", "amend", "accept_version", "sign_version", "resume", "reaffirm",
    }
)  # fmt: skip
"""The steps that ask the rule on overdue destruction; that the room's functions do is shown in test_agreement."""


def day(number: int) -> date:
    """A day of the model as a date."""
    return START + timedelta(days=number)


def after(world: World, move: Move, role: str) -> World | None:
    """What a step makes of a state; None when it has nothing to act on."""
    now = world._replace(state=move.target)
    match move.event:
        case "approve" | "approve_in_emergency":
            emergency = move.event == "approve_in_emergency"
            who = ("emergency" if emergency else "panel") if role == "panel" else "somebody else"
            # A new decision is on the organisation as it is, and signatures under an older one are none under this.
            return now._replace(
                approved_by=who, review_due=emergency, reviewed=False, other=False, organisation_signed=False,
                custodian_signed=False,
            )  # fmt: skip
        case "accept":
            return now._replace(organisation_signed=world.organisation_signed or role == "researcher")
        case "sign":
            return now._replace(custodian_signed=world.custodian_signed or role == "custodian")
        case "amend":
            if world.change:
                return None  # one change is enough to show what one may not do
            return now._replace(change="made")
        case "accept_version" if world.state == "reopened":
            signed = world.organisation_signed or role == "researcher"
            return now._replace(anew="accepted", organisation_signed=signed) if world.anew == "made" else None
        case "sign_version" if world.state == "reopened":
            signed = world.custodian_signed or role == "custodian"
            return now._replace(anew="", custodian_signed=signed) if world.anew == "accepted" else None
        case "accept_version":
            signed = world.change_organisation_signed or role == "researcher"
            return (
                now._replace(change="accepted", change_organisation_signed=signed) if world.change == "made" else None
            )
        case "sign_version":
            signed = world.change_custodian_signed or role == "custodian"
            return now._replace(change="signed", change_custodian_signed=signed) if world.change == "accepted" else None
        case "give_notice":
            return now._replace(
                noticed=world.noticed if world.noticed >= 0 else world.day,
                change_noticed=world.day if world.change and world.change_noticed < 0 else world.change_noticed,
            )
        case "review_emergency":
            looked = world.reviewed or role == "panel"
            return now._replace(review_due=False, reviewed=looked) if world.review_due else None
        case "suspend":
            return now._replace(stopped=True)
        case "resume":
            return now._replace(stopped=world.stopped and role != "panel")
        case "reopen":
            # What was signed was signed with another; a change that waits is not signed while it is re-opened.
            return now._replace(
                other=True, review_due=world.review_due and move.target != "submitted", anew="",
                organisation_signed=False, custodian_signed=False,
            )  # fmt: skip
        case "reaffirm":
            # The panel decides on the whole of it anew, what it was stopped for included; a change that waited is
            # replaced, and signatures under what it decided before are none under this.
            made = now._replace(
                other=world.other and role != "panel", stopped=world.stopped and role != "panel", anew="made",
                organisation_signed=False, custodian_signed=False,
            )  # fmt: skip
            if world.change in ("made", "accepted"):
                made = made._replace(
                    change="", change_noticed=-1, change_organisation_signed=False, change_custodian_signed=False
                )
            return made
        case "end" | "expire":
            if move.event == "expire" and world.day <= LAST:
                return None
            return now._replace(over=True)
        case "appeal":
            return now._replace(review_due=False)
        case "extend":
            return None  # the last day stays, so that the days are few
        case _:
            return now


@cache
def _moves(table: StateTable, state: str) -> tuple[tuple[str, str, Move], ...]:
    """Event, role and move of everything the table allows in a state: asked of it once for each."""
    asked = [(event, role, table.move(state, event, role)) for event in table.events for role in ROLES]
    return tuple((event, role, move) for event, role, move in asked if isinstance(move, Move))


def steps(world: World, guards: Guards) -> Iterator[tuple[str, World]]:
    """Everything that can happen next: a step of the table, a day that passes, the world that changes."""
    for event, role, move in _moves(guards.table, world.state):
        if event == "reopen" or (event in _HELD_UP and world.late and guards.held_up(_LATE, "O-0001")):
            continue
        made = after(world, move, role)
        if made is not None:
            yield f"{event} by {role}", made
    if world.approved_by and not world.other:
        # Entering the change and re-opening is one transaction; where the table has no such move nothing is re-opened.
        reopen = guards.table.move(world.state, "reopen", "custodian")
        reopened = after(world, reopen, "custodian") if isinstance(reopen, Move) else None
        # Where nothing is re-opened the signatures are still those of another.
        yield "the organisation becomes another", reopened or world._replace(other=True)
    if world.day < AFTER:
        yield "a day passes", world._replace(day=world.day + 1)
    yield "the accreditation changes", world._replace(accredited=-1 if world.accredited >= 0 else AFTER)
    yield "a destruction becomes overdue, or is certified", world._replace(late=not world.late)


def terms(world: World) -> AgreementTerms:
    """What the gate would tell policy."""
    told = day(world.noticed) if world.noticed >= 0 else None
    change_told = day(world.change_noticed) if world.change_noticed >= 0 else None
    added = Addition(frozenset({ADDED}), (), Notice(NOTICE_DAYS, change_told), world.change == "signed")
    return AgreementTerms(
        id="A-2026-0001",
        state=world.state,
        purpose="education-research",
        lawful_basis="UK GDPR Article 6(1)(e)",
        gateway="Education Act 1996 s.537A(5)",
        items=frozenset({BASE}),
        years=((2024, 2026),),
        terms=(),
        cohort=(),
        valid_from=day(FIRST),
        valid_until=day(LAST),
        people=("P-0001",),
        additions=(added,) if world.change else (),
        notice=Notice(NOTICE_DAYS, told),
        review_due=day(REVIEW_BY) if world.review_due else None,
    )


def delivers(world: World, item: str, guards: Guards) -> bool:
    """Whether the gate would hand over an item in this state."""
    until = day(world.accredited) if world.accredited >= 0 else None
    scans = [ScanRequest("census_pupil", frozenset({item}))]
    return guards.decide(terms(world), PersonTerms("P-0001", until), scans, day(world.day)).allowed


def wrong(world: World, item: str) -> str:
    """Why data must not be delivered in this state, by what truly happened; empty when it may be."""
    reasons = {
        "nobody of the panel approved it": world.approved_by not in ("panel", "emergency"),
        "the emergency was not looked at in time": world.approved_by == "emergency"
        and not world.reviewed
        and world.day > REVIEW_BY,
        "the organisation did not sign": not world.organisation_signed,
        "the custodian did not sign": not world.custodian_signed,
        "families were not told": world.noticed < 0 or world.day <= world.noticed + NOTICE_DAYS,
        "the person is not accredited": world.day > world.accredited,
        "the organisation is another": world.other,
        "the use was stopped": world.stopped,
        "it is over": world.over or world.day > LAST,
        "it has not begun": world.day < FIRST,
    }
    if item == ADDED:
        reasons |= {
            "the change is not signed by both": not (
                world.change_organisation_signed and world.change_custodian_signed
            ),
            "families were not told of the change": world.change_noticed < 0
            or world.day <= world.change_noticed + NOTICE_DAYS,
        }
    return "; ".join(why for why, holds in reasons.items() if holds)


@dataclass(frozen=True)
class Walked:
    """What a walk found.

    Attributes:
        states, transitions: how many were looked at.
        delivering: states in which data may be delivered.
        found: what must not be, with the shortest way there; None when nothing is.
    """

    states: int
    transitions: int
    delivering: int
    found: str | None


def walk(guards: Guards) -> Walked:
    """Look at every state that can be reached; ends at the first that must not be."""
    start = World()
    came: dict[World, tuple[World, str] | None] = {start: None}
    queue, transitions, delivering = deque([start]), 0, 0
    asked = cache(lambda world, item: delivers(world, item, guards))
    while queue:
        world = queue.popleft()
        seen = _as_held(world)
        for item in (BASE, ADDED):
            if asked(seen, item):
                delivering += 1
                if why := wrong(world, item):
                    return Walked(len(came), transitions, delivering, f"{item}: {why} — {_way(came, world)}")
        for what, following in steps(world, guards):
            transitions += 1
            if broken := _must_not(world, what, following):
                return Walked(len(came), transitions, delivering, f"{broken} — {_way(came, world)}, {what}")
            if following not in came:
                came[following] = (world, what)
                queue.append(following)
    return Walked(len(came), transitions, delivering, None)


_HELD = ("state", "day", "accredited", "review_due", "noticed", "change", "change_noticed")


def _as_held(world: World) -> World:
    """The state without what only the model remembers, so that policy is asked once for each."""
    return World()._replace(**{name: getattr(world, name) for name in _HELD})


def _must_not(before: World, what: str, now: World) -> str:
    """A step that must not be possible."""
    gained = (now.approved_by and not before.approved_by) or (
        (now.organisation_signed, now.custodian_signed, now.change)
        > (before.organisation_signed, before.custodian_signed, before.change)
    )
    return "approved or signed while a destruction is overdue" if before.late and now.late and gained else ""


def _way(came: Mapping[World, tuple[World, str] | None], world: World) -> str:
    said = []
    step = came[world]
    while step is not None:
        said.append(step[1])
        step = came[step[0]]
    return ", ".join(reversed(said))


def weaker_table(*changed: Callable[[Move], Move | tuple[Move, ...]]) -> StateTable:
    """The table with some of its moves made weaker."""
    moves: tuple[Move, ...] = LIFECYCLE.moves
    for change in changed:
        made: list[Move] = []
        for move in moves:
            now = change(move)
            made += now if isinstance(now, tuple) else (now,)
        moves = tuple(made)
    return replace(LIFECYCLE, moves=moves)


if __name__ == "__main__":
    found = walk(Guards())
    print(f"{found.states:,} states, {found.transitions:,} transitions, {found.delivering:,} of them deliver.")
    print(found.found or "No path delivers what it must not.")
