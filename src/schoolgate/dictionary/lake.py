"""The lake's tables and columns: the one list from which schemas, the gate and the dictionary are made.

Read from ``data/lake.csv`` (one row a column); nothing else in the project repeats a column's name.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from schoolgate.errors import SchoolgateError

TYPES = frozenset({"int", "string", "date", "decimal", "bool", "timestamp"})
"""Types a lake column may have; ``decimal`` holds six digits, two of them after the point."""

KINDS = frozenset({"pupil", "frame", "item", "provenance"})
"""What a column is for: see `LakeColumn.kind`."""

TITLES = {
    "census_pupil": (
        "Pupils in the School Census",
        "One row for each pupil, school and term: who the pupil is at school, without a name.",
    ),
    "census_fsm_period": (
        "Free school meal periods",
        "One row for each period in which a pupil could have free school meals.",
    ),
    "census_sen_need": (
        "Special educational needs",
        "One row for each need recorded for a pupil, the most important first.",
    ),
    "census_exclusion": (
        "Suspensions and exclusions",
        "One row for each time a pupil was suspended or permanently excluded.",
    ),
    "census_absence": (
        "Absence by reason",
        "One row for each pupil and reason code: how many half-days were missed.",
    ),
}
"""Table -> (title, description), in the words the public page shows."""


@dataclass(frozen=True, slots=True)
class LakeColumn:
    """One column of the lake.

    Attributes:
        name: lower-case name, as queries write it.
        type: one of `TYPES`.
        kind: ``pupil`` (the matching reference: a per-agreement pseudonym to a researcher), ``frame``
            (year and term: always queryable), ``item`` (needs approval) or ``provenance`` (never queryable).
        item_id: ``<table>.<column>``, the id of its `Item`.
        census_module: the table of the return it comes from; empty when the lake derives it.
        census_column: the column of the return; empty when the lake derives it.
        title: in plain words; empty for what is never queryable.
        identifiability: 1 (names a child) to 5; None when the list states none.
        sensitivity: A (most) to E; empty when the list states none.
    """

    name: str
    type: str
    kind: str
    item_id: str
    census_module: str
    census_column: str
    title: str = ""
    identifiability: int | None = None
    sensitivity: str = ""


@dataclass(frozen=True, slots=True)
class LakeTable:
    """One table of the lake, with its columns in stored order."""

    name: str
    title: str
    description: str
    columns: tuple[LakeColumn, ...]

    def column(self, name: str) -> LakeColumn | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)


def lake_rows() -> tuple[dict[str, str], ...]:
    """The rows of ``data/lake.csv``, every column a string."""
    text = (files(__package__) / "data" / "lake.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def lake_tables() -> tuple[LakeTable, ...]:
    """Every table of the lake, in the file's order.

    Raises:
        SchoolgateError: the shipped file names a type or kind that does not exist.
    """
    columns: dict[str, list[LakeColumn]] = {}
    for row in lake_rows():
        if row["type"] not in TYPES or row["kind"] not in KINDS:
            raise SchoolgateError(
                f"The lake's list names a type or kind unknown here: {row['table']}.{row['column']}.",
                code="lake-list",
            )
        columns.setdefault(row["table"], []).append(
            LakeColumn(
                name=row["column"],
                type=row["type"],
                kind=row["kind"],
                item_id=f"{row['table']}.{row['column']}",
                census_module=row["census_module"],
                census_column=row["census_column"],
                title=row["title"],
                identifiability=int(row["identifiability"]) if row["identifiability"] else None,
                sensitivity=row["sensitivity"],
            )
        )
    return tuple(LakeTable(name, *TITLES[name], tuple(listed)) for name, listed in columns.items())


@cache
def lake_columns() -> Mapping[str, LakeColumn]:
    """Item id (``table.column``) -> the column of the lake, in the file's order.

    Raises:
        SchoolgateError: as `lake_tables`.
    """
    return MappingProxyType({column.item_id: column for table in lake_tables() for column in table.columns})
