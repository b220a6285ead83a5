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
from itertools import islice
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.progress import Progress, silent
from schoolgate.register.files import TileHashes, read_tile, remove_fresh, remove_partials, tile_root, write_durably
from schoolgate.register.models import LogEntry, LogHead
from schoolgate.register.note import Checkpoint, Signer, open_note, parse_checkpoint, sign_note
from schoolgate.register.tiles import HEIGHT, MAX_ENTRY, WIDTH, Tile, TileError, encode_entries
from schoolgate.register.tree import EMPTY_ROOT, inclusion_proof, leaf_hash, subtree
from schoolgate.register.vocabulary import canonical, event_body

ORIGIN = "schoolgate.example/log"
"""The log's name, in every checkpoint and key."""

_PORTION = 2048
"""Entries asked for in one statement."""


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


def _hashes(size: int, config: Config) -> TileHashes:
    return TileHashes(size, lambda tile: read_tile(config.log, tile))


def _root(size: int, config: Config) -> bytes:
    return subtree(0, size, _hashes(size, config)) if size else EMPTY_ROOT


def _committed_size() -> int:
    """How many events are committed.

    A caller's open transaction may still be undone, and what is published cannot be: `durable` refuses it.
    """
    try:
        with transaction.atomic(durable=True):
            pass
    except RuntimeError:
        raise SchoolgateError(
            "The log is not published from inside a transaction.", hint="Publish after it.", code="in-transaction"
        ) from None
    return log_size()


def publish(clock: Clock, config: Config, *, step: Callable[[str], None] = _nothing) -> Checkpoint:
    """Write every committed event into tiles, then sign and put the checkpoint in place.

    Run again after a crash at any point it gives the same bytes. One publisher works at a time. The work is
    in proportion to the new entries and the tree's height: full tiles are not read again.

    Raises:
        LogAhead: the published log is not a prefix of what the database holds, or its files were changed.
        SchoolgateError: called inside a transaction.
    """
    _committed_size()
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
        try:
            fits = old is None or _root(done, config) == old.root
        except (FileNotFoundError, TileError):
            fits = False
        if not fits:
            raise LogAhead("The log's tiles do not fit its checkpoint: they were changed.", code="log-changed")
        _write_tiles(done, size, config, step)
        new = Checkpoint(ORIGIN, size, _root(size, config))
        _write_key(config, step)
        write_durably(config.log / "checkpoint", sign_note(new.body(), signer(config)).encode(), step)
        return new


def _write_key(config: Config, step: Callable[[str], None]) -> None:
    path, data = config.log / "key", (verifier_key(config) + "\n").encode()
    if not path.exists() or path.read_bytes() != data:
        write_durably(path, data, step)


def _bodies(first: int, size: int) -> Iterator[bytes]:
    """Entries in order, as they stand in the database.

    Asked for in portions rather than through a server's cursor: a cursor left open by an error is closed whenever
    the interpreter finds it, which may be in the middle of another statement on the same connection, for ever.
    """
    for start in range(first, size, _PORTION):
        rows = LogEntry.objects.filter(index__gte=start, index__lt=min(start + _PORTION, size)).order_by("index")
        found = list(rows.values_list("index", "body"))
        if [index for index, _ in found] != list(range(start, min(start + _PORTION, size))):
            raise LogAhead("An entry is missing from the register's table.", code="log-gap")
        for _, body in found:
            yield bytes(body)


def _write_tiles(done: int, size: int, config: Config, step: Callable[[str], None]) -> None:
    first = done // WIDTH
    bodies = _bodies(first * WIDTH, size)
    for number in range(first, (size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, size - number * WIDTH)
        entries = list(islice(bodies, width))
        hashes = b"".join(leaf_hash(body) for body in entries)
        had = max(0, done - number * WIDTH)
        if had and hashes[: 32 * had] != read_tile(config.log, Tile(0, number, had)):
            raise LogAhead("The database's entries are not those that were published.", code="log-diverged")
        _place(Tile(None, number, width), encode_entries(entries), config, step)
        _place(Tile(0, number, width), hashes, config, step)
    _write_upper(done, size, config, step)


def _place(tile: Tile, data: bytes, config: Config, step: Callable[[str], None]) -> None:
    """Put a tile in its place; a full one makes the partial ones before it superfluous."""
    path = config.log / tile.path
    if tile.width < WIDTH:
        remove_fresh(path.parent)  # a full tile's is written over under the same name
    write_durably(path, data, step)
    if tile.width == WIDTH:
        remove_partials(config.log, tile)


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
            data = read_tile(config.log, Tile(level, number, had)) if had else b""
            for below in range(number * WIDTH + had, number * WIDTH + width):
                data += tile_root(read_tile(config.log, Tile(level - 1, below)))
            _place(Tile(level, number, width), data, config, step)
        level += 1


def check_journal(config: Config, progress: Progress = silent) -> int:
    """Compare the database's entries with the published log's: the public page is made from the former.

    Returns:
        How many entries were compared.

    Raises:
        LogAhead: names the first entry that differs, or is missing.
    """
    checkpoint = published(config)
    size = checkpoint.size if checkpoint else 0
    bodies = _bodies(0, size)
    for number in range((size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, size - number * WIDTH)
        hashes = read_tile(config.log, Tile(0, number, width))
        for at, body in enumerate(islice(bodies, width)):
            if leaf_hash(body) != hashes[32 * at : 32 * at + 32]:
                raise LogAhead(
                    f"Entry {number * WIDTH + at} of the database is not the one that was published.",
                    hint="The database was changed; the published log is the evidence of what it held.",
                    code="log-diverged",
                )
        progress("comparing the database with the log", number * WIDTH + width, size)
    return size


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
    signed = path.read_text(encoding="utf-8")
    checkpoint = parse_checkpoint(signed)
    if index >= checkpoint.size:
        raise NotPublished("This entry is not published yet.", code="not-published")
    proof = inclusion_proof(index, checkpoint.size, _hashes(checkpoint.size, place))
    lines = "".join(f"{base64.b64encode(part).decode()}\n" for part in proof)
    return f"c2sp.org/tlog-proof@v1\nindex {index}\n{lines}\n{signed}"


def totals() -> dict[str, int]:
    """How many entries of each type there are."""
    from django.db.models import Count

    return {row["type"]: row["n"] for row in LogEntry.objects.values("type").annotate(n=Count("index"))}
