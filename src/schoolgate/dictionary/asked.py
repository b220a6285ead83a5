"""What schools are asked about each pupil, in the words of a notice: facts, each with the censuses that asked it.

A fact is one or more columns of the return: a column that was only given another name is no new fact. Columns about
the school itself, and numbers that tie tables together, are none.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from schoolgate.dictionary.census import known_shapes
from schoolgate.dictionary.lake import lake_rows
from schoolgate.ids import CensusPoint, Term

_ABOUT_THE_SCHOOL = frozenset(
    {"school", "classes", "childcare", "provisions", "levels", "schoolcensus", "fundingbasisitems"}
)


@dataclass(frozen=True, slots=True)
class AskedFact:
    """One fact that schools are or were asked about each pupil.

    Attributes:
        id: a stable short name.
        name: in plain words.
        columns: columns of the return that hold it.
        why: why it is asked, in plain words; empty when no reason is known.
        law: the provisions; empty when none is known.
        may_decline: whether a family may decline to give it.
        asked: the censuses that asked it, oldest first.
    """

    id: str
    name: str
    columns: tuple[str, ...]
    why: str
    law: str
    may_decline: bool
    asked: tuple[CensusPoint, ...]


@cache
def _known() -> Mapping[str, Mapping[str, str]]:
    """Column -> what is said of it: by the lake's column of its name, else by the return's list, else by the lake's
    first column that is made from it.
    """
    text = (files(__package__) / "data" / "return.csv").read_text(encoding="utf-8")
    lake = [row for row in lake_rows() if row["kind"] == "item" and row["census_column"]]
    found: dict[str, Mapping[str, str]] = {row["column"]: row for row in lake if row["column"] == row["census_column"]}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["column"], row)
    for row in lake:
        found.setdefault(row["census_column"], row)
    return found


@cache
def _asked() -> Mapping[str, tuple[CensusPoint, ...]]:
    found: dict[str, list[CensusPoint]] = {}
    for shape in known_shapes():
        columns = {c for table, own in shape.tables.items() if table not in _ABOUT_THE_SCHOOL for c in own}
        for column in columns:
            found.setdefault(column, []).append(CensusPoint(shape.year, shape.term))
    return {column: tuple(points) for column, points in found.items()}


def _points(spans: str) -> Iterator[CensusPoint]:
    """The censuses of a text like ``AUT:2016-2017 SPR:2017-2018``."""
    for span in spans.split():
        term, _, years = span.partition(":")
        first, _, last = years.partition("-")
        yield from (CensusPoint(year, Term(term)) for year in range(int(first), int(last or first) + 1))


def asked_by_shapes(columns: Sequence[str]) -> tuple[CensusPoint, ...]:
    """The censuses whose published table shape has one of these columns: what the file's column ``asked`` is made from.

    Reading every shape takes a second or two, so the answer is kept in the file, and a test holds the two together.
    """
    return tuple(sorted({point for column in columns for point in _asked().get(column, ())}))


def pupil_columns() -> frozenset[str]:
    """Every column of the return that says something about a pupil."""
    plumbing = ("tableid", "orderseqcolumn")
    return frozenset(c for c in _asked() if c not in ("NativeId", "sourceid") and not c.endswith(plumbing))


@cache
def asked_facts() -> tuple[AskedFact, ...]:
    """Every fact that any known census asked, in the order of the file."""
    text = (files(__package__) / "data" / "asked.csv").read_text(encoding="utf-8")
    found = []
    for row in csv.DictReader(text.splitlines()):
        columns = tuple(row["columns"].split())
        said = [_known()[column] for column in columns if column in _known()]
        found.append(
            AskedFact(
                id=row["id"],
                name=row["name"],
                columns=columns,
                why=next((one["why"] for one in said if one.get("why")), ""),
                law=next((one["law"] for one in said if one.get("law")), ""),
                may_decline=row["may_decline"] == "yes" or any(one.get("may_decline") == "yes" for one in said),
                asked=tuple(sorted(_points(row["asked"]))),
            )
        )
    return tuple(found)


@cache
def told_from_the_start() -> frozenset[str]:
    """The lake's items that families were told of before this system began.

    The list is closed. An item that is added to the lake later is read by nobody until a notice told families of it
    and the notice's days are over.
    """
    text = (files(__package__) / "data" / "told_from_the_start.txt").read_text(encoding="utf-8")
    return frozenset(text.split())
