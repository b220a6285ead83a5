"""What every metric is made of: rows, a counter that is handed entries, and whole-number arithmetic."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from schoolgate.oversight.entries import Entry
from schoolgate.oversight.known import Known
from schoolgate.oversight.periods import Period


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of a metric: what it is of, and its value with the unit.

    Attributes:
        is_alarm: whether somebody has to act: something is late, or happened that may not.
    """

    of: str
    value: str
    is_alarm: bool = False


class Counter(Protocol):
    """What reads the entries of one metric."""

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Take an entry that is not after the period; `inside`: it is in it."""
        ...

    def rows(self, known: Known, period: Period) -> Sequence[Row]:
        """The figures, once every entry was taken."""
        ...


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric and its definition.

    Attributes:
        id: stable for ever; a metric that is defined otherwise is another metric.
        question: what it answers.
        formula: how, in words that another program can be written from.
        events: the types of entries it is counted from.
        unit: of its figures.
        counter: makes a fresh counter.
    """

    id: str
    question: str
    formula: str
    events: tuple[str, ...]
    unit: str
    counter: Callable[[], Counter]


_WHOLE = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})*|[0-9]+")


def bounds(rounded: object) -> tuple[int, int]:
    """The least and the most that a rounded count can stand for (`register.round_count`); 0 and 0 when it is none."""
    if not isinstance(rounded, str):
        return 0, 0
    if rounded == "fewer than 10":
        return 0, 9
    if _WHOLE.fullmatch(rounded) is None:
        return 0, 0
    number = int(rounded.replace(",", ""))
    return max(10, number - 2), number + 2


def percentile(values: Sequence[int], percent: int) -> int:
    """The nearest rank: the smallest value that at least so many of a hundred do not exceed.

    A value that occurred, so that no fraction is rounded and every program finds the same.
    """
    ranked = sorted(values)
    return ranked[max(0, -(-percent * len(ranked) // 100) - 1)]


def share(part: int, whole: int) -> str:
    """``3 of 12 (25 %)``; halves are rounded up."""
    return f"{part} of {whole}" + (f" ({(200 * part + whole) // (2 * whole)} %)" if whole else "")


def between(least: int, most: int) -> str:
    """A sum of rounded counts: what it is at least and at most."""
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def days(count: int) -> str:
    """``1 day``, ``12 days``."""
    return f"{count} day" if count == 1 else f"{count} days"


MOST_NAMES = 40
"""Names counted apart: a statement is one entry of the log (at most 65,535 bytes, C2SP tlog-tiles)."""


def tallied(counts: Mapping[str, int], prefix: str = "") -> list[Row]:
    """Counts by name, the largest first, then by name; what is beyond `MOST_NAMES` together."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [Row(f"{prefix}{name[:80]}", str(count)) for name, count in ordered[:MOST_NAMES]]
    rest = sum(count for _, count in ordered[MOST_NAMES:])
    return [*rows, Row(f"{prefix}all others", str(rest))] if rest else rows
