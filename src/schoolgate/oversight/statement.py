"""A quarter's statement: its text is a function of the log's first entries, so anybody can write it again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from schoolgate.errors import SchoolgateError
from schoolgate.oversight.entries import Entry
from schoolgate.oversight.metrics import Figure, compute, definitions_hash
from schoolgate.oversight.periods import Period, quarter

Entries = Callable[[int | None], Iterator[Entry]]
"""Gives the log's entries up to a size; all of them for None."""


class NoStatement(SchoolgateError):
    """There is no statement of this quarter, or it was counted by other definitions."""


@dataclass(frozen=True, slots=True)
class Made:
    """A statement.

    Attributes:
        size: how many entries of the log it was computed from.
        text: word for word, one statement for one log and quarter.
    """

    quarter: str
    period: Period
    size: int
    figures: tuple[Figure, ...]
    text: str

    @property
    def text_hash(self) -> str:
        """SHA-256 of the text as UTF-8, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def lines(self) -> tuple[str, ...]:
        """The figures, a text each, as the register's entry has them."""
        return tuple(line for figure in self.figures for line in figure.lines)


def make(name: str, log: str, size: int, entries: Iterable[Entry]) -> Made:
    """Make a quarter's statement.

    Args:
        name: the quarter, e.g. ``2026-Q3``.
        log: the log's name.
        size: how many entries `entries` are.
        entries: the log's, from the first.

    Raises:
        NoSuchPeriod: no quarter has this name.
    """
    period = quarter(name)
    figures = compute(entries, period)
    lines = [
        f"STATEMENT OF THE QUARTER {name}",
        f"The custodian's days {period.words}, computed from the first {size} entries of the log {log}.",
        f"Definitions (SHA-256): {definitions_hash()}",
        "Anybody can compute it again from the published log: schoolgate oversight statement "
        f"{name} --log ADDRESS --key KEY",
    ]
    for figure in figures:
        lines += ["", f"{figure.metric.question} [{figure.metric.id}; {figure.metric.unit}]"]
        lines += [f"  {row.of}: {row.value}{'  (!)' if row.is_alarm else ''}" for row in figure.rows]
    alarms = sum(row.is_alarm for figure in figures for row in figure.rows)
    lines += ["", f"Figures marked (!) show that somebody has to act: {alarms}."]
    return Made(name, period, size, figures, "\n".join(lines) + "\n")


@dataclass(frozen=True, slots=True)
class Said:
    """What the register's entry says of a statement.

    Attributes:
        size: from how many entries it was computed, as it says.
        left_out: entries of the quarter that stand before the statement and that it was not computed from: whoever
            computes from a shorter log leaves out what happened at the quarter's end, and every byte still agrees.
    """

    index: int
    size: int
    first: str
    last: str
    text_hash: str
    definitions: str
    figures: tuple[str, ...]
    left_out: tuple[int, ...] = ()

    def differs_from(self, made: Made) -> tuple[str, ...]:
        """In what the entry is not the statement that anybody makes of the same quarter; nothing when it is."""
        first, last = made.period.first.isoformat(), made.period.last.isoformat()
        looked_at = (
            (self.text_hash == made.text_hash, "its text's SHA-256 is another"),
            (self.figures == made.lines, "its figures are others"),
            ((self.first, self.last) == (first, last), f"it says {self.first} to {self.last}"),
            (self.size <= self.index, f"it says that it was made from {self.size} entries, before there were so many"),
            (not self.left_out, f"it leaves out entries of the quarter: {', '.join(map(str, self.left_out[:10]))}"),
        )
        return tuple(words for is_so, words in looked_at if not is_so)


def said_in(entries: Iterable[Entry], name: str) -> Said | None:
    """The entry of a quarter's statement; None when there is none.

    Raises:
        NoSuchPeriod: no quarter has this name.
    """
    period, of_it = quarter(name), list[int]()
    for one in entries:
        if one.type == "statement.published" and one.subject == name:
            size = one.body.get("log_size")
            size = size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else 0
            return Said(
                index=one.index,
                size=size,
                first=one.text("first"),
                last=one.text("last"),
                text_hash=one.text("text_hash"),
                definitions=one.text("definitions"),
                figures=one.texts("figures"),
                left_out=tuple(index for index in of_it if index >= size),
            )
        if one.day <= period.last:
            of_it.append(one.index)
    return None


def again(name: str, log: str, entries: Entries) -> tuple[Made, Said]:
    """Make a published statement again, from the entries it was made from.

    Raises:
        NoStatement: the log has none of this quarter, or it was counted by other definitions than these.
    """
    said = said_in(entries(None), name)
    if said is None:
        raise NoStatement(f"The log has no statement of {name}.", code="statement-unknown")
    if said.definitions != definitions_hash():
        raise NoStatement(
            f"The statement of {name} was counted by other definitions than these.",
            hint="Use the release of schoolgate that it was made with.",
            code="statement-definitions",
        )
    size = min(said.size, said.index)  # a statement is made from what was there before it
    return make(name, log, size, entries(size)), said
