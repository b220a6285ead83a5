"""What a monitor keeps of a log: every checkpoint it believed, and every entry, so that it can say what was changed."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schoolgate.register.note import Checkpoint, NoteError, VerifierKey, parse_checkpoint
from schoolgate.register.sources import LogBroken
from schoolgate.register.tiles import WIDTH, TileError, decode_entries, encode_entries
from schoolgate.register.tree import leaf_hash

_SHAPE = """
CREATE TABLE IF NOT EXISTS told (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen (size INTEGER NOT NULL, time INTEGER NOT NULL, note TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS bundle (number INTEGER PRIMARY KEY, entries BLOB NOT NULL);
"""


def _broken() -> LogBroken:
    return LogBroken(
        "The monitor's memory cannot be read: it was changed, or is not one.",
        hint="Keep it as evidence, and name another with --state.",
        code="log-state",
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """One bundle as it was seen.

    Attributes:
        entries: the entries.
        leaves: their hashes.
    """

    entries: tuple[bytes, ...] = ()
    leaves: tuple[bytes, ...] = ()


class Memory:
    """A monitor's memory: one SQLite file; a crash leaves it as it was before a look, or after it.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with self._open() as database:
            database.executescript(f"PRAGMA journal_mode=WAL;{_SHAPE}")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            database = sqlite3.connect(self._path, timeout=60, isolation_level=None)
            try:
                database.execute("PRAGMA synchronous=FULL")
                yield database
            finally:
                database.close()
        except sqlite3.DatabaseError:
            raise _broken() from None

    def key(self) -> VerifierKey | None:
        """The key this monitor believes now: the one it was given, or one that followed it."""
        with self._open() as database:
            row = database.execute("SELECT value FROM told WHERE name='key'").fetchone()
        try:
            return VerifierKey.parse(row[0]) if row else None
        except NoteError:
            raise _broken() from None

    def last(self) -> tuple[Checkpoint, str] | None:
        """The largest checkpoint believed, and as it was signed."""
        with self._open() as database:
            row = database.execute("SELECT note FROM seen ORDER BY size DESC, rowid DESC LIMIT 1").fetchone()
        try:
            return (parse_checkpoint(row[0]), str(row[0])) if row else None
        except NoteError:
            raise _broken() from None

    def bundle(self, number: int) -> Kept:
        """A bundle as far as it was seen; empty when it was not."""
        with self._open() as database:
            row = database.execute("SELECT entries FROM bundle WHERE number=?", (number,)).fetchone()
        if row is None:
            return Kept()
        try:
            entries = tuple(decode_entries(zlib.decompress(row[0])))
        except (zlib.error, TileError):
            raise _broken() from None
        return Kept(entries, tuple(leaf_hash(entry) for entry in entries))

    def keep(self, key: VerifierKey, signed: str, time: int, bundles: dict[int, list[bytes]]) -> None:
        """Take note of a log that was believed: in one commit, nothing of it or all."""
        size = parse_checkpoint(signed).size
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT OR REPLACE INTO told VALUES ('key', ?)", (str(key),))
            database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (size, time, signed))
            for number, entries in bundles.items():
                data = zlib.compress(encode_entries(entries[:WIDTH]))
                database.execute("INSERT OR REPLACE INTO bundle VALUES (?, ?)", (number, data))
            database.execute("COMMIT")
