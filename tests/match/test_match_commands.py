"""The clerk's terminal: a load in numbers, and a queue that says when it is empty."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner, Result

from schoolgate.cli import match as commands
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.collect.paper import pupil
from tests.match.school import send

pytestmark = pytest.mark.django_db(transaction=True)


def run(*words: str) -> Result:
    return CliRunner().invoke(commands.app, list(words), catch_exceptions=False)


def test_a_load_says_how_many_rows_wait_and_takes_the_term_in_any_case(
    home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))
    send(home, clock, pupil())
    done = run("run", "--year", "2026", "--term", "spr")
    assert done.exit_code == 0
    assert "1 returns, 1 rows, of which 0 held for a clerk; 0 known pupils, 1 new" in done.stdout


def test_an_empty_queue_says_so() -> None:
    assert run("queue").stdout.strip() == "Nothing waits for a clerk."
