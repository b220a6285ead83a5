"""One child's answer to "who has my data", from one block of the ledger.

Plain SQL and not the ORM: with hundreds of lines its objects take ten times as long as the look-up.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from pyroaring import BitMap

from schoolgate.ids import Pmr
from schoolgate.ledger.blocks import BLOCK, BLOCK_BITS
from schoolgate.ledger.exposure import BEING_WORKED_OUT, SETTLED, Exposure
from schoolgate.ledger.models import ExposureScan, Release
from schoolgate.ledger.segments import holders
from schoolgate.ledger.sets import segments_of

_PORTION = 10_000
"""Sets named in one question: below SQLite's limit of 32,766 variables (SQLite, "Limits")."""

_PENDING = f'SELECT id, denied FROM "{Release._meta.db_table}" WHERE worked_out_at IS NULL'

_AT = {"sqlite": "CAST(r.begun_at AS TEXT)"}
"""SQLite's time as text, which is read three times as fast as by Django's own converter."""

_SCANS = f"""
SELECT s.items, r.release_id, r.agreement_id, r.purpose, {_AT.get(connection.vendor, "r.begun_at")},
r.delivered_at IS NOT NULL, r.log_index, r.settled_index
FROM "{ExposureScan._meta.db_table}" s JOIN "{Release._meta.db_table}" r ON r.id = s.release_id WHERE s.pupils_id """


@lru_cache(maxsize=4096)
def _items(written: str) -> tuple[str, ...]:
    """A scan's items in order; many scans have the same."""
    return tuple(sorted(set(json.loads(written))))


def _time(value: datetime | str) -> datetime:
    """A time as the database gives it: SQLite's is text, in UTC, and does not say so."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value


def _being_worked_out(pupil: Pmr) -> list[Exposure]:
    with connection.cursor() as cursor:
        cursor.execute(_PENDING)
        waiting = cursor.fetchall()
    # A pupil whom policy left out of every scan cannot be in it; everybody else may be.
    maybe = [key for key, denied in waiting if int(pupil) not in BitMap.deserialize(bytes(denied))]
    if not maybe:
        return []
    return [
        Exposure(
            release_id=row.release_id,
            agreement_id=row.agreement_id,
            purpose=row.purpose,
            items=tuple(sorted({item for scan in row.scans.all() for item in scan.items})),
            at=row.begun_at,
            state=BEING_WORKED_OUT,
            delivered=row.delivered_at is not None,
            log_index=row.log_index,
            settled_index=None,
        )
        for row in Release.objects.filter(pk__in=maybe).defer("definition", "denied").prefetch_related("scans")
    ]


def _scans(sets: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        for start in range(0, len(sets), _PORTION):
            part = sets[start : start + _PORTION]
            if connection.vendor == "postgresql":
                cursor.execute(f"{_SCANS} = ANY(%s)", [list(part)])
            else:
                # The numbers come from the ledger itself and are whole; writing them out is faster than binding.
                cursor.execute(f"{_SCANS} IN ({','.join(map(str, part))})")
            yield from cursor.fetchall()


def _worked_out(pupil: Pmr) -> list[Exposure]:
    sets = holders(segments_of(int(pupil) >> BLOCK_BITS), int(pupil) & (BLOCK - 1))
    lines: dict[str, Exposure] = {}
    for items, release_id, agreement_id, purpose, at, delivered, log_index, settled_index in _scans(sorted(sets)):
        taken = _items(items)
        before = lines.get(release_id)
        if before is not None:
            taken = tuple(sorted({*before.items, *taken}))
        lines[release_id] = Exposure(
            release_id,
            agreement_id,
            purpose,
            taken,
            _time(at),
            SETTLED,
            bool(delivered),
            log_index,
            settled_index,
        )
    return list(lines.values())


def askers(releases: Collection[str]) -> dict[str, str]:
    """Release -> person id of who asked, for many at once."""
    found: dict[str, str] = {}
    numbers = sorted(releases)
    for start in range(0, len(numbers), _PORTION):
        rows = Release.objects.filter(release_id__in=numbers[start : start + _PORTION])
        found.update(rows.values_list("release_id", "person_id"))
    return found


def who_has(pupil: Pmr) -> tuple[Exposure, ...]:
    """Every release that took, or may have taken, any item of this child, oldest first."""
    # In this order: a release that is worked out between the two questions is in both answers, not in neither.
    pending = _being_worked_out(pupil)
    known = _worked_out(pupil)
    if pending:
        named = {exposure.release_id for exposure in known}
        known += [exposure for exposure in pending if exposure.release_id not in named]
    return tuple(sorted(known, key=lambda exposure: exposure.log_index))
