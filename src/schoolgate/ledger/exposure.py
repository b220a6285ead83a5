"""What the ledger takes in and gives out: frozen values, and the splitting of a set into blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pyroaring import BitMap

from schoolgate.ids import Pmr

BLOCK_BITS = 16
"""A block holds 65,536 consecutive references, as a roaring container does."""


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A release as the ledger knows it.

    Attributes:
        scans: the items of each scan, in order.
        log_index: index of its ``release.begun`` event.
        settled_index: index of its ``release.settled`` event, None until then.
        member_count: pupils in it, None until settled.
    """

    release_id: str
    agreement_id: str
    person_id: str
    purpose: str
    lake_version: int
    definition: str
    definition_hash: str
    denied: bytes
    outcome: str
    rows: int | None
    begun_at: datetime
    delivered_at: datetime | None
    settled_at: datetime | None
    log_index: int
    settled_index: int | None
    member_count: int | None
    members_root: str
    scans: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class NewRelease:
    """What the gate records before a result may leave.

    Attributes:
        definition: canonical JSON of snapshot, scans and policy; private.
        denied: serialised bitmap of the pupils that policy left out.
        outcome: ``handed over`` or ``failed``: a query that failed in the engine also told something.
    """

    release_id: str
    agreement_id: str
    person_id: str
    purpose: str
    lake_version: int
    definition: str
    definition_hash: str
    denied: bytes
    outcome: str
    rows: int | None
    result_sha256: str
    scans: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Exposure:
    """One line of a child's answer: one release that held, or may have held, this child.

    Attributes:
        items: items read of this child; of the whole release while it is being worked out.
        state: ``settled``, or ``being worked out`` when the child may be in it.
        delivered: whether a result was handed over.
    """

    release_id: str
    agreement_id: str
    purpose: str
    items: tuple[str, ...]
    at: datetime
    state: str
    delivered: bool
    log_index: int
    settled_index: int | None


def block_of(pupil: Pmr) -> int:
    """The block a reference lies in."""
    return int(pupil) >> BLOCK_BITS


def split(pupils: BitMap) -> Iterator[tuple[int, bytes]]:
    """A set as (block, serialised set of positions within the block), blocks ascending."""
    if not pupils:
        return
    for block in range(pupils.min() >> BLOCK_BITS, (pupils.max() >> BLOCK_BITS) + 1):
        start = block << BLOCK_BITS
        part = pupils & BitMap(range(start, start + (1 << BLOCK_BITS)))
        if part:
            shifted = part.shift(-start)
            shifted.run_optimize()
            yield block, shifted.serialize()


def holds(block_set: bytes, pupil: Pmr) -> bool:
    """Whether a block's serialised set holds this pupil."""
    return (int(pupil) & ((1 << BLOCK_BITS) - 1)) in BitMap.deserialize(bytes(block_set))
