"""A backup taken before a child was erased: its name stays closed, and what the backup brings back is erased anew."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from schoolgate.backup import restore_backup, take_backup
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.gate.erasing import service
from schoolgate.ids import Term
from schoolgate.records.models import VaultIdentity, VaultIndex
from schoolgate.records.pupil_keys import KeyDestroyed, PupilKeys
from schoolgate.records.vault import Vault
from tests.erasing.scene import CHILD, build, destroyed, found, pupils
from tests.match.school import load, rows, send

pytestmark = pytest.mark.django_db(transaction=True)

PASSPHRASE = "four plain words together"


def test_an_older_backup_restored_does_not_bring_an_erased_child_back(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    scene = build(home, clock)
    # Files alone: the databases' own copies are tested with backups (tests/backup).
    folder, of_files = tmp_path / "backups", replace(home, database="sqlite")
    before = take_backup(folder, of_files, clock, PASSPHRASE)
    sealed = list(VaultIdentity.objects.filter(pmr=scene.child)), list(VaultIndex.objects.filter(pmr=scene.child))
    destroyed(scene, home, clock)
    # Until the next backup this folder still holds the key: that is said in docs/erasure.md.
    take_backup(folder, of_files, FixedClock(clock.now() + timedelta(days=1)), None)
    fresh = replace(of_files, home=tmp_path / "restored")
    restore_backup(folder, fresh, clock, PASSPHRASE, name=before.name)
    keys = PupilKeys(fresh.keyring(), fresh.keys)
    assert list(keys.destroyed()) == [scene.child]
    (identity,) = sealed[0]
    with pytest.raises(KeyDestroyed):
        keys.unseal(scene.child, bytes(identity.sealed))
    assert keys.unseal(scene.others[0], bytes(VaultIdentity.objects.get(pmr=scene.others[0]).sealed))

    # The older database and lake, as far as this one can play them: identity, index and rows are there again.
    for row in (*sealed[0], *sealed[1]):
        row.save(force_insert=True)
    for paper in (fresh.home / "papers").glob("*.sealed"):
        shutil.copy(paper, home.papers)
    assert any(place.startswith("paper ") for place in found(scene, home, ())["a name, a number or the birth date"])
    assert Vault(home).brought_back() == [scene.child]
    service.tend.func(config=home, clock=clock)
    assert Vault(home).brought_back() == []
    assert found(scene, home, ()).keys() <= {"the reference"}
    send(home, clock, *pupils(), Term="SUM", ReferenceDate="2026-05-21")
    assert load(home, clock, 2026, Term.SUMMER).new == 1  # the school sends the child again: a new pupil
    assert scene.child not in {row["pupil"] for row in rows(home)}
    assert Vault(home).find(CHILD["UPN"]) not in (None, scene.child)
