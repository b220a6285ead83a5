"""A statement is signed once, when its quarter is over; anyone writes the same bytes again from the published log."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from schoolgate import oversight, register
from schoolgate.cli.oversight import app
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused, SchoolgateError, insist
from schoolgate.oversight import stating
from tests.oversight import told

pytestmark = pytest.mark.django_db(transaction=True)


def run(*words: str, code: int = 0) -> str:
    answer = CliRunner().invoke(app, list(words))
    if isinstance(answer.exception, SchoolgateError):
        raise answer.exception
    assert answer.exit_code == code, answer.output
    return answer.stdout


@pytest.fixture
def stated(home: Config, monkeypatch: pytest.MonkeyPatch) -> oversight.StatementView:
    """The third quarter's statement, with entries before and after it, published."""
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))
    told.a_life()
    made = insist(oversight.publish_statement("2026-Q3", home, told.at("2026-10-03")))
    told.read("2026-10-04", "R-9", "A-4")
    register.publish(told.at("2026-10-04"), home)
    return made


def test_the_entry_binds_the_text_and_says_what_it_was_computed_from(stated: oversight.StatementView) -> None:
    body = register.event(stated.log_index).body
    assert (body["subject"], body["first"], body["last"]) == ("2026-Q3", "2026-07-01", "2026-09-30")
    assert body["log_size"] == stated.log_index
    assert "time-to-decide | median | 11 days" in body["figures"]
    assert "  median: 11 days\n" in stated.text
    made, said = oversight.again("2026-Q3", "schoolgate", oversight.from_database)
    assert said.text_hash == body["text_hash"]
    assert made.lines == tuple(body["figures"])


def test_anyone_writes_the_same_bytes_again_from_the_files_alone(
    stated: oversight.StatementView, home: Config, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(home.log, copy)
    key = register.verifier_key(home)
    elsewhere = tmp_path / "elsewhere"  # a machine without this installation, and without its database
    elsewhere.mkdir()
    program = Path(sys.executable).parent / "schoolgate"
    done = subprocess.run(
        [program, "oversight", "statement", "2026-Q3", "--log", str(copy), "--key", key],
        env={"SCHOOLGATE_HOME": str(elsewhere), "PATH": "", "SCHOOLGATE_DATABASE": "sqlite"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == stated.text.encode()
    assert b"The same, byte for byte" in done.stderr
    assert not list(elsewhere.rglob("*.sqlite3"))
    assert run("statement", "2026-Q3") == stated.text


def test_the_command_gives_the_same_figures_from_files_and_database(
    stated: oversight.StatementView, home: Config
) -> None:
    days = ("--from", "2026-07-01", "--until", "2026-09-30")
    for form in ("text", "json", "csv"):
        own = run("metrics", *days, "--format", form)
        assert run("metrics", *days, "--log", str(home.log), "--format", form) == own
        assert "11 days" in own
    with pytest.raises(SchoolgateError, match="text, json or csv"):
        run("metrics", *days, "--format", "xml")
    with pytest.raises(oversight.NoSuchPeriod):
        run("metrics", "--from", "2026-07-02", "--until", "2026-07-01")


def test_a_statement_that_was_made_up_is_found_by_the_same_command(
    home: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))
    told.a_life()
    size = register.log_size()
    honest = oversight.make("2026-Q3", register.log_name(home), size, oversight.from_database(size))
    kinder = [line.replace("11 days", "1 day") for line in honest.lines]
    told.tell(
        "2026-10-03", "statement.published", "2026-Q3", first="2026-07-01", last="2026-09-30", log_size=size,
        figures=kinder, definitions=oversight.definitions_hash(), text_hash=honest.text_hash,
    )  # fmt: skip
    assert run("statement", "2026-Q3", code=1) == honest.text


def test_a_statement_from_a_log_cut_short_is_found_though_every_byte_of_it_agrees(
    home: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))
    told.a_life()
    late = told.tell("2026-10-02", "key.changed", "log", key="k", reason="Nothing of the quarter.")
    size = next(one.index for one in oversight.from_database() if one.type == "release.begun")  # before any read
    kind = oversight.make("2026-Q3", register.log_name(home), size, oversight.from_database(size))
    told.tell(
        "2026-10-03", "statement.published", "2026-Q3", first="2026-07-01", last="2026-09-30", log_size=size,
        figures=list(kind.lines), definitions=oversight.definitions_hash(), text_hash=kind.text_hash,
    )  # fmt: skip
    made, said = oversight.again("2026-Q3", register.log_name(home), oversight.from_database)
    assert (made.text_hash, made.lines) == (said.text_hash, said.figures)
    (why,) = said.differs_from(made)
    assert why.startswith("it leaves out entries of the quarter: ")
    assert size in said.left_out
    assert late not in said.left_out
    run("statement", "2026-Q3", code=1)


def test_a_statement_for_other_days_or_of_entries_there_were_not_is_found(home: Config) -> None:
    told.a_life()
    size = register.log_size()
    honest = oversight.make("2026-Q3", "schoolgate", size, oversight.from_database(size))
    told.tell(
        "2026-10-03", "statement.published", "2026-Q3", first="2026-07-02", last="2026-09-30", log_size=size + 9,
        figures=list(honest.lines), definitions=oversight.definitions_hash(), text_hash=honest.text_hash,
    )  # fmt: skip
    made, said = oversight.again("2026-Q3", "schoolgate", oversight.from_database)
    assert [words.split(" ")[1] for words in said.differs_from(made)] == ["says", "says"]


def test_another_definition_is_said_not_counted(home: Config) -> None:
    told.a_life()
    told.tell(
        "2026-10-03", "statement.published", "2026-Q3", first="2026-07-01", last="2026-09-30", log_size=3, figures=[],
        definitions="00", text_hash="00",
    )  # fmt: skip
    with pytest.raises(oversight.NoStatement, match="other definitions"):
        oversight.again("2026-Q3", "schoolgate", oversight.from_database)
    with pytest.raises(oversight.NoStatement, match="no statement of 2026-Q2"):
        oversight.again("2026-Q2", "schoolgate", oversight.from_database)


def test_a_quarter_that_is_not_over_and_a_second_statement_are_refused(
    stated: oversight.StatementView, home: Config
) -> None:
    for name, code in (("2026-Q4", "quarter-not-over"), ("2026-Q3", "already-stated")):
        refused = oversight.publish_statement(name, home, told.at("2026-10-05"))
        assert isinstance(refused, Refused)
        assert [reason.code for reason in refused.reasons] == [code]
    with pytest.raises(oversight.NoSuchPeriod):
        oversight.publish_statement("2026", home, told.at("2026-10-05"))
    assert [one.quarter for one in oversight.statements()] == ["2026-Q3"]
    assert oversight.statement_of("2026-Q3") == stated
    assert oversight.statement_of("2026-Q2") is None


def test_a_worker_states_the_last_quarter_by_itself_once(home: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    told.a_life()
    now: Any = told.at("2026-10-03")
    monkeypatch.setattr(stating, "SystemClock", lambda: now)
    assert stating._is_due(home)
    stating.state_quarter.call(config=home, clock=now)
    assert [one.quarter for one in oversight.statements()] == ["2026-Q3", "2026-Q2"]
    assert not stating._is_due(home)
    before = register.log_size()
    stating.state_quarter.call(config=replace(home), clock=now)
    assert register.log_size() == before


def test_a_quarter_is_over_when_no_entry_of_it_can_come_any_more(home: Config) -> None:
    told.a_life()
    midnight = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)  # the custodian's, in winter
    for minutes, is_over in ((1, False), (9, False), (11, True)):
        made = oversight.publish_statement("2026-Q4", home, FixedClock(midnight + timedelta(minutes=minutes)))
        assert isinstance(made, Refused) != is_over


def test_quarters_during_which_no_worker_ran_are_stated_too_the_oldest_first(
    home: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.a_life()  # from the second quarter to the fourth
    now: Any = told.at("2027-07-02")
    monkeypatch.setattr(stating, "SystemClock", lambda: now)
    missing = ("2026-Q2", "2026-Q3", "2026-Q4", "2027-Q1", "2027-Q2")
    assert oversight.quarters_to_state(now) == missing
    stating.state_quarter.call(config=home, clock=now)
    assert tuple(one.quarter for one in oversight.statements()) == missing[::-1]
    assert oversight.quarters_to_state(now) == ()
