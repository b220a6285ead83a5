"""What is past its last day now, by the register's own entries: what may be destroyed by a retention rule."""

from __future__ import annotations

from collections.abc import Iterator

from schoolgate import register
from schoolgate.clock import Clock, custodians_day
from schoolgate.oversight.retention import HeldTooLong, held_too_long

_PORTION = 1_000


def _entries(kind: str) -> Iterator[register.Event]:
    before = None
    while found := register.events(kind, before=before, limit=_PORTION):
        yield from found
        before = found[-1].index


def past_its_day(clock: Clock) -> tuple[HeldTooLong, ...]:
    """What the store holds longer than its rules say, the longest overdue first; what was left out is held still."""
    censuses = {int(one.body["year"]) for one in _entries("term.loaded")}
    destroyed = {
        (str(one.body["rule"]), int(year))
        for one in _entries("store.destroyed")
        if one.body.get("rule") and not one.body.get("pupils_left")
        for year in one.body["years"]
    }
    return held_too_long(censuses, custodians_day(clock), destroyed)
