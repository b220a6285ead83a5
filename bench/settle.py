"""From a result handed over to families' exact answers, and to the public commitment; and what a proof takes then."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import numpy as np

from bench.gate import agreement
from bench.nation import NATION, load_nation

PUPILS = 500_000
PROOFS = 20

QUERIES = {
    "everybody, one scan": (
        "SELECT ethnicity, count(*) AS pupils FROM census_pupil WHERE year = 2026 AND term = 'SPR'"
        " GROUP BY ethnicity ORDER BY ethnicity"
    ),
    "everybody, two tables": (
        "SELECT p.ethnicity, sum(a.sessions) AS missed FROM census_pupil AS p"
        " JOIN census_absence AS a ON a.pupil = p.pupil AND a.year = p.year AND a.term = p.term"
        " WHERE p.year = 2026 AND p.term = 'SPR' AND a.year = 2026 AND a.term = 'SPR'"
        " GROUP BY p.ethnicity ORDER BY p.ethnicity"
    ),
    "a quarter, free meals": (
        "SELECT la, count(*) AS pupils FROM census_pupil WHERE year = 2026 AND term = 'SPR' AND fsmeligible"
        " GROUP BY la ORDER BY la"
    ),
    "one year group": (
        "SELECT ethnicity, count(*) AS pupils FROM census_pupil WHERE year = 2026 AND term = 'SPR'"
        " AND ncyearactual = '6' GROUP BY ethnicity ORDER BY ethnicity"
    ),
}

T = TypeVar("T")


def _timed(run: Callable[[], T], times: dict[str, float], name: str) -> T:
    begun = time.perf_counter()
    given = run()
    times[name] = (time.perf_counter() - begun) * 1000
    return given


def _settle(release_id: str, config: Any, clock: Any) -> dict[str, Any]:
    """The steps of `gate.settle`, each timed."""
    from pyroaring import BitMap

    from schoolgate import ledger, register
    from schoolgate.gate.settle import _commit, _members

    times: dict[str, float] = {}
    record = ledger.release(release_id)
    members = _timed(lambda: _members(record, config), times, "scan_ms")
    _timed(lambda: ledger.record_members(release_id, members, clock), times, "ledger_ms")
    times["answers exact_ms"] = times["scan_ms"] + times["ledger_ms"]
    everyone = BitMap.union(BitMap(), *members)
    _timed(lambda: _commit(record, everyone, config, clock), times, "committed_ms")
    _timed(lambda: register.publish(clock, config), times, "published_ms")
    kept = ledger.commitment(release_id).kept
    return {"pupils": len(everyone), "scans": len(members), **times, "kept_kib": len(kept) / 1024}


def _proofs(release_id: str, config: Any) -> dict[str, float]:
    from pyroaring import BitMap

    from schoolgate import gate, ledger
    from schoolgate.ids import Pmr

    members: dict[str, float] = {}
    everyone = BitMap.union(BitMap(), *_timed(lambda: ledger.members(release_id), members, "all"))
    times = []
    for pupil in np.random.default_rng(8).choice(ledger.references(everyone), PROOFS).tolist():
        begun = time.perf_counter()
        gate.member_proof(release_id, Pmr(pupil), config)
        times.append((time.perf_counter() - begun) * 1000)
    return {"proof p50_ms": float(np.median(times)), "proof most_ms": max(times), "read back_ms": members["all"]}


def _reader() -> tuple[str, str]:
    """Agreement and person; those who read before when parts of a long bench share a home."""
    from schoolgate import ledger

    read = ledger.releases()
    return (read[-1].agreement_id, read[-1].person_id) if read else agreement()


def measure(pupils: int) -> list[dict[str, Any]]:
    """Each query read once through the gate, then settled step by step."""
    from schoolgate import gate
    from schoolgate.clock import SystemClock
    from schoolgate.config import Config

    config, clock = Config.from_environment(), SystemClock()
    loading: dict[str, float] = {}
    _timed(lambda: load_nation(pupils, config, clock), loading, "load")
    named, person = _reader()
    rows: list[dict[str, Any]] = []
    for name, sql in QUERIES.items():
        times: dict[str, float] = {}
        answer = _timed(partial(gate.read, named, person, sql, config=config, clock=clock), times, "hand-over_ms")
        if not isinstance(answer, gate.Handover):
            raise SystemExit(f"The gate refused the query: {[reason.code for reason in answer.reasons]}")
        settled = _settle(answer.release_id, config, clock)
        rows.append({"release": name, **times, **settled, **_proofs(answer.release_id, config)})
        rows[-1]["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*rows, {"release": f"two terms of {pupils:,} loaded in {loading['load'] / 1000:,.0f} s"}]


def run() -> list[dict[str, Any]]:
    """Half a million pupils."""
    return measure(PUPILS)


def run_nation() -> list[dict[str, Any]]:
    """A nation's pupils."""
    return measure(NATION)
