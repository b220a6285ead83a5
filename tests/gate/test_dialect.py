"""Features in which a rewritten query could differ from the asker's: each is refused, by name, or gives the same."""

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

SAME = {
    "NOT IN a list with NULL": f"SELECT sex FROM {P} WHERE age NOT IN (4, NULL)",
    "NOT IN a query with NULL": f"SELECT sex FROM {P} WHERE age NOT IN (SELECT sessions FROM {A} WHERE term = 'AUT')",
    "NOT IN a query without rows": f"SELECT sex FROM {P} WHERE age NOT IN (SELECT sessions FROM {A} WHERE term = 'X')",
    "NOT IN with a condition on what is compared": (
        f"SELECT sex FROM {P} WHERE age > 3 AND age NOT IN (SELECT sessions FROM {A} WHERE sessions > 0 OR sessions IS NULL)"
    ),
    "pairs NOT IN, NULL in one place": (
        f"SELECT sex FROM {P} WHERE (year, age) NOT IN (SELECT year, sessions FROM {A})"
    ),
    "NOT EXISTS beside NULL": (
        f"SELECT a.sex FROM {P} AS a WHERE NOT EXISTS (SELECT 1 FROM {A} AS b WHERE b.sessions = a.age)"
    ),
    "an anti join written as LEFT JOIN": (
        f"SELECT a.sex FROM {P} AS a LEFT JOIN {A} AS b ON a.pupil = b.pupil AND b.term = 'AUT' WHERE b.pupil IS NULL"
    ),
    "FULL JOIN USING": f"SELECT year, count(*) AS n FROM {P} FULL JOIN {A} USING (pupil, year) WHERE year = 2026 GROUP BY year",
    "FULL JOIN USING, one side in WHERE": (
        f"SELECT year, a.sex, b.sessions FROM {P} AS a FULL JOIN {A} AS b USING (pupil, year) WHERE a.year = 2026 OR b.sessions > 0"
    ),
    "RIGHT JOIN USING": f"SELECT year, b.sessions FROM {P} AS a RIGHT JOIN {A} AS b USING (pupil, year) WHERE year = 2026",
    "LEFT JOIN USING, twice": (
        f"SELECT year, c.sex FROM {P} AS a LEFT JOIN {A} AS b USING (pupil, year) LEFT JOIN {P} AS c USING (pupil, year) WHERE year = 2025"
    ),
    "a subquery that looks two levels out": (
        f"SELECT a.sex FROM {P} AS a WHERE a.year = 2026 AND EXISTS (SELECT 1 FROM {A} AS b WHERE b.pupil = a.pupil AND"
        f" EXISTS (SELECT 1 FROM {P} AS c WHERE c.year = a.year AND c.term = b.term))"
    ),
    "a subquery's alias that hides the outer": (
        f"SELECT a.sex FROM {P} AS a WHERE a.year = 2026 AND EXISTS (SELECT 1 FROM {A} AS a WHERE a.year = 2025)"
    ),
    "a subquery's bare name that only the outer has": (
        f"SELECT sex FROM {P} WHERE EXISTS (SELECT 1 FROM {A} WHERE sex = 'F' AND sessions > 0)"
    ),
    "a total of the outer query's, written inside": f"SELECT (SELECT sum(a.age)) AS s FROM {P} AS a WHERE a.age < 90",
    "GROUP BY a name that is an output and a column": f"SELECT year AS age, count(*) AS n FROM {P} GROUP BY year, age",
    "GROUP BY an alias": f"SELECT age + 1 AS older, count(*) AS n FROM {P} GROUP BY older HAVING older > 4",
    "HAVING a name that is an output and a column": (
        f"SELECT term AS sex, count(*) AS n FROM {P} GROUP BY term, sex HAVING sex = 'F'"
    ),
    "WHERE a name that is an output and a column": f"SELECT term AS sex FROM {P} WHERE sex = 'F'",
    "ORDER BY a name that is an output and a column": f"SELECT term AS sex, age FROM {P} ORDER BY sex, age",
    "QUALIFY a name that is an output and a column": (
        f"SELECT term AS sex, rank() OVER (PARTITION BY sex ORDER BY year) AS r FROM {P} QUALIFY r = 1 AND sex = 'F'"
    ),
    "QUALIFY an alias of a window": f"SELECT sex, rank() OVER (ORDER BY year) AS r FROM {P} QUALIFY r = 1",
    "HAVING beside a window": (
        f"SELECT year, sum(count(*)) OVER () AS s FROM {P} GROUP BY year HAVING year = 2026 OR count(*) > 100"
    ),
    "HAVING and QUALIFY": (
        f"SELECT year, sex, count(*) AS n FROM {P} GROUP BY year, sex HAVING year = 2026"
        " QUALIFY rank() OVER (PARTITION BY year ORDER BY count(*) DESC) = 1"
    ),
    "text in the order of its bytes": f"SELECT ethnicity, sex FROM {P} WHERE ethnicity >= 'A' ORDER BY 1, 2 LIMIT 4",
    "text beside blanks": f"SELECT count(*) AS n FROM {P} WHERE ethnicity = '' OR ethnicity = ' '",
    "a number too large for the column": f"SELECT sex FROM {P} WHERE age < 99999999999 AND age <> 999999999999999999",
    "a fraction beside whole numbers": f"SELECT sex FROM {P} WHERE age > 3.999999999999999999",
    "decimals beside whole numbers": f"SELECT age FROM {P} WHERE fundedhours = 15 AND fundedhours < 15.001",
    "decimals in a list": f"SELECT age FROM {P} WHERE fundedhours IN (15, 30.00, 7.5)",
    "LIKE with percent and underscore": f"SELECT sex FROM {P} WHERE ethnicity LIKE '_B%' OR ethnicity LIKE '%'",
    "LIKE with a backslash": f"SELECT sex FROM {P} WHERE ethnicity LIKE 'W\\%'",
    "LIKE a column": f"SELECT sex FROM {P} WHERE ethnicity LIKE sex",
    "ILIKE": f"SELECT sex FROM {P} WHERE ethnicity ILIKE 'w%'",
    "a date as text": f"SELECT sex FROM {P} WHERE entrydate >= '2025-09-01'",
    "a date as text in a list": f"SELECT sex FROM {P} WHERE entrydate IN ('2025-09-01', '2026-01-15')",
    "a date and what is no date, never looked at": (
        f"SELECT sex FROM {P} WHERE entrydate IS NULL AND coalesce(entrydate, DATE '2025-01-01') > '2024-12-31'"
    ),
    "text that is a number": f"SELECT age FROM {P} WHERE TRY_CAST(sex AS INT) = 1 OR sex = 'F'",
    "a truth value as it stands": f"SELECT sex FROM {P} WHERE onroll AND NOT onroll IS FALSE",
    "a truth value beside NULL": f"SELECT sex FROM {P} WHERE (onroll = TRUE) IS NOT TRUE",
    "IS NOT DISTINCT FROM NULL": f"SELECT sex FROM {P} WHERE age IS NOT DISTINCT FROM NULL",
    "no column at all": f"SELECT count(*) AS n FROM {P}",
    "no column of one side": f"SELECT count(*) AS n FROM {P} AS a CROSS JOIN {A} AS b",
    "no column, and a condition": f"SELECT count(*) AS n, 1 AS one FROM {P} WHERE year = 2026",
    "no row": f"SELECT max(age) AS m, count(*) AS n FROM {P} WHERE year = 1999",
    "no row in a group": f"SELECT sex, max(age) AS m FROM {P} WHERE year = 1999 GROUP BY sex",
    "INTERSECT ALL counts": f"SELECT year FROM {P} INTERSECT ALL SELECT year FROM {A}",
    "EXCEPT ALL counts": f"SELECT q.year FROM (SELECT year FROM {P} EXCEPT ALL SELECT year FROM {A}) AS q WHERE q.year = 2026",
    "EXCEPT of NULLs": f"SELECT age FROM {P} EXCEPT SELECT sessions FROM {A}",
    "UNION of two types": f"SELECT q.x FROM (SELECT age AS x FROM {P} UNION ALL SELECT fundedhours FROM {P}) AS q WHERE q.x > 4",
    "UNION's names are the first's": (
        f"SELECT q.a FROM (SELECT year AS a, age AS b FROM {P} UNION ALL SELECT sessions AS b, year AS a FROM {A}) AS q WHERE q.a = 2026"
    ),
    "a WITH query's name inside a WITH query": (
        f"WITH v AS (SELECT year AS y, sex FROM {P}), w AS (SELECT y FROM v WHERE sex = 'F') SELECT count(*) AS n FROM w WHERE y = 2026"
    ),
    "a WITH query inside a subquery": (
        f"SELECT sex FROM {P} WHERE year IN (WITH v AS (SELECT year AS y FROM {A} WHERE sessions > 0) SELECT y FROM v WHERE y = 2026)"
    ),
    "a WITH query that is never used": f"WITH v AS (SELECT year FROM {A}) SELECT sex FROM {P}",
    "a condition beside a comma": f"SELECT a.sex FROM {P} AS a, {A} AS b LEFT JOIN {P} AS c ON c.pupil = b.pupil WHERE c.age IS NULL",
    "a condition on the join's other side, sideways": (
        f"SELECT a.sex, q.s FROM {P} AS a, (SELECT b.sessions AS s FROM {A} AS b WHERE b.year = a.year) AS q WHERE a.year = 2026"
    ),
    "DISTINCT under a condition": f"SELECT q.sex FROM (SELECT DISTINCT sex, age FROM {P}) AS q WHERE q.age = 4",
    "a CASE of one value": f"SELECT CASE sex WHEN 'F' THEN 1 WHEN 'M' THEN 2 END AS n FROM {P}",
    "a share of the whole": f"SELECT sex, count(*) / (SELECT count(*) FROM {P}) AS share FROM {P} GROUP BY sex",
    "a share of nobody": f"SELECT sex, count(*) / (SELECT count(*) FROM {A} WHERE year = 1999) AS share FROM {P} GROUP BY sex",
    "the remainder by a query": f"SELECT age % (SELECT 1 + count(*) FROM {A}) AS r FROM {P}",
    "a query with its sign turned": f"SELECT -(SELECT sum(sessions) / 4 FROM {A} WHERE year = 2026) AS n FROM {P}",
    "the total of a query's answer": (
        f"SELECT sum(age / (SELECT count(*) FROM {A} WHERE year = 2026)) AS s FROM {P} WHERE age IS NOT NULL"
    ),
    "a share of a share": (
        f"SELECT count(*) / ((SELECT count(*) FROM {P} WHERE sex = 'F') / (SELECT 1 + count(*) FROM {A})) AS n FROM {P}"
    ),
    "names spelt otherwise": f'SELECT "SEX" AS s FROM {P.upper()} WHERE "Year" = 2026',
}  # fmt: skip

REFUSED = {
    "DISTINCT ON": f"SELECT DISTINCT ON (sex) sex, age FROM {P}",
    "UNION BY NAME": f"SELECT sex FROM {P} UNION BY NAME SELECT term FROM {A}",
    "NATURAL JOIN": f"SELECT sex FROM {P} NATURAL JOIN {A}",
    "SEMI JOIN": f"SELECT sex FROM {P} AS a SEMI JOIN {A} AS b ON a.pupil = b.pupil",
    "ANTI JOIN": f"SELECT sex FROM {P} AS a ANTI JOIN {A} AS b ON a.pupil = b.pupil",
    "ASOF JOIN": f"SELECT sex FROM {P} AS a ASOF JOIN {A} AS b ON a.year >= b.year",
    "POSITIONAL JOIN": f"SELECT sex FROM {P} AS a POSITIONAL JOIN {A} AS b",
    "LATERAL": f"SELECT q.n FROM {P} AS a, LATERAL (SELECT a.age AS n) AS q",
    "LIKE ESCAPE": f"SELECT sex FROM {P} WHERE ethnicity LIKE 'W!%' ESCAPE '!'",
    "SIMILAR TO": f"SELECT sex FROM {P} WHERE ethnicity SIMILAR TO 'W.*'",
    "COLLATE": f"SELECT sex FROM {P} WHERE ethnicity COLLATE NOCASE = 'wbri'",
    "COLLATE in ORDER BY": f"SELECT ethnicity FROM {P} ORDER BY ethnicity COLLATE NOCASE",
    "a frame": f"SELECT sum(age) OVER (ORDER BY year ROWS 1 PRECEDING) AS s FROM {P}",
    "a named window": f"SELECT rank() OVER w AS r FROM {P} WINDOW w AS (ORDER BY year)",
    "row_number": f"SELECT row_number() OVER (ORDER BY year) AS r FROM {P}",
    "LIMIT without ORDER BY": f"SELECT sex FROM {P} LIMIT 3",
    "LIMIT inside": f"SELECT q.sex FROM (SELECT sex FROM {P} ORDER BY sex LIMIT 3) AS q",
    "LIMIT with a percentage": f"SELECT sex FROM {P} ORDER BY sex LIMIT 10%",
    "LIMIT with a query": f"SELECT sex FROM {P} ORDER BY sex LIMIT (SELECT count(*) FROM {A})",
    "recursive WITH": "WITH RECURSIVE v AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM v WHERE n < 3) SELECT n FROM v",
    "a WITH query kept": f"WITH v AS MATERIALIZED (SELECT year FROM {P}) SELECT year FROM v",
    "a WITH query that names its columns": f"WITH v(y) AS (SELECT year FROM {P}) SELECT y FROM v",
    "a WITH query with a table's name": f"WITH {A} AS (SELECT year FROM {P}) SELECT year FROM {A}",
    "two outputs of one name": f"SELECT sex, term AS sex FROM {P}",
    "GROUP BY ALL": f"SELECT sex, count(*) AS n FROM {P} GROUP BY ALL",
    "ORDER BY ALL": f"SELECT sex, age FROM {P} ORDER BY ALL",
    "GROUPING SETS": f"SELECT sex, count(*) AS n FROM {P} GROUP BY GROUPING SETS ((sex), ())",
    "ROLLUP": f"SELECT sex, count(*) AS n FROM {P} GROUP BY ROLLUP (sex)",
    "quantified comparison": f"SELECT sex FROM {P} WHERE age > ALL (SELECT sessions FROM {A})",
    "INTERVAL": f"SELECT sex FROM {P} WHERE entrydate > DATE '2025-09-01' - INTERVAL 1 MONTH",
    "columns by pattern": f"SELECT COLUMNS('s.*') FROM {P}",
    "a table of VALUES": "SELECT v.x FROM (VALUES (1), (2)) AS v(x)",
    "SAMPLE": f"SELECT sex FROM {P} USING SAMPLE 10%",
    "OUTER JOIN of no side": f"SELECT a.sex FROM {P} AS a OUTER JOIN {A} AS b ON a.pupil = b.pupil",
}

LAKES = 8


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Engine, duckdb.DuckDBPyConnection]]]:
    """Some lakes, each with one engine and one plain connection for all the queries here; the last is empty."""
    opened = []
    folder: Path = tmp_path_factory.mktemp("lakes")
    for seed in range(LAKES):
        rows = random_rows(random.Random(seed)) if seed < LAKES - 1 else {}
        engine = Box(folder, rows).engine(BitMap(), limits=Limits(threads=1))
        plain = duckdb.connect(":memory:", config={"threads": 1})
        fill(plain, rows)
        opened.append((engine.__enter__(), plain))
    yield opened
    for engine, plain in opened:
        engine.__exit__(None, None, None)
        plain.close()


def _plain(connection: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    answer = connection.execute(sql)
    return named_outputs([column[0] for column in answer.description or []], answer.fetchall())


@pytest.mark.parametrize("name", SAME)
def test_the_rewritten_query_gives_the_same(name: str, worlds: list[tuple[Engine, duckdb.DuckDBPyConnection]]) -> None:
    plan = plan_of(SAME[name])
    for engine, plain in worlds:
        answer, expected = rows_of(engine.run(plan.sql)), _plain(plain, SAME[name])
        assert alike(answer) == alike(expected)


@pytest.mark.parametrize("key", ["{} + 0", "-{}", "coalesce({}, 1)"])
def test_an_output_that_is_a_query_can_be_ordered_by(
    key: str, worlds: list[tuple[Engine, duckdb.DuckDBPyConnection]]
) -> None:
    """The engine itself cannot; written out, as the gate does it, it can."""
    count = f"(SELECT count(*) FROM {A} AS b WHERE b.pupil = a.pupil)"
    sql = f"SELECT year, {count} AS n FROM {P} AS a ORDER BY {{}}, year"
    plan = plan_of(sql.format(key.format("n")))
    assert len(plan.scans) == 3, "what is read twice is recorded twice"
    for engine, plain in worlds:
        assert list(rows_of(engine.run(plan.sql))) == list(_plain(plain, sql.format(key.format(count))))


@pytest.mark.parametrize("name", REFUSED)
def test_what_could_differ_is_refused(name: str) -> None:
    found = understand(REFUSED[name])
    assert not isinstance(found, Asked)
    assert all(problem.code for problem in found)


def test_where_the_engine_reads_a_name_one_way_the_gate_reads_it_so_too(
    worlds: list[tuple[Engine, duckdb.DuckDBPyConnection]],
) -> None:
    """Every name that could be an output or a column, in every clause: the gate's answer is the engine's, or none."""
    for clause in ("WHERE sex = 'F'", "GROUP BY sex", "GROUP BY term, sex", "GROUP BY term HAVING sex = 'F'",
                   "ORDER BY sex", "ORDER BY sex || 'x', term", "QUALIFY rank() OVER (ORDER BY sex) = 1",
                   "QUALIFY rank() OVER (ORDER BY term) = 1 AND sex = 'F'", "GROUP BY 1 HAVING sex > 'A'"):  # fmt: skip
        sql = f"SELECT term AS sex FROM {P} {clause}"
        for engine, plain in worlds:
            try:
                expected = _plain(plain, sql)
            except duckdb.Error:
                continue
            asked = understand(sql)
            if isinstance(asked, Asked):
                assert alike(rows_of(engine.run(plan_of(sql).sql))) == alike(expected), sql
