"""A query that groups wrongly is refused before anything is read, and one that the engine can group never is."""

from __future__ import annotations

import os
import random
import re
from collections import Counter

import duckdb
import pytest

from schoolgate.errors import Refusal
from schoolgate.gate.understand import Asked, understand
from tests.gate.asking_queries import random_query
from tests.gate.worlds import fill

P, A = "census_pupil", "census_absence"
_CODES = {"not-grouped", "total-of-totals", "total-too-early"}
_QUERIES = max(20, int(os.environ.get("SCHOOLGATE_EXAMPLES", "100")) * 5)

WRONG = {
    "an item beside a count": ("not-grouped", f"SELECT sex, count(*) AS n FROM {P}"),
    "an item that is not in GROUP BY": ("not-grouped", f"SELECT sex, count(*) AS n FROM {P} GROUP BY term"),
    "part of what is grouped by": ("not-grouped", f"SELECT age, count(*) AS n FROM {P} GROUP BY age + 1"),
    "HAVING without a total": ("not-grouped", f"SELECT term, count(*) AS n FROM {P} GROUP BY term HAVING sex = 'F'"),
    "HAVING alone": ("not-grouped", f"SELECT sex FROM {P} HAVING count(*) > 1"),
    "ORDER BY something else": ("not-grouped", f"SELECT term, count(*) AS n FROM {P} GROUP BY term ORDER BY sex || 'x'"),
    "a rank over something else": (
        "not-grouped", f"SELECT term, rank() OVER (ORDER BY age) AS r FROM {P} GROUP BY term",
    ),
    "a query inside that looks at one row": (
        "not-grouped",
        f"SELECT sex, (SELECT count(*) FROM {A} AS b WHERE b.pupil = a.pupil) AS n FROM {P} AS a GROUP BY sex",
    ),
    "inside a query in FROM": ("not-grouped", f"SELECT q.n FROM (SELECT sex, count(*) AS n FROM {P}) AS q"),
    "a total of a total": ("total-of-totals", f"SELECT max(count(*)) AS n FROM {P} GROUP BY sex"),
    "a total in WHERE": ("total-too-early", f"SELECT sex FROM {P} WHERE count(*) > 1"),
    "a rank in WHERE": ("total-too-early", f"SELECT sex FROM {P} WHERE rank() OVER (ORDER BY age) = 1"),
    "a total in ON": ("total-too-early", f"SELECT a.sex FROM {P} AS a JOIN {A} AS b ON count(*) > 1"),
    "a total in FILTER": ("total-too-early", f"SELECT count(*) FILTER (WHERE max(age) > 1) AS n FROM {P}"),
    "a rank in HAVING": ("total-too-early", f"SELECT sex FROM {P} GROUP BY sex HAVING rank() OVER (ORDER BY sex) = 1"),
    "a rank of a rank": ("total-of-totals", f"SELECT rank() OVER (ORDER BY rank() OVER (ORDER BY age)) AS r FROM {P}"),
    "a total over a rank": ("total-of-totals", f"SELECT sum(rank() OVER (ORDER BY age)) OVER () AS r FROM {P}"),
    "QUALIFY without a rank": ("qualify-without-rank", f"SELECT sex FROM {P} QUALIFY age > 1"),
    "an item that a query further in has too": (
        "not-grouped",
        f"SELECT sex, (SELECT count(*) FROM {A} AS b, (SELECT a.sessions FROM census_exclusion AS a) AS q"
        f" WHERE b.term = a.term) AS n FROM {P} AS a GROUP BY sex",
    ),
    "GROUP BY a total": ("total-too-early", f"SELECT count(*) AS n FROM {P} GROUP BY count(*)"),
}  # fmt: skip

RIGHT = (
    f"SELECT age + 1 AS older, count(*) AS n FROM {P} GROUP BY older ORDER BY age + 1",
    f"SELECT age + 1 + 1 AS older, count(*) AS n FROM {P} GROUP BY age + 1",
    f"SELECT (sex) AS s, 1 AS one, max(age) FILTER (WHERE term = 'AUT') AS m FROM {P} GROUP BY sex",
    f"SELECT age, sum(count(*)) OVER (PARTITION BY age) AS n FROM {P} GROUP BY age HAVING max(sex) = 'F'",
    f"SELECT sex, (SELECT count(*) FROM {A} AS b WHERE b.term = a.term) AS n FROM {P} AS a GROUP BY sex, a.term",
    f"SELECT sex, (SELECT count(*) FROM {P} AS a WHERE a.age = 4) AS n FROM {P} AS a GROUP BY sex",
    f"SELECT (SELECT sum(a.age)) AS s FROM {P} AS a",
    f"SELECT sum(age) OVER (PARTITION BY sex) AS s, age FROM {P}",
    f"SELECT sum(age) FILTER (WHERE sex = 'F') OVER (PARTITION BY term) AS s, age FROM {P}",
    f"SELECT (age)+1 AS z, count(*) AS n FROM {P} GROUP BY age+(1)",
    f"SELECT (age/3)::INT AS z, count(*) AS n FROM {P} GROUP BY CAST(age/3 AS INTEGER)",
    f"SELECT CASE WHEN (age > 4) THEN 'x' ELSE 'y' END AS z, count(*) AS n FROM {P} GROUP BY CASE WHEN age > 4 THEN 'x' ELSE 'y' END",
    f"SELECT onroll AND sex = 'F' AS z, count(*) AS n FROM {P} GROUP BY (onroll AND (sex = 'F'))",
    f"SELECT onroll AND sex = 'F' AND age > 4 AS z FROM {P} GROUP BY onroll AND (sex = 'F' AND age > 4)",
    f"SELECT sex NOT IN ('F') AS z, count(*) AS n FROM {P} GROUP BY NOT (sex IN ('F'))",
    f"SELECT sex, count(*) AS n FROM {P} GROUP BY (1)",
    f"SELECT if(age > 4, 1, 0) AS z FROM {P} GROUP BY CASE WHEN age > 4 THEN 1 ELSE 0 END",
    f"SELECT nullif(age, 4) AS z FROM {P} GROUP BY CASE WHEN age = 4 THEN NULL ELSE age END",
    f"SELECT a.sex FROM {P} AS a GROUP BY a.sex HAVING count(*) IN (SELECT b.sessions + max(a.age) FROM {A} AS b)",
    f"SELECT sum(count(*)) FILTER (WHERE count(*) > 1) OVER (ORDER BY age) AS r FROM {P} GROUP BY age",
    f"SELECT year, count(*) AS n FROM {P} FULL JOIN {A} USING (pupil, year) GROUP BY year",
)


@pytest.fixture(scope="module")
def empty() -> duckdb.DuckDBPyConnection:
    """The tables without a row: whether the engine can make sense of a query is no matter of data."""
    connection = duckdb.connect(":memory:", config={"threads": 1})
    fill(connection, {})
    return connection


def _said(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """What the engine has against a query; empty: nothing."""
    try:
        connection.execute(f"EXPLAIN {sql}")
    except duckdb.Error as error:
        return str(error).split("\n")[0]
    return ""


def _refusals(sql: str) -> tuple[Refusal, ...]:
    answer = understand(sql)
    return () if isinstance(answer, Asked) else answer


@pytest.mark.parametrize("name", WRONG)
def test_a_query_that_groups_wrongly_is_refused_in_plain_words(name: str, empty: duckdb.DuckDBPyConnection) -> None:
    code, sql = WRONG[name]
    assert _said(empty, sql), "the engine, too, would refuse it"
    assert [refusal.code for refusal in _refusals(sql)] == [code]
    assert all(refusal.remedy for refusal in _refusals(sql))


def test_the_refusal_says_where() -> None:
    (refusal,) = _refusals(f"SELECT term,\n sex, count(*) AS n FROM {P} GROUP BY term")
    assert refusal.where == "line 2, column 2"


@pytest.mark.parametrize("sql", RIGHT)
def test_a_query_that_groups_rightly_is_understood(sql: str, empty: duckdb.DuckDBPyConnection) -> None:
    assert not _said(empty, sql)
    assert not _refusals(sql)


def test_no_random_query_that_the_engine_can_group_is_refused(empty: duckdb.DuckDBPyConnection) -> None:
    grouped = 0
    for seed in range(_QUERIES):
        sql = random_query(seed)
        if _said(empty, sql):
            continue
        assert not {refusal.code for refusal in _refusals(sql)} & _CODES, sql
        grouped += "GROUP BY" in sql
    assert grouped > _QUERIES // 5, "the queries group"


def _spoilt(sql: str, dice: random.Random) -> str:
    """A query with a mistake of the kinds people make: a group left out, a total where none can be."""
    return dice.choice(
        [
            re.sub(r"GROUP BY ([^,()]+),", "GROUP BY ", sql, count=1),
            re.sub(r" GROUP BY [^()]*?(?= HAVING| ORDER|$|\))", "", sql, count=1),
            sql.replace("SELECT ", "SELECT count(*) AS zz, ", 1),
            re.sub(r"WHERE ", "WHERE count(*) > 0 AND ", sql, count=1),
            re.sub(r"\b(sum|min|max|avg)\(([^()]*)\)", r"max(\1(\2))", sql, count=1),
        ]
    )


def test_what_the_engine_says_of_groups_the_gate_has_said_before(empty: duckdb.DuckDBPyConnection) -> None:
    """So that a slip of this kind is neither recorded as an exposure nor counted against a budget."""
    seen: Counter[bool] = Counter()
    for seed in range(_QUERIES):
        dice = random.Random(seed)
        sql = _spoilt(random_query(seed), dice)
        if re.search(r"GROUP BY|aggregate|window", _said(empty, sql)):
            seen[bool(_refusals(sql))] += 1
            assert _refusals(sql), sql
    assert seen[True] > _QUERIES // 20
