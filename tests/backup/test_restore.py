"""A restore never takes back what the public has seen, never overwrites, and finds what does not fit."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.backup.conftest import Place, Scene


def _read_again(scene: Scene) -> None:
    scene.house.run("read", **scene.house.facts["agreement"])
    scene.house.run("publish")


def _execute(place: Place, statement: str) -> None:
    """What somebody with the database's password can do."""
    if place.database == "sqlite":
        with closing(sqlite3.connect(place.home / "schoolgate.sqlite3")) as found, found:
            found.execute(statement)
    else:
        with psycopg.connect(place.database) as server:
            server.execute(statement)  # type: ignore[call-overload]


class TestAnOldBackup:
    """The published log has gone on since the backup was taken."""

    def test_over_a_newer_log_is_refused_and_explained(self, scene: Scene) -> None:
        scene.back_up()
        _read_again(scene)
        before = scene.house.look()
        said = scene.restore(scene.place, "--set-aside", fails=True)
        assert "this backup knows" in said
        assert "take back 2 entries that people have seen (1 of “Release”, 1 of “Release handed over”)" in said
        assert "Among them are 1 releases of pupil data: R-" in said
        assert "Find a later backup" in said
        assert scene.house.look() == before

    def test_a_copy_of_the_log_elsewhere_is_compared_too(self, scene: Scene, tmp_path: Path) -> None:
        scene.back_up()
        _read_again(scene)
        copy = shutil.copytree(scene.house.home / "log", tmp_path / "what a newspaper kept")
        new = scene.elsewhere()
        assert "take back 2 entries" in scene.restore(new, "--log", str(copy), fails=True)
        assert not new.home.exists()

    def test_a_later_backup_is_taken_when_there_is_one(self, scene: Scene, tmp_path: Path) -> None:
        scene.back_up()
        _read_again(scene)
        scene.back_up()
        assert "3 releases" in scene.restore(scene.elsewhere(), "--verify", "--log", str(scene.house.home / "log"))

    def test_a_log_that_only_published_what_the_backup_knows_keeps_its_newer_files(
        self, scene: Scene, tmp_path: Path
    ) -> None:
        scene.house.run("events", count=3)
        scene.back_up()
        scene.house.run("publish")
        said = scene.restore(new := scene.elsewhere(), "--verify", "--log", str(scene.house.home / "log"))
        assert "its files were taken" in said
        assert (new.home / "log" / "checkpoint").read_bytes() == (scene.house.home / "log" / "checkpoint").read_bytes()

    def test_a_log_with_another_history_is_refused_whatever_its_size(self, scene: Scene, tmp_path: Path) -> None:
        scene.back_up()
        other = shutil.copytree(scene.house.home / "log", tmp_path / "other")
        for tile in [path for path in (other / "tile" / "0").rglob("*") if path.is_file()]:
            data = bytearray(tile.read_bytes())
            if len(data) > 32 * 3:  # narrower ones are older
                data[32 * 2 + 5] ^= 1
                tile.write_bytes(bytes(data))
        said = scene.restore(scene.elsewhere(), "--log", str(other), fails=True)
        assert "have different histories from entry 2 on" in said


class TestThePlace:
    """Where a backup is put."""

    def test_an_installation_that_is_there_is_not_overwritten(self, scene: Scene) -> None:
        scene.back_up()
        before = scene.house.look()
        assert "There is an installation at" in scene.restore(scene.place, fails=True)
        assert scene.house.look() == before

    def test_it_is_moved_beside_when_told_so(self, scene: Scene) -> None:
        scene.back_up()
        kept = (scene.house.home / "keys" / "master.key").read_bytes()
        place = Place(scene.house.home, scene.elsewhere().database)
        said = scene.restore(place, "--set-aside", "--verify")
        (aside,) = list(scene.house.home.parent.glob("home.before-*"))
        assert str(aside) in said
        assert (aside / "keys" / "master.key").read_bytes() == kept
        shutil.rmtree(aside)

    def test_a_database_that_is_not_empty_is_refused(self, scene: Scene) -> None:
        scene.back_up()
        new = scene.elsewhere()
        if new.database == "sqlite":
            other = Place(new.home, "postgresql://nobody@localhost:1/none")
            assert "The backup's database is sqlite" in scene.restore(other, fails=True)
        else:
            _execute(new, "CREATE TABLE somebody_elses (n int)")
            assert "is not empty" in scene.restore(new, fails=True)
        assert not new.home.exists()
        assert not list(new.home.parent.glob("*restoring*"))

    def test_a_disk_that_fills_up_leaves_nothing_half(self, scene: Scene, tmp_path: Path) -> None:
        """The fresh home is on a small disk of its own."""
        scene.back_up()
        disk = tmp_path / "small disk"
        disk.mkdir()
        assert os.system(f"mount -t tmpfs -o size=64k tmpfs '{disk}'") == 0
        try:
            new = Place(disk / "home", scene.elsewhere().database)
            said = scene.restore(new, fails=True)
            assert "nothing was changed. The system says: No space left on device." in said
            assert list(disk.iterdir()) == []
        finally:
            os.system(f"umount '{disk}'")


class TestWhatDoesNotFit:
    """`log check-whole` compares log, register, ledger, lake and vault."""

    @pytest.mark.parametrize(
        ("statement", "said"),
        [
            (
                "UPDATE ledger_release SET definition = '{}' WHERE id = (SELECT min(id) FROM ledger_release)",
                "not told alike",
            ),
            ("UPDATE ledger_release SET agreement_id = 'A-9999'", "not told alike"),
            (
                "UPDATE ledger_release SET members_root = '00' WHERE settled_at IS NOT NULL",
                "not those the log vouches for",
            ),
            (
                "UPDATE ledger_release SET release_id = 'R-unknown' WHERE settled_at IS NULL",
                "is in the log and not the ledger",
            ),
            ("UPDATE ledger_exposurescan SET items = '[]'", "not told alike"),
            ("DELETE FROM register_logentry WHERE type = 'release.delivered'", "missing from the register"),
            (
                "UPDATE records_vaultidentity SET sealed = (SELECT other.sealed FROM records_vaultidentity AS other WHERE other.pmr = 3)",
                "does not open",
            ),
        ],
    )
    def test_a_changed_row_is_found(self, statement: str, said: str, scene: Scene) -> None:
        _execute(scene.place, statement)
        assert said in scene.house.run("whole").given[0]

    def test_a_lake_file_that_is_gone_is_named(self, scene: Scene) -> None:
        path = sorted((scene.house.home / "lake").rglob("*.parquet"))[0]
        path.unlink()
        said = scene.house.run("whole").given[0]
        assert f"missing or damaged: {path.relative_to(scene.house.home / 'lake')}" in said

    def test_another_master_key_is_found(self, scene: Scene) -> None:
        (scene.house.home / "keys" / "master.key").write_bytes(os.urandom(32))
        assert "the master key is another one" in scene.place.run("log", "check-whole", fails=True)

    def test_what_fits_is_counted(self, scene: Scene) -> None:
        assert scene.house.run("whole").given == ["", 2, 1, 0]
