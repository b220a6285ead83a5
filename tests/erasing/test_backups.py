"""A backup taken before a child was erased: its name stays closed, and what the backup brings back is erased anew."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from schoolgate.backup import KEPT_DAYS, BackupBroken, forget_backups, past_their_time, restore_backup, take_backup
from schoolgate.backup.chest import Chest, own_key
from schoolgate.clock import FixedClock
from schoolgate.collect.paper import PaperReader
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


def in_backups(folder: Path, config: Config) -> set[str]:
    """The files of a folder's objects, whichever backup they belong to, in which a child's number stands."""
    chest, where = Chest(folder, own_key(config.keys / "backup.key")), set()
    for name in chest.names():
        for held in chest.contents(name).files:
            if held.path.startswith("papers/"):
                return_id = Path(held.path).name.partition(".")[0]
                sealed = BytesIO(b"".join(chest.take(held)))
                if CHILD["UPN"].encode() in b"".join(iter(PaperReader(sealed, config.keyring(), return_id).read, b"")):
                    where.add(held.object)
    return where


def forgotten_in_time(folder: Path, config: Config, clock: FixedClock, held: set[str]) -> None:
    """What was destroyed is in a folder's backups until the day that the certificate names, and not longer."""
    next_day = FixedClock(clock.now() + timedelta(days=1))
    assert past_their_time(folder, config, next_day) == []
    assert forget_backups(folder, config, next_day)[0] == 0
    assert in_backups(folder, config) == held
    later = FixedClock(clock.now() + timedelta(days=service.BACKUP_DAYS + 1))
    taking = Chest(folder, own_key(config.keys / "backup.key")).in_use(alone=False)
    with taking, pytest.raises(BackupBroken, match="in use"):  # nobody knows yet what the new one will need
        forget_backups(folder, config, later)
    assert len(past_their_time(folder, config, later)) == 1
    gone, files = forget_backups(folder, config, later)
    assert gone == 1
    assert files >= len(held)
    assert not {path.name for path in (folder / "objects").rglob("*") if path.is_file()} & held
    assert past_their_time(folder, config, FixedClock(later.now() + timedelta(days=900))) == []  # never the newest
    restore_backup(folder, replace(config, home=folder.parent / "again"), later, PASSPHRASE)
    assert KEPT_DAYS == service.BACKUP_DAYS


def test_an_older_backup_restored_does_not_bring_an_erased_child_back(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    scene = build(home, clock)
    # Files alone: the databases' own copies are tested with backups (tests/backup).
    folder, of_files = tmp_path / "backups", replace(home, database="sqlite")
    before = take_backup(folder, of_files, clock, PASSPHRASE)
    held = in_backups(folder, of_files)
    assert held
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
    forgotten_in_time(folder, of_files, clock, held)

    # The older database and lake, as far as this one can play them: identity, index and rows are there again.
    for row in (*sealed[0], *sealed[1]):
        row.save(force_insert=True)
    for paper in (fresh.home / "papers").glob("*.sealed"):
        shutil.copy(paper, home.papers)
    assert any(place.startswith("paper ") for place in found(scene, home, ())["a name, a number or the birth date"])
    assert Vault(home).brought_back() == [scene.child]
    service.tend.func(config=home, clock=clock)
    assert Vault(home).brought_back() == []
    left = found(scene, home, ())
    # What its recipient is told, until it has answered (`test_recipients`): the recipient's own reference, sealed.
    assert left.pop("a pseudonym", set()) <= {"corrections_erased.sealed"}
    assert left.keys() <= {"the reference"}
    send(home, clock, *pupils(), Term="SUM", ReferenceDate="2026-05-21")
    assert load(home, clock, 2026, Term.SUMMER).new == 1  # the school sends the child again: a new pupil
    assert scene.child not in {row["pupil"] for row in rows(home)}
    assert Vault(home).find(CHILD["UPN"]) not in (None, scene.child)
