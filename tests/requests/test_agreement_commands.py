"""The agreement at the terminal: read its text, sign, compare, stop, and see who is overdue."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from schoolgate import people, requests
from schoolgate.cli import requests as commands
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.requests.agreement.changes import extend
from tests.requests import road
from tests.requests.cast import Cast, approved, enter_cast

LAST = date(2098, 8, 31)


@pytest.fixture
def cast(db: None, home: Config, monkeypatch: pytest.MonkeyPatch) -> Cast:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))
    made = enter_cast()
    people.set_accreditation(made.researcher, date(2099, 12, 31))
    return made


def request(*words: str) -> Result:
    return CliRunner().invoke(commands.app, words, catch_exceptions=False)


def agreed(cast: Cast) -> str:
    """An approved application, whose days are not past whenever the tests run."""
    days = {"valid_from": date(2026, 1, 1), "valid_until": LAST, "retention_until": LAST + timedelta(days=30)}
    return approved(cast, SystemClock(), **days).id


def test_the_text_is_printed_byte_by_byte_and_signed_by_both(cast: Cast, tmp_path: Path) -> None:
    made = agreed(cast)
    waits = requests.to_sign(made)
    assert waits is not None
    printed = request("text", made)
    assert requests.text_hash(printed.stdout) == waits.text_hash
    assert waits.text_hash in printed.stderr
    wrong = request("accept", made, "--as", cast.researcher, "--hash", "0" * 64)
    assert wrong.exit_code == 1
    assert "it was altered on the way" in " ".join(wrong.stderr.split())
    assert request("accept", made, "--as", cast.researcher, "--hash", waits.text_hash).exit_code == 0
    signed = request("sign", made, "--as", cast.custodian, "--hash", waits.text_hash)
    assert "is in force until 31 August 2098" in " ".join(signed.stdout.split())
    pdf = tmp_path / "agreement.pdf"
    assert waits.text_hash in request("text", made, "--pdf", str(pdf)).stdout.replace("\n", "")
    assert pdf.read_bytes().startswith(b"%PDF")
    with pytest.raises(SchoolgateError, match="cannot be written"):
        request("text", made, "--pdf", str(tmp_path / "no" / "where.pdf"))
    with pytest.raises(SchoolgateError, match="no text of this version"):
        request("text", made, "--version", "7")


def test_versions_are_compared_at_the_terminal(cast: Cast) -> None:
    agreement = requests.insist(road.sign(agreed(cast), cast.custodian, SystemClock()))
    later = LAST + timedelta(days=20)
    requests.insist(extend(agreement.id, valid_until=later, reasons=["More."], panel=cast.panel, clock=SystemClock()))
    shown = request("compare", agreement.id, "1", "2").stdout
    assert "- Last day of use: 31 August 2098" in shown
    assert "+ Last day of use: 20 September 2098" in shown


def test_it_is_stopped_ended_and_its_destruction_seen_to_be_overdue(cast: Cast) -> None:
    agreement = requests.insist(road.sign(agreed(cast), cast.custodian, SystemClock()))
    stopped = request("suspend", agreement.id, "--as", cast.custodian, "--reason", "A complaint.")
    assert "the next read is refused" in " ".join(stopped.stdout.split())
    ended = request("end", agreement.id, "--as", cast.researcher, "--reason", "Done.")
    assert "is to be destroyed by" in " ".join(ended.stdout.split())
    assert "No destruction is overdue." in request("overdue").stdout
    assert agreement.id in request("overdue", "--day", "2098-01-01").stdout
    certified = request(
        "destroyed", agreement.id, "--as", cast.researcher, "--words", "All disks.", "--witness", cast.witness,
        "--method", "overwritten", "--release", "R-2026-000001",
    )  # fmt: skip
    assert f"request witnessed {agreement.id}" in " ".join(certified.stdout.split())
    assert agreement.id in request("overdue", "--day", "2098-01-01").stdout
    denied = request("witnessed", agreement.id, "--as", cast.custodian, "--denied", "I was not there.")
    assert "Somebody else was named" in denied.stderr + denied.stdout
    seen = request("witnessed", agreement.id, "--as", cast.witness)
    assert "is certified as destroyed" in " ".join(seen.stdout.split())
    assert "No destruction is overdue." in request("overdue", "--day", "2098-01-01").stdout
