"""Which conditions reach which scan: each rule on its own, with the case beside it where the rule must not hold.

Every query here is also answered: on a small lake with NULLs, the rewritten query gives what the asker's own gives,
and deleting whatever no scan recorded changes nothing.
"""

from __future__ import annotations

import random
import re

import duckdb
import pytest

from schoolgate.gate.rewrite import plan_scan
from schoolgate.gate.understand import Asked, understand
from tests.gate.box import EVERY_ROW, alike
from tests.gate.worlds import Copies, Template, all_else_changed, only, random_rows

P, A = "census_pupil", "census_absence"
Y26, Y25 = '("t"."year" = 2026)', '("t"."year" = 2025)'
ALL = "TRUE"

RULES: dict[str, tuple[str, list[str]]] = {
    # Queries in FROM
    "into a query in FROM": (f"SELECT q.sex FROM (SELECT sex, year FROM {P}) AS q WHERE q.year = 2026", [Y26]),
    "under the name inside": (
        f"SELECT q.age FROM (SELECT year AS age, age AS year FROM {P}) AS q WHERE q.age = 2026",
        [Y26],
    ),
    "two deep": (
        f"SELECT r.s FROM (SELECT q.s, q.y AS z FROM (SELECT sex AS s, year AS y FROM {P}) AS q) AS r WHERE r.z = 2026",
        [Y26],
    ),
    "not through what is worked out": (
        f"SELECT q.y FROM (SELECT year + 0 AS y FROM {P}) AS q WHERE q.y = 2026",
        [ALL],
    ),
    "through DISTINCT": (f"SELECT q.sex FROM (SELECT DISTINCT sex, year FROM {P}) AS q WHERE q.year = 2026", [Y26]),
    "not into a query that looks at its neighbour, when what is asked is worked out": (
        f"SELECT a.sex FROM {P} AS a, (SELECT count(*) AS n FROM {A} AS s WHERE s.pupil = a.pupil) AS q WHERE q.n = 2",
        [ALL, ALL],
    ),
    # WITH
    "into a WITH query used once": (f"WITH v AS (SELECT sex, year FROM {P}) SELECT sex FROM v WHERE year = 2026", [Y26]),
    "of two uses, either": (
        f"WITH v AS (SELECT pupil AS p, year AS y FROM {P}) SELECT a.y FROM v AS a JOIN v AS b ON a.p = b.p"
        " WHERE a.y = 2025 AND b.y = 2026",
        ['(("t"."year" = 2025 OR "t"."year" = 2026))'],
    ),
    "of two uses, what both ask": (
        f"WITH v AS (SELECT pupil AS p, sex AS s FROM {P}) SELECT a.s FROM v AS a JOIN v AS b ON a.p = b.p"
        " WHERE a.s = 'F' AND b.s = 'F'",
        ['("t"."sex" = \'F\')'],
    ),
    "of two uses, nothing when one asks nothing": (
        f"WITH v AS (SELECT pupil AS p, year AS y FROM {P}) SELECT a.y FROM v AS a JOIN v AS b ON a.p = b.p WHERE a.y = 2025",
        [ALL],
    ),
    "of a use in a subquery, too": (
        f"WITH v AS (SELECT pupil AS p, year AS y FROM {P}) SELECT a.y FROM v AS a WHERE a.y = 2025"
        " AND EXISTS (SELECT 1 FROM v AS b WHERE b.p = a.p AND b.y = 2026)",
        ['(("t"."year" = 2025 OR "t"."year" = 2026))'],
    ),
    # Set operations
    "into both arms of UNION ALL": (
        f"SELECT q.p FROM (SELECT pupil AS p, year AS y FROM {P} UNION ALL SELECT pupil, year FROM {A}) AS q WHERE q.y = 2026",
        [Y26, Y26],
    ),
    "into both arms of EXCEPT": (
        f"SELECT q.p FROM (SELECT pupil AS p, year AS y FROM {P} EXCEPT SELECT pupil, year FROM {A}) AS q WHERE q.y = 2026",
        [Y26, Y26],
    ),
    "not into arms of two types": (
        f"SELECT q.x FROM (SELECT fundedhours AS x FROM {P} UNION ALL SELECT sessions FROM {A}) AS q WHERE q.x > 2",
        [ALL, ALL],
    ),
    "not into an arm that works it out": (
        f"SELECT q.y FROM (SELECT year AS y FROM {P} UNION ALL SELECT year + 1 FROM {A}) AS q WHERE q.y = 2026",
        [ALL, ALL],
    ),
    # Groups
    "HAVING on a group key": (f"SELECT year, count(*) AS n FROM {P} GROUP BY year HAVING year = 2026", [Y26]),
    "not HAVING on an aggregate": (f"SELECT sex FROM {P} GROUP BY sex HAVING max(year) = 2026", [ALL]),
    "from above through a group key": (
        f"SELECT q.n FROM (SELECT year AS y, count(*) AS n FROM {P} GROUP BY 1) AS q WHERE q.y = 2026",
        [Y26],
    ),
    "not from above on an aggregate": (
        f"SELECT q.m FROM (SELECT sex, max(year) AS m FROM {P} GROUP BY sex) AS q WHERE q.m = 2026",
        [ALL],
    ),
    # Windows
    "not from above past a window": (
        f"SELECT q.r FROM (SELECT year AS y, rank() OVER (ORDER BY age) AS r FROM {P}) AS q WHERE q.y = 2026",
        [ALL],
    ),
    "from above past windows of that partition": (
        f"SELECT q.r FROM (SELECT year AS y, rank() OVER (PARTITION BY sex, year ORDER BY age) AS r FROM {P}) AS q"
        " WHERE q.y = 2026",
        [Y26],
    ),
    "not past a second window of another": (
        f"SELECT q.r FROM (SELECT year AS y, rank() OVER (PARTITION BY year ORDER BY age) AS r, count(*) OVER () AS n"
        f" FROM {P}) AS q WHERE q.y = 2026",
        [ALL],
    ),
    "QUALIFY on a partition key": (
        f"SELECT sex FROM {P} QUALIFY rank() OVER (PARTITION BY year ORDER BY age) = 1 AND year = 2026",
        [Y26],
    ),
    "not QUALIFY on another column": (
        f"SELECT sex FROM {P} QUALIFY rank() OVER (PARTITION BY sex ORDER BY age) = 1 AND year = 2026",
        [ALL],
    ),
    # Joins
    "what equals": (
        f"SELECT a.sex FROM {P} AS a JOIN {A} AS b ON a.pupil = b.pupil AND a.year = b.year WHERE a.year = 2026",
        [Y26, Y26],
    ),
    "what equals by way of a third": (
        f"SELECT a.sex FROM {P} AS a JOIN {A} AS b ON a.year = b.year JOIN {P} AS c ON c.year = b.year WHERE c.year = 2026",
        [Y26, Y26, Y26],
    ),
    "not what equals across types": (
        f"SELECT a.sex FROM {P} AS a JOIN {A} AS b ON a.fundedhours = b.sessions WHERE b.sessions = 15",
        [ALL, '("t"."sessions" = 15)'],
    ),
    "USING": (f"SELECT a.sex FROM {P} AS a JOIN {A} AS b USING (pupil, year) WHERE year = 2026", [Y26, Y26]),
    "USING thrice": (
        f"SELECT a.sex FROM {P} AS a JOIN {A} AS b USING (pupil, year) LEFT JOIN {P} AS c USING (pupil, year) WHERE year = 2026",
        [Y26, Y26, Y26],
    ),
    "not a FULL JOIN's USING": (
        f"SELECT a.sex FROM {P} AS a FULL JOIN {A} AS b USING (pupil, year) WHERE year = 2026",
        [ALL, ALL],
    ),
    "an optional side, when the condition rejects NULL": (
        f"SELECT a.sex FROM {P} AS a LEFT JOIN {A} AS b ON a.pupil = b.pupil WHERE b.year = 2026",
        [ALL, Y26],
    ),
    "not an optional side, when it is true of NULL": (
        f"SELECT a.sex FROM {P} AS a LEFT JOIN {A} AS b ON a.pupil = b.pupil WHERE b.year = 2026 OR b.year IS NULL",
        [ALL, ALL],
    ),
    "the optional side, by what it equals": (
        f"SELECT a.sex, b.sessions FROM {P} AS a LEFT JOIN {A} AS b ON a.pupil = b.pupil AND a.year = b.year WHERE a.year = 2026",
        [Y26, Y26],
    ),
    "not the kept side, by what it equals": (
        f"SELECT a.sex, b.sessions FROM {P} AS a LEFT JOIN {A} AS b ON a.year = b.year AND b.year = 2026",
        [ALL, Y26],
    ),
    "ON of a RIGHT JOIN, to the left": (
        f"SELECT b.sessions FROM {P} AS a RIGHT JOIN {A} AS b ON a.pupil = b.pupil AND a.year = 2026 AND b.year = 2025",
        [Y26, ALL],
    ),
    "ON of a FULL JOIN, to neither": (
        f"SELECT b.sessions FROM {P} AS a FULL JOIN {A} AS b ON a.pupil = b.pupil AND a.year = 2026 AND b.year = 2025",
        [ALL, ALL],
    ),
    "a FULL JOIN that conditions make inner": (
        f"SELECT b.sessions FROM {P} AS a FULL JOIN {A} AS b ON a.pupil = b.pupil AND a.sex = 'F' WHERE a.year = 2026 AND b.year = 2025",
        [f'({Y26[1:-1]} AND "t"."sex" = \'F\')', Y25],
    ),
    "ON of an inner join before a FULL JOIN": (
        f"SELECT c.age FROM {P} AS a JOIN {A} AS b ON a.pupil = b.pupil AND a.year = 2026 FULL JOIN {P} AS c ON c.pupil = a.pupil",
        [Y26, ALL, ALL],
    ),
    "not equals before a FULL JOIN that can tell": (
        f"SELECT c.age FROM {P} AS a LEFT JOIN {A} AS b ON a.year = b.year FULL JOIN {P} AS c ON c.age = b.sessions"
        " WHERE a.year = 2026 OR a.year IS NULL",
        [ALL, ALL, ALL],
    ),
    "a comma binds last": (
        f"SELECT a.sex FROM {P} AS a, {A} AS b RIGHT JOIN {P} AS c ON a.year = 2026 AND b.pupil = c.pupil",
        [ALL, ALL, ALL],
    ),
    # Subqueries that look outside
    "EXISTS about the same year": (
        f"SELECT a.sex FROM {P} AS a WHERE a.year = 2026 AND EXISTS (SELECT 1 FROM {A} AS s WHERE s.pupil = a.pupil AND s.year = a.year)",
        [Y26, Y26],
    ),
    "NOT EXISTS about the same year": (
        f"SELECT a.sex FROM {P} AS a WHERE a.year = 2026 AND NOT EXISTS (SELECT 1 FROM {A} AS s WHERE s.year = a.year)",
        [Y26, Y26],
    ),
    "a value about the same year": (
        f"SELECT (SELECT count(*) FROM {A} AS s WHERE s.pupil = a.pupil AND s.year = a.year) AS n FROM {P} AS a WHERE a.year = 2026",
        [Y26, Y26],
    ),
    "not when it may be asked of other rows": (
        f"SELECT a.sex FROM {P} AS a LEFT JOIN {P} AS b ON EXISTS (SELECT 1 FROM {A} AS s WHERE s.year = b.year) WHERE b.year = 2026",
        [ALL, ALL, Y26],
    ),
    "not an alias that means another inside": (
        f"SELECT a.sex FROM {P} AS a WHERE a.year = 2026 AND EXISTS (SELECT 1 FROM {A} AS a JOIN {P} AS b ON b.year = a.year)",
        [ALL, ALL, Y26],
    ),
    "not what IN compares": (
        f"SELECT a.sex FROM {P} AS a WHERE a.year = 2026 AND a.year IN (SELECT s.year FROM {A} AS s)",
        [ALL, Y26],
    ),
}  # fmt: skip


def _conditions(sql: str) -> list[str]:
    asked = understand(sql)
    assert isinstance(asked, Asked), [problem.reason for problem in asked]
    return [plan_scan(scan, EVERY_ROW, anyone_denied=False).condition for scan in asked.scans]


@pytest.mark.parametrize("name", RULES)
def test_each_rule_takes_conditions_as_far_as_it_may_and_no_further(name: str) -> None:
    sql, expected = RULES[name]
    assert sorted(map(_bare, _conditions(sql))) == sorted(map(_bare, expected))


def _bare(condition: str) -> str:
    """A condition without the brackets and quotes it is written with; none here needs them to be understood."""
    return re.sub(r'[()"]', "", condition)


@pytest.mark.parametrize("name", RULES)
def test_what_each_rule_leaves_out_cannot_show_in_the_answer(name: str) -> None:
    sql, _ = RULES[name]
    asked = understand(sql)
    assert isinstance(asked, Asked)
    template = Template.of(asked)
    scans = [plan_scan(scan, EVERY_ROW, anyone_denied=False) for scan in asked.scans]
    for seed in range(4):
        dice = random.Random(seed)
        copies = Copies(random_rows(dice), random_rows(dice))
        everything = alike(copies.ask(template.filled([f'SELECT * FROM "{scan.table}"' for scan in scans])))
        assert alike(copies.ask(sql)) == everything
        assert alike(copies.ask(template.filled([only(s.table, copies.members(s)) for s in scans]))) == everything
        assert alike(copies.ask(template.filled([all_else_changed(scan) for scan in scans]))) == everything


def test_a_condition_that_doubled_at_every_step_would_stop_growing() -> None:
    steps = [f"v0 AS (SELECT pupil AS p, year AS y FROM {P})"]
    for at in range(14):
        steps.append(
            f"v{at + 1} AS (SELECT a.p, a.y FROM v{at} AS a JOIN v{at} AS b ON a.p = b.p"
            f" WHERE a.y <> {at} AND b.y <> {at + 100})"
        )
    asked = understand(f"WITH {', '.join(steps)} SELECT y FROM v14 WHERE y = 2026")
    assert isinstance(asked, Asked)
    assert len(plan_scan(asked.scans[0], EVERY_ROW, anyone_denied=False).condition) < 20_000


def test_the_engine_reads_commas_as_the_rules_do() -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            "CREATE TABLE a AS SELECT 1 AS x; CREATE TABLE b AS SELECT 1 AS y; CREATE TABLE c AS SELECT 2 AS z"
        )
        found = connection.execute("SELECT x, y, z FROM a, b RIGHT JOIN c ON a.x = 2 AND b.y = 1").fetchall()
    assert found == [(1, None, 2)]
