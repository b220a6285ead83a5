"""`schoolgate synthetic generate` at the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from schoolgate.cli.synthetic import app
from schoolgate.errors import SchoolgateError


def run(*words: str) -> str:
    found = CliRunner().invoke(app, ["generate", *words])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.output


def test_it_writes_returns_and_says_what_is_in_them(tmp_path: Path) -> None:
    said = run(
        *(str(tmp_path), "--schools", "6", "--pupils", "400", "--mistakes", "0.05", "--queries", "1"),
        *("--term", "AUT-2024", "--term", "spr-2025"),
    )
    assert "12 synthetic returns" in said
    assert "No child in them exists" in said
    assert "planted mistakes, listed in mistakes.json" in said
    assert len(list(tmp_path.glob("SYNTHETIC_*.xml"))) == 12


def test_schools_can_be_named(tmp_path: Path) -> None:
    run(str(tmp_path), "--school", "100008", "--term", "SUM-2025", "--pupils", "60")
    assert [path.name for path in tmp_path.glob("*.xml")] == ["SYNTHETIC_2022019_SUM_2025.xml"]


@pytest.mark.parametrize("term", ["2025", "WIN-2025", "AUT-25", "AUT-²025"])
def test_a_census_that_is_not_written_as_one_is_explained(tmp_path: Path, term: str) -> None:
    with pytest.raises(SchoolgateError, match=r"For example AUT-2025"):
        run(str(tmp_path), "--term", term)


def test_help_teaches_the_next_step() -> None:
    said = CliRunner().invoke(app, ["generate", "--help"]).output
    assert "collect submit" in said
    assert "mistakes.json" in said
