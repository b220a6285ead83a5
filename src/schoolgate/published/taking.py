"""All that fits a search, for downloads: every row once, however many there are, while the register grows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from schoolgate.published import models
from schoolgate.published.searching import line_of, narrowed, order_of, release_line, values
from schoolgate.published.values import Case, Line, Query, ReleaseLine

_AT_ONCE = 400
_READS_AT_ONCE = 5_000
_Row = TypeVar("_Row")


def each_case(query: Query) -> Iterable[Case]:
    """What fits a query, in its order, read some at a time.

    Which rows they are is settled at once: pages counted from the front would miss a case that gets a new entry between
    two of them, and moves.
    """
    ids = list(narrowed(query).order_by(*order_of(query)).values_list("id", flat=True))
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        rows = {row.id: row for row in models.Case.objects.filter(id__in=part)}
        yield from values([rows[one] for one in part if one in rows])


def _portions(rows: Iterable[_Row]) -> Iterable[Sequence[_Row]]:
    held: list[_Row] = []
    for one in rows:
        held.append(one)
        if len(held) == _AT_ONCE:
            yield held
            held = []
    yield held


def each_line(query: Query) -> Iterable[Line]:
    """Every item of what fits a query, in the query's order and by item."""
    for cases in _portions(each_case(query)):
        rows: dict[int, list[models.CaseItem]] = {}
        for row in models.CaseItem.objects.filter(case__in=[one.id for one in cases]).order_by("item"):
            rows.setdefault(row.case, []).append(row)
        yield from (line_of(row, one) for one in cases for row in rows.get(one.id, ()))


def each_release(query: Query) -> Iterable[tuple[Case, ReleaseLine]]:
    """Every read under what fits a query, in the query's order and from the first read on.

    Families' looks at their own child are left out unless the query asks for them: there are more than of all others.
    A portion is read whole before it is given on: an embedded database waits with writing while somebody reads.
    """
    held: list[Case] = []
    for one in each_case(query):
        if not one.releases or (one.is_own and not query.asks_for_own):
            continue
        held.append(one)
        if len(held) == _AT_ONCE or sum(case.releases for case in held) > _READS_AT_ONCE:
            yield from _releases(held)
            held = []
    yield from _releases(held)


def _releases(cases: Sequence[Case]) -> Iterable[tuple[Case, ReleaseLine]]:
    if len(cases) == 1:  # it may have been read many times
        last = -1
        while part := list(
            models.Release.objects.filter(case=cases[0].id, id__gt=last).order_by("id")[:_READS_AT_ONCE]
        ):
            yield from ((cases[0], release_line(row)) for row in part)
            last = part[-1].id
        return
    rows: dict[int, list[models.Release]] = {}
    for row in models.Release.objects.filter(case__in=[one.id for one in cases]).order_by("id"):
        rows.setdefault(row.case, []).append(row)
    yield from ((one, release_line(row)) for one in cases for row in rows.get(one.id, ()))
