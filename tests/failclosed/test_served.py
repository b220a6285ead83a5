"""The gate in a process of its own is killed in the middle, or its caller goes: no half result, and a plain end."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from schoolgate.errors import SchoolgateError
from schoolgate.gate.handover import Handover
from schoolgate.gate.serve.answers import read_of
from schoolgate.gate.serve.client import GateUnreachable, ask
from schoolgate.gate.serve.frames import Frame, send
from tests.crash.acts import SQL
from tests.crash.houses import House
from tests.failclosed.test_faults import ROWS

pytestmark = pytest.mark.django_db

PROGRAM = "from schoolgate.cli import main; main()"


def until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not so():
        assert time.monotonic() < end
        time.sleep(0.01)


class Gate:
    """The house's gate, serving this user; root is behind no wall, and nothing here is about walls."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.folder = house.home.parent / "run"
        self.socket = self.folder / "gate.sock"
        self.environment = {**os.environ, **house.places}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(mode=0o755, exist_ok=True)
        callers = self.folder / "callers.toml"
        callers.write_text(f'[[caller]]\nuid = {os.geteuid()}\nrole = "desk"\nsetting = true\n')
        callers.chmod(0o644)
        with open(self.folder / "gate.log", "ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", PROGRAM, "gate", "serve", "--allow-root",
                 "--socket", str(self.socket), "--callers", str(callers)],
                env=self.environment, stdout=said, stderr=said, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        self.socket.unlink(missing_ok=True)
        until(lambda: self.socket.is_socket() or self.process is None or self.process.poll() is not None)
        assert self.process.poll() is None, (self.folder / "gate.log").read_text()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def end(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)
            self.process = None

    def asked(self) -> dict[str, Any]:
        return {**self.house.facts["agreement"], "sql": SQL, "file": None, "limits": None}

    def read(self) -> Any:
        """What a caller gets."""
        return read_of(ask(self.socket, "read", **self.asked()))

    def unfinished(self) -> list[str]:
        """What the custodian's command says."""
        listed = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", PROGRAM, "gate", "unfinished"],
            env=self.environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return listed.stdout.splitlines()

    def begun(self) -> bool:
        """Whether a read is on record: looked up past the rooms, in the table itself."""
        count = "SELECT count(*) FROM ledger_release"
        if self.house.server is None:
            with contextlib.closing(sqlite3.connect(self.house.home / "schoolgate.sqlite3")) as other:
                return bool(other.execute(count).fetchone()[0])
        with psycopg.connect(self.house.server.address) as other_one:
            found = other_one.execute(count).fetchone()
            return bool(found and found[0])

    def waits_to_publish(self) -> bool:
        """Whether a read of this gate is recorded and waits for the publishers' lock."""
        assert self.process is not None
        if not self.begun():
            return False
        waiting = [line for line in Path("/proc/locks").read_text().splitlines() if "-> FLOCK" in line]
        return any(f" {self.process.pid} " in line for line in waiting)


@pytest.fixture
def serving(house: House) -> Iterator[Gate]:
    house.put_back("agreed")
    served = Gate(house)
    served.start()
    yield served
    served.end()


@contextmanager
def nobody_publishes(house: House) -> Iterator[Callable[[], None]]:
    """The publishers' lock is held, so that a read stops between its record and its publication; gives the release."""
    with open(house.home / "publish.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lambda: fcntl.flock(lock, fcntl.LOCK_UN)


@contextmanager
def nobody_writes(house: House) -> Iterator[None]:
    """The database's writers wait, so that a read stops between its publication and its delivery."""
    if house.server is None:
        with contextlib.closing(sqlite3.connect(house.home / "schoolgate.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    with psycopg.connect(house.server.address) as other_one:
        other_one.execute("SELECT * FROM register_loghead FOR UPDATE")
        yield


@contextmanager
def asking(served: Gate) -> Iterator[list[Any]]:
    """Somebody asks, in a thread of their own; what they got is there at the end."""
    got: list[Any] = []

    def wait() -> None:
        try:
            got.append(served.read())
        except SchoolgateError as problem:
            got.append(problem)

    caller = threading.Thread(target=wait)
    caller.start()
    yield got
    caller.join(60)
    assert not caller.is_alive()


def is_begun_and_a_retry_works(served: Gate) -> None:
    line, first, *_ = served.unfinished()
    assert "begun, not delivered" in line
    assert first == "Begun, not delivered: 1."
    served.start()
    again = served.read()
    assert isinstance(again, Handover)
    assert again.table.to_pylist() == ROWS
    served.end()
    kept, count, *_ = served.unfinished()
    assert kept.split()[0] == line.split()[0]
    assert again.release_id not in kept
    assert count == "Begun, not delivered: 1."
    assert served.house.look()["faults"] == []


def test_killed_between_record_and_publication(serving: Gate) -> None:
    with nobody_publishes(serving.house), asking(serving) as got:
        until(serving.waits_to_publish)
        serving.kill()
    assert isinstance(got[0], GateUnreachable)
    assert got[0].code == "gate-gone"
    is_begun_and_a_retry_works(serving)


def test_killed_between_publication_and_handing_over(serving: Gate) -> None:
    checkpoint = serving.house.home / "log" / "checkpoint"
    before = checkpoint.read_bytes()
    with asking(serving) as got, nobody_publishes(serving.house) as publish:
        until(serving.waits_to_publish)
        with nobody_writes(serving.house):
            publish()
            until(lambda: checkpoint.read_bytes() != before)
            serving.kill()
    assert isinstance(got[0], GateUnreachable)
    is_begun_and_a_retry_works(serving)


def test_a_caller_who_is_gone_before_the_answer_is_given_nothing(serving: Gate) -> None:
    with nobody_publishes(serving.house) as publish:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(serving.socket))
            send(line, Frame({"op": "read", "args": serving.asked()}), seconds=10)
            until(serving.waits_to_publish)
        publish()
    until(lambda: "ended=caller gone" in (serving.folder / "gate.log").read_text())
    serving.end()
    is_begun_and_a_retry_works(serving)
