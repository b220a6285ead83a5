"""A child's record, who was given it, and the choices of a family, laid out for a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from schoolgate import dictionary, rights
from schoolgate.clock import day_of
from schoolgate.ids import Term

_SIDE_BY_SIDE = 3
"""Columns of a table that fit a phone; a wider one scrolls in its own frame."""


@dataclass(frozen=True, slots=True, repr=False)
class Cell:
    """One fact. Its repr is hidden: it is about a child.

    Attributes:
        name: the item's name.
        item: its id in the dictionary; empty for the identity.
        text: the value in words.
        origin: how it came about (`rights.origin_of`).
        history: what was changed in it, or noted beside it, in words.
    """

    name: str
    item: str
    text: str
    origin: str = "sent"
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """What one school told at one census, in one table.

    Attributes:
        heading: term, year and school; empty for the identity.
        cells: the facts of its only row, when the table has one row for a census.
        columns: name and item id of each column, when the table may have several.
        rows: the values, one for each column.
        table: of the lake, or ``identity``: where a family says that something in it is wrong.
        token: what names its only row then; empty when it has several.
        year: of the census; None for the identity.
        sources: who sent it and when, in words; nothing of a shielded child.
        history: what was changed in this census and stands beside no cell, in words.
        kept: ids of the changes that are shown here.
    """

    heading: str
    cells: tuple[Cell, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    table: str = ""
    token: str = ""
    year: int | None = None
    sources: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()

    @property
    def is_wide(self) -> bool:
        """Whether the table does not fit a phone."""
        return len(self.columns) > _SIDE_BY_SIDE


@dataclass(frozen=True, slots=True, repr=False)
class Section:
    """One table of the record, the latest census first."""

    title: str
    about: str
    parts: tuple[Part, ...]

    @property
    def years(self) -> tuple[tuple[int | None, tuple[Part, ...]], ...]:
        """The parts by the year of their census, the latest first: a long record is opened year by year."""
        return tuple((year, tuple(own)) for year, own in groupby(self.parts, key=lambda part: part.year))


@dataclass(frozen=True, slots=True)
class Given:
    """A line of the page: what went to one organisation under one agreement.

    Attributes:
        is_over: whether the last day of use has passed and nobody has ended the agreement.
        ways: in which ways it was given (`rights.LineRelease.way`).
        times: those that are shown here, newest first.
        before: how many there were before these, and after them.
    """

    line: rights.Line
    is_over: bool
    ways: frozenset[str]
    times: tuple[rights.LineRelease, ...]
    before: int = 0
    after: int = 0

    @property
    def tables(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Title of a table -> ids of the items that were given from it."""
        return _by_table(self.line.items)

    @property
    def is_look(self) -> bool:
        """Whether nothing was handed on: the family's and the school's own looks."""
        return self.line.purpose_id == "subject-access"


NEWEST = 5
"""Times of one line that the child's page shows; all of them have a page of their own."""

AT_ONCE = 50
"""Times that such a page shows at once."""

IN_FULL = 6
"""Lines that the child's page shows in full: a phone is given a page that it can read, and the rest in a table."""


def given(lines: Iterable[rights.Line], today: date) -> list[Given]:
    """Who was given what, each with its items table by table and its newest times."""
    return [one_given(line, today, 0, NEWEST) for line in lines]


def one_given(line: rights.Line, today: date, start: int, most: int) -> Given:
    """One line with some of its times."""
    times = tuple(line.releases[start : start + most])
    return Given(
        line,
        line.until < today,
        frozenset(one.way for one in line.releases),
        times,
        before=max(0, len(line.releases) - start - most),
        after=start,
    )


def _by_table(items: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    titles = {table.name: _(table.title) for table in dictionary.lake_tables()}
    titles["identity"] = _("What they asked by, and we compared")
    ordered = sorted(items)
    return tuple(
        (titles.get(table, _("Other items")), tuple(ids))
        for table, ids in groupby(ordered, key=lambda item: item.partition(".")[0])
    )


def sections(
    identity: Mapping[str, str],
    tables: Mapping[str, Iterable[Mapping[str, Any]]],
    items: dictionary.Dictionary | None,
    tokens: Mapping[str, Sequence[str]] | None = None,
    sources: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    changes: Sequence[rights.Changed] = (),
) -> list[Section]:
    """Lay out the whole record: who the child is, then each table that holds something.

    Args:
        identity: who the child is.
        tables: lake table -> rows.
        items: the dictionary.
        tokens: those of `gate.SubjectRecord`: with them a family says in which row something is wrong.
        sources: where each row came from, also of `gate.SubjectRecord`.
        changes: what was put right, noted, taken out or erased.
    """
    named, origins = tokens or {}, sources or {}
    names = rights.identity_names()
    cells = tuple(
        Cell(
            names.get(key, key.replace("_", " ").capitalize()),
            "",
            rights.identity_in_words(key, str(value), items),
            rights.origin_of(f"identity.{key}"),
            tuple(rights.change_in_words(one) for one in changes if one.item == f"identity.{key}"),
        )
        # In the order of the names above: a person looks for the name first.
        for key, value in sorted(identity.items(), key=lambda pair: [*names, pair[0]].index(pair[0]))
        if value
    )
    first = (
        [Section(_("Who your child is"), "", (_who(cells, identity, _token(named, "identity", 0), changes),))]
        if cells
        else []
    )
    return first + [
        Section(_(table.title or table.name), _(table.description) if table.description else "", parts)
        for table in dictionary.lake_tables()
        if (
            parts := _parts(
                table,
                _carrying(tables.get(table.name, ()), named.get(table.name, ()), origins.get(table.name, ())),
                items,
                [one for one in changes if one.item.partition(".")[0] == table.name],
            )
        )
    ]


def beside(changes: Sequence[rights.Changed], laid_out: Iterable[Section]) -> list[str]:
    """The changes that stand nowhere in the record as it is laid out, for instance of rows that are gone; in words."""
    kept = {change for section in laid_out for part in section.parts for change in part.kept}
    return [rights.change_in_words(one) for one in changes if one.id not in kept]


def _who(cells: tuple[Cell, ...], identity: Mapping[str, str], token: str, changes: Sequence[rights.Changed]) -> Part:
    held = {f"identity.{key}" for key, value in identity.items() if value}
    kept = frozenset(one.id for one in changes if one.item in held)
    return Part("", cells, table="identity", token=token, kept=kept)


_NAMED_BY, _FROM = "row token", "row source"
"""Under which a row carries its token, and where it came from, here: no column is called so."""


def _token(tokens: Mapping[str, Sequence[str]], table: str, at: int) -> str:
    own = tokens.get(table, ())
    return own[at] if at < len(own) else ""


def _carrying(
    rows: Iterable[Mapping[str, Any]], tokens: Sequence[str], sources: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    return [
        {
            **row,
            _NAMED_BY: tokens[at] if at < len(tokens) else "",
            _FROM: source_in_words(sources[at]) if at < len(sources) else "",
        }
        for at, row in enumerate(rows)
    ]


def source_in_words(source: Mapping[str, Any]) -> str:
    """Which school's return a row came from, and when (UK GDPR Article 15(1)(g)); empty when nothing is known."""
    if not source.get("sent_by"):
        return ""
    told = {
        "school": rights.school_in_words(source["sent_by"]),
        "sent": rights.day_in_words(day_of(source["received_at"])),
        "return": source["return_id"],
        "row": source["return_row"],
    }
    parts = [_("Sent by %(school)s on %(sent)s.") % told]
    if source.get("recorded_at"):
        kept = {"kept": rights.day_in_words(day_of(source["recorded_at"]))}
        parts.append(_("Kept here since %(kept)s.") % kept)
    if source.get("return_row") is not None:
        parts.append(_("Return %(return)s, row %(row)s.") % told)
    return " ".join(parts)


def _parts(
    table: dictionary.LakeTable,
    rows: Sequence[Mapping[str, Any]],
    items: dictionary.Dictionary | None,
    changes: Sequence[rights.Changed],
) -> tuple[Part, ...]:
    """The rows of a table, census by census and school by school, the latest first."""

    def when_and_where(row: Mapping[str, Any]) -> tuple[int, int, int]:
        term = Term(row["term"]).order if row.get("term") else 0
        return -int(row.get("year") or 0), -term, int(row.get("urn") or 0)

    made = []
    for _key, group in groupby(sorted(rows, key=when_and_where), key=when_and_where):
        of_census = list(group)
        heading = _heading(of_census[0])
        own = [one for one in changes if _is_of(one, of_census[0])]
        if table.name == "census_pupil":
            # A school may have two rows for a pupil, for instance when it left and came back.
            made += [_one_row(heading, table, row, items, own) for row in of_census]
        else:
            made.append(_side_by_side(heading, table, of_census, items, own))
    return tuple(made)


def _is_of(one: rights.Changed, row: Mapping[str, Any]) -> bool:
    return (one.year, one.term) == (row.get("year"), row.get("term"))


def _year(row: Mapping[str, Any]) -> int | None:
    return int(row["year"]) if row.get("year") else None


def _one_row(
    heading: str,
    table: dictionary.LakeTable,
    row: Mapping[str, Any],
    items: dictionary.Dictionary | None,
    changes: Sequence[rights.Changed],
) -> Part:
    cells = _cells(table, row, items, changes)
    shown = {cell.item for cell in cells}
    return Part(
        heading,
        cells=cells,
        table=table.name,
        token=str(row[_NAMED_BY]),
        year=_year(row),
        sources=(row[_FROM],) if row[_FROM] else (),
        history=tuple(rights.change_in_words(one) for one in changes if one.item not in shown),
        kept=frozenset(one.id for one in changes),
    )


def _heading(row: Mapping[str, Any]) -> str:
    when = ""
    if row.get("year") and row.get("term"):
        when = _("%(term)s %(year)s") % {"term": _(Term(row["term"]).label.capitalize()), "year": row["year"]}
    return ", ".join(part for part in (when, rights.school_in_words(row["urn"]) if row.get("urn") else "") if part)


def _held(table: dictionary.LakeTable) -> list[dictionary.LakeColumn]:
    """The columns a family reads; when and where stand in the heading."""
    return [column for column in table.columns if column.kind == "item" and column.name != "urn"]


def _name(column: dictionary.LakeColumn, items: dictionary.Dictionary | None) -> str:
    item = items.get(column.item_id) if items else None
    return item.name if item else column.name.replace("_", " ")


def _text(column: dictionary.LakeColumn, row: Mapping[str, Any], items: dictionary.Dictionary | None) -> str:
    value = row.get(column.name)
    if value is None or value == "":
        return ""
    return rights.in_words(column, value, items.get(column.item_id) if items else None)


def _cells(
    table: dictionary.LakeTable,
    row: Mapping[str, Any],
    items: dictionary.Dictionary | None,
    changes: Sequence[rights.Changed],
) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            _name(column, items),
            column.item_id,
            text,
            rights.origin_of(column.item_id),
            tuple(rights.change_in_words(one) for one in changes if one.item == column.item_id),
        )
        for column in _held(table)
        if (text := _text(column, row, items))
    )


def _side_by_side(
    heading: str,
    table: dictionary.LakeTable,
    rows: Sequence[Mapping[str, Any]],
    items: dictionary.Dictionary | None,
    changes: Sequence[rights.Changed],
) -> Part:
    """Several rows of one census as a small table, without columns that hold nothing."""
    columns = [c for c in _held(table) if any(_text(c, row, items) for row in rows)]
    return Part(
        heading,
        columns=tuple((_name(column, items), column.item_id) for column in columns),
        rows=tuple(tuple(_text(column, row, items) or "–" for column in columns) for row in rows),
        year=_year(rows[0]),
        sources=tuple(dict.fromkeys(row[_FROM] for row in rows if row[_FROM])),
        history=tuple(rights.change_in_words(one) for one in changes),
        kept=frozenset(one.id for one in changes),
    )
