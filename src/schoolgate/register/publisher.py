"""Publishing what was appended as the log's static files: tiles first, then the checkpoint that vouches for them."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import transaction

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.register.asking import gather
from schoolgate.register.files import TileHashes, read_tile, remove_fresh, remove_partials, tile_root, write_durably
from schoolgate.register.journal import LogAhead, bodies, log_size
from schoolgate.register.keys import signers
from schoolgate.register.note import (
    Checkpoint,
    NoteError,
    NoteKey,
    Signer,
    VerifierKey,
    open_note,
    parse_checkpoint,
    sign_note,
    split_note,
)
from schoolgate.register.tiles import HEIGHT, WIDTH, Tile, TileError, encode_entries
from schoolgate.register.tree import EMPTY_ROOT, consistency_proof, leaf_hash, subtree
from schoolgate.register.trust import NOBODY, TrustPolicy, parse_policy

PATIENCE = 5.0
"""Seconds that all witnesses together have to answer: a reader waits as long when one hangs."""

_PORTION = 64
"""Tiles written before they are flushed together."""


class NotWitnessed(SchoolgateError):
    """Too few witnesses cosigned; nothing new was published. It is safe to try again."""


class LogNotWritten(SchoolgateError):
    """The log's files cannot be written; nothing new was published. It is safe to try again.

    Attributes:
        errno: the system's number for what went wrong.
    """

    def __init__(self, errno: int) -> None:
        super().__init__(
            "The public log cannot be written, so nothing new was published and nothing is handed over.",
            hint="Is the disk full, or the log's folder not this user's? What is recorded stays; try again afterwards.",
            code="log-not-written",
        )
        self.errno = errno


@dataclass(frozen=True, slots=True)
class _Standing:
    """The checkpoint in place.

    Attributes:
        checkpoint: what it says.
        keys: the known keys that signed it.
        own: how many signatures under the log's name it carries, of whatever key.
        cosigned: whether others signed it.
    """

    checkpoint: Checkpoint
    keys: tuple[NoteKey, ...]
    own: int
    cosigned: bool

    def is_of(self, keys: set[VerifierKey]) -> bool:
        """Whether these keys of the log signed it, and no other."""
        return keys <= set(self.keys) and self.own == len(keys)


def nothing(step: str) -> None:
    """Called after each durable step; tests end the process here."""


@contextmanager
def only_publisher(config: Config) -> Iterator[None]:
    """Wait until nobody else publishes, or changes the log's keys.

    Raises:
        LogNotWritten: the log's files, or the lock beside them, cannot be written.
    """
    try:
        config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(config.home / "publish.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise LogNotWritten(error.errno or 0) from None


def witness_policy(config: Config) -> TrustPolicy | None:
    """Who must cosign (C2SP tlog-policy, ``witness-policy`` in the installation's home); None when nobody is named.

    Raises:
        PolicyRefused: the file is malformed.
    """
    path = config.home / "witness-policy"
    return parse_policy(path.read_bytes()) if path.exists() else None


def _standing(config: Config, keys: list[VerifierKey], policy: TrustPolicy | None) -> _Standing | None:
    path = config.log / "checkpoint"
    if not path.exists():
        return None
    signed = path.read_bytes()
    note = open_note(signed, [*keys, *(one.key for one in policy.witnesses)] if policy else keys)
    if not any(key in keys for key in note.keys):
        raise NoteError("None of the known keys signed this note.", code="note-unsigned")
    checkpoint = parse_checkpoint(note.text)
    names = [line.name for line in split_note(signed)[1]]
    own = names.count(checkpoint.origin)
    return _Standing(checkpoint, note.keys, own, own < len(names))


def published(config: Config) -> Checkpoint | None:
    """The checkpoint on disk, its signature checked; None when nothing was published."""
    standing = _standing(config, [one.verifier for one in signers(config)], None)
    return standing.checkpoint if standing else None


def _hashes(size: int, config: Config) -> TileHashes:
    return TileHashes(size, lambda tile: read_tile(config.log, tile))


def _root(size: int, config: Config) -> bytes:
    return subtree(0, size, _hashes(size, config)) if size else EMPTY_ROOT


def _must_be_committed() -> None:
    """Refuse to publish what a caller's open transaction may still undo: `durable` finds one."""
    try:
        with transaction.atomic(durable=True):
            pass
    except RuntimeError:
        raise SchoolgateError(
            "The log is not published from inside a transaction.", hint="Publish after it.", code="in-transaction"
        ) from None


def publish(clock: Clock, config: Config, *, step: Callable[[str], None] = nothing) -> Checkpoint:
    """Write every committed event into tiles, have the checkpoint cosigned, and put it in place.

    Run again after a crash at any point it ends in the same tree. One publisher works at a time, and whoever waited
    finds its entries published with the others'. The work is in proportion to the new entries and the tree's height:
    full tiles are not read again. Witnesses are asked once, whatever the number of entries.

    Raises:
        LogAhead: the published log, or what a witness saw of it, is not a prefix of what the database holds.
        NotWitnessed: too few witnesses cosigned.
        LogNotWritten: the log's files cannot be written.
        SchoolgateError: called inside a transaction.
    """
    _must_be_committed()
    with only_publisher(config):
        keys = signers(config)
        return publish_alone(config, keys, [one.verifier for one in keys], step)


def publish_alone(
    config: Config, keys: tuple[Signer, ...], known: list[VerifierKey], step: Callable[[str], None]
) -> Checkpoint:
    """What `publish` does once nobody else does it.

    Args:
        config: the installation.
        keys: what the new checkpoint is signed with.
        known: what the one in place may be signed with.
        step: called after each durable step.
    """
    policy = witness_policy(config)
    old = _standing(config, known, policy)
    done, size = (old.checkpoint.size if old else 0), log_size()
    if done > size:
        raise LogAhead(
            f"The published log has {done} entries, the database {size}.",
            hint="An old database was restored over a newer log. Restore the newer one; do not publish.",
            code="log-ahead",
        )
    if old is not None and policy is None and old.cosigned:
        raise NotWitnessed(
            "The published log is cosigned, and this installation names no witnesses: their file is gone.",
            hint="Put `witness-policy` back, or write one with the line: quorum none",
            code="log-witness-policy",
        )
    settled = old is not None and done == size and old.is_of({one.verifier for one in keys})
    if old is not None and settled and (policy is None or policy.met_by(old.keys)):
        return old.checkpoint
    try:
        fits = old is None or _root(done, config) == old.checkpoint.root
    except (FileNotFoundError, TileError):
        fits = False
    if not fits:
        raise LogAhead("The log's tiles do not fit its checkpoint: they were changed.", code="log-changed")
    owed = _write_tiles(done, size, config, step)
    new = Checkpoint(keys[0].name, size, _root(size, config))
    signed = sign_note(new.body(), *keys)
    if policy is not None:
        signed += _cosignatures(policy, done, new, signed, config)
        step("cosigned")
    _write_key(keys[0], config, step)
    # What it vouches for is on disk, names and all, before it is in its place.
    write_durably([(config.log / "checkpoint", signed.encode())], step, first=owed)
    return new


def _cosignatures(policy: TrustPolicy, done: int, new: Checkpoint, signed: str, config: Config) -> str:
    """The witnesses' lines.

    Raises:
        LogAhead: a witness whose word is needed has cosigned more entries than there are.
        NotWitnessed: too few cosigned.
    """

    def proof(old: int) -> list[bytes]:
        return consistency_proof(old, new.size, _hashes(new.size, config))

    given = gather(policy, done, new, signed, proof, PATIENCE)
    joined = "".join(given.lines)
    enough = policy.quorum == NOBODY or (
        bool(joined) and policy.met_by(open_note(f"{new.body()}\n{joined}", [one.key for one in policy.witnesses]).keys)
    )
    if enough:
        return joined
    if given.ahead:
        raise LogAhead(
            f"A witness has cosigned {given.ahead} entries of this log; the database has {new.size}.",
            hint="An old backup was restored. Restore the newer one; do not publish.",
            code="log-ahead",
        )
    raise NotWitnessed(
        f"Too few witnesses cosigned, so nothing new was published. Needed: {policy.in_words()}."
        f" {'; '.join(given.problems)}.",
        hint="What is recorded stays, and nothing was handed over. Try again when they can be reached.",
        code="log-witness",
    )


def _write_key(signer: Signer, config: Config, step: Callable[[str], None]) -> None:
    path, data = config.log / "key", f"{signer.verifier}\n".encode()
    if not path.exists() or path.read_bytes() != data:
        write_durably([(path, data)], step)


def _write_tiles(done: int, size: int, config: Config, step: Callable[[str], None]) -> set[Path]:
    """Put every new tile in its place; gives the folders that are still to be flushed."""
    owed: set[Path] = set()
    first = done // WIDTH
    entries_of = bodies(first * WIDTH, size)
    ready: list[tuple[Tile, bytes]] = []
    for number in range(first, (size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, size - number * WIDTH)
        entries = list(islice(entries_of, width))
        hashes = b"".join(leaf_hash(body) for body in entries)
        had = max(0, done - number * WIDTH)
        if had and hashes[: 32 * had] != read_tile(config.log, Tile(0, number, had)):
            raise LogAhead("The database's entries are not those that were published.", code="log-diverged")
        if width > had:
            ready += [(Tile(None, number, width), encode_entries(entries)), (Tile(0, number, width), hashes)]
        if len(ready) >= _PORTION:
            _place(ready, owed, config, step)
            ready = []
    _place(ready, owed, config, step)
    _write_upper(done, size, owed, config, step)
    return owed


def _place(tiles: list[tuple[Tile, bytes]], owed: set[Path], config: Config, step: Callable[[str], None]) -> None:
    """Put tiles in their places; a full one makes the partial ones before it superfluous.

    Those that the checkpoint in place needs are removed only when the full one's name is on disk.
    """
    for tile, _ in tiles:
        if tile.width < WIDTH:
            remove_fresh((config.log / tile.path).parent)  # a full tile's is written over under the same name
    full = any(tile.width == WIDTH for tile, _ in tiles)
    write_durably([(config.log / tile.path, data) for tile, data in tiles], step, owed=None if full else owed)
    for tile, _ in tiles:
        if tile.width == WIDTH:
            remove_partials(config.log, tile)


def _write_upper(done: int, size: int, owed: set[Path], config: Config, step: Callable[[str], None]) -> None:
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
            _place([(Tile(level, number, width), data)], owed, config, step)
        level += 1
