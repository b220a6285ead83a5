"""The gate with everything on, beside bare DuckDB on the same query and the same files: a million pupils, two terms.

Bare DuckDB checks nothing, leaves nobody out, records nothing, and gives the internal reference away. It has the
same threads and memory. "kept" is a connection that stays open; "new" opens one for the query, as the gate does,
and is what the ratio is to. Times are the middle of the runs; "least" is the fastest, which other work on the
machine disturbs least.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import numpy as np

from bench.nation import load_nation

PUPILS = 1_000_000
OBJECTING = 10_000
RESTRICTED = 500
RUNS = 7

QUERIES = {
    "count by item": "SELECT ethnicity, count(*) AS pupils FROM census_pupil GROUP BY ethnicity ORDER BY ethnicity",
    "filtered group by": (
        "SELECT la, ncyearactual, count(*) AS pupils, avg(sessionsunauthorised) AS missed FROM census_pupil"
        " WHERE term = 'SPR' AND year = 2026 AND fsmeligible AND sessionsunauthorised > 2"
        " GROUP BY la, ncyearactual ORDER BY la, ncyearactual"
    ),
    "join of two tables": (
        "SELECT p.ethnicity, a.attendancereason, sum(a.sessions) AS missed FROM census_pupil AS p"
        " JOIN census_absence AS a ON a.pupil = p.pupil AND a.year = p.year AND a.term = p.term"
        " WHERE p.year = 2026 AND a.year = 2026"
        " GROUP BY p.ethnicity, a.attendancereason ORDER BY p.ethnicity, a.attendancereason"
    ),
    "three tables, distinct pupils": (
        "SELECT p.ncyearactual, n.sentype, count(DISTINCT p.pupil) AS pupils, sum(a.sessions) AS missed"
        " FROM census_pupil AS p JOIN census_sen_need AS n ON n.pupil = p.pupil AND n.year = p.year"
        " JOIN census_absence AS a ON a.pupil = p.pupil AND a.year = p.year WHERE p.year = 2026"
        " GROUP BY p.ncyearactual, n.sentype ORDER BY p.ncyearactual, n.sentype"
    ),
    "WITH and window": (
        "WITH schools AS (SELECT la, urn, avg(sessionsunauthorised) AS missed FROM census_pupil WHERE year = 2026"
        " GROUP BY la, urn), ranked AS (SELECT la, urn, missed,"
        " rank() OVER (PARTITION BY la ORDER BY missed DESC, urn) AS place FROM schools)"
        " SELECT la, urn, missed FROM ranked WHERE place <= 3 ORDER BY la, urn"
    ),
    "extract of one year group": (
        "SELECT pupil, sex, ethnicity, fsmeligible, sessionsauthorised FROM census_pupil"
        " WHERE year = 2026 AND ncyearactual = '6'"
    ),
}

ITEMS = (
    *(f"census_pupil.{name}" for name in ("sex", "ethnicity", "la", "urn", "ncyearactual", "fsmeligible")),
    *("census_pupil.sessionsauthorised", "census_pupil.sessionsunauthorised"),
    *("census_absence.attendancereason", "census_absence.sessions", "census_sen_need.sentype"),
)


def agreement() -> tuple[str, str]:
    """An agreement in force, through the panel, and the person who reads under it."""
    from schoolgate import people, requests
    from schoolgate.clock import SystemClock

    clock, until = SystemClock(), date(2099, 1, 1)
    today = clock.now().date()
    university = people.add_organisation("University of Example (synthetic)", "university")
    office = people.add_organisation("Custodian (synthetic)", "custodian")
    researcher = people.add_person(university.id, "researcher", accredited_until=until)
    panel = [people.add_person(office.id, "panel", accredited_until=until).id for _ in range(2)]
    official = people.add_person(office.id, "custodian", accredited_until=until)
    spec = replace(
        requests.read_application(requests.example("education-research")),
        organisation=university.id, people=(researcher.id,), items=ITEMS, years=((2024, 2026),), terms=(), cohort=(),
        valid_from=today, valid_until=today.replace(year=today.year + 1, day=1),
    )  # fmt: skip
    application = requests.insist(requests.submit_application(spec, researcher.id, clock))
    requests.insist(requests.decide(application.id, True, ["It serves pupils."], [], panel, clock))
    return requests.insist(requests.sign(application.id, official.id, clock)).id, researcher.id


def choices() -> None:
    """Families' objections and restrictions, written at once: one by one, each has its own entry in the log."""
    from schoolgate.clock import SystemClock
    from schoolgate.consent.models import Objection, Restriction

    now, drawn = SystemClock().now(), np.random.default_rng(9).permutation(PUPILS)
    Objection.objects.bulk_create(
        Objection(pupil=int(pupil), purpose_id="education-research", lodged_at=now, lodged_by="account:0")
        for pupil in drawn[:OBJECTING]
    )
    Restriction.objects.bulk_create(
        Restriction(pupil=int(pupil), reason="accuracy-contested", placed_at=now, placed_by="account:0")
        for pupil in drawn[OBJECTING : OBJECTING + RESTRICTED]
    )


def _bare(files: dict[str, tuple[str, ...]]) -> duckdb.DuckDBPyConnection:
    from schoolgate.gate import Limits

    limits = Limits()
    opened = duckdb.connect(":memory:", config={"threads": limits.threads, "memory_limit": limits.memory})
    opened.execute("SET enable_progress_bar = false")
    for table, paths in files.items():
        listed = ", ".join(f"'{path}'" for path in paths)
        opened.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet([{listed}], hive_partitioning = false)")
    return opened


def _milliseconds(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return (time.perf_counter() - begun) * 1000


def _middle(times: list[float]) -> float:
    return round(float(np.median(times)), 1)


class Bench:
    """A lake, an agreement, and what is asked of them."""

    def __init__(self) -> None:
        from schoolgate.clock import SystemClock
        from schoolgate.config import Config
        from schoolgate.records.read import current_snapshot

        self.config, self.clock = Config.from_environment(), SystemClock()
        load_nation(PUPILS, self.config, self.clock)
        choices()
        self.agreement, self.person = agreement()
        self.files = {name: table.files for name, table in current_snapshot(self.config).tables.items()}

    def read(self, sql: str, marks: dict[str, list[float]]) -> Any:
        """One read, the time of each step added to `marks`."""
        from schoolgate import gate

        last = begun = time.perf_counter()

        def step(name: str) -> None:
            nonlocal last
            now = time.perf_counter()
            marks.setdefault(name, []).append((now - last) * 1000)
            last = now

        answer = gate.read(self.agreement, self.person, sql, config=self.config, clock=self.clock, step=step)
        marks.setdefault("in all", []).append((time.perf_counter() - begun) * 1000)
        if not isinstance(answer, gate.Handover):
            raise SystemExit(f"The gate refused the query: {[reason.reason for reason in answer.reasons]}")
        return answer

    def settle(self, release_id: str) -> None:
        """What `gate.settle_pending` does for one release."""
        from schoolgate import ledger, register
        from schoolgate.gate.settle import settle

        settle(ledger.release(release_id), config=self.config, clock=self.clock)
        register.publish(self.clock, self.config)

    def bare_new(self, sql: str) -> object:
        """The query on a connection of its own."""
        with _bare(self.files) as opened:
            return opened.sql(sql).to_arrow_table()


def run() -> list[dict[str, Any]]:
    """Each query: bare DuckDB, hand-over with its steps, settled. The runs take turns, so that noise falls on all."""
    bench = Bench()
    first = _milliseconds(lambda: bench.read(QUERIES["count by item"], {}))
    rows: list[dict[str, Any]] = []
    with _bare(bench.files) as kept:
        for name, sql in QUERIES.items():
            marks: dict[str, list[float]] = {}
            bare_kept: list[float] = []
            bare_new: list[float] = []
            answer: Any = None
            for _ in range(RUNS + 1):
                bare_kept.append(_milliseconds(lambda sql=sql: kept.sql(sql).to_arrow_table()))
                bare_new.append(_milliseconds(lambda sql=sql: bench.bare_new(sql)))
                answer = bench.read(sql, marks)
            # The first run of each only warms.
            # Settling takes seconds of a process of its own and is measured once.
            settled = _milliseconds(lambda answer=answer: bench.settle(answer.release_id))
            middle = {step: _middle(times[1:]) for step, times in marks.items()}
            hand_over = middle.pop("in all")
            rows.append(
                {
                    "query, times in ms": name,
                    "bare_kept": _middle(bare_kept[1:]),
                    "bare_new": _middle(bare_new[1:]),
                    "gate": hand_over,
                    "to_bare": round(hand_over / _middle(bare_new[1:]), 2),
                    "least_bare": round(min(bare_new[1:]), 1),
                    "least_gate": round(min(marks["in all"][1:]), 1),
                    **middle,
                    "settled": round(settled),
                }
            )
    rows.append({"query, times in ms": "the very first read of a process", "gate": round(first, 1)})
    return rows
