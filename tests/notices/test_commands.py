"""``schoolgate notices``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from schoolgate import notices
from schoolgate.cli.app import app
from schoolgate.config import Config
from tests.notices.scene import Moving, agreed, custodian
from tests.world import World, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(home: Config, clock: Moving, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(Config, "from_environment", classmethod(lambda cls: home))
    monkeypatch.setattr("schoolgate.cli.notices.SystemClock", lambda: clock)
    return build(home, clock)


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["notices", *words])


def test_a_notice_is_shown_for_a_school_and_an_age_with_its_grade(world: World) -> None:
    shown = run("show", "--school", "100008", "--age", "8-11")
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.startswith("Argyle Primary School: The facts your school keeps about you\n")
    assert "Grade" in shown.stderr
    whole = run("show", "--layer", "whole")
    assert "== Everything ==" in whole.stdout
    assert run("show", "--school", "12").exit_code != 0


def test_changes_are_said_and_published_by_the_custodian_alone(world: World, clock: Moving, tmp_path: Path) -> None:
    assert "No notice was published yet" in run("changes").stdout
    first = run("publish", "--title", "The first notice", "--as", custodian())
    assert first.exit_code == 0, first.output
    charity = agreed(world, clock, kind="charity")
    said = run("changes").stdout
    assert "For the first time it is used by a charity." in said
    assert f"({charity.agreement})" in said
    no = run("publish", "--title", "Mine", "--as", world.person)
    assert no.exit_code == 1
    assert "may not publish a notice" in no.stderr
    done = run("publish", "--title", "Charities may use it", "--as", custodian())
    assert f"it tells of {charity.agreement}" in done.stdout
    assert "may be used from 3 October 2026" in done.stdout
    assert "nothing changed" in run("changes").stdout
    listed = run("list").stdout
    assert [line.split()[0] for line in listed.splitlines()] == ["N-2026-0002", "N-2026-0001"]
    assert run("told", "N-2026-0002", "--as", custodian()).exit_code == 0
    assert len(notices.notices()) == 2
