"""Step 7, write: what is recorded of a read or a refusal, and the receipt that shows it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from django.db import transaction

from schoolgate import ledger, register, requests, work
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.gate.definition import Definition
from schoolgate.gate.handover import RefusedQuery
from schoolgate.gate.hidden import without_hidden
from schoolgate.gate.manner import PLAIN, Manner
from schoolgate.gate.rewrite import Plan
from schoolgate.gate.settle import settle_release
from schoolgate.records.expire import is_ended
from schoolgate.records.read import LakeSnapshot

Entropy = Callable[[int], bytes]


def refuse(agreement_id: str | None, reasons: tuple[Refusal, ...], *, config: Config, clock: Clock) -> RefusedQuery:
    """Record a refusal in the register; only the agreement and the reasons' codes are public.

    The agreement is one that exists; None when the asker named one that does not, whose text could be anything and
    is not repeated.
    """
    with transaction.atomic():
        index = register.append_event(
            "query.refused",
            agreement_id or "unknown agreement",
            {
                "agreement": agreement_id,
                "query_hash": None,
                "reasons": sorted({reason.code for reason in reasons}),
            },
            clock.now(),
        )
    register.publish(clock, config)
    return RefusedQuery(reasons, index)


class _Digest:
    """A file that keeps nothing but the digest of what is written to it."""

    closed = False

    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is open."""


def write_stream(table: pa.Table, sink: Any) -> None:
    """Write a result as an Arrow IPC stream, the form whose digest a receipt carries."""
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(without_hidden(table))


def result_digest(table: pa.Table) -> str:
    """SHA-256 of the result as an Arrow IPC stream, hexadecimal."""
    digest = _Digest()
    write_stream(table, pa.PythonFile(digest, mode="w"))
    return digest.sha256.hexdigest()


@dataclass(frozen=True, slots=True)
class Taken:
    """What a receipt says of a result, bound to the log by the release's ``result_hash``.

    Attributes:
        nonce: 16 random bytes, so that nobody finds a small result in the log by trying.
        rows: how many it has.
        sha256: of the result as an Arrow stream, hexadecimal.
        files: name -> SHA-256 of each file it leaves as.
    """

    nonce: bytes
    rows: int
    sha256: str
    files: Mapping[str, str] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """The receipt's own fields, as they are bound."""
        files = {"files": dict(self.files)} if self.files else {}
        return {"result_sha256": self.sha256, "rows": self.rows, **files}


class ChangedMeanwhile(Exception):
    """What the read was allowed by is no longer so; nothing was written."""


def _still(begun: int) -> None:
    """The read still is what it was when it was checked."""


def begin(
    agreement: requests.Agreement,
    person_id: str,
    definition: Definition,
    plan: Plan,
    *,
    snapshot: LakeSnapshot,
    release_id: str,
    query_hash: str,
    shown: str | None,
    taken: Taken | None,
    pupils: str | None,
    clock: Clock,
    confirm: Callable[[int], None] = _still,
    engine: str = "",
    manner: Manner = PLAIN,
) -> ledger.ReleaseRecord:
    """Ledger and register event in one transaction.

    `taken` is None when the query failed. `confirm` is called with the event's index inside the transaction, when no
    other event can come between; it raises `ChangedMeanwhile` when the read may not stand. What `manner` writes beside
    it is in the same transaction.
    """
    items = sorted({item for scan in plan.scans for item in scan.items})
    # A query that ran and failed is an exposure (docs/decisions/0005); its entry says that nothing was given.
    came_of_it = (
        {"outcome": "failed"} if taken is None else {"result_hash": register.result_hash(taken.nonce, taken.fields())}
    )
    payload = {
        "agreement": agreement.id,
        "organisation": agreement.organisation_name,
        "purpose": agreement.purpose,
        "lawful_basis": agreement.lawful_basis,
        "query": shown,
        "query_hash": query_hash,
        "items": items,
        "snapshot": snapshot.version,
        "definition_hash": definition.digest,
        "pupils": pupils,
        **({"engine": engine} if engine else {}),
        **manner.further,
        **came_of_it,
    }
    new = ledger.NewRelease(
        release_id=release_id,
        agreement_id=agreement.id,
        person_id=person_id,
        purpose=agreement.purpose,
        lake_version=snapshot.version,
        definition=definition.text,
        definition_hash=definition.digest,
        denied=definition.denied,
        outcome="failed" if taken is None else "handed over",
        rows=None if taken is None else taken.rows,
        result_sha256="" if taken is None else taken.sha256,
        scans=tuple(scan.items for scan in plan.scans),
    )

    def append() -> int:
        index = register.append_event("release.begun", release_id, payload, clock.now())
        if is_ended(snapshot.version):
            raise ChangedMeanwhile  # something in this version was destroyed while it was read
        confirm(index)
        manner.beside(release_id)
        work.later(settle_release, release=release_id)
        return index

    return ledger.begin_release(new, append, clock)


def receipt_for(record: ledger.ReleaseRecord, taken: Taken, config: Config) -> dict[str, Any]:
    """The receipt that goes with a result (``receipt/1``); checked offline by tools/verify_receipt.py."""
    return {
        "schoolgate": "receipt/1",
        "event": dict(register.event(record.log_index).body),
        "index": record.log_index,
        "proof": register.receipt_proof(record.log_index, config),
        "key": register.verifier_key(config),
        **taken.fields(),
        "query_nonce": taken.nonce.hex(),
    }


def new_release_id(entropy: Entropy) -> str:
    """A release's public name: random, so that it says nothing about order or number."""
    return "R-" + entropy(8).hex()
