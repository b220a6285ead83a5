"""A pupil's key can be destroyed alone: nobody works it out again, and every other pupil's stays what it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr
from schoolgate.records.custody import StoreBroken, check_store
from schoolgate.records.models import VaultIdentity, VaultIndex
from schoolgate.records.pupil_keys import BLOCK_BITS, KeyDestroyed, PupilKeys
from schoolgate.records.vault import UnknownPupil, Vault
from schoolgate.seal import Keyring, SealBroken
from tests.world import CHILDREN

REFERENCES = st.integers(0, (1 << 31) - 1)
KEYS = Keyring(bytes(32))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gone=st.lists(REFERENCES, max_size=4), near=st.integers(0, 40), others=st.lists(REFERENCES, max_size=8))
def test_destroying_some_keys_leaves_all_others_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, gone: list[int], near: int, others: list[int]
) -> None:
    place = tmp_path_factory.mktemp("keys")
    gone = [*gone, *(min(one + near, (1 << 31) - 1) for one in gone[:2])]
    others = [*others, *(one ^ 1 for one in gone), *(one ^ 4096 for one in gone)]
    before = {one: PupilKeys(KEYS, place).key(one) for one in others}
    keys = PupilKeys(KEYS, place)
    for one in dict.fromkeys(gone):
        keys.key(one)  # known to this process, too
        keys.destroy(one)
        keys.destroy(one)
    assert list(keys.destroyed()) == sorted(set(gone))
    for fresh in (keys, PupilKeys(KEYS, place)):
        assert all(fresh.key(one) == before[one] for one in others if one not in gone)
        for one in gone:
            assert fresh.is_destroyed(one)
            with pytest.raises(KeyDestroyed):
                fresh.key(one)


def test_what_the_file_held_before_is_overwritten_and_another_master_key_does_not_open_it(tmp_path: Path) -> None:
    keys = PupilKeys(KEYS, tmp_path)
    keys.key(7)
    with open(tmp_path / "pupils", "rb") as held:
        before = held.read()
        keys.destroy(7)
        held.seek(0)
        assert held.read() != before
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["pupils", "pupils.lock"]
    with pytest.raises(SealBroken):
        PupilKeys(Keyring(bytes(31) + b"1"), tmp_path).key(8)


@pytest.mark.django_db
def test_an_erased_pupil_is_found_by_nothing_and_a_database_from_before_does_not_bring_it_back(home: Config) -> None:
    vault = Vault(home)
    pmrs = vault.allocate(CHILDREN)
    numbers = np.arange(1 << BLOCK_BITS, dtype=np.uint32)
    refs = vault.own_child_refs(numbers)
    rows = list(VaultIdentity.objects.filter(pmr=2)), list(VaultIndex.objects.filter(pmr=2))
    vault.erase(Pmr(2))
    vault.erase(Pmr(2))
    assert vault.holders([CHILDREN[2].upn]) == {}
    assert vault.find_same_child([CHILDREN[2]]) == {}
    assert set(vault.identities(pmrs)) == set(pmrs) - {2}
    with pytest.raises(UnknownPupil):
        vault.identity(Pmr(2))
    # The others' references in proofs stay; its own is gone.
    after = Vault(home).own_child_refs(numbers)
    assert np.flatnonzero((after != refs).any(axis=1)).tolist() == [2]
    assert vault.brought_back() == []
    check_store(home)
    # Rows of a backup from before: the identity stays closed, and it is said what to do.
    for row in (*rows[0], *rows[1]):
        row.save(force_insert=True)
    assert Vault(home).identities([Pmr(2)]) == {}
    assert vault.brought_back() == [2]
    with pytest.raises(StoreBroken, match="older than the erasure"):
        check_store(home)
    vault.erase(Pmr(2))
    assert vault.brought_back() == []
    # The same child comes in again: a new pupil.
    assert vault.allocate([replace(CHILDREN[2], as_of="")]) == [6]


@pytest.mark.django_db
def test_an_identity_sealed_before_pupils_had_keys_opens_until_it_is_erased(home: Config) -> None:
    vault = Vault(home)
    vault.allocate(CHILDREN[:2])
    old = home.keyring().seal("vault", CHILDREN[1].to_json(), (1).to_bytes(4, "big"))
    VaultIdentity.objects.filter(pmr=1).update(sealed=old)
    assert vault.identity(Pmr(1)).without_reference() == CHILDREN[1]
    check_store(home)
    vault.erase(Pmr(1))
    VaultIdentity.objects.create(pmr=1, sealed=old)
    with pytest.raises(SchoolgateError):
        vault.identity(Pmr(1))
    changed = bytearray(VaultIdentity.objects.get(pmr=0).sealed)
    changed[-1] ^= 1
    VaultIdentity.objects.filter(pmr=0).update(sealed=bytes(changed))
    with pytest.raises(SealBroken):
        vault.identity(Pmr(0))
