"""Step 6, the exposure's definition: what is recorded before a result may leave.

On an immutable snapshot the pupils of a scan follow from (snapshot, condition, pupils left out), so that
definition is the record; the bitmap is worked out from it afterwards and can be worked out again.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785
from pyroaring import BitMap

from schoolgate.gate.rewrite import ScanPlan
from schoolgate.records.read import LakeSnapshot


@dataclass(frozen=True, slots=True)
class Definition:
    """An exposure's definition.

    Attributes:
        text: canonical JSON (RFC 8785); private, it holds the query's conditions.
        digest: SHA-256 of the text, hexadecimal; public. The text holds a nonce, so that a condition
            cannot be found by trying.
        denied: serialised roaring bitmap of the pupils left out.
    """

    text: str
    digest: str
    denied: bytes


def consenting_of(value: Mapping[str, Any]) -> dict[str, BitMap]:
    """The pupils whose family said yes, by item, as a definition keeps them."""
    return {item: BitMap.deserialize(base64.b64decode(kept)) for item, kept in value.get("consent", {}).items()}


def define(
    snapshot: LakeSnapshot,
    scans: tuple[ScanPlan, ...],
    denied: BitMap,
    query: str,
    nonce: bytes,
    consenting: Mapping[str, BitMap] | None = None,
) -> Definition:
    """Write the definition of what these scans take from this snapshot.

    `consenting` are the pupils whose family said yes, by item, of the items that a scan reads.
    """
    left_out = denied.serialize()
    value: dict[str, Any] = {
        "v": 1,
        "nonce": nonce.hex(),
        "snapshot": snapshot.version,
        # Iceberg's snapshot ids have 63 bits, more than JSON numbers carry exactly (RFC 8785 section 3.2.2.3).
        "tables": {
            scan.table: str(snapshot.tables[scan.table].snapshot_id) for scan in scans if scan.table in snapshot.tables
        },
        "denied": hashlib.sha256(left_out).hexdigest(),
        "query": query,
        "scans": [
            {
                "number": scan.number,
                "table": scan.table,
                "items": list(scan.items),
                "condition": scan.condition,
                "members": scan.members,
            }
            for scan in scans
        ],
        # The few who said yes are in the definition itself, which is private.
        **(
            {"consent": {i: base64.b64encode(p.serialize()).decode() for i, p in consenting.items()}}
            if consenting
            else {}
        ),
    }
    text = rfc8785.dumps(value)
    return Definition(text.decode(), hashlib.sha256(text).hexdigest(), left_out)
