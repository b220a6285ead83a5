"""Settling: the same set and the same root whenever it is taken up, proofs of both versions, and what is kept."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from schoolgate import gate, ledger, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.gate import settle as settling
from schoolgate.gate.commitment import ChildRefs, Kept, References, commit, show
from schoolgate.ids import Pmr
from schoolgate.ledger import models
from schoolgate.records.vault import Vault, keyed_blocks
from tests.world import World, build

VERIFIER = Path(__file__).resolve().parents[2] / "tools" / "verify_receipt.py"
SQL = "SELECT ethnicity, count(*) AS pupils FROM census_pupil WHERE year = 2026 GROUP BY ethnicity ORDER BY ethnicity"
KEY, OTHER_KEY = b"k" * 32, b"o" * 32


@pytest.fixture
def world(home: Config, clock: FixedClock) -> World:
    return build(home, clock)


def read(world: World, home: Config, clock: FixedClock, sql: str = SQL) -> str:
    answer = gate.read(world.agreement, world.person, sql, config=home, clock=clock)
    assert isinstance(answer, gate.Handover), answer
    return answer.release_id


def refs(children: References) -> np.ndarray:
    return keyed_blocks(b"r" * 32, 0, children)


def in_blocks(everyone: BitMap) -> Callable[[list[int]], dict[int, BitMap]]:
    """What the ledger answers when it is asked for a release's pupils of some blocks."""
    size = 1 << ledger.BLOCK_BITS
    return lambda blocks: {block: everyone & BitMap(range(block * size, (block + 1) * size)) for block in blocks}


def proof(
    pupil: int, everyone: BitMap, key: bytes = KEY, of: ChildRefs = refs
) -> tuple[bytes, bytes, int, int, list[bytes], bytes]:
    made = commit(everyone, key, of)
    shown = show(pupil, Kept.from_bytes(made.kept), key, of, in_blocks(everyone))
    assert shown is not None
    return shown.salt, shown.child_ref, shown.index, shown.count, list(shown.path), bytes.fromhex(made.root)


dense = st.builds(lambda first, size: set(range(first, first + size)), st.integers(0, 50_000), st.integers(1, 300))
scattered = st.sets(st.integers(0, 400_000), min_size=1, max_size=60)


@given(st.one_of(dense, scattered, st.builds(set.union, dense, scattered)), st.data())
@settings(max_examples=60, deadline=None)
def test_every_child_of_a_release_and_no_other_has_a_proof_that_holds(pupils: set[int], data: st.DataObject) -> None:
    everyone = BitMap(pupils)
    child = data.draw(st.sampled_from(sorted(pupils)))
    salt, child_ref, index, count, path, root = proof(child, everyone)
    assert count == len(pupils)
    register.verify_member(salt, child_ref, index, count, path, root)
    assert child_ref == refs(np.array([child], np.uint32)).tobytes()
    stranger = data.draw(st.integers(0, 400_000).filter(lambda number: number not in pupils))
    kept = Kept.from_bytes(commit(everyone, KEY, refs).kept)
    assert show(stranger, kept, KEY, refs, in_blocks(everyone)) is None


@given(scattered)
@settings(max_examples=25, deadline=None)
def test_the_root_is_that_of_the_tree_over_all_leaves_and_depends_on_every_child_and_the_key(pupils: set[int]) -> None:
    """Against the whole tree: the leaves put in the order that the proofs say, and nothing kept."""
    everyone = BitMap(pupils)
    leaves: dict[int, bytes] = {}
    for child in pupils:
        salt, child_ref, index, *_ = proof(child, everyone)
        leaves[index] = register.member_leaf(salt, child_ref)
    assert sorted(leaves) == list(range(len(pupils)))
    whole = register.MemberCommitment(tuple(leaves[index] for index in range(len(pupils))))
    made = commit(everyone, KEY, refs)
    assert bytes.fromhex(made.root) == whole.root
    assert commit(everyone, KEY, refs) == made
    without = BitMap(everyone - BitMap([everyone.max()]))
    assert len({made.root, commit(everyone, OTHER_KEY, refs).root, commit(without, KEY, refs).root}) == 3


def test_a_release_with_nobody_has_a_commitment_to_nobody() -> None:
    made = commit(BitMap(), KEY, refs)
    assert (made.count, bytes.fromhex(made.root)) == (0, register.MemberCommitment(()).root)
    assert show(5, Kept.from_bytes(made.kept), KEY, refs, in_blocks(BitMap())) is None


@pytest.mark.parametrize("apart", [1, 8_192], ids=["within a block", "a child a block"])
def test_positions_say_nothing_of_the_reference(apart: int) -> None:
    """Rank correlation of 60 children's references and positions; chance keeps it within 0.4 (three deviations)."""
    everyone = BitMap(range(90_000, 90_000 + 60 * apart, apart))
    places = [proof(child, everyone)[2] for child in everyone]
    assert sorted(places) == list(range(60))
    assert abs(np.corrcoef(places, range(60))[0, 1]) < 0.4


def test_of_a_large_release_a_thousandth_of_the_leaves_is_kept() -> None:
    """Forty thousand children who came one after the other: 1.3 MB of leaves."""
    everyone = BitMap(range(90_000, 130_000))
    made = commit(everyone, KEY, refs)
    assert len(made.kept) < 40_000 * 32 / 1000
    for child in range(90_000, 130_000, 9_999):
        salt, child_ref, index, count, path, root = proof(child, everyone)
        register.verify_member(salt, child_ref, index, count, path, root)


def test_whoever_lacks_the_releases_key_makes_no_proof() -> None:
    everyone = BitMap(range(100))
    kept = Kept.from_bytes(commit(everyone, KEY, refs).kept)
    with pytest.raises(register.ProofError):
        show(5, kept, OTHER_KEY, refs, in_blocks(everyone))


def test_a_ledger_that_was_changed_makes_no_proof() -> None:
    everyone = BitMap(range(100))
    kept = Kept.from_bytes(commit(everyone, KEY, refs).kept)
    with pytest.raises(register.ProofError):
        show(5, kept, KEY, refs, in_blocks(everyone | BitMap([4_000])))


@pytest.mark.django_db(transaction=True)
def test_until_it_is_worked_out_may_be_then_exactly_and_the_proof_when_the_log_has_it(
    world: World, home: Config, clock: FixedClock
) -> None:
    """Between the two the private answer is exact and says that it has no proof yet."""
    name = read(world, home, clock, "SELECT sum(sessions) AS s FROM census_absence WHERE sessions > 4")
    seen: dict[str, list[tuple[str, bool]]] = {}

    def look(step: str) -> None:
        lines = [line for pupil in (1, 5) for line in ledger.who_has(Pmr(pupil))]
        seen[step] = [(line.state, line.settled_index is not None) for line in lines]

    look("begun")
    gate.settle_pending(home, clock, step=look)
    assert seen["begun"] == [("being worked out", False)] * 2
    assert seen["worked out"] == [("settled", False)]
    assert seen["settled"] == [("settled", True)]
    assert [line.release_id for line in ledger.who_has(Pmr(5))] == [name]
    assert ledger.who_has(Pmr(1)) == ()


@pytest.mark.django_db(transaction=True)
def test_a_read_that_comes_while_others_are_committed_to_is_worked_out_before_the_next(
    world: World, home: Config, clock: FixedClock
) -> None:
    """A commitment of millions takes seconds; what comes meanwhile does not wait for all of them."""
    read(world, home, clock)
    read(world, home, clock, "SELECT sum(sessions) AS s FROM census_absence WHERE sessions > 4")
    steps: list[str] = []

    def meanwhile(step: str) -> None:
        steps.append(step)
        if steps.count("settled") == 1 and step == "settled":
            read(world, home, clock, "SELECT count(*) AS n FROM census_absence")

    assert len(gate.settle_pending(home, clock, step=meanwhile)) == 3
    settled = ["worked out", "worked out", "settled", "worked out", "settled", "settled"]
    assert steps == [*settled, "settled published"]
    assert ledger.unsettled() == ()


@pytest.mark.django_db(transaction=True)
def test_a_gate_that_stops_leaves_commitments_to_the_next_and_no_family_waiting(
    world: World, home: Config, clock: FixedClock
) -> None:
    for _ in range(3):
        read(world, home, clock)
    answers = iter([True, False])
    assert len(settling.settle_pending(home, clock, go_on=lambda: next(answers))) == 1
    assert [record.worked_out_at is not None for record in ledger.unsettled()] == [True, True]
    assert len(gate.settle_pending(home, clock)) == 2


@pytest.mark.django_db(transaction=True)
def test_a_large_release_is_hashed_beside_and_has_the_same_root(
    world: World, home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = read(world, home, clock)
    monkeypatch.setattr(register, "WORTH_IT", 1)
    (record,) = gate.settle_pending(home, clock)
    vault = Vault(home)
    everyone = BitMap.union(BitMap(), *ledger.members(name))
    assert record.members_root == commit(everyone, vault.release_key(name), vault.own_child_refs).root


@pytest.mark.django_db(transaction=True)
def test_a_settlement_interrupted_after_the_pupils_were_recorded_commits_to_what_families_were_told(
    world: World, home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken up again, the pupils come from the ledger, even if the lake would say something else now."""
    name = read(world, home, clock)

    class Cut(Exception):
        pass

    def cut(step: str) -> None:
        raise Cut

    with pytest.raises(Cut):
        gate.settle_pending(home, clock, step=cut)
    told = ledger.members(name)
    assert ledger.release(name).settled_at is None
    monkeypatch.setattr(settling, "_members", lambda record, config: [BitMap([0])])
    gate.settle_pending(home, clock)
    assert ledger.members(name) == told
    vault = Vault(home)
    everyone = BitMap.union(BitMap(), *told)
    assert ledger.release(name).members_root == commit(everyone, vault.release_key(name), vault.own_child_refs).root
    assert len(register.events("release.settled")) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_settlers_the_second_commits_to_what_the_first_recorded(
    world: World, home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = read(world, home, clock)
    real = settling._members

    def overtaken(record: ledger.ReleaseRecord, config: Config) -> list[BitMap]:
        mine = real(record, config)
        ledger.record_members(name, [BitMap([1, 2]) for _ in mine], clock)
        return mine

    monkeypatch.setattr(settling, "_members", overtaken)
    (record,) = gate.settle_pending(home, clock)
    assert record.member_count == 2
    assert gate.member_proof(name, Pmr(1), home)["member_count"] == 2
    with pytest.raises(gate.NotAMember):
        gate.member_proof(name, Pmr(3), home)


@pytest.mark.django_db(transaction=True)
def test_worked_out_again_from_its_definition_a_release_has_the_same_pupils_and_the_same_root(
    world: World, home: Config, clock: FixedClock
) -> None:
    name = read(world, home, clock)
    before = ledger.release(name)
    again = settling._members(before, home)
    gate.settle_pending(home, FixedClock(clock.now() + timedelta(days=400)))
    assert tuple(again) == ledger.members(name)


@pytest.mark.django_db(transaction=True)
def test_a_proof_of_version_1_made_from_what_was_kept_then_still_holds(
    world: World, home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    """A release settled by an earlier schoolgate: sorted leaves, salts and references by HMAC."""
    name = read(world, home, clock)
    vault = Vault(home)
    key, pupils = vault.release_key(name), [0, 2, 5]
    salts = {pupil: settling._salt_1(key, pupil) for pupil in pupils}
    made = register.commit_members((salts[pupil], vault.child_ref(Pmr(pupil))) for pupil in pupils)
    event = {
        "release": name, "pupils": "fewer than 10", "members_root": made.root.hex(),
        "members_count": "fewer than 10", "bitmap_hash": None,
    }  # fmt: skip
    ledger.record_members(name, [BitMap(pupils)], clock)
    settled = ledger.record_settlement(
        name,
        ledger.Commitment(made.root.hex(), 3, 1, b"".join(made.leaves)),
        lambda: register.append_event("release.settled", name, event, clock.now()),
        clock,
    )
    register.publish(clock, home)
    member = gate.member_proof(name, Pmr(2), home)
    assert member["salt"] == salts[2].hex()
    file = {"schoolgate": "family-proof/1", **member, "key": register.verifier_key(home)}
    for part, index in (("release", settled.log_index), ("settled", settled.settled_index)):
        assert index is not None
        proof_of = register.receipt_proof(index, home)
        file[part] = {"event": dict(register.event(index).body), "index": index, "proof": proof_of}
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(file))
    checked = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(path)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    with pytest.raises(gate.NotAMember):
        gate.member_proof(name, Pmr(3), home)


@pytest.mark.django_db(transaction=True)
def test_once_a_releases_key_is_destroyed_nobody_is_given_a_proof_that_does_not_hold(
    world: World, home: Config, clock: FixedClock
) -> None:
    name = read(world, home, clock)
    gate.settle_pending(home, clock)
    assert gate.member_proof(name, Pmr(2), home)["member_count"] == 6
    Vault(home).destroy_release_key(name)
    with pytest.raises(SchoolgateError, match="can no longer be made"):
        gate.member_proof(name, Pmr(2), home)


@pytest.mark.django_db(transaction=True)
def test_the_ledger_keeps_of_a_commitment_which_version_it_is_and_no_leaf(
    world: World, home: Config, clock: FixedClock
) -> None:
    name = read(world, home, clock)
    gate.settle_pending(home, clock)
    row = models.Member.objects.get(release__release_id=name)
    vault = Vault(home)
    key = vault.release_key(name)
    assert row.version == 3
    for pupil in ledger.members(name)[0]:
        assert hashlib.sha256(settling._salt_1(key, pupil)).digest() not in bytes(row.leaves)
        assert bytes.fromhex(gate.member_proof(name, Pmr(pupil), home)["child_ref"]) not in bytes(row.leaves)
