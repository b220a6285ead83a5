"""Settling: working out which pupils a release took, and committing to them in public.

Idempotent: worked out again from the definition on the same snapshot, the set is the same; committed to again with
the release's key, so is the root.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from pyroaring import BitMap

from schoolgate import ledger, register, work
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.gate.commitment import Kept, Shown, commit, show
from schoolgate.gate.definition import sets_of
from schoolgate.gate.engines.engine import EngineLost, EngineRefused, Limits, NothingRead
from schoolgate.gate.engines.lake import EngineRequest, ReadEngine, open_engine
from schoolgate.gate.erasing.models import KeptLeaf
from schoolgate.gate.handover import nothing
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
        sets=sets_of(definition),
    )
    with open_engine(request, config) as engine:
        return [_of_scan(engine, scan) for scan in scans]


def _of_scan(engine: ReadEngine, scan: Mapping[str, str]) -> BitMap:
    """The pupils of one scan; when its condition cannot be worked out, everybody it could have taken.

    Conditions that can fail are not pushed into scans (`pushable`), so this is a second lock: an exposure may be
    recorded too large, never too small, and one odd query never keeps families waiting for an answer. An engine that
    was killed is another matter: it says nothing about the condition, and the next try gives the set that this one
    would have given.
    """
    try:
        return engine.members(scan["members"])
    except (EngineLost, NothingRead):
        raise
    except EngineRefused:
        return engine.members(everybody(scan["table"]))


def _salt_1(release_key: bytes, pupil: int) -> bytes:
    """The 32-byte salt of one child in a release whose commitment is of version 1."""
    return hmac.digest(release_key, pupil.to_bytes(8, "big"), hashlib.sha256)


def _work_out(record: ledger.ReleaseRecord, config: Config, clock: Clock) -> BitMap:
    """Record which pupils a release took, and give them all: from now on families' answers are exact.

    What is on record stays, whoever recorded it: it is what families were told, and what is committed to.
    """
    if record.worked_out_at is None:
        members = _members(record, config)
        if ledger.record_members(record.release_id, members, clock):
            return BitMap.union(BitMap(), *members)
    return BitMap.union(BitMap(), *ledger.members(record.release_id))


def _commit(record: ledger.ReleaseRecord, everyone: BitMap, config: Config, clock: Clock) -> ledger.ReleaseRecord:
    """Commit to a release's pupils in public."""
    vault, many = Vault(config), len(everyone) >= register.WORTH_IT
    with register.Beside(register.processes() if many else 0) as beside:
        commitment = commit(everyone, vault.release_key(record.release_id), vault.own_child_refs, beside)
    counted = register.round_count(len(everyone))
    payload = {
        "release": record.release_id,
        "pupils": counted,
        "members_root": commitment.root,
        "members_count": counted,
        "bitmap_hash": None,
    }

    def append() -> int:
        index = register.append_event("release.settled", record.release_id, payload, clock.now())
        work.done(settle_release, release=record.release_id)
        return index

    return ledger.record_settlement(record.release_id, commitment, append, clock)


def settle(
    record: ledger.ReleaseRecord, *, config: Config, clock: Clock, step: Callable[[str], None] = nothing
) -> ledger.ReleaseRecord:
    """Settle one release; one that is settled already stays as it is.

    Families' answers come first: they are exact as soon as the pupils are recorded. The commitment takes several
    times as long; its event makes the release settled in public.
    """
    if record.settled_at is not None:
        return record
    everyone = _work_out(record, config, clock)
    step("worked out")
    settled = _commit(record, everyone, config, clock)
    step("settled")
    return settled


def settle_pending(
    config: Config,
    clock: Clock,
    *,
    step: Callable[[str], None] = nothing,
    go_on: Callable[[], bool] = lambda: True,
) -> tuple[ledger.ReleaseRecord, ...]:
    """Settle every release that is not, oldest first, and publish. An interrupted one is taken up again.

    Whatever waits is worked out before the next is committed to: no family waits for another release's commitment.

    Args:
        config: the installation.
        clock: the time.
        step: called after each durable step.
        go_on: asked before each commitment; when it says no, what is left is for the next run.

    Raises:
        SchoolgateError: some could not be settled, or could not be published; all others were settled.
    """
    ready: deque[tuple[ledger.ReleaseRecord, BitMap]] = deque()
    done: list[ledger.ReleaseRecord] = []
    failed: list[SchoolgateError] = []
    last = -1
    while True:
        for record in ledger.unsettled(after=last):
            last = record.log_index
            try:
                ready.append((record, _work_out(record, config, clock)))
                step("worked out")
            except SchoolgateError as problem:  # the others' families do not wait for this one
                failed.append(problem)
        if not ready or not go_on():
            break
        try:
            done.append(_commit(*ready.popleft(), config, clock))
            step("settled")
        except SchoolgateError as problem:
            failed.append(problem)
        ledger.fold_segments()
    # Each read publishes what was settled before it; while nobody reads, this does.
    register.publish(clock, config)
    step("settled published")
    if failed:
        raise SchoolgateError(
            f"{len(failed)} of {len(failed) + len(done)} releases could not be settled: {failed[0].what}",
            hint="They stay “being worked out” and are taken up again.",
            code="not-settled",
        )
    return tuple(done)


@work.job
def settle_release(release: str, *, config: Config, clock: Clock) -> None:
    """Work out which pupils a release took, and keep look-ups fast."""
    settle(ledger.release(release), config=config, clock=clock)
    register.publish(clock, config)
    ledger.fold_segments()


@work.job
def note_unsettled(*, config: Config, clock: Clock) -> None:
    """Note what is still to be settled."""
    with transaction.atomic():
        for record in ledger.unsettled():
            work.later(settle_release, release=record.release_id)


def _any_unsettled(config: Config) -> bool:
    return bool(ledger.unsettled())


# Each release is noted with its own begin; this finds those of a release of schoolgate that had no queue.
work.every(timedelta(hours=1), note_unsettled, _any_unsettled)


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
    kept = ledger.commitment(release_id)
    shown = (_show_1 if kept.version == 1 else _show)(record, kept, pupil, Vault(config))
    if shown is None:
        raise NotAMember("This child is not in this release.", code="not-a-member")
    return {
        "salt": shown.salt.hex(),
        "child_ref": shown.child_ref.hex(),
        "member_index": shown.index,
        "member_count": shown.count,
        "member_path": [part.hex() for part in shown.path],
    }


def _show(record: ledger.ReleaseRecord, kept: ledger.Commitment, pupil: Pmr, vault: Vault) -> Shown | None:
    name = record.release_id
    try:
        return show(
            int(pupil),
            Kept.from_bytes(kept.kept),
            vault.release_key(name),
            vault.child_refs if kept.version == 2 else vault.own_child_refs,
            lambda blocks: ledger.members_in(name, blocks),
            {row.pupil: bytes(row.leaf) for row in KeptLeaf.objects.filter(release_id=name)},
        )
    except register.ProofError:
        raise SchoolgateError(
            "This release's proofs can no longer be made: its key was destroyed, or the ledger was changed.",
            hint="The custodian: compare with a backup.",
            code="commitment-broken",
        ) from None


def _show_1(record: ledger.ReleaseRecord, kept: ledger.Commitment, pupil: Pmr, vault: Vault) -> Shown | None:
    """Version 1: all leaves are kept, sorted."""
    salt, child_ref = _salt_1(vault.release_key(record.release_id), int(pupil)), vault.child_ref(pupil)
    made = register.MemberCommitment(tuple(kept.kept[at : at + 32] for at in range(0, len(kept.kept), 32)))
    leaf = register.member_leaf(salt, child_ref)
    if leaf not in made.leaves:
        return None
    index = made.leaves.index(leaf)
    return Shown(salt, child_ref, index, len(made.leaves), tuple(made.proof(index)))
