"""Under an agreement for aggregates alone, whether a query fails says nothing about any pupil.

Asked of a lake with one pupil more, an accepted query fails no more and no less than of the lake without. The queries
put everything in every place where DuckDB would convert it: text as a truth, text beside a number, numbers with more
digits than the other side has room for; in WHERE, ON, HAVING, CASE, IF and lists.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schoolgate.gate.engines.engine import Engine, EngineRefused, Limits
from schoolgate.gate.rewrite import rewrite
from schoolgate.gate.terms.small_cells import cell_problems
from schoolgate.gate.terms.withhold import withhold
from schoolgate.gate.understand import Asked, understand
from tests.gate.box import EVERY_ROW, Box, rows_of

_MOST = 10 * max(60, int(os.environ.get("SCHOOLGATE_EXAMPLES", "60")))
"""Queries of a kind that are asked; there are some seven thousand."""

_LONG = "." + "0" * 36 + "1"
"""A number with 37 digits after the point: beside it a whole number of two digits has no room."""


def _pupil(pupil: int, **changes: Any) -> dict[str, Any]:
    row = {"pupil": pupil, "year": 2026, "term": "AUT", "sex": "F", "age": 5, "ethnicity": "WBRI", "urn": 1, "la": "2"}
    return {**row, "fsmeligible": False, **changes}


CROWD = [_pupil(pupil, sex="FM"[pupil % 2], age=5 + pupil % 3) for pupil in range(20)]
CHILD = _pupil(50, age=15, ethnicity="APKN", urn=7)

_VALUES = (
    "{t}.ethnicity", "lower({t}.sex)", "'x'", "'true'", "{t}.age", "length({t}.sex)", "3", _LONG, "9" * 38, "1e300",
    "{t}.fsmeligible", "{t}.age > 3", "TRUE", "NULL", "{t}.entrydate", "'2026-01-01'", "DATE '2026-01-01'",
    "TRY_CAST({t}.ethnicity AS INT)", "TRY_CAST({t}.age AS DECIMAL(38, 37))", "TRY_CAST({t}.ethnicity AS DATE)",
    "IF({t}.sex = 'M', {t}.age, 'x')", "IF({t}.ethnicity, TRUE, FALSE)", "nullif({t}.age, 'x')",
    "coalesce({t}.ethnicity, 'x')",
)  # fmt: skip
_CONDITIONS = (
    "{a} = {b}", "{a} > {b}", "{a} IN ({b}, {b})", "{a} BETWEEN {b} AND {b}", "{a} IS DISTINCT FROM {b}",
    "{a} AND {b} = {b}", "{a} = {a} OR {b}", "CASE {a} WHEN {b} THEN TRUE ELSE FALSE END",
    "CASE WHEN {a} IS NULL THEN {b} ELSE TRUE END", "coalesce({a}, {b}) IS NULL", "{a} LIKE {b}",
)  # fmt: skip
_ALONE = (
    "{a}", "NOT {a}", "{a} IS TRUE", "{a} IS NOT FALSE", "CASE WHEN {a} THEN TRUE ELSE FALSE END",
    "IF({a}, TRUE, FALSE)", "substring({a}, 1, 1) = 'x'", "year({a}) = 2026", "date_diff('day', {a}, {a}) = 0",
)  # fmt: skip
_GROUPED = ("count(*)", "count(DISTINCT {t}.pupil)", "sum({t}.age)", "avg({t}.age)", "{t}.sex", "{t}.age")


def _conditions(values: tuple[str, ...]) -> Iterator[str]:
    for shape, (first, second) in itertools.product(_CONDITIONS, itertools.product(values, values)):
        yield shape.format(a=first, b=second)
    for shape, first in itertools.product(_ALONE, values):
        yield shape.format(a=first)


def _where() -> Iterator[str]:
    for condition in _conditions(_VALUES):
        yield f"SELECT count(*) AS n FROM census_pupil AS p WHERE p.urn = 7 AND ({condition.replace('{t}', 'p')})"
    for value in _VALUES:
        yield f"SELECT count(*) AS n FROM census_pupil AS p WHERE {value.replace('{t}', 'p')}"
        yield f"SELECT {value.replace('{t}', 'p')} AS g, count(*) AS n FROM census_pupil AS p WHERE p.urn = 7 GROUP BY 1"
        yield (
            "SELECT count(*) AS n FROM census_pupil AS a JOIN census_pupil AS p ON a.pupil = p.pupil"
            f" AND p.urn = 7 AND {value.replace('{t}', 'p')}"
        )


def _having() -> Iterator[str]:
    others = (*_GROUPED, "'x'", "3", _LONG, "'2026-01-01'", "NULL", "TRUE")
    for condition in _conditions(others):
        yield (
            "SELECT count(*) AS n FROM census_pupil AS p WHERE p.urn = 7 GROUP BY p.sex, p.age"
            f" HAVING {condition.replace('{t}', 'p')}"
        )


def _accepted(sql: str) -> str | None:
    """The query that runs; None when it is refused."""
    found = understand(sql)
    if not isinstance(found, Asked) or cell_problems(found.named, found.references):
        return None
    confined = withhold(found, 3)
    return rewrite(confined.named, confined.references, confined.scans, EVERY_ROW, anyone_denied=False).sql


def _failure(engine: Engine, sql: str) -> str:
    """The class of error a query ends with, "" when it is answered."""
    try:
        rows_of(engine.run(sql))
    except EngineRefused as failure:
        return failure.code
    return ""


@pytest.mark.parametrize("made", [_where, _having])
def test_no_accepted_query_fails_for_one_child(made: Any, tmp_path: Path) -> None:
    every = list(made())
    some = every if len(every) <= _MOST else random.Random(7).sample(every, _MOST)
    accepted = [(sql, runs) for sql in some if (runs := _accepted(sql)) is not None]
    assert len(accepted) > 50
    limits = Limits(threads=1)
    without, with_child = (Box(tmp_path, {"census_pupil": rows}) for rows in (CROWD, [*CROWD, CHILD]))
    with without.engine(limits=limits) as one, with_child.engine(limits=limits) as other:
        told = [sql for sql, runs in accepted if _failure(one, runs) != _failure(other, runs)]
    assert told == []


@pytest.mark.parametrize(
    "condition",
    [
        "WHERE p.urn = 7 AND (p.ethnicity OR p.sex = 'F')",
        "WHERE p.urn = 7 AND p.ethnicity IS TRUE",
        "WHERE p.urn = 7 AND IF(p.ethnicity, TRUE, FALSE)",
        f"WHERE p.urn = 7 AND p.age > {_LONG}",
        "WHERE p.urn = 7 GROUP BY p.ethnicity HAVING p.ethnicity = 5",
        "WHERE p.urn = 7 GROUP BY p.ethnicity HAVING count(*) > 'x'",
        "WHERE p.urn = 7 GROUP BY p.ethnicity HAVING p.ethnicity",
    ],
)
def test_what_failed_only_when_the_child_was_there_is_refused(condition: str) -> None:
    assert _accepted(f"SELECT count(*) AS n FROM census_pupil AS p {condition}") is None
