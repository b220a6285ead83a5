"""Checking a whole published log, as anyone can: every tile, entry and checkpoint, and what was seen before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from schoolgate.progress import Progress, silent
from schoolgate.register.files import FRESH, tile_root
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

_PATIENCE = 60.0
_LARGEST_KEY = 4096


@dataclass(frozen=True, slots=True)
class LogReport:
    """What was checked: entries, files, and checkpoints seen on earlier visits."""

    checkpoint: Checkpoint
    files: int
    earlier: int


def _checkpoint(found: Source, key: VerifierKey) -> tuple[Checkpoint, str]:
    raw = found.read("checkpoint", LARGEST_CHECKPOINT)
    try:
        checkpoint = parse_checkpoint(open_note(raw, key).text)
    except NoteError as error:
        raise LogBroken(f"checkpoint: {error.what}", code="log-checkpoint") from None
    if checkpoint.origin != key.name:
        raise LogBroken("checkpoint: it is another log's.", code="log-checkpoint")
    return checkpoint, raw.decode()


def _entries(path: str, data: bytes) -> list[bytes]:
    try:
        return decode_entries(data)
    except TileError as error:
        raise LogBroken(f"{path}: {error.what}", code="log-entries") from None


def _leaves(found: Source, size: int, tell: Progress) -> list[bytes]:
    """Leaf hashes of every entry, each bundle compared with its hash tile."""
    leaves: list[bytes] = []
    for number in range((size + WIDTH - 1) // WIDTH):
        leaves += _bundle_leaves(found, Tile(None, number, min(WIDTH, size - number * WIDTH)))
        tell("checking entries", len(leaves), size)
    return leaves


def _bundle_leaves(found: Source, bundle: Tile) -> list[bytes]:
    """The leaf hashes of one bundle; it and its hash tile are checked here in full, and read once."""
    path, data = read_tile_of(found, bundle)
    tile_path, hashes = read_tile_of(found, Tile(0, bundle.number, bundle.width))
    leaves = [leaf_hash(entry) for entry in _entries(path, data)]
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


def _levels(leaves: list[bytes]) -> list[list[bytes]]:
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


def _check_files(found: Source, size: int, levels: list[list[bytes]], tell: Progress) -> int:
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


def _check_key(found: Source, key: VerifierKey) -> None:
    """The key that lies with the log must be the one given; it is no part of tlog-tiles and may be missing there."""
    try:
        told = found.read("key", _LARGEST_KEY)
    except NotThere:
        if found.paths() is None:
            return
        raise
    if told != f"{key}\n".encode():
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
    progress: Progress = silent,
    patience: float = _PATIENCE,
) -> LogReport:
    """Check a published log.

    Args:
        source: a directory or an http(s) address.
        key: the log's verifier key.
        state: file of checkpoints seen on earlier visits; this one is added.
        progress: told how far it is.
        patience: seconds to wait for one file of an address.

    Raises:
        LogBroken: names the tile, entry or checkpoint that does not fit.
    """
    verifier = VerifierKey.parse(key) if isinstance(key, str) else key
    seen = recall(state)
    found = open_source(source, patience)
    checkpoint, signed = _checkpoint(found, verifier)
    leaves = _leaves(found, checkpoint.size, progress)
    files = _check_files(found, checkpoint.size, _levels(leaves), progress)
    _check_key(found, verifier)
    if root_hash(leaves) != checkpoint.root:
        raise LogBroken(
            "checkpoint: its root does not fit the entries.",
            hint="Entries and tiles were changed together.",
            code="log-root",
        )
    earlier = _check_earlier(seen, checkpoint, leaves, verifier)
    if state is not None:
        remember(state, verifier, signed)
    return LogReport(checkpoint, files, earlier)
