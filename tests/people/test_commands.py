"""The commands on organisations and persons, as an operator types them."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner, Result

from schoolgate import people, requests
from schoolgate.cli.app import app
from schoolgate.clock import SystemClock
from schoolgate.config import Config
from tests.requests.cast import Cast, enter_cast, signed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return enter_cast()


@pytest.fixture
def run(home: Config, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command of `schoolgate people`."""
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))

    def command(*words: str) -> Result:
        return CliRunner(env={"COLUMNS": "300"}).invoke(app, ["people", *words])

    return command


def test_an_organisation_is_entered_with_its_facts_and_shown_with_its_history(run: Any, cast: Cast) -> None:
    made = run(
        "organisation", "add", "Synthetic Learning Ltd", "--kind", "company",
        "--fact", "owner=Synthetic Holdings", "--fact", "register=companies-house", "--fact", "number=01234567",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    sure = run("organisation", "verify", "Synthetic Learning Ltd", "--how", "Seen.", "--as", cast.custodian)
    assert "made sure of on" in sure.output
    shown = run("organisation", "show", "Synthetic Learning Ltd").output
    for part in ("Synthetic Holdings", "01234567", "Seen.", cast.custodian, "at the command line"):
        assert part in shown
    again = run("organisation", "add", "Synthetic Learning Limited", "--kind", "company")
    assert "looks like that of" in str(again.exception)
    other = run("organisation", "add", "Synthetic Learning Limited", "--kind", "company", "--another")
    assert other.exit_code == 0


def test_a_change_says_what_it_opened_again(run: Any, cast: Cast) -> None:
    agreement = signed(cast, SystemClock())
    told = run(
        "organisation", "change", cast.university.id, "--fact", "name=Another Name (synthetic)",
        "--reason", "Renamed.", "--as", cast.custodian,
    )  # fmt: skip
    assert told.exit_code == 0, told.output
    assert agreement.id in told.output
    assert requests.get(agreement.id).state == "reopened"
    assert "Formerly: University of Example (synthetic)" in run("organisation", "show", cast.university.id).output


def test_a_merger_names_both(run: Any, cast: Cast) -> None:
    merged = run(
        "organisation", "merge", cast.company.id, "--into", cast.university.name,
        "--reason", "Bought.", "--as", cast.custodian,
    )  # fmt: skip
    assert merged.exit_code == 0, merged.output
    assert f"part of {cast.university.id}" in run("list").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--fact", "name"), "name=value"),
        (("--fact", "colour=red"), "name=value"),
    ],
)
def test_a_fact_that_is_none_is_said(words: tuple[str, ...], said: str, run: Any, cast: Cast) -> None:
    told = run("organisation", "change", cast.university.id, *words, "--reason", "Why.", "--as", cast.custodian)
    assert told.exit_code != 0
    assert said in str(told.exception)


def test_who_may_not_is_told_so_and_nothing_changes(run: Any, cast: Cast) -> None:
    told = run("person", "leave", cast.colleague, "--reason", "Away.", "--as", cast.researcher)
    assert told.exit_code == 1
    assert "may not note that a person left" in told.output + told.stderr
    assert people.person(cast.colleague).left_on is None


def test_a_persons_history_is_printed(run: Any, cast: Cast) -> None:
    member = cast.panel[0]
    for words in (
        ("accredit", member, "--until", "2030-01-01", "--reason", "Took the course."),
        ("interest", member, "--organisation", cast.company.id, "--what", "shares", "--as", member),
        ("leave", member, "--reason", "Moved on.", "--as", cast.custodian),
    ):
        done = run("person", *words)
        assert done.exit_code == 0, done.output
    shown = run("person", "history", member).output
    for part in ("Took the course.", "1 January 2030", f"interest in {cast.company.id}", "shares", "Moved on."):
        assert part in shown
    assert "left on" in run("list").output
