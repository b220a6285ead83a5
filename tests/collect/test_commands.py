"""The data manager's terminal: submit, the report, explain, and the rules in force."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from schoolgate.cli import collect as commands
from schoolgate.collect.models import Explanation
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from tests.collect.paper import paper, pupil

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def here(home: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A directory to write files in, and a terminal whose home is this test's."""
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))
    monkeypatch.setenv("COLUMNS", "400")
    return tmp_path


def run(*words: object) -> Result:
    return CliRunner().invoke(commands.app, [str(word) for word in words], catch_exceptions=False)


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_a_good_return_exits_0_and_a_broken_one_1_with_rule_row_item_and_what_to_do(here: Path) -> None:
    assert run("submit", write(here / "good.xml", paper())).exit_code == 0
    done = run("submit", write(here / "bad.xml", paper(pupil(), pupil(UPN="Q207000016049"))))
    assert done.exit_code == 1
    assert "error 1510, upn, pupil row 2: A UPN or former UPN has the wrong check letter." in done.stdout
    assert "accepted before, stays in force" in done.stdout


def test_a_rule_that_many_rows_break_is_one_line_with_the_true_number(here: Path) -> None:
    done = run("submit", write(here / "bad.xml", paper(*[pupil(UPN="") for _ in range(300)])))
    assert "error 1500, upn, pupil rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 290 more:" in done.stdout


def test_queries_are_explained_by_the_command_the_report_names(here: Path) -> None:
    done = run("submit", write(here / "asked.xml", paper(pupil(UPN="T20110001804V"))))
    assert done.exit_code == 1
    return_id = done.stdout.split("collect explain ")[1].split()[0]
    assert run("explain", return_id, "SG-1", "The former school has not answered.").stdout.strip().endswith("accepted.")


def test_an_explanation_that_points_at_a_pupil_is_refused_and_not_repeated(here: Path) -> None:
    done = run("submit", write(here / "asked.xml", paper(pupil(UPN="T20110001804V"))))
    return_id = done.stdout.split("collect explain ")[1].split()[0]
    with pytest.raises(SchoolgateError) as refused:
        run("explain", return_id, "SG-1", "T20110001804V is the number that came with the child.")
    assert "T20110001804V" not in str(refused.value)
    assert "give the pupil's row number" in refused.value.hint
    assert not Explanation.objects.exists()
    assert run("explain", return_id, "SG-1", "Row 1: no answer yet.").stdout.strip().endswith("accepted.")


def test_a_directory_is_named_and_said_to_be_one(here: Path) -> None:
    (here / "returns").mkdir()
    done = run("submit", here / "returns")
    assert done.exit_code == 1
    assert "returns was not taken in: This is a directory, not a file. Name the returns that are in it." in done.stderr


def test_the_machine_readable_report_has_everything_but_the_pupils_values(here: Path) -> None:
    bad = write(here / "bad.xml", paper(pupil(UPN="QCANARY", Surname="Canary9", DOB="CANARY", Ethnicity="CANARY")))
    hostile = write(here / "hostile.xml", paper(head="<!DOCTYPE Message>"))
    out = here / "report.json"
    assert run("submit", bad, hostile, "--report", out).exit_code == 1
    text = out.read_text()
    assert "canary" not in text.lower()
    report = json.loads(text)
    (one,) = report["returns"]
    assert (one["file"], one["state"], one["pupils"], one["findings_bounded"]) == ("bad.xml", "rejected", 1, False)
    finding = next(found for found in one["findings"] if found["rule"] == "SG-5")
    assert (finding["row"], finding["item"], finding["kind"]) == (1, "dob", "error")
    assert finding["wrong"]
    assert finding["to_do"]
    (refused,) = report["not_taken_in"]
    assert (refused["file"], refused["code"]) == ("hostile.xml", "return-dtd")


def test_the_rules_in_force_are_listed_whole_with_what_is_official() -> None:
    done = run("rules", "--year", 2026, "--term", "SPR")
    assert run("rules", "--year", 2026, "--term", "spr").stdout == done.stdout
    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    for number in ("  100  error", " 1520  error", " 1320  query", " 1510  error", " SG-1  query"):
        assert any(line.startswith(number) for line in lines), number
    assert any("NS,PS,MP" in line and line.startswith(" 1601") for line in lines)
    assert len(lines) - 1 == int(lines[-1].split()[0])
    assert "with the ministry's number" in lines[-1]
    assert "not the ministry's numbers" in lines[-1]


def test_a_census_nobody_knows_has_no_pack() -> None:
    with pytest.raises(Exception, match="2015 to 2026"):
        run("rules", "--year", 2031, "--term", "SPR")
