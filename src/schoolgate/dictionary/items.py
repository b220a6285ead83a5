"""An item of the data dictionary, and what loading a workbook reports."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a code set; `label` repeats the code when no meaning is known."""

    code: str
    label: str

    @property
    def is_explained(self) -> bool:
        """Whether the code has a meaning of its own beside it."""
        return self.label != self.code


@dataclass(frozen=True, slots=True)
class CodeSet:
    """The codes of an item over a span of censuses.

    Attributes:
        when: the censuses, in words, e.g. "autumn 2015 to summer 2024".
        codes: the codes then.
    """

    when: str
    codes: tuple[Code, ...]


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
        id: unique in the dictionary, whatever the case of its letters; ``table.column`` for the lake.
        collection: e.g. "School Census Pupil Level".
        table: sheet or table it stands in.
        name: what it is called: plain words for the lake's items, else the field reference.
        alias: name in extracts, with ``[term]`` and ``[yy]`` places.
        former_names: earlier names.
        years: as written, e.g. "2007/08 -".
        first_year, last_year: year in which the first and last academic year begins; None when open or unknown.
        codes: code set, the latest one when it changed.
        code_sets: every code set with the censuses it was used in, oldest first; empty when it never changed.
        values: values as written, when they are no code set.
        terms: AUT, SPR, SUM; empty when not stated.
        identifiability: 1 (instant identifier) to 5 (other); None when not stated.
        sensitivity: A to E; None when not stated.
        old_tier: the tiers replaced in 2018.
        concept: path in the concept tree.
        given: "default", "by request", "never by a query" (the vault's) or "unstated".
        why: why it is collected, in plain words; empty when no reason is known.
        law: the provisions the reason rests on; empty when none is known.
        may_decline: whether a family may decline to give it, with `decline_code`.
        must_send: whether schools have to send it.
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
    code_sets: tuple[CodeSet, ...] = ()
    values: str = ""
    terms: tuple[str, ...] = ()
    identifiability: int | None = None
    sensitivity: str | None = None
    old_tier: str = ""
    concept: tuple[str, ...] = ()
    given: str = "unstated"
    why: str = ""
    law: str = ""
    may_decline: bool = False
    decline_code: str = ""
    must_send: bool = False
    source: Source = field(default=Source("", "", 0))


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that could not be read, or only in part.

    Attributes:
        is_kept: whether an item was made of it all the same.
    """

    sheet: str
    row: int
    reason: str
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class SheetReport:
    """What became of one sheet: every row that is not blank is counted once.

    Attributes:
        items: rows that became an item.
        headings: header rows, headings, notes and titles around the tables.
        unread: rows that became no item though they look like one; each has a `Problem`.
        codes: rows of a code set.
        remark: why a sheet gave no items, or that it is hidden; empty otherwise.
    """

    sheet: str
    items: int
    headings: int = 0
    unread: int = 0
    codes: int = 0
    remark: str = ""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a workbook gave: items, how many from each sheet, and every row that gave trouble.

    Attributes:
        columns_not_kept: titles of columns this dictionary has no place for.
    """

    items: tuple[Item, ...]
    sheets: tuple[SheetReport, ...]
    problems: tuple[Problem, ...]
    code_sets: tuple[tuple[str, tuple[Code, ...]], ...] = ()
    columns_not_kept: tuple[str, ...] = ()

    @property
    def per_sheet(self) -> tuple[tuple[str, int], ...]:
        """Sheet and how many items came from it, in the workbook's order."""
        return tuple((sheet.sheet, sheet.items) for sheet in self.sheets)
