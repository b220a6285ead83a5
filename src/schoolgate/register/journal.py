"""Appending events, and publishing them as the public log's static files."""

from __future__ import annotations

import base64
import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.register.files import TileHashes, tile_root, write_durably
from schoolgate.register.models import LogEntry, LogHead
from schoolgate.register.note import Checkpoint, Signer, open_note, parse_checkpoint, sign_note
from schoolgate.register.tiles import HEIGHT, MAX_ENTRY, WIDTH, Tile, TileError, encode_entries
from schoolgate.register.tree import EMPTY_ROOT, inclusion_proof, leaf_hash, subtree
from schoolgate.register.vocabulary import canonical, event_body

ORIGIN = "schoolgate.example/log"
"""The log's name, in every checkpoint and key."""


class LogAhead(SchoolgateError):
    """The published log holds more, or other, entries than the database: an old backup was restored."""


class NotPublished(SchoolgateError):
    """The entry is not in a published checkpoint yet."""


@dataclass(frozen=True, slots=True)
class Event:
    """One register entry: index, type, subject and the whole body."""

    index: int
    type: str
    subject: str
    body: Mapping[str, Any]


def _nothing(step: str) -> None:
    """Called after each durable step; tests end the process here."""


def append_event(type: str, subject: str, payload: Mapping[str, Any], at: datetime) -> int:
    """Append an event inside the caller's transaction, so that it and what it reports commit together.

    Returns:
        Its index in the log.

    Raises:
        EventRefused: it does not fit its type.
        TileError: it is longer than an entry can be.
        SchoolgateError: there is no transaction.
    """
    if not connection.in_atomic_block:
        raise SchoolgateError("A register event is written inside a transaction.", code="no-transaction")
    body = canonical(event_body(type, subject, payload, at))
    if len(body) > MAX_ENTRY:
        raise TileError("A register entry is longer than 65,535 bytes.", code="entry-too-long")
    head, _ = LogHead.objects.select_for_update().get_or_create(name="log", defaults={"size": 0})
    index = head.size
    LogEntry.objects.create(index=index, type=type, subject=subject, body=body)
    head.size = index + 1
    head.save(update_fields=["size"])
    return index


def log_size() -> int:
    """How many events have been appended."""
    head = LogHead.objects.filter(name="log").first()
    return head.size if head else 0


def signer(config: Config) -> Signer:
    """The log's signing key, made on first use (mode 0600)."""
    path = config.keys / "log.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret = Ed25519PrivateKey.generate().private_bytes_raw()
        fresh = path.with_name(f"log.key.{os.urandom(8).hex()}.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return Signer(ORIGIN, path.read_bytes())


def verifier_key(config: Config) -> str:
    """The log's public key, as C2SP writes it."""
    return str(signer(config).verifier)


@contextmanager
def _only_publisher(config: Config) -> Iterator[None]:
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(config.home / "publish.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def published(config: Config) -> Checkpoint | None:
    """The checkpoint on disk, its signature checked; None when nothing was published."""
    path = config.log / "checkpoint"
    if not path.exists():
        return None
    return parse_checkpoint(open_note(path.read_bytes(), signer(config).verifier).text)


def _read_tile(config: Config) -> Callable[[Tile], bytes]:
    return lambda tile: (config.log / tile.path).read_bytes()


def _root(size: int, hash_at: TileHashes) -> bytes:
    return subtree(0, size, hash_at) if size else EMPTY_ROOT


def publish(clock: Clock, config: Config, *, step: Callable[[str], None] = _nothing) -> Checkpoint:
    """Write every committed event into tiles, then sign and put the checkpoint in place.

    Run again after a crash at any point it gives the same bytes. One publisher works at a time.

    Raises:
        LogAhead: the published log is not a prefix of what the database holds.
    """
    with _only_publisher(config):
        old = published(config)
        done, size = (old.size if old else 0), log_size()
        if done > size:
            raise LogAhead(
                f"The published log has {done} entries, the database {size}.",
                hint="An old database was restored over a newer log. Restore the newer one; do not publish.",
                code="log-ahead",
            )
        if old is not None and done == size:
            return old
        if old is not None and _root(done, TileHashes(done, _read_tile(config))) != old.root:
            raise LogAhead("The log's tiles do not fit its checkpoint: they were changed.", code="log-changed")
        _write_tiles(done, size, config, step)
        new = Checkpoint(ORIGIN, size, _root(size, TileHashes(size, _read_tile(config))))
        write_durably(config.log / "key", (verifier_key(config) + "\n").encode(), step)
        write_durably(config.log / "checkpoint", sign_note(new.body(), signer(config)).encode(), step)
        return new


def _write_tiles(done: int, size: int, config: Config, step: Callable[[str], None]) -> None:
    first = done // WIDTH * WIDTH
    bodies: list[bytes] = []
    rows = LogEntry.objects.filter(index__gte=first, index__lt=size).order_by("index").values_list("index", "body")
    for expected, (index, body) in enumerate(rows.iterator(chunk_size=2000), start=first):
        if index != expected:
            raise LogAhead("An entry is missing from the register's table.", code="log-gap")
        bodies.append(bytes(body))
    hashes = b"".join(leaf_hash(body) for body in bodies)
    if done > first:
        before = (config.log / Tile(0, first // WIDTH, done - first).path).read_bytes()
        if hashes[: len(before)] != before:
            raise LogAhead("The database's entries are not those that were published.", code="log-diverged")
    for number in range(first // WIDTH, (size + WIDTH - 1) // WIDTH):
        at = number * WIDTH - first
        width = min(WIDTH, size - number * WIDTH)
        if number * WIDTH + width > done:
            write_durably(config.log / Tile(None, number, width).path, encode_entries(bodies[at : at + width]), step)
            write_durably(config.log / Tile(0, number, width).path, hashes[32 * at : 32 * (at + width)], step)
    _write_upper(done, size, config, step)


def _write_upper(done: int, size: int, config: Config, step: Callable[[str], None]) -> None:
    """Each level above holds the roots of full tiles below; what was there stays as it was."""
    level = 1
    while size >> (HEIGHT * level):
        before, now = done >> (HEIGHT * level), size >> (HEIGHT * level)
        for number in range(before // WIDTH, (now + WIDTH - 1) // WIDTH):
            had = min(WIDTH, max(0, before - number * WIDTH))
            width = min(WIDTH, now - number * WIDTH)
            if width == had:
                continue
            data = (config.log / Tile(level, number, had).path).read_bytes() if had else b""
            for below in range(number * WIDTH + had, number * WIDTH + width):
                data += tile_root((config.log / Tile(level - 1, below).path).read_bytes())
            write_durably(config.log / Tile(level, number, width).path, data, step)
        level += 1


def _event(row: LogEntry) -> Event:
    return Event(row.index, row.type, row.subject, json.loads(bytes(row.body)))


def event(index: int) -> Event:
    """One entry.

    Raises:
        NotPublished: there is no such entry.
    """
    row = LogEntry.objects.filter(index=index).first()
    if row is None:
        raise NotPublished("The register has no such entry.", code="entry-unknown")
    return _event(row)


def events(
    type: str | None = None,
    subject: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> tuple[Event, ...]:
    """Entries, newest first, of one type or about one subject when given, below an index when given."""
    rows = LogEntry.objects.order_by("-index")
    if type is not None:
        rows = rows.filter(type=type)
    if subject is not None:
        rows = rows.filter(subject=subject)
    if before is not None:
        rows = rows.filter(index__lt=before)
    return tuple(_event(row) for row in rows[:limit])


def receipt_proof(index: int, config: Config | None = None) -> str:
    """The C2SP tlog-proof of one entry against the published checkpoint.

    Raises:
        NotPublished: the entry is not covered by a published checkpoint.
    """
    place: Config = config or settings.CONFIG
    path = place.log / "checkpoint"
    if not path.exists():
        raise NotPublished("Nothing has been published yet.", code="not-published")
    signed = path.read_text()
    checkpoint = parse_checkpoint(signed)
    if index >= checkpoint.size:
        raise NotPublished("This entry is not published yet.", code="not-published")
    proof = inclusion_proof(index, checkpoint.size, TileHashes(checkpoint.size, _read_tile(place)))
    lines = "".join(f"{base64.b64encode(part).decode()}\n" for part in proof)
    return f"c2sp.org/tlog-proof@v1\nindex {index}\n{lines}\n{signed}"


def totals() -> dict[str, int]:
    """How many entries of each type there are."""
    from django.db.models import Count

    return {row["type"]: row["n"] for row in LogEntry.objects.values("type").annotate(n=Count("index"))}
