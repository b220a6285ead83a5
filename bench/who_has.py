"""Look-up time in the ledger at a million pupils × 200 releases."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from pyroaring import BitMap

PUPILS = 1_000_000
RELEASES = 200


def run() -> list[dict[str, Any]]:
    """Fill a ledger with releases of varied size, then ask for many children."""
    from schoolgate import ledger
    from schoolgate.clock import SystemClock
    from schoolgate.config import Config
    from schoolgate.ids import Pmr

    rng = np.random.default_rng(11)
    clock = SystemClock()
    start = time.perf_counter()
    for number in range(RELEASES):
        share = (0.9, 0.5, 0.1, 0.01)[number % 4]
        pupils = BitMap(np.flatnonzero(rng.random(PUPILS) < share).astype(np.uint32))
        name = f"R-{number:04}"
        ledger.begin_release(
            ledger.NewRelease(
                release_id=name, agreement_id=f"A-{number % 40}", person_id="P-1", purpose="education-research",
                lake_version=1, definition="{}", definition_hash="0" * 64, denied=BitMap().serialize(),
                outcome="handed over", rows=1, result_sha256="0" * 64,
                scans=(("census_pupil.sex", "census_pupil.ethnicity"),),
            ),
            lambda number=number: number * 2,
            clock,
        )  # fmt: skip
        ledger.record_settlement(
            name, [pupils], ("0" * 64, b"", len(pupils)), lambda number=number: number * 2 + 1, clock
        )
    filled = time.perf_counter() - start
    asked = rng.integers(0, PUPILS, 400)
    times, lines = [], 0
    for pupil in asked:
        begun = time.perf_counter()
        lines += len(ledger.who_has(Pmr(int(pupil))))
        times.append((time.perf_counter() - begun) * 1000)
    size = Config.from_environment().sqlite_path().stat().st_size / 2**20
    return [
        {
            "what": f"{PUPILS:,} pupils × {RELEASES} releases",
            "look_ups": len(asked),
            "p50_ms": float(np.percentile(times, 50)),
            "p95_ms": float(np.percentile(times, 95)),
            "lines_a_child": lines / len(asked),
            "database_mib": size,
            "fill_seconds": filled,
        }
    ]
