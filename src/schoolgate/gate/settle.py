"""Settling: working out which pupils a release took, and committing to them in public.

Idempotent: worked out again from the definition on the same snapshot, the set is the same.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from pyroaring import BitMap

from schoolgate import ledger, register
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.gate.engine import Engine, EngineRefused, Limits
from schoolgate.gate.handover import nothing
from schoolgate.gate.lake import EngineRequest, open_engine
from schoolgate.gate.rewrite import everybody
from schoolgate.ids import Pmr
from schoolgate.records.read import snapshot as pinned_snapshot
from schoolgate.records.vault import Vault


def _members(record: ledger.ReleaseRecord, config: Config) -> list[BitMap]:
    definition = json.loads(record.definition)
    scans = definition["scans"]
    request = EngineRequest(
        snapshot=pinned_snapshot(definition["snapshot"], config),
        # A cohort condition looks at census_pupil from another table's scan.
        tables=frozenset({scan["table"] for scan in scans} | ({"census_pupil"} if scans else set())),
        denied=BitMap.deserialize(record.denied),
        pseudonym_key=bytes(32),
        limits=Limits(seconds=600),
    )
    with open_engine(request, config) as engine:
        return [_of_scan(engine, scan) for scan in scans]


def _of_scan(engine: Engine, scan: Mapping[str, str]) -> BitMap:
    """The pupils of one scan; when its condition cannot be worked out, everybody it could have taken.

    Conditions that can fail are not pushed into scans (`pushable`), so this is a second lock: an exposure may be
    recorded too large, never too small, and one odd query never keeps families waiting for an answer.
    """
    try:
        return engine.members(scan["members"])
    except EngineRefused:
        return engine.members(everybody(scan["table"]))


def member_salt(release_key: bytes, pupil: int) -> bytes:
    """The 32-byte salt of one child in one release: without the release's key it cannot be found again."""
    return hmac.digest(release_key, pupil.to_bytes(8, "big"), hashlib.sha256)


def _commitment(record: ledger.ReleaseRecord, everyone: BitMap, config: Config) -> register.MemberCommitment:
    vault = Vault(config)
    key = vault.release_key(record.release_id)
    return register.commit_members((member_salt(key, p), vault.child_ref(Pmr(p))) for p in everyone)


def settle(
    record: ledger.ReleaseRecord, *, config: Config, clock: Clock, step: Callable[[str], None] = nothing
) -> ledger.ReleaseRecord:
    """Settle one release; one that is settled already stays as it is."""
    if record.settled_at is not None:
        return record
    members = _members(record, config)
    everyone = BitMap.union(*members) if members else BitMap()
    commitment = _commitment(record, everyone, config)
    step("worked out")
    counted = register.round_count(len(everyone))
    payload = {
        "release": record.release_id,
        "pupils": counted,
        "members_root": commitment.root.hex(),
        "members_count": counted,
        "bitmap_hash": None,
    }
    settled = ledger.record_settlement(
        record.release_id,
        members,
        (commitment.root.hex(), b"".join(commitment.leaves), len(everyone)),
        lambda: register.append_event("release.settled", record.release_id, payload, clock.now()),
        clock,
    )
    step("settled")
    return settled


def settle_pending(
    config: Config, clock: Clock, *, step: Callable[[str], None] = nothing
) -> tuple[ledger.ReleaseRecord, ...]:
    """Settle every release that is not, oldest first, and publish. An interrupted one is taken up again.

    Raises:
        SchoolgateError: some could not be settled; all others were.
    """
    done: list[ledger.ReleaseRecord] = []
    failed: list[SchoolgateError] = []
    for record in ledger.unsettled():
        try:
            done.append(settle(record, config=config, clock=clock, step=step))
        except SchoolgateError as problem:  # the others' families do not wait for this one
            failed.append(problem)
    register.publish(clock, config)
    step("settled published")
    if failed:
        raise SchoolgateError(
            f"{len(failed)} of {len(failed) + len(done)} releases could not be settled: {failed[0].what}",
            hint="They stay “being worked out” and are taken up again.",
            code="not-settled",
        )
    return tuple(done)


class NotAMember(SchoolgateError):
    """This child is not in this release, or it is not settled yet."""


def member_proof(release_id: str, pupil: Pmr, config: Config) -> dict[str, Any]:
    """What lets one child's family show that the custodian told them about a release.

    Returns:
        ``salt`` and ``child_ref`` (hexadecimal), ``member_index``, ``member_count``, ``member_path``.

    Raises:
        NotAMember: the child is not in it.
    """
    record = ledger.release(release_id)
    if record.settled_at is None:
        raise NotAMember("This release is still being worked out.", hint="Try again in a minute.", code="not-settled")
    vault = Vault(config)
    salt = member_salt(vault.release_key(release_id), int(pupil))
    child_ref = vault.child_ref(pupil)
    joined = ledger.commitment_leaves(release_id)
    leaves = [joined[at : at + 32] for at in range(0, len(joined), 32)]
    leaf = register.member_leaf(salt, child_ref)
    if leaf not in leaves:
        raise NotAMember("This child is not in this release.", code="not-a-member")
    index = leaves.index(leaf)
    return {
        "salt": salt.hex(),
        "child_ref": child_ref.hex(),
        "member_index": index,
        "member_count": len(leaves),
        "member_path": [part.hex() for part in register.MemberCommitment(tuple(leaves)).proof(index)],
    }
