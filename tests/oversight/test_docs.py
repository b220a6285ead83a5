"""docs/oversight.md says how each metric is counted: drawn from the code, and the same."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from schoolgate import oversight
from schoolgate.cli.oversight import app

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_has_the_definitions_that_the_command_prints() -> None:
    page = (ROOT / "docs" / "oversight.md").read_text(encoding="utf-8")
    drawn = page.split("<!-- drawn: metrics -->\n", 1)[1].split("<!-- end: metrics -->", 1)[0].strip()
    printed = CliRunner().invoke(app, ["definitions"]).stdout.strip()
    assert drawn == printed == oversight.definitions_table()


def test_every_replay_of_history_is_in_the_page() -> None:
    page = (ROOT / "docs" / "oversight.md").read_text(encoding="utf-8")
    files = sorted(path.name for path in (ROOT / "tests" / "history").glob("test_*.py"))
    assert len(files) >= 10
    assert [name for name in files if name not in page] == []
