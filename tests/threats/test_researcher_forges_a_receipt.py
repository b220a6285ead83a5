"""A researcher shows a result that is not the one a receipt was given with, or a receipt for another query."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from schoolgate import ledger, register
from schoolgate.cli.app import app
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)

VERIFIER = Path(__file__).resolve().parents[2] / "tools" / "verify_receipt.py"
SQL = "SELECT ethnicity, count(*) AS pupils FROM census_pupil WHERE year = 2026 GROUP BY ethnicity ORDER BY 1"


@pytest.fixture
def world(home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))
    monkeypatch.setattr("schoolgate.cli.gate.SystemClock", lambda: clock)
    return build(home, clock)


def asked(world: World, *more: str, sql: str = SQL) -> tuple[int, str]:
    outcome = CliRunner().invoke(app, ["read", "--agreement", world.agreement, *more, sql])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
    return outcome.exit_code, outcome.output


def verified(receipt: Path, result: Path, home: Config) -> int:
    command = [
        sys.executable,
        "-I",
        str(VERIFIER),
        str(receipt),
        "--key",
        register.verifier_key(home),
        "--result",
        str(result),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False).returncode


def test_the_arrow_file_is_the_very_bytes_whose_digest_the_receipt_carries(
    world: World, home: Config, tmp_path: Path
) -> None:
    out, receipt = tmp_path / "x.arrow", tmp_path / "r.json"
    assert asked(world, "--out", str(out), "--receipt", str(receipt))[0] == 0
    written = json.loads(receipt.read_text())
    assert hashlib.sha256(out.read_bytes()).hexdigest() == written["result_sha256"]
    assert pa.ipc.open_stream(out.read_bytes()).read_all().to_pylist() == [
        {"ethnicity": "APKN", "pupils": 2},
        {"ethnicity": "WBRI", "pupils": 4},
    ]
    assert verified(receipt, out, home) == 0
    out.write_bytes(out.read_bytes().replace(b"APKN", b"WBRI"))
    assert verified(receipt, out, home) == 1


@pytest.mark.parametrize("name", ["x.csv", "x.parquet", "x.arrow"])
def test_a_receipt_names_the_file_it_was_written_with_and_its_digest(
    name: str, world: World, home: Config, tmp_path: Path
) -> None:
    out, receipt = tmp_path / name, tmp_path / "r.json"
    assert asked(world, "--out", str(out), "--receipt", str(receipt))[0] == 0
    assert json.loads(receipt.read_text())["files"] == {name: hashlib.sha256(out.read_bytes()).hexdigest()}


def test_a_receipt_is_for_one_query_and_shows_which(world: World, home: Config, tmp_path: Path) -> None:
    receipt = tmp_path / "r.json"
    assert asked(world, "--receipt", str(receipt))[0] == 0
    written = json.loads(receipt.read_text())
    nonce = bytes.fromhex(written["query_nonce"])
    assert hashlib.sha256(nonce + SQL.encode()).hexdigest() == written["event"]["query_hash"]
    assert hashlib.sha256(nonce + SQL.lower().encode()).hexdigest() != written["event"]["query_hash"]


def test_a_result_that_could_not_be_kept_is_not_taken(world: World, home: Config, tmp_path: Path) -> None:
    for more in (["--out", str(tmp_path / "x.xlsx")], ["--out", str(tmp_path / "no" / "x.csv")]):
        outcome = CliRunner().invoke(app, ["read", "--agreement", world.agreement, *more, SQL])
        assert outcome.exit_code != 0
    assert ledger.releases() == ()


def test_names_that_look_like_markup_neither_break_the_screen_nor_dress_it_up(world: World, home: Config) -> None:
    code, said = asked(
        world, sql="SELECT '[bold]x[/]' AS \"[/red]\", sex FROM census_pupil WHERE age = 6 ORDER BY 1, 2"
    )
    assert code == 0
    assert "[bold]x[/]" in said
    assert "[/red]" in said


def test_every_reason_is_on_the_screen_and_an_agreement_unknown_is_on_record(world: World, home: Config) -> None:
    code, said = asked(world, sql="SELECT read_text('x'), senprovision FROM census_pupil")
    assert code == 1
    assert "read_text() is not on the list" in said
    assert "census_pupil.senprovision is not among the items approved" in " ".join(said.split())
    outcome = CliRunner().invoke(app, ["read", "--agreement", "A-1999-0001", SQL])
    assert outcome.exit_code == 1
    assert register.events("query.refused", limit=1)[0].body["reasons"] == ["agreement-unknown"]


@pytest.mark.parametrize("change", ["rows", "result_sha256", "files", "query_nonce"])
def test_the_log_vouches_for_the_result_so_no_field_of_a_receipt_can_be_changed(
    change: str, world: World, home: Config, tmp_path: Path
) -> None:
    out, receipt = tmp_path / "x.csv", tmp_path / "r.json"
    assert asked(world, "--out", str(out), "--receipt", str(receipt))[0] == 0
    assert verified(receipt, out, home) == 0
    written = json.loads(receipt.read_text())
    assert "result_hash" in written["event"]
    forged = out.read_bytes().replace(b"APKN", b"WBRI")
    out.write_bytes(forged)
    digest = hashlib.sha256(forged).hexdigest()
    written[change] = {"rows": 3, "result_sha256": digest, "files": {"x.csv": digest}, "query_nonce": "00" * 16}[change]
    receipt.write_text(json.dumps(written))
    assert verified(receipt, out, home) == 1
