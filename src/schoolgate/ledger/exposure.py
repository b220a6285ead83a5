"""What the ledger takes in and gives out: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

BEGUN, FAILED, DELIVERED = "begun, not delivered", "failed", "delivered"
"""What came of a release. Begun: it is on record, and no result is on record as having left. Failed: the engine could
not answer, so none did."""

BEING_WORKED_OUT, WORKED_OUT, SETTLED = "being worked out", "worked out", "settled"
"""How far its pupils are known. Worked out: each child's own answer is exact. Settled: the public log commits to it."""


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A release as the ledger knows it.

    Attributes:
        scans: the items of each scan, in order.
        denied: serialised bitmap of the pupils left out; empty bytes once it is worked out (`left_out` has them).
        worked_out_at: when its pupils were recorded, None until then.
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
    worked_out_at: datetime | None
    settled_at: datetime | None
    log_index: int
    settled_index: int | None
    member_count: int | None
    members_root: str
    scans: tuple[tuple[str, ...], ...]

    @property
    def handed_over(self) -> str:
        """`BEGUN`, `FAILED` or `DELIVERED`: whether a result is on record as having left."""
        if self.outcome == "failed":
            return FAILED
        return BEGUN if self.delivered_at is None else DELIVERED

    @property
    def counted(self) -> str:
        """`BEING_WORKED_OUT`, `WORKED_OUT` or `SETTLED`: how far its pupils are known."""
        if self.settled_at is not None:
            return SETTLED
        return BEING_WORKED_OUT if self.worked_out_at is None else WORKED_OUT


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
        state: `SETTLED` when the answer is exact, `BEING_WORKED_OUT` when the child may be in it.
        delivered: whether a result is on record as handed over.
        settled_index: of the public commitment; None until it is in the log, so an exact answer may have no proof yet.
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
