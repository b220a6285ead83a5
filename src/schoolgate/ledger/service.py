"""Writing what ran, and answering "who has my data"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from django.db import transaction
from pyroaring import BitMap

from schoolgate.clock import Clock
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr
from schoolgate.ledger.exposure import Exposure, NewRelease, ReleaseRecord, block_of, holds, split
from schoolgate.ledger.models import ExposureChunk, ExposureScan, Member, Release

_PORTION = 500
"""Blocks of a child's answer read at once: 4 MiB at the most."""


class UnknownRelease(SchoolgateError):
    """No release has this id."""


def _record(row: Release) -> ReleaseRecord:
    return ReleaseRecord(
        release_id=row.release_id,
        agreement_id=row.agreement_id,
        person_id=row.person_id,
        purpose=row.purpose,
        lake_version=row.lake_version,
        definition=row.definition,
        definition_hash=row.definition_hash,
        denied=bytes(row.denied),
        outcome=row.outcome,
        rows=row.rows,
        begun_at=row.begun_at,
        delivered_at=row.delivered_at,
        settled_at=row.settled_at,
        log_index=row.log_index,
        settled_index=row.settled_index,
        member_count=row.member_count,
        members_root=row.members_root,
        scans=tuple(tuple(scan.items) for scan in sorted(row.scans.all(), key=lambda scan: scan.number)),
    )


def _find(release_id: str) -> Release:
    row = Release.objects.filter(release_id=release_id).prefetch_related("scans").first()
    if row is None:
        raise UnknownRelease("There is no such release.", code="release-unknown")
    return row


def begin_release(new: NewRelease, append: Callable[[], int], clock: Clock) -> ReleaseRecord:
    """Record a release; with its register event, in one transaction, durable when this returns.

    Args:
        new: the definition of what is about to be handed over.
        append: writes the register event inside the transaction and gives its log index.
        clock: the time.

    Raises:
        RuntimeError: called inside a transaction, which could still undo it after the result has left.
    """
    with transaction.atomic(durable=True):
        index = append()
        row = Release.objects.create(
            release_id=new.release_id,
            agreement_id=new.agreement_id,
            person_id=new.person_id,
            purpose=new.purpose,
            lake_version=new.lake_version,
            definition=new.definition,
            definition_hash=new.definition_hash,
            denied=new.denied,
            outcome=new.outcome,
            rows=new.rows,
            result_sha256=new.result_sha256,
            begun_at=clock.now(),
            log_index=index,
        )
        ExposureScan.objects.bulk_create(
            ExposureScan(release=row, number=number, items=list(items))
            for number, items in enumerate(new.scans, start=1)
        )
    return _record(_find(new.release_id))


def mark_delivered(release_id: str, append: Callable[[], int], clock: Clock) -> None:
    """Note that the result was handed over, once."""
    with transaction.atomic():
        row = Release.objects.select_for_update().get(release_id=release_id)
        if row.delivered_at is None:
            append()
            row.delivered_at = clock.now()
            row.save(update_fields=["delivered_at"])


def record_settlement(
    release_id: str,
    members: Sequence[BitMap],
    commitment: tuple[str, bytes, int],
    append: Callable[[], int],
    clock: Clock,
) -> ReleaseRecord:
    """Record which pupils each scan took; idempotent: a release already settled is left as it is.

    Args:
        release_id: the release.
        members: the pupils of each scan, in scan order.
        commitment: root (hex), sorted leaf hashes, and number of members.
        append: writes the ``release.settled`` event inside the transaction.
        clock: the time.
    """
    root, leaves, count = commitment
    with transaction.atomic():
        row = Release.objects.select_for_update().get(release_id=release_id)
        if row.settled_at is None:
            for scan, pupils in zip(row.scans.order_by("number"), members, strict=True):
                ExposureChunk.objects.bulk_create(
                    (ExposureChunk(scan=scan, block=block, pupils=data) for block, data in split(pupils)),
                    batch_size=200,
                )
            Member.objects.create(release=row, leaves=leaves)
            row.settled_index = append()
            row.settled_at = clock.now()
            row.member_count = count
            row.members_root = root
            row.save(update_fields=["settled_index", "settled_at", "member_count", "members_root"])
    return _record(_find(release_id))


def release(release_id: str) -> ReleaseRecord:
    """One release.

    Raises:
        UnknownRelease: no release has this id.
    """
    return _record(_find(release_id))


def releases(agreement_id: str | None = None) -> tuple[ReleaseRecord, ...]:
    """All releases, oldest first; of one agreement when given."""
    rows = Release.objects.order_by("log_index").prefetch_related("scans")
    if agreement_id is not None:
        rows = rows.filter(agreement_id=agreement_id)
    return tuple(_record(row) for row in rows)


def unsettled() -> tuple[ReleaseRecord, ...]:
    """Releases whose pupils are still to be worked out, oldest first."""
    rows = Release.objects.filter(settled_at=None).order_by("log_index").prefetch_related("scans")
    return tuple(_record(row) for row in rows)


def commitment_leaves(release_id: str) -> bytes:
    """The sorted leaf hashes of a settled release, 32 bytes each, joined."""
    return bytes(Member.objects.get(release__release_id=release_id).leaves)


def _being_worked_out(pupil: Pmr) -> list[Exposure]:
    rows = Release.objects.filter(settled_at=None).defer("definition").prefetch_related("scans")
    return [
        Exposure(
            release_id=row.release_id,
            agreement_id=row.agreement_id,
            purpose=row.purpose,
            items=tuple(sorted({item for scan in row.scans.all() for item in scan.items})),
            at=row.begun_at,
            state="being worked out",
            delivered=row.delivered_at is not None,
            log_index=row.log_index,
            settled_index=None,
        )
        for row in rows
        # A pupil whom policy left out of every scan cannot be in it; everybody else may be.
        if int(pupil) not in BitMap.deserialize(bytes(row.denied))
    ]


def _scans_that_hold(pupil: Pmr) -> Iterator[tuple[int, list[str]]]:
    """Release and items of every scan that took this child.

    In portions along the index of blocks, not through a server's cursor: one that an error leaves open is closed
    by the garbage collector, maybe in the middle of another statement, and blocks the connection for ever.
    """
    of_block = ExposureChunk.objects.filter(block=block_of(pupil)).order_by("scan_id")
    last = 0
    while True:
        rows = list(
            of_block.filter(scan_id__gt=last).values_list("scan_id", "pupils", "scan__items", "scan__release_id")[
                :_PORTION
            ]
        )
        for last, pupils, items, release_pk in rows:  # noqa: B007 - `last` is where the next portion begins
            if holds(bytes(pupils), pupil):
                yield release_pk, items
        if len(rows) < _PORTION:
            return


def _settled(pupil: Pmr) -> list[Exposure]:
    items: dict[int, set[str]] = {}
    for release_pk, of_scan in _scans_that_hold(pupil):
        items.setdefault(release_pk, set()).update(of_scan)
    # `in_bulk` asks in portions: SQLite takes a limited number of values in one question.
    found = Release.objects.defer("definition", "denied").in_bulk(list(items))
    return [
        Exposure(
            release_id=row.release_id,
            agreement_id=row.agreement_id,
            purpose=row.purpose,
            items=tuple(sorted(items[row.pk])),
            at=row.begun_at,
            state="settled",
            delivered=row.delivered_at is not None,
            log_index=row.log_index,
            settled_index=row.settled_index,
        )
        for row in found.values()
    ]


def who_has(pupil: Pmr) -> tuple[Exposure, ...]:
    """Every release that took, or may have taken, any item of this child, oldest first."""
    # In this order: a release that is settled between the two questions is in both answers, not in neither.
    pending = _being_worked_out(pupil)
    settled = _settled(pupil)
    known = {exposure.release_id for exposure in settled}
    lines = [*settled, *(exposure for exposure in pending if exposure.release_id not in known)]
    return tuple(sorted(lines, key=lambda exposure: exposure.log_index))
