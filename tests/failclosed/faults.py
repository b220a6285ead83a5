"""Faults as they happen: files, mounts, limits, locks, sockets, processes. Each is mended when its block ends."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.db import connection

from schoolgate import register
from schoolgate.config import Config
from schoolgate.gate.engines.sandbox import cells
from schoolgate.register import publisher
from tests.register.watchers import Watcher, policy_of, set_policy, trust


@dataclass
class TurningClock:
    """A clock that can be set while it runs."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class Scene:
    """What a fault acts on."""

    config: Config
    clock: TurningClock


def _server() -> psycopg.Connection[tuple[object, ...]]:
    """Somebody else's connection to the same server; the account is the database's owner."""
    told = connection.get_connection_params()
    where = {name: told[name] for name in ("host", "port", "user", "password", "dbname") if name in told}
    return psycopg.connect(**where, autocommit=True)


def own_backend() -> int:
    """The server's process behind this process's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _say(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def database_read_only(scene: Scene) -> Iterator[None]:
    """As a standby server is, or a database its administrator froze."""
    on, off = (
        ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off")
        if connection.vendor == "postgresql"
        else ("PRAGMA query_only = ON", "PRAGMA query_only = OFF")
    )
    _say(on)
    yield
    _say(off)


@contextmanager
def database_locked(scene: Scene) -> Iterator[None]:
    """Somebody else writes and does not end, for longer than a read waits."""
    if connection.vendor == "postgresql":
        _say("SET lock_timeout = '300ms'")
        with _server() as other, other.transaction():
            other.execute("SELECT * FROM register_loghead FOR UPDATE")
            yield
        _say("RESET lock_timeout")
        return
    _say("PRAGMA busy_timeout = 300")
    other_file = sqlite3.connect(scene.config.sqlite_path(), isolation_level=None)
    other_file.execute("BEGIN IMMEDIATE")
    yield
    other_file.execute("ROLLBACK")
    other_file.close()
    _say("PRAGMA busy_timeout = 60000")


@contextmanager
def connection_killed(scene: Scene) -> Iterator[None]:
    """The server ends the connection (PostgreSQL): it is restarted, or the network is gone."""
    pid = own_backend()
    with _server() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
        while other.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone():
            time.sleep(0.005)
    yield


@contextmanager
def disk_full(scene: Scene) -> Iterator[None]:
    """No file of this process can grow, its database's and its log's alike."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def log_is_a_file(scene: Scene) -> Iterator[None]:
    """In the place of the log's folder there is a file."""
    away = scene.config.log.with_name("log-away")
    scene.config.log.rename(away)
    scene.config.log.write_bytes(b"")
    yield
    scene.config.log.unlink()
    away.rename(scene.config.log)


@contextmanager
def log_read_only(scene: Scene) -> Iterator[None]:
    """The log's file system is read-only, as after a fault of its disk."""
    log = str(scene.config.log)
    subprocess.run(["mount", "--bind", log, log], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", log], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", log], check=True)


@contextmanager
def checkpoint_held(scene: Scene) -> Iterator[None]:
    """Tiles can be written, and the checkpoint cannot be put in its place: something is mounted there."""
    place = str(scene.config.log / "checkpoint")
    subprocess.run(["mount", "--bind", place, place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@contextmanager
def publish_lock_taken_away(scene: Scene) -> Iterator[None]:
    """The lock of those who publish cannot be opened: a folder is in its place."""
    lock = scene.config.home / "publish.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    yield
    lock.rmdir()


@contextmanager
def _witnesses(scene: Scene, policy: str) -> Iterator[None]:
    patience, publisher.PATIENCE = publisher.PATIENCE, 0.5
    set_policy(scene.config, policy)
    try:
        yield
    finally:
        (scene.config.home / "witness-policy").unlink()
        publisher.PATIENCE = patience


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="schoolgate-witness-") as name:
        yield Path(name)


@contextmanager
def witnesses_away(scene: Scene) -> Iterator[None]:
    """Of two witnesses that are needed, one is not there: the quorum is lost."""
    with _folder() as folder:
        here, away = Watcher(folder / "w0", "w0"), Watcher(folder / "w1", "w1")
        for one in (here, away):
            one.start()
        trust([here, away], register.verifier_key(scene.config))
        away.stop()
        with _witnesses(scene, policy_of([here, away], 2)):
            yield
        here.stop()


@contextmanager
def witness_silent(scene: Scene) -> Iterator[None]:
    """It takes the call and never answers."""
    with _folder() as folder, socket.create_server(("127.0.0.1", 0)) as listening:
        one = Watcher(folder / "w0", "w0", port=listening.getsockname()[1])
        with _witnesses(scene, policy_of([one], 1)):
            yield


@contextmanager
def witness_lies(scene: Scene) -> Iterator[None]:
    """It answers, under the name asked for, with a signature of another key."""
    with _folder() as folder:
        named, other = Watcher(folder / "w0", "w0"), Watcher(folder / "w1", "w0")
        other.start()
        trust([other], register.verifier_key(scene.config))
        named.port = other.port
        with _witnesses(scene, policy_of([named], 1)):
            yield
        other.stop()


@contextmanager
def clock_set_back(scene: Scene) -> Iterator[None]:
    """By an hour, while the read runs."""
    scene.clock.moment -= timedelta(hours=1)
    yield
    scene.clock.moment += timedelta(hours=1)


def engines() -> list[int]:
    """The processes of this process's engines, ready ones and the working one; the warden apart."""
    warden = cells()._warden
    if warden is None:
        return []
    try:
        return [int(pid) for pid in Path(f"/proc/{warden.pid}/task/{warden.pid}/children").read_text().split()]
    except OSError:
        return []


def used(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def engines_killed(chosen: Callable[[int], bool]) -> Iterator[list[int]]:
    """While the block runs, every engine's process that is chosen is killed; gives those that were."""
    killed: list[int] = []
    over = threading.Event()

    def hunt() -> None:
        while not over.is_set():
            for pid in engines():
                if chosen(pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        killed.append(pid)
            time.sleep(0.002)

    hunting = threading.Thread(target=hunt)
    hunting.start()
    try:
        yield killed
    finally:
        over.set()
        hunting.join()


Fault = Callable[[Scene], AbstractContextManager[None]]

FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        database_read_only, database_locked, connection_killed, disk_full, log_is_a_file, log_read_only,
        checkpoint_held, publish_lock_taken_away, witnesses_away, witness_silent, witness_lies, clock_set_back,
    )
}  # fmt: skip


def database_of(address: str) -> str:
    """``postgresql`` or ``sqlite``."""
    return "postgresql" if urlsplit(address).scheme.startswith("postgres") else "sqlite"
