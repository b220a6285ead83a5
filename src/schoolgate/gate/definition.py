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
from schoolgate.gate.terms.leftout import PupilSets, named
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


def _kept(pupils: BitMap) -> str:
    return base64.b64encode(pupils.serialize()).decode()


def _pupils(kept: str) -> BitMap:
    return BitMap.deserialize(base64.b64decode(kept))


def sets_of(value: Mapping[str, Any]) -> dict[str, BitMap]:
    """The sets of pupils beside those left out of every scan, under the engine's names, as a definition keeps them."""
    consenting = {item: _pupils(kept) for item, kept in value.get("consent", {}).items()}
    return named(consenting, {int(number): _pupils(kept) for number, kept in value.get("disputed", {}).items()})


def define(
    snapshot: LakeSnapshot,
    scans: tuple[ScanPlan, ...],
    sets: PupilSets,
    query: str,
    nonce: bytes,
) -> Definition:
    """Write the definition of what these scans take from this snapshot."""
    left_out = sets.denied.serialize()
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
        # The few who said yes, and those of whom an item is in dispute, are in the definition itself: it is private.
        **({"consent": {item: _kept(pupils) for item, pupils in sets.consenting.items()}} if sets.consenting else {}),
        **({"disputed": {str(at): _kept(pupils) for at, pupils in sets.disputed.items()}} if sets.disputed else {}),
    }
    text = rfc8785.dumps(value)
    return Definition(text.decode(), hashlib.sha256(text).hexdigest(), left_out)
