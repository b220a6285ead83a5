"""``schoolgate log`` at a terminal."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from django.db import transaction

from schoolgate import register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.register.models import LogEntry
from tests.register.commands import run
from tests.register.logs import add, grow

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def log(home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))
    grow(home, clock, 3)
    return home


def test_a_whole_log_is_verified_remembered_and_compared_with_the_database(log: Config) -> None:
    said = run("verify", str(log.log))
    assert "The log is whole. 3 entries, 3 files checked, consistent with 0 checkpoints" in said
    assert "holds the same 3 entries" in said
    assert "consistent with 1 checkpoints" in run("verify", str(log.log))
    LogEntry.objects.filter(index=2).update(body=register.canonical({**register.event(2).body, "title": "Other"}))
    with pytest.raises(register.LogAhead, match="Entry 2 of the database"):
        run("verify", str(log.log))


def test_a_copy_is_verified_without_the_database_and_a_changed_one_named(log: Config, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(log.log, copy)
    state = str(tmp_path / "state.json")
    assert "database" not in run("verify", str(copy), "--key", register.verifier_key(log), "--state", state)
    tile = copy / "tile/0/000.p/3"
    tile.write_bytes(bytes([tile.read_bytes()[0] ^ 1]) + tile.read_bytes()[1:])
    with pytest.raises(register.LogBroken, match=r"Entry 0 does not fit: .*tile/0/000\.p/3"):
        run("verify", str(copy), "--state", state)


def test_who_has_no_log_must_say_whose_key_to_trust(
    log: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(SchoolgateError, match="give it with --key"):
        run("verify", str(log.log))
    assert "The log is whole" in run("verify", str(log.log), "--key", register.verifier_key(log))
    assert not (tmp_path / "elsewhere" / "keys").exists()


def test_entries_are_published_shown_and_proven(log: Config, clock: FixedClock) -> None:
    add(clock, 1, 3)
    assert "Published: 4 entries." in run("publish")
    assert "Notice: A notice to families: Notice 3" in run("show", "--count", "1").replace(
        "Notice published:", "Notice:"
    )
    assert run("prove", "3").startswith("c2sp.org/tlog-proof@v1 index 3")
    assert run("key") == register.verifier_key(log)
    assert json.loads(run("entry", "3"))["title"] == "Notice 3 — «é»"
    with pytest.raises(register.NotPublished):
        run("entry", "4")
    with pytest.raises(register.NotPublished):
        run("prove", "4")


def test_words_in_an_entry_are_shown_and_not_obeyed(log: Config, clock: FixedClock) -> None:
    with transaction.atomic():
        register.append_event("notice.published", "N", {"title": "[red]x[/red] \x1b[2J"}, clock.now())
    said = run("show")
    assert "[red]x[/red]" in said
    assert "\x1b" not in said
