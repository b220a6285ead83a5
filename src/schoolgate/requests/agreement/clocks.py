"""The days of an agreement's end: when it ends, when its data must be gone, whom to remind when. Pure.

The numbers stand in ``data/destruction.toml`` with their reasons.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads((files(__package__) / "data" / "destruction.toml").read_text(encoding="utf-8"))


def deletion_days() -> int:
    """How many days after its end an agreement's data must be gone."""
    return int(_data()["deletion"]["days"])


def witness_days() -> int:
    """How many days after the day a witness may take to say what they saw of a destruction that was stated in time."""
    return int(_data()["witness"]["days"])


def methods() -> Mapping[str, str]:
    """How data can be destroyed: id -> in words."""
    return MappingProxyType(dict(_data()["methods"]))


def destruction_due(
    valid_until: date, retention_until: date | None, ended_on: date | None, *, end_planned: bool = False
) -> date:
    """The last day by which what was handed over must be gone.

    Args:
        valid_until: last day of use.
        retention_until: the day the application named; None when it named none.
        ended_on: the day on which it ended; None while it has not.
        end_planned: whether it ended by its last day, not before it by somebody's step.

    Returns:
        The day that was agreed; when it ended early, the number of days after that, whichever comes first.
    """
    days = timedelta(days=deletion_days())
    # Nobody has to destroy on the last day what may still be used on it.
    agreed = max(retention_until, valid_until) if retention_until is not None else valid_until + days
    if ended_on is None or end_planned:
        return agreed
    return min(agreed, ended_on + days)


def is_overdue(due: date, today: date) -> bool:
    """Whether the day is past; the day itself still counts."""
    return today > due


@dataclass(frozen=True, slots=True)
class Nudge:
    """One reminder.

    Attributes:
        days: days before the day it is about; negative after it.
    """

    due: date
    days: int


def nudge(due: date, today: date, given: frozenset[int]) -> Nudge | None:
    """The reminder to send today about a day, or None.

    Only the nearest one is sent when several were missed: three letters in one hour remind nobody better than one.

    Args:
        due: the day it is about.
        today: the custodian's date.
        given: ``days`` of the reminders sent about this day already.
    """
    left = (due - today).days
    if left >= 0:
        stages = [days for days in _data()["reminders"]["before"] if left <= days]
        wanted = min(stages, default=None)
    else:
        every = int(_data()["reminders"]["after_every"])
        # The first on the day after, then every so often.
        wanted = -(1 + (-left - 1) // every * every)
    return Nudge(due, wanted) if wanted is not None and wanted not in given else None
