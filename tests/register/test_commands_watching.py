"""``schoolgate log`` for those who watch a log and those who keep one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from schoolgate import register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.register.commands import run
from tests.register.logs import grow
from tests.register.test_watch import rewrite
from tests.register.watchers import policy_of, trust, watchers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def log(home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))
    return home


def test_a_keeper_names_the_log_its_witnesses_and_its_keys(log: Config, clock: FixedClock, tmp_path: Path) -> None:
    assert run("name", "data.example.org/log") == run("name") == "data.example.org/log"
    grow(log, clock, 3)
    with watchers(log, tmp_path / "w", 2) as every:
        policy = tmp_path / "policy"
        policy.write_text(policy_of(every, 2, run("key")))
        assert "Needed from now on: 2 of w0, w1." in run("witnesses", str(policy), "--reason", "Others watch.")
        assert "Cosigned by w0, w1" in run("verify", str(log.log), "--policy", str(policy))
        assert "give --policy" in run("verify", str(log.log))
        old = run("key")
        new = run("rotate-key", "--reason", "Yearly change.").split()[0]
        assert new == run("key") != old
        with pytest.raises(register.NotWitnessed):
            run("retire-key")
        trust(every, new)
        assert "new key's signature only" in run("retire-key")
        assert "Cosigned by w0, w1" in run("verify", str(log.log), "--policy", str(policy))  # it follows the old key
        (log.keys / "log.key").unlink()
        with pytest.raises(register.NotWitnessed):
            run("replace-lost-key", "--reason", "The disk burnt.")
        trust(every, run("next-key"))
        assert run("replace-lost-key", "--reason", "The disk burnt.") == run("key")
        run("correct-clock", "--reason", "The battery was empty.")
    told = [event.type for event in register.events()]
    assert told[:4] == ["clock.corrected", "key.changed", "key.changed", "witnesses.changed"]
    assert "The clock before this entry was wrong" in run("show", "--count", "1")


def test_a_watcher_is_told_what_was_changed_and_what_a_file_proves(
    log: Config, clock: FixedClock, tmp_path: Path
) -> None:
    grow(log, clock, 300)
    state = ("--state", str(tmp_path / "seen.db"))
    assert "well: 300 entries, 300 new" in run("watch", str(log.log), *state, "--once")
    assert "well: 300 entries, 0 new" in run("watch", str(log.log), *state, "--once")
    rewrite(log, clock, 299)
    with pytest.raises(register.Alarm, match="Entry 299 is another one than was seen before"):
        run("watch", str(log.log), *state, "--once")
    (file,) = (tmp_path / "seen.db.evidence").iterdir()
    assert "Proven: the log signed two different trees of 300" in run("judge", str(file), "--key", run("key"))
    with pytest.raises(register.NoEvidence):
        run("judge", str(file), "--key", str(register.Signer("x.example", b"x" * 32).verifier))


def test_a_watcher_needs_no_installation_and_no_database(log: Config, clock: FixedClock, tmp_path: Path) -> None:
    """On a machine that has nothing but this package: the exit code says whether all is well."""
    grow(log, clock, 3)

    def watch() -> subprocess.CompletedProcess[str]:
        block = "import sys; sys.modules.update(dict.fromkeys(('django', 'duckdb', 'pyarrow', 'sqlglot', 'lxml'))); "
        arguments = ["log", "watch", str(log.log), "--once", "--key", register.verifier_key(log)]
        return subprocess.run(
            [sys.executable, "-c", block + "from schoolgate.cli import main; main()", *arguments, "--state", "seen.db"],
            capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False,
            env={**os.environ, "SCHOOLGATE_HOME": str(tmp_path / "none")},
        )  # fmt: skip

    done = watch()
    assert (done.returncode, "well: 3 entries" in done.stdout) == (0, True), done.stderr
    rewrite(log, clock, 1)
    done = watch()
    assert (done.returncode, "Entry 1 is another one" in done.stderr) == (1, True)
    (file,) = (tmp_path / "seen.db.evidence").iterdir()
    assert json.loads(file.read_text())["entry"] == 1
    assert not (tmp_path / "none").exists()
