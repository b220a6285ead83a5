"""Oversight over a log of 200,000 entries: every metric from the database and from the published files."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction

EVENTS = 200_000
_BATCH = 20_000
_FIRST = datetime(2024, 1, 1, 9, tzinfo=UTC)
_AGREEMENTS = 2_000


def _application(number: int) -> tuple[str, str, dict[str, Any]]:
    kind = "company" if number % 7 == 0 else "university"
    payload = {
        "organisation": f"Organisation {number % 400} (synthetic)", "kind": kind, "purpose": "education-research",
        "purpose_plain": "To see who misses school.", "items": ["census_pupil.sex"], "years": ["2024"],
    }  # fmt: skip
    return "application.received", f"APP-{number:06}", payload


def _decision(number: int) -> tuple[str, str, dict[str, Any]]:
    outcome = "refused" if number % 5 == 0 else "approved"
    payload = {"outcome": outcome, "reasons": ["A synthetic reason."], "conditions": []}
    return "application.decided", f"APP-{number:06}", payload


def _agreement(number: int) -> tuple[str, str, dict[str, Any]]:
    payload = {
        "application": f"APP-{number:06}", "organisation": f"Organisation {number % 400} (synthetic)",
        "purpose": "education-research", "purpose_plain": "To see who misses school.", "lawful_basis": "6(1)(e)",
        "gateway": "s.537A", "items": ["census_pupil.sex", "census_pupil.age"], "years": ["2024"], "terms": [],
        "valid_from": "2024-01-01", "valid_until": "2028-01-01", "processed_at": "Safe setting",
        "country": "United Kingdom", "conditions": [], "people_count": 2,
    }  # fmt: skip
    return "agreement.signed", f"A-{number:06}", payload


def _read(number: int) -> tuple[str, str, dict[str, Any]]:
    payload = {
        "agreement": f"A-{number % _AGREEMENTS:06}", "organisation": f"Organisation {number % 400} (synthetic)",
        "purpose": "education-research", "lawful_basis": "6(1)(e)", "query": None, "query_hash": f"{number:064x}",
        "items": ["census_pupil.sex", "census_pupil.pupil"], "snapshot": 1, "definition_hash": f"{number:064x}",
        "pupils": "120",
    }  # fmt: skip
    return "release.begun", f"R-{number:016x}", payload


def _settled(number: int) -> tuple[str, str, dict[str, Any]]:
    payload = {
        "release": f"R-{number:016x}", "pupils": "120", "members_root": f"{number:064x}", "members_count": "120",
        "bitmap_hash": None,
    }  # fmt: skip
    return "release.settled", f"R-{number:016x}", payload


def _refused(number: int) -> tuple[str, str, dict[str, Any]]:
    payload = {"agreement": f"A-{number % _AGREEMENTS:06}", "query_hash": None, "reasons": ["item-not-approved"]}
    return "query.refused", f"A-{number % _AGREEMENTS:06}", payload


def _life() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Applications with decisions and agreements first, then reads, seals and refusals."""
    for number in range(_AGREEMENTS):
        yield _application(number)
        yield _decision(number)
        yield _agreement(number)
    number = 0
    while True:
        yield _read(number)
        yield _settled(number)
        if number % 4 == 0:
            yield _refused(number)
        number += 1


def _fill() -> None:
    from schoolgate import register
    from schoolgate.register.models import LogEntry, LogHead

    life = _life()
    with transaction.atomic():
        for first in range(0, EVENTS, _BATCH):
            rows = []
            for index in range(first, first + _BATCH):
                kind, subject, payload = next(life)
                at = _FIRST + timedelta(minutes=5 * index)
                body = register.canonical(register.event_body(kind, subject, payload, at))
                rows.append(LogEntry(index=index, type=kind, subject=subject, body=body))
            LogEntry.objects.bulk_create(rows, batch_size=2_000)
        LogHead.objects.update_or_create(name="log", defaults={"size": EVENTS})


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _measured(name: str, work: Callable[[], Any]) -> tuple[dict[str, Any], Any]:
    before, start, used = _peak(), time.perf_counter(), time.process_time()
    found = work()
    seconds, processor = time.perf_counter() - start, time.process_time() - used
    row = {
        "what": name, "entries": EVENTS, "seconds": seconds, "processor_seconds": processor,
        "entries_a_processor_second": EVENTS / processor,
        "peak_mib": _peak(), "more_than_before_mib": _peak() - before,
    }  # fmt: skip
    return row, found


def run() -> list[dict[str, Any]]:
    """Every metric of a year, both ways; a statement; the record of processing's comparison."""
    from schoolgate import oversight, register
    from schoolgate.clock import FixedClock
    from schoolgate.config import Config

    config = Config.from_environment()
    _fill()
    register.publish(FixedClock(_FIRST + timedelta(minutes=5 * EVENTS)), config)
    year = oversight.Period(date(2025, 1, 1), date(2025, 12, 31))
    key = register.verifier_key(config)
    rows = []
    row, _ = _measured("reading the database, counting nothing", lambda: sum(1 for _ in oversight.from_database()))
    rows.append(row)
    row, own = _measured("every metric, from the database", lambda: oversight.compute(oversight.from_database(), year))
    rows.append(row)
    row, report = _measured("verifying the published log", lambda: register.verify_log(str(config.log), key))
    rows.append(row)
    row, public = _measured(
        "every metric, from the published files",
        lambda: oversight.compute(oversight.from_published(str(config.log), report.checkpoint), year),
    )
    rows.append(row)
    if own != public:
        raise AssertionError("files and database disagree")
    row, _ = _measured(
        "a quarter's statement",
        lambda: oversight.make("2025-Q3", "bench", EVENTS, oversight.from_database(EVENTS)),
    )
    rows.append(row)
    row, compared = _measured("what ran against what was agreed", lambda: oversight.compare(oversight.from_database()))
    rows.append(row)
    if compared.undeclared:
        raise AssertionError("the bench's own reads are declared")
    return rows
