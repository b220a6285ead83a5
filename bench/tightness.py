"""How much larger a recorded exposure is than the smallest sound one, scan by scan, for realistic queries.

A pupil is needed in a scan when there is some part of the lake whose answer changes with that pupil's rows in that
scan; the needed pupils are the smallest sound set (`docs/exposure.md`). To try all parts is impossible for a nation,
so parts that are likely to tell are tried: up to `ALONE` pupils of a scan, drawn by a fixed seed, each alone; and up to
`IN_COMPANY` of those whom that does not show to be needed, with a few others, with many, and with everybody. Whoever
changes an answer is surely needed, so the share that is needed is at least this, and "times" at most that.
"""

from __future__ import annotations

import random
from typing import Any

import duckdb

from bench.nation import load_nation

PUPILS = 1_000
ALONE = 200
IN_COMPANY = 20
COMPANY = (15, 120)
"""How many others a pupil is tried with."""

_ONE_TERM = "p.year = 2026 AND p.term = 'SPR'"
_SAME_TERM = "a.pupil = p.pupil AND a.year = p.year AND a.term = p.term"

QUERIES = {
    "extract of a year group": (
        "SELECT pupil, sex, ethnicity FROM census_pupil WHERE year = 2026 AND ncyearactual = '6'"
    ),
    "count by item": "SELECT ethnicity, count(*) AS n FROM census_pupil WHERE year = 2026 GROUP BY ethnicity",
    "count by item, HAVING on the year": (
        "SELECT year, ethnicity, count(*) AS n FROM census_pupil GROUP BY year, ethnicity HAVING year = 2026"
    ),
    "join, condition on one side": (
        "SELECT p.ethnicity, sum(a.sessions) AS s FROM census_pupil AS p JOIN census_absence AS a"
        f" ON {_SAME_TERM} WHERE {_ONE_TERM} GROUP BY p.ethnicity"
    ),
    "join USING": (
        "SELECT p.ethnicity, sum(a.sessions) AS s FROM census_pupil AS p JOIN census_absence AS a"
        " USING (pupil, year, term) WHERE year = 2026 GROUP BY p.ethnicity"
    ),
    "join, condition on the smaller table": (
        "SELECT p.sex, count(*) AS n FROM census_pupil AS p JOIN census_exclusion AS a"
        f" ON {_SAME_TERM} WHERE a.category = 'SUSP' AND a.year = 2026 GROUP BY p.sex"
    ),
    "left join of the same term": (
        "SELECT p.la, count(DISTINCT a.pupil) AS n, count(DISTINCT p.pupil) AS of FROM census_pupil AS p"
        f" LEFT JOIN census_exclusion AS a ON {_SAME_TERM} WHERE {_ONE_TERM} GROUP BY p.la"
    ),
    "left join made inner": (
        "SELECT p.sex, n.sentype FROM census_pupil AS p LEFT JOIN census_sen_need AS n"
        " ON n.pupil = p.pupil AND n.year = p.year WHERE n.sentype = 'ASD' AND p.year = 2026"
    ),
    "query in FROM": (
        "SELECT q.ethnicity, avg(q.missed) AS m FROM (SELECT pupil, year, ethnicity, sum(sessionsauthorised) AS missed"
        " FROM census_pupil GROUP BY pupil, year, ethnicity) AS q WHERE q.year = 2026 GROUP BY q.ethnicity"
    ),
    "WITH, used once": (
        "WITH roll AS (SELECT pupil, sex, year, ncyearactual FROM census_pupil)"
        " SELECT sex, count(*) AS n FROM roll WHERE year = 2026 AND ncyearactual = '1' GROUP BY sex"
    ),
    "WITH, two years side by side": (
        "WITH roll AS (SELECT pupil AS p, year AS y, ncyearactual AS g FROM census_pupil)"
        " SELECT a.g, count(*) AS n FROM roll AS a JOIN roll AS b ON a.p = b.p"
        " WHERE a.y = 2025 AND b.y = 2026 AND a.g = '3' AND b.g = '3' GROUP BY a.g"
    ),
    "rank within a year": (
        "SELECT q.urn, q.missed FROM (SELECT urn, year, sum(sessionsunauthorised) AS missed, rank() OVER"
        " (PARTITION BY year ORDER BY sum(sessionsunauthorised) DESC) AS place FROM census_pupil GROUP BY urn, year)"
        " AS q WHERE q.year = 2026 AND q.place <= 3"
    ),
    "QUALIFY, latest record": (
        "SELECT pupil, year, sex FROM census_pupil QUALIFY rank() OVER (PARTITION BY pupil ORDER BY year DESC) = 1"
    ),
    "UNION ALL of two tables": (
        "SELECT q.kind, count(*) AS n FROM (SELECT pupil, year, attendancereason AS kind FROM census_absence UNION ALL"
        " SELECT pupil, year, category FROM census_exclusion) AS q WHERE q.year = 2026 GROUP BY q.kind"
    ),
    "EXISTS of the same term": (
        f"SELECT p.sex, count(*) AS n FROM census_pupil AS p WHERE {_ONE_TERM} AND EXISTS"
        f" (SELECT 1 FROM census_exclusion AS a WHERE {_SAME_TERM}) GROUP BY p.sex"
    ),
    "NOT EXISTS of the same term": (
        f"SELECT p.sex, count(*) AS n FROM census_pupil AS p WHERE {_ONE_TERM} AND NOT EXISTS"
        f" (SELECT 1 FROM census_absence AS a WHERE {_SAME_TERM} AND a.attendancereason = 'O') GROUP BY p.sex"
    ),
    "IN a list of pupils": (
        "SELECT p.ethnicity, count(*) AS n FROM census_pupil AS p WHERE p.year = 2026 AND p.pupil IN"
        " (SELECT e.pupil FROM census_exclusion AS e WHERE e.year = 2026) GROUP BY p.ethnicity"
    ),
    "share of a total": (
        "SELECT sex, count(*) AS n, (SELECT count(*) FROM census_pupil WHERE year = 2026) AS of FROM census_pupil"
        " WHERE year = 2026 AND fsmeligible GROUP BY sex"
    ),
    "three tables": (
        "SELECT n.sentype, count(DISTINCT p.pupil) AS pupils, sum(a.sessions) AS s FROM census_pupil AS p"
        f" JOIN census_sen_need AS n ON n.pupil = p.pupil AND n.year = p.year JOIN census_absence AS a ON {_SAME_TERM}"
        " WHERE p.year = 2026 AND p.senprovision = 'E' GROUP BY n.sentype"
    ),
    "FULL JOIN of two terms": (
        "SELECT count(*) AS n, count(a.pupil) AS before, count(b.pupil) AS after FROM (SELECT pupil FROM census_pupil"
        " WHERE year = 2025 AND ncyearactual = '2') AS a FULL JOIN (SELECT pupil FROM census_pupil WHERE year = 2026"
        " AND ncyearactual = '2') AS b ON a.pupil = b.pupil"
    ),
    "EXCEPT: who left": (
        "SELECT count(*) AS n FROM (SELECT pupil FROM census_pupil WHERE year = 2025 EXCEPT SELECT pupil FROM"
        " census_pupil WHERE year = 2026) AS q"
    ),
    "small groups left out": (
        "SELECT urn, count(*) AS n FROM census_pupil WHERE year = 2026 GROUP BY urn HAVING count(*) >= 10"
    ),
    "FILTER": (
        "SELECT la, count(*) FILTER (WHERE fsmeligible) AS fsm, count(*) FILTER (WHERE senprovision = 'E') AS plan"
        " FROM census_pupil WHERE year = 2026 GROUP BY la"
    ),
    "condition worked out": (
        "SELECT sex, count(*) AS n FROM census_pupil WHERE year = 2026"
        " AND sessionsauthorised + sessionsunauthorised > 20 GROUP BY sex"
    ),
    "condition on a function": (
        "SELECT sex, count(*) AS n FROM census_pupil WHERE year = 2026 AND lower(ethnicity) = 'apkn' GROUP BY sex"
    ),
    "condition across tables": (
        "SELECT p.sex, count(*) AS n FROM census_pupil AS p JOIN census_absence AS a"
        f" ON {_SAME_TERM} WHERE {_ONE_TERM} AND (p.fsmeligible OR a.sessions > 10) GROUP BY p.sex"
    ),
    "condition on an aggregate": (
        "SELECT q.ethnicity, count(*) AS n FROM (SELECT pupil, ethnicity, max(sessionsunauthorised) AS most FROM"
        " census_pupil GROUP BY pupil, ethnicity) AS q WHERE q.most > 6 GROUP BY q.ethnicity"
    ),
    "kind made up in UNION ALL": (
        "SELECT q.kind, count(*) AS n FROM (SELECT 'absent' AS kind, pupil FROM census_absence WHERE year = 2026 UNION"
        " ALL SELECT 'excluded', pupil FROM census_exclusion WHERE year = 2026) AS q"
        " WHERE q.kind = 'excluded' GROUP BY q.kind"
    ),
    "join with no condition": (
        "SELECT e.category, p.ethnicity, count(*) AS n FROM census_pupil AS p JOIN census_exclusion AS e"
        " ON e.pupil = p.pupil AND e.year = p.year GROUP BY e.category, p.ethnicity"
    ),
    "the three largest": (
        "SELECT urn, count(*) AS n FROM census_pupil WHERE year = 2026 GROUP BY urn ORDER BY n DESC, urn LIMIT 3"
    ),
    "every pupil against an average": (
        "SELECT p.sex, count(*) AS n FROM census_pupil AS p WHERE p.year = 2026 AND p.sessionsauthorised >"
        " (SELECT avg(q.sessionsauthorised) FROM census_pupil AS q WHERE q.year = p.year) GROUP BY p.sex"
    ),
}


class Nation:
    """The lake in memory, and queries over parts of it, scan by scan."""

    def __init__(self) -> None:
        from schoolgate.clock import SystemClock
        from schoolgate.config import Config
        from schoolgate.records.read import current_snapshot

        config = Config.from_environment()
        load_nation(PUPILS, config, SystemClock())
        self.lake = duckdb.connect(":memory:", config={"threads": 1})
        for name, table in current_snapshot(config).tables.items():
            listed = ", ".join(f"'{path}'" for path in table.files)
            self.lake.execute(
                f"CREATE TABLE {name} AS SELECT * FROM read_parquet([{listed}], hive_partitioning = false)"
            )
        found = self.lake.execute("SELECT DISTINCT pupil FROM census_pupil ORDER BY pupil").fetchall()
        self.everybody = [pupil for (pupil,) in found]

    def measure(self, name: str, sql: str) -> list[dict[str, Any]]:
        """A row for each scan of a query."""
        from tests.gate.worlds import Template

        from schoolgate.gate.rewrite import plan_scan
        from schoolgate.gate.understand import Asked, understand
        from schoolgate.policy import RowRule

        asked = understand(sql)
        if not isinstance(asked, Asked):
            raise TypeError(name)
        template = Template.of(asked)
        plans = [plan_scan(scan, RowRule((), (), ()), anyone_denied=False) for scan in asked.scans]
        rows = []
        for at, plan in enumerate(plans):
            exposed = self._pupils(f"SELECT DISTINCT pupil FROM {plan.table} AS t WHERE {plan.condition}")
            whole = self._pupils(f"SELECT DISTINCT pupil FROM {plan.table}")
            dice = random.Random(f"{name}{at}")
            tried = exposed if len(exposed) <= ALONE else dice.sample(exposed, ALONE)
            rest = [pupil for pupil in tried if not self._tells(template, at, pupil, [])]
            company = rest if len(rest) <= IN_COMPANY else dice.sample(rest, IN_COMPANY)
            found = sum(self._needed(template, at, pupil, dice) for pupil in company)
            share = (len(tried) - len(rest)) / len(tried) if tried else 1.0
            share += found / len(company) * (1 - share) if company else 0.0
            rows.append(
                {
                    "query": name,
                    "scan": plan.table,
                    "in the table": len(whole),
                    "recorded": len(exposed),
                    "tried": len(tried),
                    "needed alone": len(tried) - len(rest),
                    "in company": f"{found} of {len(company)}" if company else "",
                    "times": f"{1 / share:.2f}" if share else "∞",
                }
            )
        return rows

    def _pupils(self, sql: str) -> list[int]:
        return sorted(pupil for (pupil,) in self.lake.execute(sql).fetchall())

    def _needed(self, template: Any, at: int, pupil: int, dice: random.Random) -> bool:
        """Whether some part of the lake answers otherwise without this pupil in this scan."""
        others = [p for p in self.everybody if p != pupil]
        parts = [dice.sample(others, company) for company in COMPANY]
        return any(self._tells(template, at, pupil, part) for part in [*parts, others])

    def _tells(self, template: Any, at: int, pupil: int, part: list[int]) -> bool:
        with_pupil = [*part, pupil]
        return self._answer(template, at, with_pupil, part) != self._answer(template, at, with_pupil, with_pupil)

    def _answer(self, template: Any, at: int, part: list[int], in_scan: list[int]) -> list[str]:
        """The answer on a part of the lake, one scan having pupils of its own."""
        bodies = [
            f"SELECT * FROM {table} WHERE pupil IN ({', '.join(map(str, (in_scan if number == at else part) or [-1]))})"
            for number, table in enumerate(template.tables)
        ]
        rows = self.lake.execute(template.filled(bodies)).fetchall()
        return sorted(repr([f"{v:.9g}" if isinstance(v, float) else v for v in row]) for row in rows)


def run() -> list[dict[str, Any]]:
    """Every query's scans."""
    nation = Nation()
    return [row for name, sql in QUERIES.items() for row in nation.measure(name, sql)]
