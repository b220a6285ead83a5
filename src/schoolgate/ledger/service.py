"""Writing what ran: begun, delivered, worked out, settled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from pyroaring import BitMap

from schoolgate.clock import Clock
from schoolgate.errors import SchoolgateError
from schoolgate.ledger.blocks import BLOCK_BITS
from schoolgate.ledger.exposure import NewRelease, ReleaseRecord
from schoolgate.ledger.models import ExposureScan, Member, Release
from schoolgate.ledger.pupil_sets import blocks_of, pupils_of
from schoolgate.ledger.sets import add_sets, bitmaps, read_sets


class UnknownRelease(SchoolgateError):
    """No release has this id."""


class NotWorkedOut(SchoolgateError):
    """Which pupils a release took is not recorded yet."""


def record_of(row: Release, scans: Iterable[ExposureScan] | None = None) -> ReleaseRecord:
    """A row as others see it."""
    scans = row.scans.all() if scans is None else scans
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
        worked_out_at=row.worked_out_at,
        settled_at=row.settled_at,
        log_index=row.log_index,
        settled_index=row.settled_index,
        member_count=row.member_count,
        members_root=row.members_root,
        scans=tuple(tuple(scan.items) for scan in sorted(scans, key=lambda scan: scan.number)),
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
        scans = ExposureScan.objects.bulk_create(
            ExposureScan(release=row, number=number, items=list(items))
            for number, items in enumerate(new.scans, start=1)
        )
    return record_of(row, scans)


def mark_delivered(release_id: str, append: Callable[[], int], clock: Clock) -> None:
    """Note that the result was handed over, once."""
    with transaction.atomic():
        row = Release.objects.select_for_update().get(release_id=release_id)
        if row.delivered_at is None:
            append()
            row.delivered_at = clock.now()
            row.save(update_fields=["delivered_at"])


def record_members(release_id: str, members: Sequence[BitMap], clock: Clock) -> bool:
    """Record which pupils each scan took: from now on each child's own answer is exact.

    Idempotent: a release that is worked out already is left as it is.

    Args:
        release_id: the release.
        members: the pupils of each scan, in scan order.
        clock: the time.

    Returns:
        Whether these are the pupils on record: false when another settler has recorded others before.
    """
    with transaction.atomic():
        row = Release.objects.select_for_update().get(release_id=release_id)
        scans = list(row.scans.order_by("number"))
        if row.worked_out_at is not None:
            on_record = [scan.pupils.digest if scan.pupils else "" for scan in scans]
            return on_record == [blocks_of(pupils).digest() for pupils in members]
        *taken, left_out = add_sets([*members, BitMap.deserialize(bytes(row.denied))])
        for scan, number in zip(scans, taken, strict=True):
            scan.pupils_id = number
        ExposureScan.objects.bulk_update(scans, ["pupils"])
        # What was left out is hardly ever the same twice and hardly ever much different: beside the others in the
        # ledger's blocks it takes next to nothing.
        row.left_out_id, row.denied = left_out, b""
        row.worked_out_at = clock.now()
        row.save(update_fields=["left_out", "denied", "worked_out_at"])
    return True


@dataclass(frozen=True, slots=True)
class Commitment:
    """The public commitment to a release's pupils, as the ledger keeps it.

    Attributes:
        root: what the log says, hexadecimal.
        count: how many pupils.
        version: how salts, references and order are made.
        kept: what proofs need of it; what is in it is the maker's affair.
    """

    root: str
    count: int
    version: int
    kept: bytes


def record_settlement(
    release_id: str, commitment: Commitment, append: Callable[[], int], clock: Clock
) -> ReleaseRecord:
    """Record the commitment to a release that is worked out, with its event, in one transaction.

    Idempotent: a release already settled is left as it is.

    Args:
        release_id: the release.
        commitment: to the pupils that were recorded.
        append: writes the ``release.settled`` event inside the transaction.
        clock: the time.

    Raises:
        NotWorkedOut: nobody knows yet who is in it.
    """
    with transaction.atomic():
        row = Release.objects.select_for_update().get(release_id=release_id)
        if row.worked_out_at is None:
            raise NotWorkedOut("This release's pupils are not recorded yet.", code="not-worked-out")
        if row.settled_at is None:
            Member.objects.create(release=row, version=commitment.version, leaves=commitment.kept)
            row.settled_index = append()
            row.settled_at = clock.now()
            row.member_count = commitment.count
            row.members_root = commitment.root
            row.save(update_fields=["settled_index", "settled_at", "member_count", "members_root"])
    return record_of(_find(release_id))


def release(release_id: str) -> ReleaseRecord:
    """One release.

    Raises:
        UnknownRelease: no release has this id.
    """
    return record_of(_find(release_id))


def releases(agreement_id: str | None = None) -> tuple[ReleaseRecord, ...]:
    """All releases, oldest first; of one agreement when given."""
    rows = Release.objects.order_by("log_index").prefetch_related("scans")
    if agreement_id is not None:
        rows = rows.filter(agreement_id=agreement_id)
    return tuple(record_of(row) for row in rows)


def unsettled(after: int = -1) -> tuple[ReleaseRecord, ...]:
    """Releases that are not settled, oldest first; of them those begun after a register entry."""
    rows = Release.objects.filter(settled_at=None, log_index__gt=after).order_by("log_index").prefetch_related("scans")
    return tuple(record_of(row) for row in rows)


def undelivered() -> tuple[ReleaseRecord, ...]:
    """Releases begun of which no result is on record as handed over, oldest first; not those that failed."""
    rows = Release.objects.filter(delivered_at=None).exclude(outcome="failed").order_by("log_index")
    return tuple(record_of(row) for row in rows.prefetch_related("scans"))


def commitment(release_id: str) -> Commitment:
    """The commitment of a settled release."""
    kept = Member.objects.select_related("release").get(release__release_id=release_id)
    of = kept.release
    return Commitment(of.members_root, of.member_count or 0, kept.version, bytes(kept.leaves))


def _sets_of(release_id: str) -> list[int]:
    row = _find(release_id)
    numbers = [scan.pupils_id for scan in sorted(row.scans.all(), key=lambda scan: scan.number)]
    if row.worked_out_at is None or None in numbers:
        raise NotWorkedOut("This release's pupils are not recorded yet.", code="not-worked-out")
    return [number for number in numbers if number is not None]


def members(release_id: str) -> tuple[BitMap, ...]:
    """The pupils of each scan, as they were recorded; looks through the whole ledger.

    Raises:
        NotWorkedOut: they are not recorded yet.
    """
    return tuple(bitmaps(_sets_of(release_id)))


def members_in(release_id: str, blocks: Sequence[int]) -> Mapping[int, BitMap]:
    """The pupils of some blocks whom any scan took, by block.

    Raises:
        NotWorkedOut: they are not recorded yet.
    """
    found = read_sets(frozenset(_sets_of(release_id)), sorted(blocks))
    everyone = BitMap.union(BitMap(), *(pupils_of(part) for part in found.values()))
    return {
        block: everyone & BitMap(range(block << BLOCK_BITS, (block + 1) << BLOCK_BITS)) for block in sorted(set(blocks))
    }


def left_out(release_id: str) -> BitMap:
    """The pupils whom policy left out of every scan; looks through the whole ledger once it is worked out."""
    row = _find(release_id)
    return BitMap.deserialize(bytes(row.denied)) if row.left_out_id is None else bitmaps([row.left_out_id])[0]
