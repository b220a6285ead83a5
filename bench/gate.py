"""The gate with everything on, beside bare DuckDB on the same query and the same files: two terms of a nation.

Bare DuckDB checks nothing, leaves nobody out, records nothing, and gives the internal reference away. It has the
same threads and memory. "kept" is a connection that stays open; "new" opens one for the query, as the gate does,
and is what the ratio is to. Times are the middle of the runs; "least" is the fastest, which other work on the
machine disturbs least. "flush" is one write of 4 KiB made durable; "less flush" is the ratio without one.
"processor" is the middle of the processor time of this process: all of bare DuckDB's, and of the gate's what it
spends outside the engine, whose cell is a process of its own.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import duckdb
import numpy as np
from tests.requests import road
from tests.requests.filled import filled

from bench.nation import load_nation

PUPILS = 1_000_000
NATION = 8_200_000
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
    "pupils an authority": (
        "SELECT la, count(DISTINCT pupil) AS pupils, count(DISTINCT urn) AS schools FROM census_pupil"
        " GROUP BY la ORDER BY la"
    ),
    "nobody was away": (
        "SELECT p.ethnicity, count(*) AS pupils FROM census_pupil AS p WHERE p.year = 2026 AND NOT EXISTS (SELECT 1"
        " FROM census_absence AS a WHERE a.pupil = p.pupil AND a.year = 2026 AND a.attendancereason = 'O')"
        " GROUP BY p.ethnicity ORDER BY p.ethnicity"
    ),
    "one term and the next": (
        "SELECT b.ethnicity, count(*) AS pupils, sum(b.sessionsunauthorised - a.sessionsunauthorised) AS more"
        " FROM census_pupil AS a JOIN census_pupil AS b ON a.pupil = b.pupil WHERE a.year = 2025 AND b.year = 2026"
        " GROUP BY b.ethnicity ORDER BY b.ethnicity"
    ),
    "shares of every school": (
        "SELECT urn, count(*) AS pupils, sum(CASE WHEN fsmeligible THEN 1 ELSE 0 END) AS fsm,"
        " sum(CASE WHEN sex = 'F' THEN 1 ELSE 0 END) AS girls FROM census_pupil WHERE year = 2026"
        " GROUP BY urn ORDER BY urn"
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
    application = requests.insist(requests.submit_application(filled(spec), researcher.id, clock))
    requests.insist(road.decide(application.id, True, ["It serves pupils."], [], panel, clock))
    return requests.insist(road.sign(application.id, official.id, clock)).id, researcher.id


def choices(references: int) -> None:
    """Families' objections and restrictions, written at once: one by one, each has its own entry in the log.

    Of all who ever came, so that some have left: the gate leaves them out all the same.
    """
    from schoolgate.clock import SystemClock
    from schoolgate.consent.models import Objection, Restriction

    now, drawn = SystemClock().now(), np.random.default_rng(9).permutation(references)
    Objection.objects.bulk_create(
        Objection(pupil=int(pupil), scope="purpose", target="education-research", lodged_at=now, lodged_by="account:0")
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


def _table(opened: duckdb.DuckDBPyConnection, sql: str) -> object:
    return opened.sql(sql).to_arrow_table()


def _milliseconds(run: Callable[[], object], processor: list[float] | None = None) -> float:
    begun, spent = time.perf_counter(), time.process_time()
    run()
    if processor is not None:
        processor.append((time.process_time() - spent) * 1000)
    return (time.perf_counter() - begun) * 1000


def _middle(times: list[float]) -> float:
    return round(float(np.median(times)), 1)


class Bench:
    """A lake, an agreement, and what is asked of them."""

    def __init__(self, pupils: int) -> None:
        from schoolgate.clock import SystemClock
        from schoolgate.config import Config
        from schoolgate.records.read import current_snapshot

        self.config, self.clock = Config.from_environment(), SystemClock()
        choices(load_nation(pupils, self.config, self.clock))
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

    def bare_new(self, sql: str) -> object:
        """The query on a connection of its own."""
        with _bare(self.files) as opened:
            return opened.sql(sql).to_arrow_table()


def _flush() -> float:
    """One small write made durable, where the log and the ledger are."""
    from schoolgate.config import Config

    times = []
    with tempfile.TemporaryFile(dir=Config.from_environment().home) as file:
        for _ in range(9):
            file.write(bytes(4096))
            file.flush()
            times.append(_milliseconds(lambda: os.fsync(file.fileno())))
    return _middle(times)


def measure(pupils: int, runs: int) -> list[dict[str, Any]]:
    """Each query: bare DuckDB, hand-over with its steps. The runs take turns, so that noise falls on all."""
    bench = Bench(pupils)
    first = _milliseconds(lambda: bench.read(QUERIES["count by item"], {}))
    flush = _flush()
    rows: list[dict[str, Any]] = []
    with _bare(bench.files) as kept:
        for name, sql in QUERIES.items():
            marks: dict[str, list[float]] = {}
            bare_kept: list[float] = []
            bare_new: list[float] = []
            bare_cpu: list[float] = []
            gate_cpu: list[float] = []
            for _ in range(runs + 1):
                bare_kept.append(_milliseconds(partial(_table, kept, sql)))
                bare_new.append(_milliseconds(partial(bench.bare_new, sql), bare_cpu))
                _milliseconds(partial(bench.read, sql, marks), gate_cpu)
            # The first run of each only warms.
            middle = {step: _middle(times[1:]) for step, times in marks.items()}
            hand_over, bare = middle.pop("in all"), _middle(bare_new[1:])
            rows.append(
                {
                    "query, times in ms": name,
                    "bare_kept": _middle(bare_kept[1:]),
                    "bare_new": bare,
                    "gate": hand_over,
                    "to_bare": round(hand_over / bare, 2),
                    "less_flush": round((hand_over - flush) / bare, 2),
                    "least_bare": round(min(bare_new[1:]), 1),
                    "least_gate": round(min(marks["in all"][1:]), 1),
                    "bare_processor": _middle(bare_cpu[1:]),
                    "gate_processor": _middle(gate_cpu[1:]),
                    **middle,
                }
            )
    rows.append({"query, times in ms": "the very first read of a process", "gate": round(first, 1)})
    rows.append({"query, times in ms": "one flush", "gate": flush})
    return rows


def run() -> list[dict[str, Any]]:
    """A million pupils on roll a term."""
    return measure(PUPILS, RUNS)


def run_nation() -> list[dict[str, Any]]:
    """As many as a whole nation has."""
    return measure(NATION, 3)
