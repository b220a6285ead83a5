"""A term's corrections: put right at once as one lake version, and told to every agreement that read the old values.

Who was in each release is worked out as ever; the public commitments to them are left out, which take a nation's four
hundred releases half an hour and are measured by `settle`.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import numpy as np

from bench.gate import agreement
from bench.nation import FIRST_URN, load_nation, schools_of

PUPILS, CORRECTIONS, AGREEMENTS = 200_000, 10_000, 40
NATION, NATION_CORRECTIONS, NATION_AGREEMENTS = 8_200_000, 100_000, 400
ITEM = "census_pupil.ethnicity"

_WHERE = "year = 2026 AND urn >= {} AND urn < {}"
_SQL = (
    (f"SELECT pupil, ethnicity FROM census_pupil WHERE term = 'SPR' AND {_WHERE}", 89),
    (f"SELECT pupil, ethnicity, sex FROM census_pupil WHERE {_WHERE}", 97),
    (f"SELECT ethnicity, count(*) AS n FROM census_pupil WHERE {_WHERE} GROUP BY ethnicity", 3),
)
"""What the agreements read: two of three single rows of some schools, below what the gate hands over at once, and one
the numbers of a third of the country; and into how many parts each divides the schools."""

EVERYBODY = "SELECT ethnicity, count(*) AS n FROM census_pupil WHERE year = 2026 GROUP BY ethnicity"
"""The worst there can be, with SCHOOLGATE_BENCH_WORST set: each agreement has read every pupil."""


def _question(number: int, schools: int) -> str:
    """Schools are numbered one after another from `FIRST_URN` on."""
    text, parts = _SQL[number % len(_SQL)]
    part = number // len(_SQL) % parts
    return text.format(FIRST_URN + schools * part // parts, FIRST_URN + schools * (part + 1) // parts)


def _agreements(first: str, count: int) -> Iterator[str]:
    """The agreement there is, and others under the same terms: their rows copied; the panel is measured elsewhere."""
    from schoolgate.requests.models import Request

    yield first
    for number in range(count - 1):
        row = Request.objects.get(agreement_id=first)
        versions = list(row.versions.all())
        row.pk, row.application_id, row.agreement_id = None, f"R-bench-{number}", f"A-bench-{number}"
        row.save()
        for version in versions:
            version.pk, version.request = None, row
            version.save()
        yield str(row.agreement_id)


_ENTRIES = itertools.count(10_000_000)
"""Entries of the log that nobody else has."""


def _uncommitted(record: Any, everyone: Any, config: Any, clock: Any) -> Any:
    from schoolgate import ledger

    made = ledger.Commitment("0" * 64, len(everyone), 2, b"")
    return ledger.record_settlement(record.release_id, made, lambda: next(_ENTRIES), clock)


def _wrongs(count: int, config: Any) -> list[Any]:
    """As many wrong values of one term, drawn over the whole country, each with its row's token."""
    import duckdb

    from schoolgate import gate
    from schoolgate.gate.corrections.rows import rows_of
    from schoolgate.gate.corrections.tokens import row_token
    from schoolgate.ids import Pmr
    from schoolgate.records.read import current_snapshot

    snapshot = current_snapshot(config)
    files = [path for path in snapshot.tables["census_pupil"].files if "2026-SPR" in path]
    with duckdb.connect() as opened:
        opened.execute("SELECT DISTINCT pupil FROM read_parquet(?)", [files])
        held = opened.fetchnumpy()["pupil"]
    drawn = np.random.default_rng(5).choice(held, size=min(count, len(held)), replace=False)
    rows = rows_of(drawn.tolist(), ["census_pupil"], snapshot, config)["census_pupil"]
    keys, found = config.keyring(), []
    for pupil in drawn.tolist():
        row = next(one for one in rows[Pmr(pupil)] if one["year"] == 2026 and one["term"] == "SPR")
        new = "WIRI" if row["ethnicity"] != "WIRI" else "WBRI"
        found.append(gate.Wrong(pupil, ITEM, row_token(keys, "census_pupil", Pmr(pupil), row), new, None, "K-bench"))
    return found


def measure(pupils: int, count: int, agreements: int, worst: bool = False) -> list[dict[str, Any]]:
    """Load, read under each agreement, put right, and let it travel."""
    from schoolgate import gate
    from schoolgate.clock import FixedClock
    from schoolgate.config import Config
    from schoolgate.errors import Refusal
    from schoolgate.gate.corrections.models import Notice
    from schoolgate.ids import Pmr

    config, clock = Config.from_environment(), FixedClock(datetime.now(UTC))
    load_nation(pupils, config, clock)
    first, person = agreement()
    for number, one in enumerate(_agreements(first, agreements)):
        answer = gate.read(
            one, person, EVERYBODY if worst else _question(number, schools_of(pupils)), config=config, clock=clock
        )
        if not isinstance(answer, gate.Handover):
            raise SystemExit(f"The gate refused the query: {[reason.code for reason in answer.reasons]}")
    with patch("schoolgate.gate.settle._commit", _uncommitted):
        gate.settle_pending(config, clock)
    wrongs = _wrongs(count, config)
    begun = time.perf_counter()
    made = gate.correct_items(wrongs, actor="P-0002", config=config, clock=clock)
    corrected = time.perf_counter() - begun
    if refused := [one.code for one in made if isinstance(one, Refusal)]:
        raise SystemExit(f"Not put right: {len(refused)}, {refused[0]}")
    later = replace(clock, moment=clock.moment + timedelta(days=1))
    begun = time.perf_counter()
    gate.tend_corrections(config=config, clock=later)
    told = time.perf_counter() - begun
    notices = list(Notice.objects.order_by("-corrections"))
    begun = time.perf_counter()
    if notices:
        gate.notice(notices[0].notice_id, person, 0, config=config, clock=later)
    fetched = time.perf_counter() - begun
    begun = time.perf_counter()
    states = gate.correction_states(Pmr(wrongs[0].pupil), config=config, clock=later)
    return [
        {
            "pupils a term": pupils,
            "corrections": len(wrongs),
            "agreements": agreements,
            "put right, one version_s": corrected,
            "worked out and told_s": told,
            "an agreement_ms": told * 1000 / agreements,
            "notices": len(notices),
            "lines and counts told": sum(one.corrections for one in notices),
            "bytes of all notices": sum(len(one.named) + len(one.counted) for one in notices),
            "first 5,000 lines fetched_s": fetched,
            "a family's states_ms": (time.perf_counter() - begun) * 1000,
            "recipients of that family": len(states),
        }
    ]


def run() -> list[dict[str, Any]]:
    """A small country."""
    return measure(PUPILS, CORRECTIONS, AGREEMENTS)


def run_nation() -> list[dict[str, Any]]:
    """The whole country: a term's hundred thousand corrections, four hundred agreements."""
    return measure(NATION, NATION_CORRECTIONS, NATION_AGREEMENTS, worst="SCHOOLGATE_BENCH_WORST" in os.environ)
