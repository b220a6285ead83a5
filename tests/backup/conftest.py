"""An installation that has read and settled, and an empty place to restore into, on either database."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from tests.crash.houses import ROOT, House

PASSPHRASE = "four plain words together"


@dataclass(frozen=True)
class Place:
    """Where an installation is, or may be: its home and its database."""

    home: Path
    database: str

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "SCHOOLGATE_HOME": str(self.home),
            "SCHOOLGATE_DATABASE": self.database,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "PYTHONWARNINGS": "ignore",
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        code = "import sys; from schoolgate.cli import main; sys.argv[0] = 'schoolgate'; main()"
        return subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT,
        )  # fmt: skip

    def run(self, *arguments: str, fails: bool = False) -> str:
        """Run a command; what it says, on one line of single spaces."""
        process = self.start(*arguments)
        said, _ = process.communicate()
        assert (process.returncode != 0) == fails, said
        return " ".join(said.split())


@dataclass
class Scene:
    """The installation, a folder for backups, and places to restore into."""

    house: House
    folder: Path
    backups: Path
    secret: Path
    made: list[str]

    @property
    def place(self) -> Place:
        server = self.house.server
        return Place(self.house.home, server.address if server else "sqlite")

    def elsewhere(self, name: str = "elsewhere") -> Place:
        """An empty place: a home that does not exist, and a new database."""
        home = self.folder / "a new machine" / name
        if self.house.server is None:
            return Place(home, "sqlite")
        parts = urlsplit(self.house.server.address)
        database = f"restored_{os.getpid()}_{len(self.made)}"
        self.made.append(database)
        with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        return Place(home, parts._replace(path=f"/{database}").geturl())

    def back_up(self) -> None:
        """Take a backup, in a process that is ready: what the command does."""
        self.house.run("back_up", folder=str(self.backups), passphrase=self.secret.read_text().strip())

    def command(self, fails: bool = False) -> str:
        return self.place.run("backup", str(self.backups), "--passphrase-file", str(self.secret), fails=fails)

    def restore(self, place: Place, *more: str, fails: bool = False) -> str:
        return place.run("restore", str(self.backups), "--passphrase-file", str(self.secret), *more, fails=fails)

    def end(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.house.server is not None:
            parts = urlsplit(self.house.server.address)
            with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as server:
                for name in self.made:
                    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="package")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """States: `read` (one release, not settled), `settled`."""
    made = House(tmp_path_factory.mktemp("backup"))
    try:
        for act in ("empty", "sent", "loaded"):
            made.run(act)
        made.facts["agreement"] = made.run("agreed").given
        made.run("read", **made.facts["agreement"])
        made.run("settle")
        made.run("read", **made.facts["agreement"])
        made.keep("read")
        yield made
    finally:
        made.remove()


@pytest.fixture
def scene(prepared: House, tmp_path: Path) -> Iterator[Scene]:
    prepared.put_back("read")
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE + "\n")
    found = Scene(prepared, tmp_path / "scene", tmp_path / "scene" / "backups", secret, [])
    found.folder.mkdir()
    try:
        yield found
    finally:
        found.end()
