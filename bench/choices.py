"""Fifty thousand families' objections, one by one: how many a second, and what a read costs before and after them.

An hour of 50,000 is 14 a second. Each is lodged as a family's page lodges it, with its own entry in the log; nothing
is written at once. Half are to a purpose, and half to a kind of organisation, to one organisation, or to all. On
SQLite, and on a PostgreSQL of its own (`tools/with_postgresql.py`). "left out" is the one statement that asks whom a
read leaves out, with 2,000 items in dispute beside; the read is a count over a lake of 50,000 pupils a term.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.gate import agreement
from bench.nation import load_nation

PUPILS = 50_000
OBJECTIONS = int(os.environ.get("SCHOOLGATE_BENCH_OBJECTIONS", "50000"))
DISPUTED = 2_000
READS = 15
SQL = "SELECT ethnicity, count(*) AS n FROM census_pupil WHERE year = 2026 GROUP BY ethnicity"
AN_HOUR = 50_000 / 3600
"""Objections a second that an hour of 50,000 is."""


def _middle(times: list[float]) -> float:
    return float(np.median(times)) * 1000


def _asked(agreement_id: str, person: str, config: Any, clock: Any) -> dict[str, float]:
    """The middle times of a read, of the statement that asks whom it leaves out, and of what recording it looks up."""
    from schoolgate import consent, gate, people, requests

    found = requests.get(agreement_id)
    whole, alone, items = [], [], []
    for _ in range(READS):
        begun = time.perf_counter()
        answer = gate.read(agreement_id, person, SQL, config=config, clock=clock)
        whole.append(time.perf_counter() - begun)
        if not isinstance(answer, gate.Handover):
            raise SystemExit(f"The gate refused the query: {[reason.code for reason in answer.reasons]}")
        begun = time.perf_counter()
        body = people.one_body(found.organisation_id)
        use = consent.Use((found.purpose,), body.kinds, body.ids)
        left_out = consent.left_out_pupils(use, deceased=False)
        alone.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        consent.disputing_pupils(["census_pupil.ethnicity", "census_pupil.year", "census_pupil.pupil"])
        items.append(time.perf_counter() - begun)
    return {
        "left out pupils": len(left_out),
        "read p50_ms": _middle(whole),
        "left out p50_ms": _middle(alone),
        "disputes p50_ms": _middle(items),
    }


def _dispute(references: int, clock: Any) -> None:
    """Items in dispute, written at once: they are few, and what lodging them costs is no question here."""
    from schoolgate.consent.models import ItemDispute

    drawn = np.random.default_rng(5).permutation(references)[:DISPUTED]
    ItemDispute.objects.bulk_create(
        ItemDispute(
            pupil=int(pupil), item="census_pupil.ethnicity", case=f"C-{number}", opened_at=clock.now(), opened_by="x"
        )
        for number, pupil in enumerate(drawn)
    )


def measure() -> list[dict[str, Any]]:
    """On the database at hand."""
    from django.db import connection

    from schoolgate import consent
    from schoolgate.clock import SystemClock
    from schoolgate.config import Config
    from schoolgate.ids import Pmr

    config, clock = Config.from_environment(), SystemClock()
    references = load_nation(PUPILS, config, clock)
    agreement_id, person = agreement()
    others = [
        consent.Scope("kind", "company"),
        consent.Scope("kind", "university"),
        consent.Scope("recipient", "O-0001"),
        consent.ALL,
    ]
    name = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    before = _asked(agreement_id, person, config, clock)
    families = np.random.default_rng(7).integers(0, references, OBJECTIONS)
    took: list[float] = []
    for number, pupil in enumerate(families):
        to = "education-research" if number % 2 else others[number // 2 % len(others)]
        begun = time.perf_counter()
        consent.lodge_objection(Pmr(int(pupil)), to, actor="account:1", clock=clock)
        took.append(time.perf_counter() - begun)
    _dispute(references, clock)
    after = _asked(agreement_id, person, config, clock)
    last = took[-max(1, len(took) // 10) :]
    lodging = {
        "lodged": len(took),
        "a second": len(took) / sum(took),
        "of an hour's 50,000": len(took) / sum(took) / AN_HOUR,
        "lodging p50_ms": _middle(took),
        "lodging p99_ms": float(np.quantile(took, 0.99)) * 1000,
        "last tenth p50_ms": _middle(last),
    }
    return [{"what": f"{name}, before", **before}, {"what": f"{name}, after", **after, **lodging}]


def run() -> list[dict[str, Any]]:
    """On SQLite, then on PostgreSQL where there is one."""
    rows = measure()
    tool = Path(__file__).resolve().parents[1] / "tools" / "with_postgresql.py"
    with tempfile.TemporaryDirectory(prefix="schoolgate-bench-choices-") as place:
        out = Path(place) / "rows.json"
        code = (
            "import json,sys,django;django.setup();from django.core.management import call_command;"
            "call_command('migrate',verbosity=0);"
            "from bench import choices as part;json.dump(part.measure(),open(sys.argv[1],'w'))"
        )
        environment = {k: v for k, v in os.environ.items() if k != "SCHOOLGATE_DATABASE"}
        environment["SCHOOLGATE_HOME"] = str(Path(place) / "home")
        command = [sys.executable, str(tool), sys.executable, "-W", "ignore", "-c", code, str(out)]
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
        if done.returncode == 0:
            rows += json.loads(out.read_text())
        else:
            rows.append({"what": "PostgreSQL: not measured here"})
    return rows
