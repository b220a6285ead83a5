"""Which releases read an item, and whom they took: asked when a value that was given out turns out to be wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache

from pyroaring import BitMap

from schoolgate.ledger.exposure import ReleaseRecord
from schoolgate.ledger.models import ExposureScan, Release
from schoolgate.ledger.service import record_of
from schoolgate.ledger.sets import bitmaps


@lru_cache(maxsize=4096)
def _items(written: str) -> frozenset[str]:
    """A scan's items; many scans have the same."""
    return frozenset(json.loads(written))


def _read(held: object) -> frozenset[str]:
    return _items(held if isinstance(held, str) else json.dumps(held))


def reading(items: frozenset[str]) -> tuple[ReleaseRecord, ...]:
    """Every release in which a scan read any of these items, oldest first; not those of which nothing came."""
    found = {
        release
        for release, held in ExposureScan.objects.values_list("release_id", "items").iterator()
        if _read(held) & items
    }
    keys, records = sorted(found), []
    for start in range(0, len(keys), 5_000):
        rows = Release.objects.filter(pk__in=keys[start : start + 5_000]).exclude(outcome="failed")
        records += [record_of(row) for row in rows.prefetch_related("scans")]
    return tuple(sorted(records, key=lambda record: record.log_index))


def members_of(release_ids: Sequence[str]) -> Mapping[str, tuple[BitMap, ...]]:
    """The pupils of each scan of some releases, in one look through the ledger; of those worked out alone."""
    scans: dict[str, list[int]] = {}
    rows = ExposureScan.objects.filter(release__release_id__in=list(release_ids)).exclude(pupils=None)
    for release_id, number in rows.order_by("number").values_list("release__release_id", "pupils_id"):
        scans.setdefault(release_id, []).append(number)
    flat = sorted({number for numbers in scans.values() for number in numbers})
    found = dict(zip(flat, bitmaps(flat), strict=True)) if flat else {}
    return {release_id: tuple(found[number] for number in numbers) for release_id, numbers in scans.items()}
