"""Checking a whole published log, as anyone can: every tile, entry and checkpoint, and what was seen before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from schoolgate.progress import Progress, silent
from schoolgate.register.files import FRESH, tile_root
from schoolgate.register.follow import changes_key, successors
from schoolgate.register.note import Checkpoint, NoteError, VerifierKey, open_note, parse_checkpoint
from schoolgate.register.remembered import Seen, of_this_log, recall, remember
from schoolgate.register.sources import (
    LARGEST_CHECKPOINT,
    LogBroken,
    NotThere,
    Source,
    largest,
    open_source,
    read_tile_of,
)
from schoolgate.register.tiles import HEIGHT, WIDTH, Tile, TileError, decode_entries, parse_path, tiles_for
from schoolgate.register.tree import (
    ProofError,
    consistency_proof,
    hashes_of,
    leaf_hash,
    root_hash,
    verify_consistency,
)
from schoolgate.register.trust import NotEnough, TrustPolicy

_PATIENCE = 60.0
_LARGEST_KEY = 4096


@dataclass(frozen=True, slots=True)
class LogReport:
    """What was checked.

    Attributes:
        checkpoint: what the log says of itself.
        files: how many were checked.
        earlier: how many checkpoints of earlier visits it continues.
        key: the key that signs it: the one given, or one that followed it.
        witnesses: the policy's names of those that cosigned.
    """

    checkpoint: Checkpoint
    files: int
    earlier: int
    key: VerifierKey
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A checkpoint, the key it opens with, and what was wrong with the key that was given."""

    checkpoint: Checkpoint
    signed: str
    key: VerifierKey
    problem: LogBroken | None = None


def told_key(found: Source) -> VerifierKey | None:
    """The key that lies with the log; nothing vouches for it yet."""
    try:
        return VerifierKey.parse(found.read("key", _LARGEST_KEY).decode("utf-8"))
    except (NotThere, NoteError, UnicodeDecodeError):
        return None


def open_checkpoint(found: Source, key: VerifierKey) -> Opened:
    """Open the checkpoint with a key, or, to be confirmed by the log's entries, with the one that lies beside it.

    Raises:
        LogBroken: neither fits, or it is another log's.
    """
    raw = found.read("checkpoint", LARGEST_CHECKPOINT)
    problem = None
    try:
        checkpoint = parse_checkpoint(open_note(raw, key).text)
    except NoteError as error:
        problem = LogBroken(f"checkpoint: {error.what}", code="log-checkpoint")
        other = told_key(found)
        if error.code != "note-unsigned" or other is None or other.name != key.name or other == key:
            raise problem from None
        try:
            checkpoint, key = parse_checkpoint(open_note(raw, other).text), other
        except NoteError:
            raise problem from None
    if checkpoint.origin != key.name:
        raise LogBroken("checkpoint: it is another log's.", code="log-checkpoint")
    return Opened(checkpoint, raw.decode(), key, problem)


def follow(opened: Opened, key: VerifierKey, changes: list[bytes], found: Source) -> VerifierKey:
    """The key that signs the log now: each was named by the one before it, in an entry.

    Raises:
        LogBroken: the checkpoint's key, or the one beside the log, is none that followed the one given.
    """
    known = [key, *successors(changes, key)]
    if opened.problem is not None and opened.key not in known:
        if changes:
            raise LogBroken(
                opened.problem.what,
                hint="The log says that its key was changed, without the old key's word: it was lost, or this is"
                " another's log. Ask its keeper for the new key, and witnesses whether the log continues.",
                code="log-checkpoint",
            )
        raise opened.problem
    _check_key(found, known)
    # A change that was told and not yet made leaves the old key signing alone.
    return next(one for one in reversed(known) if _signed_by(opened.signed, one))


def _signed_by(signed: str, key: VerifierKey) -> bool:
    try:
        return key in open_note(signed, key).keys
    except NoteError:
        return False


def check_quorum(opened: Opened, policy: TrustPolicy | None) -> tuple[str, ...]:
    """Who cosigned, in the policy's names.

    Raises:
        LogBroken: not enough did.
    """
    if policy is None:
        return ()
    try:
        return policy.open(opened.signed, [opened.key])[1]
    except (NotEnough, NoteError) as error:
        raise LogBroken(f"checkpoint: {error.what}", hint=error.hint, code=error.code) from None


def _entries(path: str, data: bytes) -> list[bytes]:
    try:
        return decode_entries(data)
    except TileError as error:
        raise LogBroken(f"{path}: {error.what}", code="log-entries") from None


def _leaves(found: Source, size: int, tell: Progress) -> tuple[list[bytes], list[bytes]]:
    """Leaf hashes of every entry, each bundle compared with its hash tile; and the entries that change the key."""
    leaves: list[bytes] = []
    changes: list[bytes] = []
    for number in range((size + WIDTH - 1) // WIDTH):
        leaves += _bundle_leaves(found, Tile(None, number, min(WIDTH, size - number * WIDTH)), changes)
        tell("checking entries", len(leaves), size)
    return leaves, changes


def _bundle_leaves(found: Source, bundle: Tile, changes: list[bytes]) -> list[bytes]:
    """The leaf hashes of one bundle; it and its hash tile are checked here in full, and read once."""
    path, data = read_tile_of(found, bundle)
    tile_path, hashes = read_tile_of(found, Tile(0, bundle.number, bundle.width))
    entries = _entries(path, data)
    changes += [entry for entry in entries[: bundle.width] if changes_key(entry)]
    leaves = [leaf_hash(entry) for entry in entries]
    width = bundle.width if path == bundle.path else WIDTH
    if len(leaves) != width:
        raise LogBroken(f"{path} holds {len(leaves)} entries instead of {width}.", code="log-entries")
    for at, leaf in enumerate(leaves[: len(hashes) // 32] if len(hashes) >= 32 * bundle.width else leaves):
        if hashes[32 * at : 32 * at + 32] != leaf:
            raise LogBroken(
                f"Entry {bundle.number * WIDTH + at} does not fit: {path} and {tile_path} disagree.",
                hint="One of the two was changed.",
                code="log-entry",
            )
    if len(hashes) != 32 * (WIDTH if parse_path(tile_path) == Tile(0, bundle.number) else bundle.width):
        raise LogBroken(f"{tile_path} was changed: it is {len(hashes)} bytes long.", code="log-tile")
    return leaves[: bundle.width]


def _expected(tile: Tile, levels: list[list[bytes]]) -> bytes:
    """What a tile must hold as far as the checkpoint reaches, from the leaves.

    A publication that was interrupted leaves tiles that reach further than the checkpoint; nothing vouches
    for what lies beyond, and what lies before must fit.
    """
    level = tile.level or 0
    part = levels[level][tile.number * WIDTH : tile.number * WIDTH + tile.width] if level < len(levels) else []
    return b"".join(part)


def levels_of(leaves: list[bytes]) -> list[list[bytes]]:
    """What the tiles of each level hold, from the leaves up."""
    levels = [leaves]
    while len(levels[-1]) >= WIDTH:
        last = levels[-1]
        levels.append([tile_root(b"".join(last[i : i + WIDTH])) for i in range(0, len(last) // WIDTH * WIDTH, WIDTH)])
    return levels


def _check_tile(path: str, tile: Tile, data: bytes, levels: list[list[bytes]]) -> None:
    """Compare a tile's bytes with what its entries make of it; the text names the first that does not fit."""
    expected = _expected(tile, levels)
    if tile.level is None:
        data = b"".join(leaf_hash(entry) for entry in _entries(path, data))
    if data[: len(expected)] != expected:
        at = next(at for at in range(tile.width) if data[32 * at : 32 * at + 32] != expected[32 * at : 32 * at + 32])
        first = (tile.number * WIDTH + at) << (HEIGHT * (tile.level or 0))
        raise LogBroken(f"{path} was changed: it does not fit from entry {first} on.", code="log-tile")
    if len(data) != 32 * tile.width:
        raise LogBroken(f"{path} was changed: it holds more, or fewer, than {tile.width} hashes.", code="log-tile")


def check_files(found: Source, size: int, levels: list[list[bytes]], tell: Progress) -> int:
    """The tiles this size needs, and every other file that lies there: old partial tiles must fit too."""
    needed = {tile.path: tile for tile in tiles_for(size)}
    upper = [tile for tile in needed.values() if tile.level]  # `_leaves` has checked the others
    for done, tile in enumerate(upper):
        path, data = read_tile_of(found, tile)
        _check_tile(path, tile if path == tile.path else Tile(tile.level, tile.number), data, levels)
        tell("checking tiles", done + 1, len(upper))
    for path in found.paths() or ():
        if path in needed or path in ("checkpoint", "key"):
            continue
        other = parse_path(path)
        if other is not None:
            _check_tile(path, other, found.read(path, largest(other)), levels)
        elif not _half_written(path):
            raise LogBroken(f"{path} is not a file of a log.", code="log-extra")
    return len(needed) + 1


def _half_written(path: str) -> bool:
    """Whether an interrupted publication left it; never served, and removed or overwritten by the next."""
    place = path.removesuffix(FRESH)
    return place != path and (place in ("checkpoint", "key") or parse_path(place) is not None)


def _check_key(found: Source, known: list[VerifierKey]) -> None:
    """The key that lies with the log must be one we know; it is no part of tlog-tiles and may be missing there."""
    try:
        told = found.read("key", _LARGEST_KEY)
    except NotThere:
        if found.paths() is None:
            return
        raise
    if told not in [f"{key}\n".encode() for key in known]:
        raise LogBroken("key: it is not the key you gave.", code="log-key")


def _check_earlier(seen: Seen, now: Checkpoint, leaves: list[bytes], key: VerifierKey) -> int:
    """Every checkpoint seen before must be a prefix of what is there now; gives how many there were."""
    hash_at = hashes_of(leaves)
    count = 0
    for before, same_key in of_this_log(seen, key):
        count += 1
        other = "" if same_key else " The log was signed by another key then."
        if before.size > now.size:
            raise LogBroken(
                f"checkpoint: the log has {now.size} entries; it had {before.size} on an earlier visit.{other}",
                hint="Entries were taken away. Keep your state file: it is the evidence.",
                code="log-rollback",
            )
        try:
            proof = consistency_proof(before.size, now.size, hash_at)
            verify_consistency(before.size, now.size, proof, before.root, now.root)
        except ProofError:
            raise LogBroken(
                f"checkpoint: the first {before.size} entries are not those of an earlier visit.{other}",
                hint="History was rewritten. Keep your state file: it is the evidence.",
                code="log-fork",
            ) from None
    return count


def verify_log(
    source: str,
    key: VerifierKey | str,
    *,
    state: Path | None = None,
    policy: TrustPolicy | None = None,
    progress: Progress = silent,
    patience: float = _PATIENCE,
) -> LogReport:
    """Check a published log.

    Args:
        source: a directory or an http(s) address.
        key: the log's verifier key; one that followed it, by an entry in which the old key names the new, will do.
        policy: which witnesses must have cosigned.
        state: file of checkpoints seen on earlier visits; this one is added.
        progress: told how far it is.
        patience: seconds to wait for one file of an address.

    Raises:
        LogBroken: names the tile, entry or checkpoint that does not fit.
    """
    verifier = VerifierKey.parse(key) if isinstance(key, str) else key
    seen = recall(state)
    found = open_source(source, patience)
    opened = open_checkpoint(found, verifier)
    checkpoint = opened.checkpoint
    witnesses = check_quorum(opened, policy)
    leaves, changes = _leaves(found, checkpoint.size, progress)
    files = check_files(found, checkpoint.size, levels_of(leaves), progress)
    now = follow(opened, verifier, changes, found)
    if root_hash(leaves) != checkpoint.root:
        raise LogBroken(
            "checkpoint: its root does not fit the entries.",
            hint="Entries and tiles were changed together.",
            code="log-root",
        )
    earlier = _check_earlier(seen, checkpoint, leaves, verifier)
    if state is not None:
        remember(state, opened.key, opened.signed)
    return LogReport(checkpoint, files, earlier, now, witnesses)
