"""A query inside a query, wherever it may stand: it is read by a scan of its own, and the answer is the asker's own.

`{}` is the query inside; `{0}` one that is divided by, where nought counts as nothing (docs/exposure.md).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from pyroaring import BitMap

from schoolgate.gate.engines.engine import Engine, Limits
from schoolgate.gate.understand import Asked, understand
from tests.gate.box import Box, alike, plan_of, rows_of
from tests.gate.worlds import Answer, fill, named_outputs, random_rows

P, A = "census_pupil", "census_absence"

PLACES = {
    "an output": f"SELECT a.sex, {{}} AS n FROM {P} AS a",
    "a sum": f"SELECT a.age + {{}} AS n FROM {P} AS a",
    "taken away from": f"SELECT {{}} - a.age AS n FROM {P} AS a",
    "multiplied": f"SELECT a.age * {{}} AS n FROM {P} AS a",
    "a quotient": f"SELECT a.age / {{0}} AS n FROM {P} AS a",
    "what is divided": f"SELECT {{}} / a.age AS n FROM {P} AS a WHERE a.age > 0",
    "divided whole": f"SELECT a.age // {{0}} AS n FROM {P} AS a",
    "a remainder": f"SELECT a.age % {{0}} AS n FROM {P} AS a",
    "a sign": f"SELECT -{{}} AS n FROM {P} AS a",
    "a sign before a division": f"SELECT -({{}} / 3) AS n FROM {P} AS a",
    "two divisions": f"SELECT a.age / (1 + {{}} / {{0}}) AS n FROM {P} AS a",
    "a cast": f"SELECT CAST({{}} AS VARCHAR) AS n FROM {P} AS a",
    "a cast to a fraction": f"SELECT CAST({{}} AS DOUBLE) AS n FROM {P} AS a",
    "a tried cast": f"SELECT TRY_CAST({{}} AS SMALLINT) AS n FROM {P} AS a",
    "joined to text": f"SELECT a.sex || CAST({{}} AS VARCHAR) AS n FROM {P} AS a",
    "coalesce": f"SELECT coalesce(a.age, {{}}) AS n FROM {P} AS a",
    "nullif": f"SELECT nullif({{}}, 1) AS n FROM {P} AS a",
    "greatest": f"SELECT greatest(a.age, {{}}) AS n FROM {P} AS a",
    "round": f"SELECT round({{}} / 7, 1) AS n FROM {P} AS a",
    "abs": f"SELECT abs(1 - {{}}) AS n FROM {P} AS a",
    "CASE, when": f"SELECT CASE WHEN {{}} > 1 THEN a.age ELSE 0 END AS n FROM {P} AS a",
    "CASE, then": f"SELECT CASE WHEN a.sex = 'F' THEN {{}} END AS n FROM {P} AS a",
    "CASE, else": f"SELECT CASE WHEN a.sex = 'F' THEN 0 ELSE {{}} END AS n FROM {P} AS a",
    "CASE of": f"SELECT CASE {{}} WHEN 1 THEN 'x' WHEN a.age THEN 'y' END AS n FROM {P} AS a",
    "if": f"SELECT if(a.age > 4, {{}}, 0) AS n FROM {P} AS a",
    "compared": f"SELECT a.sex FROM {P} AS a WHERE a.age > {{}}",
    "compared, the other way round": f"SELECT a.sex FROM {P} AS a WHERE {{}} <= a.age",
    "distinct from": f"SELECT a.sex FROM {P} AS a WHERE {{}} IS DISTINCT FROM a.age",
    "nothing": f"SELECT a.sex FROM {P} AS a WHERE {{}} IS NOT NULL",
    "between": f"SELECT a.sex FROM {P} AS a WHERE a.age BETWEEN {{}} AND 9",
    "between, above": f"SELECT a.sex FROM {P} AS a WHERE a.age NOT BETWEEN 0 AND {{}}",
    "in a list": f"SELECT a.sex FROM {P} AS a WHERE a.age IN (4, {{}})",
    "before a list": f"SELECT a.sex FROM {P} AS a WHERE {{}} NOT IN (1, 2)",
    "like": f"SELECT a.sex FROM {P} AS a WHERE a.ethnicity LIKE CAST({{}} AS VARCHAR) || '%'",
    "and, or, not": f"SELECT a.sex FROM {P} AS a WHERE NOT (a.age = {{}} OR a.sex = 'F') AND {{}} > 0",
    "beside a condition that is pushed": f"SELECT a.sex FROM {P} AS a WHERE a.year = 2026 AND a.age < {{}} + 3",
    "a join's condition": f"SELECT a.sex FROM {P} AS a JOIN {A} AS b ON a.pupil = b.pupil AND b.sessions > {{}}",
    "an outer join's condition": (
        f"SELECT a.sex, b.sessions FROM {P} AS a LEFT JOIN {A} AS b ON a.pupil = b.pupil AND b.sessions > {{}}"
    ),
    "a query in FROM": f"SELECT q.n + 1 AS m FROM (SELECT {{}} AS n, a.year FROM {P} AS a) AS q WHERE q.year = 2026",
    "a query in FROM, divided there": f"SELECT q.n FROM (SELECT 6 / {{0}} AS n, a.year FROM {P} AS a) AS q WHERE q.n > 1",
    "a WITH query": f"WITH w AS (SELECT a.age - {{}} AS n FROM {P} AS a) SELECT n, count(*) AS m FROM w GROUP BY n",
    "one side of a UNION": f"SELECT a.age AS n FROM {P} AS a UNION ALL SELECT {{}} / 2 AS n FROM {P} AS a",
    "DISTINCT": f"SELECT DISTINCT {{}} / 2 AS n FROM {P} AS a",
    "a window's order": f"SELECT rank() OVER (ORDER BY a.age / {{0}}) AS n FROM {P} AS a",
    "a window's parts": f"SELECT count(*) OVER (PARTITION BY {{}} % 2) AS n FROM {P} AS a",
    "a window's total": f"SELECT sum({{}}) OVER (PARTITION BY a.sex) AS n FROM {P} AS a",
    "QUALIFY": f"SELECT a.age FROM {P} AS a QUALIFY rank() OVER (ORDER BY a.age) <= {{}}",
    "ORDER BY": f"SELECT a.age FROM {P} AS a ORDER BY {{}} / (1 + abs(a.age)), 1",
    "a query inside a query inside": f"SELECT a.sex FROM {P} AS a WHERE a.age > (SELECT min(c.age) + {{}} FROM {P} AS c)",
}  # fmt: skip

GROUPED = {
    "beside groups": f"SELECT a.year, {{}} AS n FROM {P} AS a GROUP BY a.year",
    "a share": f"SELECT a.year, count(*) / {{0}} AS n FROM {P} AS a GROUP BY a.year",
    "grouped by": f"SELECT a.year + {{}} AS y, count(*) AS n FROM {P} AS a GROUP BY 1",
    "HAVING": f"SELECT a.year, count(*) AS n FROM {P} AS a GROUP BY a.year HAVING count(*) > {{}}",
    "HAVING, divided": f"SELECT a.year, count(*) AS n FROM {P} AS a GROUP BY a.year HAVING count(*) / {{0}} > 1",
    "a total's argument": f"SELECT a.year, sum({{}}) AS n FROM {P} AS a GROUP BY a.year",
    "an average's argument, divided": f"SELECT a.year, avg(a.age / {{0}}) AS n FROM {P} AS a GROUP BY a.year",
    "a spread's argument": f"SELECT stddev_pop(a.age - {{}}) AS n FROM {P} AS a",
    "a count of distinct values": f"SELECT count(DISTINCT a.age + {{}}) AS n FROM {P} AS a",
    "the largest of distinct values": f"SELECT max(DISTINCT {{}}) AS n FROM {P} AS a",
    "grouped by, twice given out": f"SELECT {{}} AS n, {{}} AS k, a.sex, count(*) AS m FROM {P} AS a GROUP BY k, a.sex, n",
    "grouped by twice": f"SELECT {{}} AS n, {{}} AS k, count(*) AS m FROM {P} AS a GROUP BY 2, 1",
    "grouped by, and the order": f"SELECT a.year + {{}} AS n, count(*) AS m FROM {P} AS a GROUP BY n ORDER BY n DESC",
    "FILTER": f"SELECT count(*) FILTER (WHERE a.age > {{}}) AS n FROM {P} AS a",
}  # fmt: skip

ALONE = {
    "a count": f"(SELECT count(*) FROM {A})",
    "a condition": f"(SELECT max(b.sessions) FROM {A} AS b WHERE b.year = 2026)",
    "nobody": f"(SELECT sum(b.sessions) FROM {A} AS b WHERE b.year = 1999)",
}
LOOKING = {
    "about this pupil": f"(SELECT count(*) FROM {A} AS b WHERE b.pupil = a.pupil)",
    "about this pupil and year": f"(SELECT sum(b.sessions) FROM {A} AS b WHERE b.pupil = a.pupil AND b.year = a.year)",
}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Engine, duckdb.DuckDBPyConnection]]]:
    opened = []
    folder: Path = tmp_path_factory.mktemp("lakes")
    for seed in range(4):
        rows = random_rows(random.Random(seed)) if seed < 3 else {}
        engine = Box(folder, rows).engine(BitMap(), limits=Limits(threads=1))
        plain = duckdb.connect(":memory:", config={"threads": 1})
        fill(plain, rows)
        opened.append((engine.__enter__(), plain))
    yield opened
    for engine, plain in opened:
        engine.__exit__(None, None, None)
        plain.close()


def _own(connection: duckdb.DuckDBPyConnection, sql: str) -> Answer | None:
    """What the asker's own query gives; None when the engine has nothing like it."""
    try:
        answer = connection.execute(sql)
    except (duckdb.BinderException, duckdb.NotImplementedException):
        return None
    return named_outputs([column[0] for column in answer.description or []], answer.fetchall())


def _asked(place: str, query: str) -> str:
    return place.replace("{}", query).replace("{0}", query)


def _meant(place: str, query: str) -> str:
    return place.replace("{}", query).replace("{0}", f"nullif({query}, 0)")


def _check(place: str, query: str, worlds: list[tuple[Engine, duckdb.DuckDBPyConnection]]) -> None:
    sql = _asked(place, query)
    asked = understand(sql)
    expected = [_own(plain, _meant(place, query)) for _, plain in worlds]
    if None in expected:
        return
    assert isinstance(asked, Asked), [refusal.reason for refusal in asked]
    plan = plan_of(sql)
    for (engine, _), own in zip(worlds, expected, strict=True):
        assert own is not None
        assert alike(rows_of(engine.run(plan.sql))) == alike(own)


@pytest.mark.parametrize("inside", [*ALONE, *LOOKING])
@pytest.mark.parametrize("place", PLACES)
def test_a_query_inside_gives_what_the_askers_own_gives(
    place: str, inside: str, worlds: list[tuple[Engine, duckdb.DuckDBPyConnection]]
) -> None:
    _check(PLACES[place], (ALONE | LOOKING)[inside], worlds)


@pytest.mark.parametrize("inside", ALONE)
@pytest.mark.parametrize("place", GROUPED)
def test_a_query_inside_a_grouped_one_does_too(
    place: str, inside: str, worlds: list[tuple[Engine, duckdb.DuckDBPyConnection]]
) -> None:
    _check(GROUPED[place], ALONE[inside], worlds)


@pytest.mark.parametrize("place", [
    f"SELECT {{}} AS n, count(*) AS m FROM {P} AS a GROUP BY n",
    f"SELECT a.sex, {{}} AS n, count(*) AS m FROM {P} AS a GROUP BY 1, 2 ORDER BY 2, 1",
])  # fmt: skip
@pytest.mark.parametrize("inside", LOOKING)
def test_pupils_are_grouped_by_a_query_that_looks_at_each(
    place: str, inside: str, worlds: list[tuple[Engine, duckdb.DuckDBPyConnection]]
) -> None:
    _check(place, LOOKING[inside], worlds)


@pytest.mark.parametrize("rest", [
    "GROUP BY n HAVING n > 0", "GROUP BY 1 ORDER BY n + 1", "GROUP BY n QUALIFY rank() OVER (ORDER BY n) = 1",
])  # fmt: skip
def test_a_group_that_holds_a_query_is_used_in_nothing_else(rest: str) -> None:
    """The engine takes it for another one there; said before the read, with what to do instead."""
    answer = understand(f"SELECT {LOOKING['about this pupil']} AS n, count(*) AS m FROM {P} AS a {rest}")
    assert not isinstance(answer, Asked)
    assert {refusal.code for refusal in answer} == {"not-grouped"}
    assert "query in FROM" in answer[0].remedy


@pytest.mark.parametrize("sql", [
    f"SELECT sum(DISTINCT a.age / (SELECT count(*) FROM {A})) AS n FROM {P} AS a",
    f"SELECT avg(DISTINCT a.age / 2 + (SELECT count(*) FROM {A} AS b WHERE b.pupil = a.pupil)) AS n FROM {P} AS a",
])  # fmt: skip
def test_a_total_of_distinct_queries_is_refused_before_the_read(sql: str) -> None:
    answer = understand(sql)
    assert not isinstance(answer, Asked)
    assert [refusal.code for refusal in answer] == ["query-in-distinct"]


def test_the_engine_has_most_of_them(worlds: list[tuple[Engine, duckdb.DuckDBPyConnection]]) -> None:
    """So that the above says something."""
    tried = [_meant(place, query) for place in PLACES.values() for query in (ALONE | LOOKING).values()]
    had = [sql for sql in tried if _own(worlds[0][1], sql) is not None]
    assert len(had) > 0.85 * len(tried)
