"""Look-up time in the ledger, its disk and memory: believable releases, and the worst that could be."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from pyroaring import BitMap

from bench.releases import nation, releases

PUPILS, RELEASES = 1_000_000, 200
WORST_BLOCKS = 16
"""Of the worst case only so many blocks are filled: a look-up reads one block, and disk grows with their number."""

LOOK_UPS = 2_000


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _begin(number: int, left_out: BitMap, scans: int) -> str:
    from schoolgate import ledger
    from schoolgate.clock import SystemClock

    tables = (("census_pupil", ("pupil", "year", "sex", "ethnicity", "la", "urn")), ("census_absence", ("sessions",)))
    return ledger.begin_release(
        ledger.NewRelease(
            release_id=f"R-{number:016x}", agreement_id=f"A-{number % 40:04}", person_id="P-0001",
            purpose="education-research", lake_version=1, definition="{}", definition_hash="0" * 64,
            denied=left_out.serialize(), outcome="handed over", rows=1, result_sha256="0" * 64,
            scans=tuple(tuple(f"{table}.{name}" for name in names) for table, names in tables[:scans]),
        ),
        lambda: number * 2,
        SystemClock(),
    ).release_id  # fmt: skip


def _settle(name: str, number: int, scans: list[BitMap]) -> None:
    from schoolgate import ledger
    from schoolgate.clock import SystemClock

    ledger.record_members(name, scans, SystemClock())
    # What a commitment keeps for proofs: 32 bytes a subtree, of which there are as many as blocks, and 6 a block.
    everyone = BitMap.union(*scans)
    blocks = np.count_nonzero(np.diff(ledger.references(everyone) >> ledger.BLOCK_BITS, prepend=-1))
    kept = np.random.default_rng(number).bytes(int(32 * blocks + 6 * blocks))
    ledger.record_settlement(
        name, ledger.Commitment("0" * 64, len(everyone), 2, kept), lambda: number * 2 + 1, SystemClock()
    )


def _disk_mib() -> float:
    """The ledger's tables and indexes, without what Django's other tables take."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname LIKE 'ledger\\_%%'"
                           " AND relkind = 'r'")  # fmt: skip
            return float(cursor.fetchone()[0]) / 2**20
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute("PRAGMA freelist_count")
        free = cursor.fetchone()[0]
        cursor.execute("PRAGMA page_size")
        return float((pages - free) * cursor.fetchone()[0]) / 2**20


def _measure(what: str, asked: np.ndarray, filled: float, count: int, peak: float) -> dict[str, Any]:
    from schoolgate import ledger
    from schoolgate.ids import Pmr
    from schoolgate.ledger.blocks import BLOCK, BLOCK_BITS
    from schoolgate.ledger.segments import holders
    from schoolgate.ledger.sets import segments_of

    whole, members, lines = [], [], 0
    for pupil in asked.tolist():
        begun = time.perf_counter()
        lines += len(ledger.who_has(Pmr(pupil)))
        whole.append((time.perf_counter() - begun) * 1000)
        begun = time.perf_counter()
        holders(segments_of(pupil >> BLOCK_BITS), pupil & (BLOCK - 1))
        members.append((time.perf_counter() - begun) * 1000)
    return {
        "what": what,
        "look_ups": len(asked),
        "sets p50_ms": float(np.percentile(members, 50)),
        "sets p95_ms": float(np.percentile(members, 95)),
        "answer p50_ms": float(np.percentile(whole, 50)),
        "answer p95_ms": float(np.percentile(whole, 95)),
        "lines_a_child": lines / len(asked),
        "disk_mib": _disk_mib(),
        "peak_mib": _peak_mib(),
        "filling_peak_mib": peak,
        "settle_ms_each": filled / count * 1000,
    }


def fill(pupils: int, count: int, first: int = 0) -> tuple[float, Counter[str]]:
    """Believable releases into the ledger; seconds the ledger itself took, and how many of each kind."""
    from schoolgate import ledger

    took, kinds = 0.0, Counter[str]()
    for number, (kind, left_out, scans) in enumerate(releases(nation(pupils), count), start=first):
        begun = time.perf_counter()
        _settle(_begin(number, left_out, len(scans)), number, scans)
        ledger.fold_segments()
        took += time.perf_counter() - begun
        kinds[kind] += 1
    return took, kinds


def _worst(count: int) -> Iterator[BitMap]:
    from schoolgate.ledger import pupil_set

    rng = np.random.default_rng(12)
    for _ in range(count):
        yield pupil_set(np.flatnonzero(rng.random(WORST_BLOCKS * 8_192) < 0.5))


def measure(pupils: int, count: int) -> list[dict[str, Any]]:
    """Believable releases, then the worst."""
    from schoolgate import ledger
    from schoolgate.ledger import models

    rng = np.random.default_rng(11)
    took, kinds = fill(pupils, count)
    told = "; ".join(f"{number} {kind}" for kind, number in kinds.most_common())
    what = f"{pupils:,} pupils × {count:,} releases"
    rows = [_measure(what, rng.integers(0, pupils, LOOK_UPS), took, count, _peak_mib()), {"what": told}]
    for model in (models.Segment, models.ExposureScan, models.Member, models.Release, models.PupilSet):
        model.objects.all().delete()
    begun = time.perf_counter()
    before = _disk_mib()
    for number, pupils_taken in enumerate(_worst(count)):
        _settle(_begin(number, BitMap(), 1), number, [pupils_taken])
        ledger.fold_segments()
    took = time.perf_counter() - begun
    worst = _measure(
        f"worst: every release a random half, {WORST_BLOCKS} blocks × {count:,}",
        rng.integers(0, WORST_BLOCKS * 8_192, LOOK_UPS),
        took,
        count,
        _peak_mib(),
    )
    held = worst["disk_mib"] - before
    return [*rows, worst, {"what": "worst, disk of all blocks", "disk_mib": held / WORST_BLOCKS * (pupils / 8_192)}]


def run() -> list[dict[str, Any]]:
    """A million pupils × 200 releases."""
    return measure(PUPILS, RELEASES)


def run_nation() -> list[dict[str, Any]]:
    """Every pupil of two decades × 1,000 releases."""
    return measure(21_000_000, 1_000)
