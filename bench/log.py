"""The log at 100,000 leaves, or a million: appending, publishing, inclusion proofs, checking one and checking all."""

from __future__ import annotations

import base64
import importlib.util
import json
import resource
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from django.db import transaction

LEAVES = 100_000
BATCH = 1_000
MEASURED = 5_000
"""Appended one by one at the log's full size; the entries before them are written in bulk, to save time."""

PROOFS = 2_000
_FILLED = 20_000


def _payload(number: int) -> dict[str, Any]:
    return {
        "agreement": f"A-{number % 50:04}",
        "organisation": "University of Example (synthetic)",
        "purpose": "education-research",
        "lawful_basis": "UK GDPR Article 6(1)(e)",
        "query": "SELECT census_pupil.ethnicity AS ethnicity, COUNT(*) AS pupils FROM census_pupil GROUP BY 1",
        "query_hash": f"{number:064x}",
        "items": ["census_pupil.ethnicity", "census_pupil.pupil"],
        "snapshot": 1 + number % 20,
        "definition_hash": f"{number:064x}",
        "pupils": None,
    }


def _fill(until: int) -> None:
    """Entries as `append_event` writes them, without a transaction each."""
    from schoolgate import register
    from schoolgate.clock import SystemClock
    from schoolgate.register.models import LogEntry, LogHead

    now = SystemClock().now()

    def entry(number: int) -> LogEntry:
        subject = f"R-{number:016x}"
        body = register.canonical(register.event_body("release.begun", subject, _payload(number), now))
        return LogEntry(index=number, type="release.begun", subject=subject, body=body)

    with transaction.atomic():
        for first in range(0, until, _FILLED):
            LogEntry.objects.bulk_create(
                [entry(number) for number in range(first, min(until, first + _FILLED))], batch_size=2_000
            )
        LogHead.objects.update_or_create(name="log", defaults={"size": until})


def _append(first: int, count: int) -> None:
    from schoolgate import register
    from schoolgate.clock import SystemClock

    now = SystemClock().now()
    with transaction.atomic():
        for number in range(first, first + count):
            register.append_event("release.begun", f"R-{number:016x}", _payload(number), now)


def _seconds(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def _rate(what: str, count: int, seconds: float, note: str = "") -> dict[str, Any]:
    return {"what": what, "times": count, "a_second": count / seconds, "ms_each": seconds / count * 1000, "note": note}


def _verifier() -> ModuleType:
    """The single file that is handed out, as it is."""
    path = Path(__file__).resolve().parents[1] / "tools" / "verify_receipt.py"
    spec = importlib.util.spec_from_file_location("verify_receipt", path)
    if spec is None or spec.loader is None:
        raise SystemExit("tools/verify_receipt.py is missing.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run() -> list[dict[str, Any]]:
    """A hundred thousand leaves."""
    return measure(LEAVES)


def run_nation() -> list[dict[str, Any]]:
    """A million leaves."""
    return measure(1_000_000)


def measure(leaves: int) -> list[dict[str, Any]]:
    """Fill, append, publish, prove, verify."""
    from schoolgate import register
    from schoolgate.clock import SystemClock
    from schoolgate.config import Config

    config, clock = Config.from_environment(), SystemClock()
    _fill(leaves - MEASURED)
    first_publish = _seconds(lambda: register.publish(clock, config))
    rows = [_rate("publish many at once", leaves - MEASURED, first_publish, "tiles and checkpoint, durable")]

    appending = publishing = 0.0
    for first in range(leaves - MEASURED, leaves, BATCH):
        appending += _seconds(partial(_append, first, BATCH))
        publishing += _seconds(lambda: register.publish(clock, config))
    rows.append(_rate("append_event", MEASURED, appending, f"{BATCH:,} in a transaction"))
    rows.append(_rate("append_event and publish", MEASURED, appending + publishing, f"in batches of {BATCH:,}"))

    single = []
    for number in range(leaves, leaves + 60):
        begun = time.perf_counter()
        _append(number, 1)
        register.publish(clock, config)
        single.append(time.perf_counter() - begun)
    rows.append(_rate("one durable append and publish", 1, float(np.median(single[10:])), "the middle of 50"))

    size = register.log_size()
    asked = [int(index) for index in np.random.default_rng(4).integers(0, size, PROOFS)]
    proofs: list[str] = []
    made = _seconds(lambda: proofs.extend(register.receipt_proof(index, config) for index in asked))
    rows.append(_rate("inclusion proof from tiles", PROOFS, made, "tiles read from disk for each"))

    checkpoint = register.published(config)
    if checkpoint is None:
        raise SystemExit("Nothing was published.")
    parts = [
        (index, [base64.b64decode(line) for line in proof.split("\n\n")[0].split("\n")[2:]])
        for index, proof in zip(asked, proofs, strict=True)
    ]
    entries = [dict(register.event(index).body) for index in asked]
    hashes = [register.leaf_hash(register.canonical(entry)) for entry in entries]

    def verify() -> None:
        for leaf, (index, path) in zip(hashes, parts, strict=True):
            register.verify_inclusion(leaf, index, checkpoint.size, path, checkpoint.root)

    rows.append(_rate("verify_inclusion", PROOFS, _seconds(verify)))
    verifier, key = _verifier(), register.verifier_key(config)
    files = [
        json.loads(json.dumps({"event": entry, "index": index, "proof": proof}))
        for entry, index, proof in zip(entries, asked, proofs, strict=True)
    ]

    def check() -> None:
        for file in files:
            verifier.check_entry(file, key)

    rows.append(_rate("verify_receipt.py: entry, proof, signature", PROOFS, _seconds(check)))
    whole = _seconds(lambda: register.verify_log(str(config.log), key))
    rows.append(_rate("verify_log, the whole log", size, whole, f"{whole:.1f} s in all: every entry, tile, signature"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rows.append({"what": "peak memory of all of this", "note": f"{peak:,} MiB"})
    return rows
