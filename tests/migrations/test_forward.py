"""An installation of an earlier release, brought up to date: everything it held is still there, and goes on.

It was made by that release's own code (`make_earlier.py`), which also wrote down what it answered. Its lake is put at
another place than it was made at, as when an installation is moved to a new machine.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.migrations.make_earlier import PLACE
from tests.register.tool import verdict

pytestmark = pytest.mark.django_db

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@dataclass(frozen=True)
class Earlier:
    """An installation as the earlier release left it.

    Attributes:
        home: its home, unpacked.
        database: its database, restored.
        told: what the earlier release answered.
        found: what today's release found after bringing it up to date.
    """

    home: Path
    database: str
    told: dict[str, Any]
    found: dict[str, Any]


def environment(home: Path, database: str) -> dict[str, str]:
    """For a process of today's release in that installation."""
    places = {"SCHOOLGATE_HOME": str(home), "SCHOOLGATE_DATABASE": database}
    code = {"DJANGO_SETTINGS_MODULE": "schoolgate.settings", "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    return {**os.environ, **places, **code}


def unpacked(folder: Path, kind: str) -> Path:
    """The installation's home, at a new place."""
    with tarfile.open(HERE / f"earlier-{kind}.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    home = folder / "home"
    home.chmod(0o700)
    # Iceberg's metadata name the place where the lake was made. Who moves an installation of a release that did not
    # write that down writes it down (docs/decisions/0011-isolation.md).
    (home / "lake" / "made-at").write_text(f"{PLACE / 'home' / 'lake'}\n")
    return home


def restored(address: str, folder: Path) -> Iterator[str]:
    """A database with the dump in it."""
    name = f"earlier_{secrets.token_hex(4)}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            own = urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
            with psycopg.connect(own) as database:
                database.execute((folder / "dump.sql").read_bytes())
                # The catalogue of a lake goes by where it was made, so nothing of it need change.
            yield own
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Earlier]:
    """The installation of the kind of database that this run is on, after `today.py`."""
    folder = tmp_path_factory.mktemp("earlier")
    address = os.environ.get("SCHOOLGATE_DATABASE") or "sqlite"
    kind = "sqlite" if address == "sqlite" else "postgresql"
    home = unpacked(folder, kind)
    for database in [address] if kind == "sqlite" else restored(address, folder):
        ran = subprocess.run(
            [sys.executable, "-m", "tests.migrations.today", str(folder / "told.json"), str(folder / "found.json")],
            cwd=ROOT, env=environment(home, database), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr[-3000:]
        told, found = (json.loads((folder / name).read_text()) for name in ("told.json", "found.json"))
        yield Earlier(home, database, told, found)


def settled_by_pupil(answers: dict[str, Any]) -> dict[str, list[str]]:
    """Pupil -> releases that are known to have taken the pupil."""
    return {pupil: [line[0] for line in lines if line[4] == "settled"] for pupil, lines in answers.items()}


def test_who_has_whose_data_is_answered_as_before(earlier: Earlier) -> None:
    before, now = earlier.told["who_has"], earlier.found["who_has"]
    assert sum(len(lines) for lines in before.values()) > 500
    assert settled_by_pupil(now) == settled_by_pupil(before)
    for pupil, lines in before.items():
        # Everything but the word for what is not settled, which may have become more exact.
        assert [[*line[:4], *line[5:]] for line in now[pupil]] == [[*line[:4], *line[5:]] for line in lines]


def test_what_the_earlier_release_had_not_settled_is_settled_to_what_it_would_have_found(earlier: Earlier) -> None:
    assert len(earlier.told["unsettled"]) == 2
    assert earlier.found["unsettled"] == earlier.told["unsettled"]
    assert earlier.found["failed"] == []
    assert earlier.found["unsettled_at_the_end"] == 0
    wanted = settled_by_pupil(earlier.told["who_has_when_settled"])
    assert settled_by_pupil(earlier.found["who_has_when_settled"]) == wanted
    assert wanted != settled_by_pupil(earlier.told["who_has"])


def test_agreements_keep_their_terms(earlier: Earlier) -> None:
    assert earlier.found["agreements"] == earlier.told["agreements"]
    assert len(earlier.told["agreements"]) == 2


def test_every_receipt_and_proof_that_was_given_out_holds(earlier: Earlier, tmp_path: Path) -> None:
    files = [
        *(earlier.home / "demo" / "researcher").glob("*receipt.json"),
        *(earlier.home / "demo" / "family").glob("proof-*.json"),
    ]
    assert len(files) == 8
    for file in files:
        code, said = verdict(file.read_bytes(), tmp_path)
        assert code == 0, (file.name, said)


def test_the_log_is_whole_and_goes_on_from_what_was_published(earlier: Earlier) -> None:
    found, told = earlier.found, earlier.told
    assert found["entries"] == told["entries"]
    assert found["verified"] == found["compared"]
    assert found["key"] == told["key"]
    assert found["entries_at_the_end"] > told["entries"]
    assert found["verified_at_the_end"] == found["compared_at_the_end"] == found["entries_at_the_end"]


def test_an_agreement_of_before_lets_read_and_an_objection_of_before_is_honoured(
    earlier: Earlier, tmp_path: Path
) -> None:
    read = earlier.found["read"]
    assert "refused" not in read, read
    code, said = verdict(read["receipt"], tmp_path)
    assert code == 0, said
    again = (earlier.home / "demo" / "researcher" / "4-illness-by-pupil-again.csv").read_text().splitlines()
    assert read["rows"] == len(again) - 1
    assert earlier.found["family"]["objections"] == ["education-research"]
    assert read["release"] not in earlier.found["family"]["releases"]


def test_a_family_finds_its_child_and_proofs_that_hold(earlier: Earlier, tmp_path: Path) -> None:
    family = earlier.found["family"]
    assert len(family["releases"]) >= 4
    for name, proof in family["proofs"].items():
        code, said = verdict(proof, tmp_path)
        assert code == 0, (name, said)


def test_returns_sessions_and_pages_are_still_there(earlier: Earlier) -> None:
    assert earlier.found["session"] == "by the earlier release"
    assert len(earlier.found["returns"]) == 6
    assert all(pupils > 10 for _, pupils in earlier.found["returns"])
    assert earlier.found["pages"] == dict.fromkeys(earlier.found["pages"], 200)
