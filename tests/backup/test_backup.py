"""A backup is consistent while the gate reads on, says nothing to whoever steals it, and costs what changed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from schoolgate.backup.take import _taken
from tests.backup.conftest import PASSPHRASE, Scene


def _everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def _objects(folder: Path) -> set[str]:
    return {path.name for path in (folder / "objects").rglob("*") if path.is_file()}


def test_what_was_backed_up_is_restored_elsewhere_and_proved_whole(scene: Scene) -> None:
    before = scene.house.look()
    assert "is finished" in scene.command()
    said = scene.restore(new := scene.elsewhere(), "--verify")
    assert (
        "The log matches the ledger; no release is missing. 2 releases (1 settled, 0 begun and not handed over)" in said
    )
    assert "sealed identities that open" in said
    assert (new.home / "lake" / "made-at").read_text().strip() == str(scene.house.home / "lake")
    assert scene.house.look() == before, "the installation itself is as it was"


def test_the_restored_installation_goes_on_working(scene: Scene) -> None:
    agreement = scene.house.facts["agreement"]
    scene.back_up()
    scene.restore(new := scene.elsewhere(), "--verify")
    asked = ("read", "--agreement", agreement["agreement"], "SELECT count(*) AS n FROM census_pupil")
    assert "receipt" in new.run(*asked).lower()
    assert "3 releases (3 settled" in new.run("log", "check-whole")
    assert "The log is whole" in new.run("log", "verify", str(new.home / "log"))


def test_reads_go_on_while_a_backup_is_taken_and_what_it_holds_is_whole(scene: Scene) -> None:
    agreement = scene.house.facts["agreement"]
    asked = ("read", "--agreement", agreement["agreement"], "SELECT count(*) AS n FROM census_pupil")
    scene.back_up()
    for _ in range(2):
        taking = scene.place.start("backup", str(scene.backups))
        reading = [scene.place.start(*asked) for _ in range(2)]
        for process in [taking, *reading]:
            said, _ = process.communicate()
            assert process.returncode == 0, said
    assert "The log matches the ledger" in scene.restore(scene.elsewhere(), "--verify")


def test_a_second_backup_writes_what_changed(scene: Scene) -> None:
    scene.back_up()
    first = _objects(scene.backups)
    scene.back_up()
    added = _objects(scene.backups) - first
    lake = len(list((scene.house.home / "lake").rglob("*.parquet")))
    assert lake > 2
    assert len(added) <= 2, "the databases alone"
    assert "2 releases" in scene.restore(scene.elsewhere(), "--verify")


class TestAThief:
    """Who has the backup's disks has noise, the names of files, and how many there are."""

    def test_nothing_in_it_can_be_read(self, scene: Scene) -> None:
        scene.back_up()
        found = _everything(scene.backups)
        for plain in (
            b"PAR1",
            b"SQLite format 3",
            b"census_pupil\x00",
            b"ethnicity",
            (scene.house.home / "keys" / "master.key").read_bytes(),
        ):
            assert plain not in found
        for path in scene.backups.rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path

    def test_another_passphrase_does_not_open_it(self, scene: Scene) -> None:
        scene.back_up()
        scene.secret.write_text("four other words here\n")
        new = scene.elsewhere()
        assert "The passphrase does not open this backup." in scene.restore(new, fails=True)
        assert not new.home.exists()

    def test_a_short_passphrase_is_refused_and_nothing_is_written(self, scene: Scene) -> None:
        scene.secret.write_text("short\n")
        assert "at least 12 letters" in scene.command(fails=True)
        assert not (scene.backups / "recovery.json").exists()

    @pytest.mark.parametrize("part", ["objects", "backups", "recovery.json"])
    def test_a_changed_backup_is_noticed_and_not_put_in_place(self, part: str, scene: Scene) -> None:
        scene.back_up()
        path = scene.backups / part
        while path.is_dir():
            path = sorted(path.iterdir())[0]
        data = bytearray(path.read_bytes())
        at = data.index(b'"path"') if b'"path"' in data else len(data) // 2
        data[at] ^= 1
        path.write_bytes(bytes(data))
        new = scene.elsewhere()
        assert "changed" in scene.restore(new, fails=True)
        assert not new.home.exists()

    def test_a_missing_object_is_named_by_its_file(self, scene: Scene) -> None:
        scene.back_up()
        (name,) = [path.stem for path in (scene.backups / "backups").iterdir()]
        files = json.loads((scene.backups / "backups" / f"{name}.json").read_text())["body"]["files"]
        path, key = next((path, key) for path, key, *_ in files if path.startswith("papers/"))
        (scene.backups / "objects" / key[:2] / key).unlink()
        assert f"An object of the backup is missing: {path}." in scene.restore(scene.elsewhere(), fails=True)


def test_a_familys_copy_of_everything_is_in_no_backup() -> None:
    """It is deleted after some days; a backup would keep it for years, with the key to it."""
    assert not _taken("packs/synthetic-pack.pdf")
    assert not _taken("packs/synthetic-pack.json.new")
    assert _taken("papers/2026-AUT-100000-00000000")


class TestTheFolder:
    """Where backups are kept."""

    def test_a_folder_with_other_things_in_it_is_left_alone(self, scene: Scene) -> None:
        scene.backups.mkdir()
        (scene.backups / "holiday.jpg").write_bytes(b"...")
        assert "is not a backup, and is not empty" in scene.command(fails=True)
        assert [path.name for path in scene.backups.iterdir()] == ["holiday.jpg"]

    def test_another_installations_folder_is_refused(self, scene: Scene) -> None:
        scene.back_up()
        (scene.house.home / "keys" / "backup.key").write_bytes(os.urandom(32))
        assert "another installation's backups" in scene.command(fails=True)
        assert "another installation's backups" in scene.place.run("backup", str(scene.backups), fails=True)

    def test_no_passphrase_is_asked_for_when_the_folder_is_known(self, scene: Scene) -> None:
        scene.back_up()
        assert "is finished" in scene.place.run("backup", str(scene.backups))

    def test_a_backup_that_is_killed_is_none_and_the_next_one_is_whole(self, scene: Scene) -> None:
        """At every step, commit and file that is put in place."""
        asked = {"folder": str(scene.backups), "passphrase": PASSPHRASE}
        moments = scene.house.run("back_up", **asked).moments
        # The last file put in place is the backup's list: before it there is no backup.
        last = max(at for at, name in enumerate(moments, start=1) if name == "before a file is put in place")
        for at in sorted({1, 2, last, *range(1, last, max(1, last // 8))}):
            shutil.rmtree(scene.backups, ignore_errors=True)
            (scene.house.home / "keys" / "backup.key").unlink(missing_ok=True)
            assert scene.house.run("back_up", kill_at=at, **asked).killed
            assert not list((scene.backups / "backups").glob("*.json"))
        scene.back_up()
        assert "The log matches the ledger" in scene.restore(scene.elsewhere(), "--verify")
