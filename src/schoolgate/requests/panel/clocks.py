"""The days that the panel's part of the road holds to (`data/clocks.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a request may wait in a state, and for whom."""

    state: str
    who: str
    days: int


@dataclass(frozen=True, slots=True)
class Clocks:
    """The days.

    Attributes:
        appeal_days: days after the decision, within which it can be appealed.
        others: whether who decided must not look at the appeal, when enough others can be found.
        chair_differs: whether at least somebody else leads when they cannot.
        meeting_days: days between the call for a meeting and its day, from which on nobody who is away is waited for.
        review_days: days after an emergency approval, within which the panel must have looked at it.
        waits: by state.
    """

    appeal_days: int
    others: bool
    chair_differs: bool
    meeting_days: int
    review_days: int
    waits: tuple[Wait, ...]


@cache
def clocks() -> Clocks:
    """The shipped days."""
    kept = tomllib.loads((files("schoolgate.requests.panel") / "data" / "clocks.toml").read_text(encoding="utf-8"))
    return Clocks(
        appeal_days=int(kept["appeal"]["days"]),
        others=bool(kept["appeal"]["others"]),
        chair_differs=bool(kept["appeal"]["chair_differs"]),
        meeting_days=int(kept["meeting"]["notice_days"]),
        review_days=int(kept["emergency"]["review_days"]),
        waits=tuple(Wait(str(one["state"]), str(one["who"]), int(one["days"])) for one in kept["waits"]),
    )
