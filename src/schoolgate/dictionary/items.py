"""An item of the data dictionary, and what loading a workbook reports."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a code set."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where an item was read."""

    file: str
    sheet: str
    row: int


@dataclass(frozen=True, slots=True)
class Item:
    """One data item.

    Attributes:
        id: unique in the dictionary; ``table.column`` for the lake.
        collection: e.g. "School Census Pupil Level".
        table: sheet or table it stands in.
        name: field reference.
        alias: name in extracts, with ``[term]`` and ``[yy]`` places.
        former_names: earlier names.
        years: as written, e.g. "2007/08 -".
        first_year, last_year: year in which the first and last academic year begins; None when open or unknown.
        codes: code set.
        values: values as written, when they are no code set.
        terms: AUT, SPR, SUM; empty when not stated.
        identifiability: 1 (instant identifier) to 5 (other); None when not stated.
        sensitivity: A to E; None when not stated.
        old_tier: the tiers replaced in 2018.
        concept: path in the concept tree.
        given: "default", "by request" or "unstated".
        why: why it is collected, in plain words.
        may_decline: whether a family may decline to give it, with `decline_code`.
    """

    id: str
    collection: str
    table: str
    name: str
    alias: str = ""
    former_names: tuple[str, ...] = ()
    years: str = ""
    first_year: int | None = None
    last_year: int | None = None
    description: str = ""
    codes: tuple[Code, ...] = ()
    values: str = ""
    terms: tuple[str, ...] = ()
    identifiability: int | None = None
    sensitivity: str | None = None
    old_tier: str = ""
    concept: tuple[str, ...] = ()
    given: str = "unstated"
    why: str = ""
    may_decline: bool = False
    decline_code: str = ""
    source: Source = field(default=Source("", "", 0))


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that could not be read, or could be read only in part."""

    sheet: str
    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a workbook gave: items, how many from each sheet, and every row that gave trouble."""

    items: tuple[Item, ...]
    per_sheet: tuple[tuple[str, int], ...]
    problems: tuple[Problem, ...]
    code_sets: tuple[tuple[str, tuple[Code, ...]], ...] = ()
