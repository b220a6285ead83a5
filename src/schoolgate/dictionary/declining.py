"""The items that a family may decline to give, and the code that a return then carries instead.

Read from ``data/declining.csv``, each with its source. A code that a census does not know, or an item that the lake's
list tells otherwise, is an error when the list is read: a school would be asked to send what its return is refused for.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from schoolgate.dictionary.census import CensusShape, known_shapes
from schoolgate.dictionary.lake import lake_columns, lake_rows
from schoolgate.errors import SchoolgateError


@dataclass(frozen=True, slots=True)
class Declinable:
    """One item that may be declined.

    Attributes:
        item: its id: of the lake, or ``return.<column>`` when only returns hold it.
        column: the return's column.
        code: what a return says instead.
        source: who says so.
        asked: the censuses that ask for it, as ("AUT", 2016), oldest first.
    """

    item: str
    column: str
    code: str
    source: str
    asked: tuple[tuple[str, int], ...]

    @property
    def in_lake(self) -> bool:
        """Whether the lake has a column of it; otherwise it lies in the sealed returns alone."""
        return not self.item.startswith("return.")

    @property
    def is_asked(self) -> bool:
        """Whether the latest censuses still ask for it."""
        return bool(self.asked) and self.asked[-1][1] >= max(shape.year for shape in known_shapes())


def _bad(item: str, what: str) -> SchoolgateError:
    return SchoolgateError(f"The list of items that may be declined: {item} {what}.", code="declining-list")


def _asked(column: str, code: str, item: str, shapes: Iterable[CensusShape]) -> tuple[tuple[str, int], ...]:
    found = []
    for shape in shapes:
        specs = [columns[column] for columns in shape.tables.values() if column in columns]
        for spec in specs:
            if code not in {one.code for one in spec.codes}:
                raise _bad(item, f"has a code that the {shape.term.label} {shape.year} census does not know")
        if specs:
            found.append((str(shape.term), shape.year))
    return tuple(found)


def read_declinable(
    rows: Iterable[Mapping[str, str]], lake: Mapping[str, Mapping[str, str]], shapes: Iterable[CensusShape]
) -> tuple[Declinable, ...]:
    """Read and check a list.

    Args:
        rows: item, column, code, source.
        lake: item id -> its row of the lake's list, with ``may_decline`` and ``decline_code``.
        shapes: every census.

    Raises:
        SchoolgateError: an item twice, without a code, source or census, or told otherwise by the lake's list.
    """
    shapes = tuple(shapes)
    found: list[Declinable] = []
    for row in rows:
        item, column, code = row["item"], row["column"], row["code"]
        if not code or not row["source"]:
            raise _bad(item, "has no code or no source")
        if item in {one.item for one in found}:
            raise _bad(item, "is there twice")
        asked = _asked(column, code, item, shapes)
        if not asked:
            raise _bad(item, "is asked by no census")
        found.append(Declinable(item, column, code, row["source"], asked))
    told = {item: row["decline_code"] for item, row in lake.items() if row["may_decline"] == "yes"}
    listed = {one.item: one.code for one in found if one.in_lake}
    for item in sorted(told.keys() ^ listed.keys()):
        raise _bad(item, "is in one of the two lists alone")
    for item in sorted(told):
        if told[item] != listed[item]:
            raise _bad(item, "has two codes")
    return tuple(found)


@cache
def declinable_items() -> tuple[Declinable, ...]:
    """Every item that a family may decline, in the list's order.

    Raises:
        SchoolgateError: the shipped list does not fit the censuses or the lake's list.
    """
    text = (files(__package__) / "data" / "declining.csv").read_text(encoding="utf-8")
    lake = {f"{row['table']}.{row['column']}": row for row in lake_rows()}
    found = read_declinable(csv.DictReader(text.splitlines()), lake, known_shapes())
    for one in found:
        if one.in_lake and one.item not in lake_columns():
            raise _bad(one.item, "is not in the lake")
    return found
