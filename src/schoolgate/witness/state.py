"""What a witness remembers, in one SQLite file: for each log its keys and the newest tree it cosigned."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schoolgate.errors import SchoolgateError
from schoolgate.register import COSIGNATURE_V1, SUBTREE_V1, Cosigner, NoteError, VerifierKey

_SHAPE = """
CREATE TABLE IF NOT EXISTS log_key (origin TEXT NOT NULL, vkey TEXT NOT NULL, PRIMARY KEY (origin, vkey));
CREATE TABLE IF NOT EXISTS latest (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, time INTEGER NOT NULL, note TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS evidence (
    id INTEGER PRIMARY KEY, origin TEXT NOT NULL, time INTEGER NOT NULL, why TEXT NOT NULL,
    note TEXT NOT NULL, against TEXT NOT NULL, UNIQUE (origin, note)
);
"""

_MOST_EVIDENCE = 100
"""Refused checkpoints kept of one log: enough to show, too few to fill a disk with."""

_WAIT = 10.0


class WitnessError(SchoolgateError):
    """The witness cannot do what its operator asked."""


@dataclass(frozen=True, slots=True)
class Watched:
    """The newest tree of a log that was cosigned.

    Attributes:
        size: its entries.
        root: its root.
        time: when it was cosigned last, in seconds since 1970.
        note: the checkpoint with the log's and the witness's signatures.
    """

    size: int
    root: bytes
    time: int
    note: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A checkpoint that the log's own key signed and that does not continue what was cosigned."""

    origin: str
    time: int
    why: str
    note: str
    against: str


class State:
    """A witness's memory. Each call opens the file anew, so that threads and processes may share it.

    Args:
        folder: where it lies; made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / "witness.sqlite3"
        with self._open() as database:
            # FULL: what was answered is on disk (tlog-witness: "MUST persist the new checkpoint before responding").
            database.executescript(f"PRAGMA journal_mode=WAL;{_SHAPE}")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=_WAIT, isolation_level=None)
        try:
            database.execute("PRAGMA synchronous=FULL")
            yield database
        finally:
            database.close()

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """One writer's turn: comparing with what was cosigned and taking note of the new tree are one act."""
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                yield Turn(database)
                database.execute("COMMIT")
            finally:
                if database.in_transaction:
                    database.execute("ROLLBACK")

    def add_log(self, key: VerifierKey) -> None:
        """Watch a log, or trust one more key of it: a log keeps its name and history when its key changes."""
        with self.turn() as turn:
            turn.database.execute("INSERT OR IGNORE INTO log_key VALUES (?, ?)", (key.name, str(key)))

    def remove_key(self, key: VerifierKey) -> None:
        """No longer trust a key; what was cosigned of its log stays remembered.

        Raises:
            WitnessError: it was not trusted.
        """
        with self.turn() as turn:
            gone = turn.database.execute("DELETE FROM log_key WHERE origin=? AND vkey=?", (key.name, str(key)))
            if not gone.rowcount:
                raise WitnessError("This key is not one that is trusted here.", code="witness-key")

    def logs(self) -> tuple[tuple[VerifierKey, Watched | None], ...]:
        """Every trusted key, and what was cosigned of its log."""
        with self._open() as database:  # reading waits for nobody, and keeps nobody waiting
            rows = database.execute("SELECT vkey FROM log_key ORDER BY origin, vkey").fetchall()
            keys = [VerifierKey.parse(row[0]) for row in rows]
            return tuple((key, Turn(database).latest(key.name)) for key in keys)

    def evidence(self) -> tuple[Evidence, ...]:
        """Every refused checkpoint that was kept, oldest first."""
        with self._open() as database:
            rows = database.execute("SELECT origin, time, why, note, against FROM evidence ORDER BY id").fetchall()
        return tuple(Evidence(*row) for row in rows)


class Turn:
    """What can be asked and noted during one writer's turn."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database

    def keys(self, origin: str) -> tuple[VerifierKey, ...]:
        """The keys trusted for a log of this name."""
        rows = self.database.execute("SELECT vkey FROM log_key WHERE origin=?", (origin,)).fetchall()
        return tuple(VerifierKey.parse(row[0]) for row in rows)

    def latest(self, origin: str) -> Watched | None:
        """The newest tree cosigned of a log."""
        row = self.database.execute("SELECT size, root, time, note FROM latest WHERE origin=?", (origin,)).fetchone()
        return Watched(*row) if row else None

    def note_latest(self, origin: str, seen: Watched) -> None:
        """Take note of a tree; it never has fewer entries than the one before.

        Raises:
            WitnessError: it would.
        """
        before = self.latest(origin)
        if before is not None and (before.size > seen.size or (before.size == seen.size and before.root != seen.root)):
            raise WitnessError("A witness does not go back.", code="witness-back")
        values = (origin, seen.size, seen.root, seen.time, seen.note)
        self.database.execute("INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?, ?)", values)

    def keep_evidence(self, found: Evidence) -> None:
        """Keep a checkpoint that does not fit, unless so many are kept already."""
        count = self.database.execute("SELECT count(*) FROM evidence WHERE origin=?", (found.origin,)).fetchone()[0]
        if count < _MOST_EVIDENCE:
            self.database.execute(
                "INSERT OR IGNORE INTO evidence (origin, time, why, note, against) VALUES (?, ?, ?, ?, ?)",
                (found.origin, found.time, found.why, found.note, found.against),
            )


def open_keys(folder: Path, name: str = "", *, post_quantum: bool = False) -> tuple[Cosigner, ...]:
    """The witness's keys, made under a name on first use (mode 0600).

    Args:
        folder: the witness's state.
        name: its name, such as ``witness.example.org``; needed the first time.
        post_quantum: make a second key, ML-DSA-44, whose cosignatures are given beside the first one's.

    Raises:
        WitnessError: there is no key and no name, or the key has another name.
    """
    path = folder / "witness.key"
    if not path.exists():
        if not name:
            raise WitnessError(
                "This witness has no key yet.",
                hint="schoolgate witness key --state DIR --name witness.example.org",
                code="witness-key",
            )
        kinds = (COSIGNATURE_V1, SUBTREE_V1) if post_quantum else (COSIGNATURE_V1,)
        _write_keys(path, "".join(f"{Cosigner(name, os.urandom(32), kind)}\n" for kind in kinds))
    try:
        keys = tuple(Cosigner.parse(line) for line in path.read_text(encoding="utf-8").splitlines())
    except NoteError:
        raise WitnessError("The witness's key file was changed.", code="witness-key") from None
    if not keys or (name and any(key.name != name for key in keys)):
        raise WitnessError("This witness has a key of another name.", hint="Give another --state.", code="witness-key")
    return keys


def _write_keys(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.urandom(8).hex()}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)
    except FileExistsError:
        pass  # another process was first; its key is the witness's
    finally:
        fresh.unlink()
