"""School Census table shapes 2015 to 2026: a base and yearly differences, resolved for any year and term.

The differences are those of the LIIA tools pipeline's specification (see data/ORIGIN.md). Within one file an
anchor may be set again, so that a reference means the latest one above it; that is YAML's own rule.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from schoolgate.dictionary.items import Code, CodeSet
from schoolgate.dictionary.labels import explained
from schoolgate.errors import SchoolgateError
from schoolgate.ids import CensusPoint, Term

FIRST_YEAR, LAST_YEAR = 2015, 2026
_TERM_KEYS = {Term.AUTUMN: "autumn", Term.SPRING: "spring", Term.SUMMER: "summer"}


class NoShape(SchoolgateError):
    """No census shape is known for a year, or a difference does not fit."""


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column of a return's table: kind of value, whether it may be blank, codes when it has a set."""

    kind: str
    may_be_blank: bool
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class CensusShape:
    """The tables of one census."""

    year: int
    term: Term
    tables: Mapping[str, Mapping[str, ColumnSpec]]


def _read(name: str) -> dict[str, Any]:
    text = (files(__package__) / "data" / "census" / name).read_text(encoding="utf-8")
    loaded = yaml.load(text, Loader=yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader)  # noqa: S506
    return loaded if isinstance(loaded, dict) else {}


@cache
def _difference(year: int) -> dict[str, Any]:
    return _read(f"school_census_schema_{year}.diff.yml")


@cache
def _base() -> dict[str, Any]:
    return _read(f"school_census_schema_{FIRST_YEAR}.yml")


def _apply(tree: dict[str, Any], path: str, change: Mapping[str, Any]) -> None:
    *parents, last = path.split(".")
    place = tree
    for part in parents:
        place = place.setdefault(part, {})
    kind, value = change.get("type"), copy.deepcopy(change.get("value"))
    if kind in {"add", "modify"}:
        place[last] = value
    elif kind == "remove":
        names = value if isinstance(value, list) else [value] if isinstance(value, str) else None
        if names is None:
            place.pop(last, None)
        else:
            for name in names:
                place.get(last, {}).pop(name, None)
    elif kind == "rename":
        _rename(place, last, value)
    else:
        raise NoShape(f"A census difference has an unknown kind at {path}.", code="census-difference")


def _rename(place: dict[str, Any], last: str, value: Any) -> None:
    if isinstance(value, str):
        if last in place:
            place[value] = place.pop(last)
        return
    for old, new in (value or {}).items():
        inside = place.get(last, place)
        if old in inside:
            inside[new] = inside.pop(old)


def _spec(column: str, raw: Any) -> ColumnSpec:
    shape = raw if isinstance(raw, dict) else {}
    blank = shape.get("canbeblank") not in (False, "no")
    if "category" in shape:
        codes = tuple(
            Code(str(code.get("code", "")), str(code.get("name", code.get("code", "")))) for code in shape["category"]
        )
        return ColumnSpec("code", blank, explained(column, codes))
    kind = next((key for key in ("date", "numeric", "string", "regex") if key in shape), "string")
    if kind == "numeric":
        return ColumnSpec(str((shape["numeric"] or {}).get("type", "integer")), blank)
    return ColumnSpec("date" if kind == "date" else "text", blank)


@cache
def _resolved(year: int, term: Term) -> dict[str, Any]:
    tree: dict[str, Any] = copy.deepcopy(_base().get(_TERM_KEYS[term], {}))
    for later in range(FIRST_YEAR + 1, year + 1):
        for path, change in (_difference(later).get(_TERM_KEYS[term]) or {}).items():
            _apply(tree, path, change)
    return tree


@cache
def census_shape(year: int, term: Term) -> CensusShape:
    """The tables and columns of the return of one census.

    Args:
        year: 2015 to 2026, the year of the specification.
        term: the census term.

    Raises:
        NoShape: a year for which none is known.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NoShape(f"Census shapes are known for {FIRST_YEAR} to {LAST_YEAR}.", code="census-year")
    tables = _resolved(year, term).get("column_map", {})
    if not tables:
        # The published shapes begin with autumn 2015.
        raise NoShape(f"No shape is known for the {term.label} census of {year}.", code="census-year")
    return CensusShape(
        year,
        term,
        {
            name: {column: _spec(column, raw) for column, raw in columns.items()}
            for name, columns in tables.items()
            if columns
        },
    )


def known_shapes() -> tuple[CensusShape, ...]:
    """Every census whose shape is known, oldest first: autumn 2015 to summer and autumn 2026."""
    found = []
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for term in sorted(Term, key=lambda term: term.order):
            if _resolved(year, term).get("column_map"):
                found.append(census_shape(year, term))
    return tuple(found)


@cache
def renames() -> Mapping[tuple[str, str], str]:
    """(table, old column) -> new column, for every column that was given another name."""
    found = {}
    for year in range(FIRST_YEAR + 1, LAST_YEAR + 1):
        for term in Term:
            for path, change in (_difference(year).get(_TERM_KEYS[term]) or {}).items():
                parts = path.split(".")
                if change.get("type") == "rename" and isinstance(change.get("value"), str) and len(parts) == 3:
                    found[parts[1], parts[2]] = str(change["value"])
    return found


@cache
def code_sets() -> Mapping[tuple[str, str], tuple[CodeSet, ...]]:
    """(table, column) -> its code sets in the order of time, each with the censuses that used it.

    Terms are told apart only where they differed at the same time.
    """
    used: dict[tuple[str, str], list[tuple[CensusPoint, tuple[Code, ...]]]] = {}
    for shape in known_shapes():
        for table, columns in shape.tables.items():
            for column, spec in columns.items():
                if spec.codes:
                    used.setdefault((table, column), []).append((CensusPoint(shape.year, shape.term), spec.codes))
    return {place: _spans(points) for place, points in used.items()}


def _spans(points: list[tuple[CensusPoint, tuple[Code, ...]]]) -> tuple[CodeSet, ...]:
    """Neighbouring censuses with the same codes put together; by term when the terms went different ways."""
    distinct = len({frozenset(codes) for _, codes in points})
    together = _together(points)
    if len(together) > 2 * distinct:
        by_term = [_together([point for point in points if point[0].term is term]) for term in Term]
        return tuple(span for spans in by_term for span in spans)
    return tuple(together)


def _together(points: list[tuple[CensusPoint, tuple[Code, ...]]]) -> list[CodeSet]:
    spans: list[tuple[CensusPoint, CensusPoint, tuple[Code, ...]]] = []
    for point, codes in points:
        if spans and frozenset(spans[-1][2]) == frozenset(codes):
            spans[-1] = (spans[-1][0], point, spans[-1][2])
        else:
            spans.append((point, point, codes))
    return [CodeSet(str(first) if first == last else f"{first} to {last}", codes) for first, last, codes in spans]
