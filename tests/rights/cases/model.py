"""A bounded model of one case joined with its clocks, walked exhaustively.

What may happen is asked of the real state table and the real rules (`rules.problems`, `rules.due`, `rules.may_lift`).
Beside them the model remembers what truly happened: who wrote down the source's word, who decided, since when the
family has known, whether a query could read a disputed item. The days are few: one stands for a fortnight.

Run it by itself for the figures: ``python -m tests.rights.cases.model``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from schoolgate.machine import Move, StateTable
from schoolgate.rights.cases import rules
from schoolgate.rights.cases.days import CaseRules
from schoolgate.rights.cases.states import KINDS, LIFE, OVER, STOPPED, UNDECIDED
from schoolgate.statutory import Pause, Running

START = date(2026, 9, 1)
LAST = 5
"""Days of the model; one is a fortnight, so that the first month, the review and the lifting fall into them."""

SHORT = CaseRules(
    source_days=5,
    review_days=5,
    overseer_days=5,
    appeal_days=28,
    lift_days=13,
    silence_days=28,
    outside_days=13,
    post_days=2,
)
NEVER_IN_TIME = 9
"""The day on which proof of identity counts as asked for when it was asked for after the last day."""
STAFF = ("A", "B")
WHO = (
    ("family", "F"), *(("custodian", one) for one in STAFF), ("school", "S"), ("overseer", "O"), ("clock", "clock"),
)  # fmt: skip


class World(NamedTuple):
    """One state of the system, and, from `told` on, what truly happened.

    Attributes:
        paused: the model's day a clarification was asked for; -1: none is open.
        uncounted: whether an answered clarification lies behind.
        clarified: whether the family was ever asked what it means.
        told: the day on which the family was told of what was decided last; -1: not.
        out: whether the item is kept out of every query.
        source_heard: whether the source was heard, or had its time and was silent.
    """

    kind: str
    state: str = LIFE.start
    day: int = 0
    acknowledged: int = -1
    identity: int = -1
    identity_came: int = -1
    paused: int = -1
    uncounted: int = 0
    clarified: bool = False
    extended: int = -1
    source_asked: int = -1
    heard: bool = False
    source_by: str = ""
    decided_by: str = ""
    reviewed_by: str = ""
    waits: int = 0
    told: int = -1
    out: bool = False
    truly_heard: bool = False
    truly_told: int = -1


@dataclass(frozen=True)
class Guards:
    """What the walk asks; a test puts a weaker one in the place of one of them."""

    table: StateTable = LIFE
    problems: Callable[..., tuple[Any, ...]] = rules.problems
    may_lift: Callable[..., bool] = rules.may_lift


def day(number: int) -> date | None:
    """A day of the model as a date; None for none."""
    return START + timedelta(days=14 * number) if number >= 0 else None


def _date(number: int) -> date:
    return START + timedelta(days=14 * number)


def facts(world: World) -> rules.Facts:
    """What the room would know."""
    since = _date(_begins(world))
    pauses = tuple(Pause(since, since + timedelta(days=14 * world.uncounted)) for _ in range(bool(world.uncounted)))
    if world.paused >= 0:
        pauses = (*pauses, Pause(_date(world.paused)))
    return rules.Facts(
        kind=world.kind,
        state=world.state,
        received=START,
        running=rules.counted(
            world.kind, Running(START, day(world.identity), day(world.identity_came), pauses, day(world.extended))
        ),
        acknowledged=day(world.acknowledged),
        source_asked=day(world.source_asked),
        source_heard=world.heard,
        source_by=world.source_by,
        decided_by=world.decided_by,
        reviewed_by=world.reviewed_by,
        told=day(world.told),
        waits_since=_date(world.waits),
        disputed=world.out,
        clarified=world.clarified,
    )


def after(world: World, move: Move, actor: str) -> World:
    """What a step makes of a state: what `handling` and `deciding` write down."""
    now = world._replace(state=move.target)
    if move.target != world.state:
        now = now._replace(waits=world.day)
    if actor in STAFF and world.acknowledged < 0:
        now = now._replace(acknowledged=world.day)
    match move.event:
        case "ask_identity":
            asked = NEVER_IN_TIME if _over(world) else world.day
            return now._replace(identity=asked if world.identity < 0 else world.identity, identity_came=-1)
        case "give_identity":
            counts = world.uncounted if world.identity == NEVER_IN_TIME else 0  # what lies before does not count
            return now._replace(identity_came=world.day, uncounted=counts)
        case "ask_clarification":
            return now._replace(paused=world.day, clarified=True)
        case "clarify":
            return now._replace(paused=-1, uncounted=min(2, world.uncounted + world.day - world.paused))
        case "extend":
            return now._replace(extended=world.day)
        case "ask_source":
            return now._replace(source_asked=world.day, heard=False, source_by="")
        case "answer":
            return now._replace(heard=True, source_by=actor, truly_heard=True)
        case "not_ours":
            return now._replace(source_asked=-1, heard=False, source_by="")
        case "note_silence":
            heard = world.truly_heard or world.day > world.source_asked
            return now._replace(heard=True, source_by=actor, truly_heard=heard)
        case "decide":
            return now._replace(decided_by=actor, told=world.day, truly_told=world.day)
        case "review":
            return now._replace(reviewed_by=actor, told=world.day, truly_told=world.day)
        case "comply" | "record_outcome" | "lapse":
            return now._replace(told=world.day, truly_told=world.day)
        case "appeal" | "escalate":
            return now._replace(told=-1, truly_told=-1)
        case "go_outside" | "go_on":  # who goes to the regulator, or says no more, is not waited for any longer
            if world.paused >= 0:
                now = now._replace(paused=-1, uncounted=min(2, world.uncounted + world.day - world.paused))
            now = now._replace(identity=now.identity if now.identity_came >= 0 else -1)
            return now if move.event == "go_on" else now._replace(told=-1, truly_told=-1)
        case "end_outside":
            return now._replace(told=world.day, truly_told=world.day)
        case "tell_progress" if world.state == "outside":
            return now._replace(waits=world.day)
        case _:
            return now


_WAITING = (*STOPPED, "in_review", "with_overseer", "overseen", "outside")


def small(world: World) -> World:
    """The state without what no later step asks about, so that the walk looks at each of them once.

    Days of which only matters that they are there stand for the first one.
    """
    in_time = world.identity if world.identity == NEVER_IN_TIME else min(world.identity, 0)
    world = world._replace(
        acknowledged=min(world.acknowledged, 0),
        identity=in_time,
        extended=min(world.extended, 0),
        clarified=world.clarified and world.kind == "access-question",
    )
    if world.state != "with_source":
        world = world._replace(source_asked=-1)
    if world.state not in _WAITING:
        world = world._replace(waits=0)
    if world.state not in UNDECIDED and world.decided_by:
        world = world._replace(
            acknowledged=0, identity=-1, identity_came=-1, paused=-1, uncounted=0, clarified=False, extended=-1,
            heard=False, truly_heard=False,
        )  # fmt: skip
        if world.state not in ("decided", "in_review"):
            # Staff are alike: from here on it only matters how many of them had a part.
            parts = {world.decided_by, world.reviewed_by} - {""}
            wrote = "B" if world.source_by in STAFF and world.state not in OVER else ""
            world = world._replace(source_by=wrote, decided_by="A", reviewed_by="B" if len(parts) == 2 else "")
    return world


def steps(world: World, guards: Guards) -> Iterator[tuple[str, World]]:
    """Everything that can happen next."""
    today = _date(world.day)
    known = facts(world)
    for move in guards.table.moves:
        if move.source != world.state:
            continue
        for role, actor in WHO:
            if role not in move.who:
                continue
            outcome = KINDS[world.kind].outcomes[-1]
            if not guards.problems(known, move.event, role, actor, today, outcome, SHORT):
                yield f"{move.event} by {actor}", after(world, move, actor)
    if guards.may_lift(known, today, SHORT):
        yield "the item is used again", world._replace(out=False)
    if world.day < LAST:
        yield "a fortnight passes", world._replace(day=world.day + 1)


_WHOSE = {
    "withdraw": ("F",),
    "appeal": ("F",),
    "escalate": ("F",),
    "go_outside": ("F",),
    "decide": STAFF,
    "opine": ("O",),
}


def wrong(before: World, what: str, now: World) -> str:
    """Why a step must not be possible, by what truly happened; empty when it may be."""
    event, _, actor = what.partition(" by ")
    if event == "decide" and KINDS[now.kind].needs_source and not now.truly_heard:
        return "decided without hearing the source"
    if event == "decide" and now.decided_by == now.source_by:
        return "who wrote down the source's word decided"
    if event == "review" and now.reviewed_by in (now.decided_by, now.source_by):
        return "somebody reviewed what they had a part in"
    if event == "comply" and actor in (before.decided_by, before.source_by):
        return "who had a part in the first decision did what the overseer was asked about"
    if event == "ask_clarification" and before.clarified and before.kind == "access-question":
        return "the clock was stopped twice by asking what is meant"
    if event == "ask_identity" and before.kind == "complaint":
        return "a complaint was made to wait for proof"
    if before.out and not now.out and now.state != "withdrawn":
        if now.truly_told < 0:
            return "an item was used again and the family was not told"
        if now.day <= now.truly_told:
            return "an item was used again on the day on which the family was told"
    if event == "ask_identity" and before.identity >= 0:
        return "proof of identity was asked for twice, and the month began anew each time"
    if event == "extend" and before.extended < 0 and _first_month_over(before):
        return "extended after the first month"
    if event in _WHOSE and actor not in _WHOSE[event]:
        return f"{event} by somebody else"
    if event == "lapse" and rules.due(facts(before), SHORT).last_day is not None:
        return "closed by silence while the month ran on"
    if event == "lapse" and before.kind == "complaint":
        return "a complaint was closed without an answer"
    ends = before.state not in OVER and now.state in OVER and event not in ("withdraw", "lapse", "record_outcome")
    if ends and not before.decided_by:
        return "closed without a decision"
    if event == "end_outside" and (actor in (before.decided_by, before.reviewed_by) or before.day <= before.waits):
        return "the wait for the regulator was ended too early, or by who decided"
    return ""


def _first_month_over(world: World) -> bool:
    """By the model's own count: the fortnights that count, since the request or the proof of identity."""
    counts = world.kind == "access-question"
    if (world.paused >= 0 and counts) or (world.identity >= 0 and world.identity_came < 0):
        return False
    return world.day - _begins(world) > 2 + world.uncounted * counts + 1


def _begins(world: World) -> int:
    return world.identity_came if world.identity_came >= 0 and world.identity != NEVER_IN_TIME else 0


def _over(world: World) -> bool:
    """Whether the last day is past, by the model's own count: with an extension it lies beyond the model's days."""
    counts = world.kind == "access-question"
    return world.extended < 0 and world.day - _begins(world) > 2 + world.uncounted * counts


def stuck(world: World) -> str:
    """What must hold in every state."""
    due = rules.due(facts(world), SHORT)
    asked_in_time = world.paused >= 0 and not _over(world._replace(day=world.paused))
    still = (world.state == "identity_awaited" and world.identity != NEVER_IN_TIME) or (
        world.state == "clarification_awaited" and world.kind == "access-question" and asked_in_time
    )
    if world.state in UNDECIDED and (due.last_day is None) != still and due.what == "decide":
        return "the clock stands still for what does not stop it, or runs on for what does"
    if world.state in UNDECIDED and world.state not in STOPPED and not due.what:
        return "nothing is due though a decision is to come"
    if world.state == "outside" and due.last_day is None:
        return "nobody looks again at what the regulator has"
    if world.state == "outside" and not world.decided_by and due.what == "ask_how_it_stands":
        return "who went to the regulator is not answered any more"
    return ""


@dataclass(frozen=True)
class Walked:
    """What a walk found.

    Attributes:
        states, transitions: how many were looked at.
        found: what must not be, with the shortest way there; None when nothing is.
        reached: the states of the table that were reached.
        ends: whether from every state that is not over the regulator or an end can be reached.
    """

    states: int
    transitions: int
    found: str | None
    reached: frozenset[str]
    ends: bool


def walk(guards: Guards, kind: str) -> Walked:
    """Look at every state that can be reached; ends at the first that must not be."""
    start = World(kind, out=KINDS[kind].about_item)
    came: dict[World, tuple[World, str] | None] = {start: None}
    back: dict[World, set[World]] = {}
    queue, transitions = deque([start]), 0
    while queue:
        world = queue.popleft()
        if why := stuck(world):
            return Walked(len(came), transitions, f"{why} — {_way(came, world)}", frozenset(), False)
        for what, made in steps(world, guards):
            transitions += 1
            if why := wrong(world, what, made):
                return Walked(len(came), transitions, f"{why} — {_way(came, world)}, {what}", frozenset(), False)
            following = small(made)
            back.setdefault(following, set()).add(world)
            if following not in came:
                came[following] = (world, what)
                queue.append(following)
    out = deque(world for world in came if world.state in (*OVER, "outside"))
    can_end = set(out)
    while out:
        for before in back.get(out.popleft(), ()):
            if before not in can_end:
                can_end.add(before)
                out.append(before)
    reached = frozenset(world.state for world in came)
    return Walked(len(came), transitions, None, reached, len(can_end) == len(came))


def _way(came: Mapping[World, tuple[World, str] | None], world: World) -> str:
    said = []
    step = came[world]
    while step is not None:
        said.append(step[1])
        step = came[step[0]]
    return ", ".join(reversed(said))


if __name__ == "__main__":
    for one in KINDS:
        found = walk(Guards(), one)
        print(f"{one}: {found.states:,} states, {found.transitions:,} transitions.")
        print(found.found or "No path does what it must not.")
