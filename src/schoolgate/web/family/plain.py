"""A child's record, and the choices of a family, laid out for a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from schoolgate import dictionary
from schoolgate.ids import Term


@dataclass(frozen=True, slots=True, repr=False)
class Cell:
    """One fact. Its repr is hidden: it is about a child.

    Attributes:
        name: the item's name.
        item: its id in the dictionary; empty for the identity.
        text: the value in words.
    """

    name: str
    item: str
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One row of a table, with the census it came from."""

    heading: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Section:
    """One table of the record."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One purpose, and what this family said about it.

    Attributes:
        objected: whether the family's "no" is in force.
        overridden: whether a law lets the use go on all the same.
        since: when the family said no.
    """

    purpose: dictionary.Purpose
    objected: bool
    overridden: bool
    since: datetime | None


def sections(
    identity: Mapping[str, str],
    tables: Mapping[str, Iterable[Mapping[str, Any]]],
    items: dictionary.Dictionary | None,
) -> list[Section]:
    """Lay out the whole record: who the child is, then each table that holds something."""
    names = {
        "surname": _("Last name"),
        "forename": _("First name"),
        "middle_names": _("Middle names"),
        "preferred_surname": _("Last name the child uses"),
        "former_surname": _("Last name before"),
        "dob": _("Date of birth"),
        "sex": _("Sex"),
        "upn": _("Pupil number (UPN)"),
        "former_upns": _("Pupil numbers before"),
        "uln": _("Learner number (ULN)"),
    }
    cells = tuple(
        Cell(names.get(key, key.replace("_", " ").capitalize()), "", str(value))
        for key, value in identity.items()
        if value
    )
    first = [Section(_("Who your child is"), (Row("", cells),))] if cells else []
    return first + [
        Section(table.title or table.name, rows)
        for table in dictionary.lake_tables()
        if (rows := tuple(_row(table, row, items) for row in tables.get(table.name, ())))
    ]


def _row(table: dictionary.LakeTable, row: Mapping[str, Any], items: dictionary.Dictionary | None) -> Row:
    heading = ""
    if row.get("year") and row.get("term"):
        heading = _("%(term)s %(year)s") % {"term": Term(row["term"]).label.capitalize(), "year": row["year"]}
    cells = []
    for column in table.columns:
        value = row.get(column.name)
        if column.kind != "item" or value is None or value == "":
            continue
        item = items.get(column.item_id) if items else None
        labels = {code.code: code.label for code in item.codes} if item else {}
        name = item.name if item else column.name.replace("_", " ")
        cells.append(Cell(name, column.item_id, labels.get(str(value)) or _value(value)))
    return Row(heading, tuple(cells))


def _value(value: Any) -> str:
    if value is True:
        return _("yes")
    if value is False:
        return _("no")
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return str(value)
