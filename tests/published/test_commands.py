"""``schoolgate register`` at a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from schoolgate import people, published, register
from schoolgate.cli.register import app
from schoolgate.config import Config
from tests.published import logs
from tests.published.test_shares import ROW, as_csv, changed

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str, code: int = 0) -> str:
    """What a command says."""
    answer = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert answer.exit_code == code, answer.output
    return " ".join((answer.output + (answer.stderr if answer.stderr_bytes else "")).split())


def test_it_says_how_far_it_is_behind_catches_up_and_makes_itself_again() -> None:
    logs.a_whole_life()
    size = register.log_size()
    assert f"Entries in the log: {size}. Taken in: 0. Behind: {size}." in run("status")
    assert f"Entries taken in: {size} of {size}." in run("refresh")
    assert "Behind: 0." in run("status")
    assert f"Made again from {size} entries" in run("rebuild")


def test_a_list_is_imported_and_published_and_a_bad_one_is_not(
    tmp_path: Path, home: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))
    office = people.add_organisation("Custodian (synthetic)", "custodian")
    official = people.add_person(office.id, "custodian").id
    bad = as_csv(tmp_path, ROW, changed(organisation=""))
    said = run("import", str(bad), "--as", official, code=1)
    assert "Nothing was changed" in said
    assert "row 3: The organisation is empty." in said
    assert "--partial" in said
    assert register.log_size() == 0
    said = run("import", str(bad), "--as", official, "--partial")
    assert "Shares entered: 1. Known already: 0." in said
    assert "Rows left out: 1." in said
    checkpoint = register.published(home)
    assert checkpoint is not None
    assert checkpoint.size == 1
    assert published.standing().behind == 0
    again = run("import", str(as_csv(tmp_path, ROW)), "--as", official)
    assert "Shares entered: 0. Known already: 1." in again
    assert "row 2: It is in the register already." in again
