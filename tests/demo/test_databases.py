"""The main job on the database of this test run: the embedded one, or PostgreSQL by the one setting."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.demo.conftest import DemoWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def address() -> Iterator[str]:
    """An empty database of the kind this run is on."""
    given = os.environ.get("SCHOOLGATE_DATABASE") or "sqlite"
    if given == "sqlite":
        yield given
        return
    name = f"demo_{secrets.token_hex(4)}"
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"'.encode())
        yield urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def test_the_main_job_runs_on_either_database(address: str, tmp_path: Path) -> None:
    world = DemoWorld(tmp_path / "home", "", "", database=address)
    ran = world.run("demo", "run", "--no-serve", "--schools", "4", "--pupils", "400")
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr
    assert "13 of 13" in ran.stdout
    embedded = sorted(path.name for path in world.home.glob("*.sqlite3"))
    assert embedded == (["catalogue.sqlite3", "schoolgate.sqlite3"] if address == "sqlite" else [])
    again = world.run("demo", "run", "--no-serve", "--schools", "4", "--pupils", "400")
    if address != "sqlite":
        assert again.returncode == 1
        assert "already holds data" in again.stderr
    assert world.run("log", "verify", str(world.home / "log")).returncode == 0
