"""From a family's no to the first read that honours it: the very next one, also while others read without a pause."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bench.gate import agreement
from bench.nation import load_nation

PUPILS = 50_000
FAMILIES = 40
READERS = 3
SQL = "SELECT pupil, sex FROM census_pupil WHERE year = 2026 AND term = 'SPR'"


@dataclass
class _Read:
    begun: float
    ended: float
    release: str
    has: frozenset[str]


@dataclass
class _Stream:
    """Readers who read without a pause until they are told to stop."""

    agreement: str
    person: str
    config: Any
    clock: Any
    done: list[_Read] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def read(self) -> _Read:
        from schoolgate import gate

        begun = time.perf_counter()
        answer = gate.read(self.agreement, self.person, SQL, config=self.config, clock=self.clock)
        if not isinstance(answer, gate.Handover):
            raise SystemExit(f"The gate refused the query: {[reason.code for reason in answer.reasons]}")
        return _Read(begun, time.perf_counter(), answer.release_id, frozenset(answer.table["pupil"].to_pylist()))

    def run(self) -> None:
        from django.db import connection

        try:
            while not self.stop.is_set():
                self.done.append(self.read())
        finally:
            connection.close()


def _row(what: str, lodged: list[float], next_read: list[float], honoured: int, overlapping: int) -> dict[str, Any]:
    return {
        "what": what,
        "objections": len(lodged),
        "lodging p50_ms": float(np.median(lodged)),
        "next read p50_ms": float(np.median(next_read)),
        "lodged to honoured p50_ms": float(np.median(np.add(lodged, next_read))),
        "lodged to honoured most_ms": float(np.max(np.add(lodged, next_read))),
        "next read honours it": f"{honoured} of {len(lodged)}",
        "reads begun before": overlapping,
    }


def _lodge(stream: _Stream, pupil: int) -> float:
    from schoolgate import consent
    from schoolgate.ids import Pmr

    begun = time.perf_counter()
    consent.lodge_objection(Pmr(pupil), "education-research", actor="account:1", clock=stream.clock)
    return (time.perf_counter() - begun) * 1000


def run() -> list[dict[str, Any]]:
    """One family after the other: lodge, then read; alone, and beside a stream of reads."""
    from schoolgate.clock import SystemClock
    from schoolgate.config import Config

    config, clock = Config.from_environment(), SystemClock()
    references = load_nation(PUPILS, config, clock)
    stream = _Stream(*agreement(), config, clock)
    # The newest references are all on roll; nobody of them has left.
    families = list(range(references - 2 * FAMILIES, references))
    alone = _measure("nobody else reads", stream, families[:FAMILIES])
    readers = [threading.Thread(target=stream.run) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        beside = _measure(f"beside {READERS} readers without a pause", stream, families[FAMILIES:])
    finally:
        stream.stop.set()
        for reader in readers:
            reader.join()
    return [alone, beside]


def _measure(what: str, stream: _Stream, families: list[int]) -> dict[str, Any]:
    lodged, next_read, honoured, overlapping = [], [], 0, 0
    before = stream.read().has
    for pupil in families:
        lodged.append(_lodge(stream, pupil))
        since = time.perf_counter()
        read = stream.read()
        next_read.append((read.ended - read.begun) * 1000)
        honoured += len(before - read.has) == 1 and read.has < before
        before = read.has
        # Whatever read was begun after the objection was lodged must honour it; one begun before may, and may not.
        late = [other for other in list(stream.done) if other.begun > since]
        honoured -= any(not other.has <= before for other in late)
        overlapping += sum(other.begun <= since < other.ended for other in list(stream.done))
    return _row(what, lodged, next_read, honoured, overlapping)
