"""Checking a whole published log, as anyone can: every tile, entry and checkpoint, and what was seen before."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from schoolgate.errors import SchoolgateError
from schoolgate.progress import Progress, silent
from schoolgate.register.files import tile_root
from schoolgate.register.note import Checkpoint, NoteError, VerifierKey, open_note, parse_checkpoint
from schoolgate.register.tiles import HEIGHT, WIDTH, Tile, TileError, decode_entries, parse_path, tiles_for
from schoolgate.register.tree import (
    ProofError,
    consistency_proof,
    hashes_of,
    leaf_hash,
    root_hash,
    verify_consistency,
)


class LogBroken(SchoolgateError):
    """The log is not what it claims to be. The text names the place."""


@dataclass(frozen=True, slots=True)
class LogReport:
    """What was checked: entries, files, and checkpoints seen on earlier visits."""

    checkpoint: Checkpoint
    files: int
    earlier: int


class _Source(Protocol):
    def read(self, path: str) -> bytes:
        """The bytes at a path; LogBroken when they cannot be had."""
        ...

    def paths(self) -> Iterator[str] | None:
        """Every path there is; None when they cannot be listed."""
        ...


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes:
        """Read a file."""
        try:
            return (self._root / path).read_bytes()
        except OSError:
            raise LogBroken(f"{path} is missing or cannot be read.", code="log-missing") from None

    def paths(self) -> Iterator[str] | None:
        """Every file below the folder."""
        return (str(file.relative_to(self._root)) for file in sorted(self._root.rglob("*")) if file.is_file())


class _Address:
    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")

    def read(self, path: str) -> bytes:
        """Fetch a file."""
        try:
            with urllib.request.urlopen(f"{self._address}/{path}", timeout=30) as answer:  # noqa: S310 - http(s) only
                data: bytes = answer.read()
                return data
        except (urllib.error.URLError, OSError):
            raise LogBroken(f"{path} is missing or cannot be fetched.", code="log-missing") from None

    def paths(self) -> Iterator[str] | None:
        """An address cannot be listed."""
        return None


def _open(source: str) -> _Source:
    if source.startswith(("http://", "https://")):
        return _Address(source)
    if not Path(source).is_dir():
        raise LogBroken(
            "There is no such directory.", hint="Give the log's directory or its address.", code="log-where"
        )
    return _Folder(Path(source))


def _checkpoint(found: _Source, key: VerifierKey) -> tuple[Checkpoint, str]:
    raw = found.read("checkpoint")
    try:
        checkpoint = parse_checkpoint(open_note(raw, key).text)
    except NoteError as error:
        raise LogBroken(f"checkpoint: {error.what}", code="log-checkpoint") from None
    if checkpoint.origin != key.name:
        raise LogBroken("checkpoint: it is another log's.", code="log-checkpoint")
    return checkpoint, raw.decode()


def _leaves(found: _Source, size: int, tell: Progress) -> list[bytes]:
    """Leaf hashes of every entry, each bundle compared with its hash tile."""
    leaves: list[bytes] = []
    for tile in tiles_for(size):
        if tile.level is not None:
            continue
        leaves += _bundle_leaves(found, tile)
        tell("checking entries", len(leaves), size)
    return leaves


def _bundle_leaves(found: _Source, tile: Tile) -> list[bytes]:
    try:
        entries = decode_entries(found.read(tile.path))
    except TileError as error:
        raise LogBroken(f"{tile.path}: {error.what}", code="log-entries") from None
    if len(entries) != tile.width:
        raise LogBroken(f"{tile.path} holds {len(entries)} entries instead of {tile.width}.", code="log-entries")
    hashes = found.read(Tile(0, tile.number, tile.width).path)
    leaves = [leaf_hash(entry) for entry in entries]
    for at, leaf in enumerate(leaves):
        if hashes[32 * at : 32 * at + 32] != leaf:
            index = tile.number * WIDTH + at
            raise LogBroken(
                f"Entry {index} does not fit: {tile.path} and {Tile(0, tile.number, tile.width).path} disagree.",
                hint="One of the two was changed.",
                code="log-entry",
            )
    return leaves


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


def _check_tile(found: _Source, tile: Tile, levels: list[list[bytes]]) -> None:
    expected = _expected(tile, levels)
    data = found.read(tile.path)
    if tile.level is None:
        try:
            data = b"".join(leaf_hash(entry) for entry in decode_entries(data))
        except TileError as error:
            raise LogBroken(f"{tile.path}: {error.what}", code="log-entries") from None
    if data[: len(expected)] != expected or len(data) != 32 * tile.width:
        at = next(i for i in range(tile.width + 1) if data[32 * i : 32 * i + 32] != expected[32 * i : 32 * i + 32])
        first = (tile.number * WIDTH + at) << (HEIGHT * (tile.level or 0))
        raise LogBroken(f"{tile.path} was changed: it does not fit from entry {first} on.", code="log-tile")


def _check_files(found: _Source, size: int, levels: list[list[bytes]], tell: Progress) -> int:
    """The tiles this size needs, and every other file that lies there: old partial tiles must fit too."""
    needed = {tile.path for tile in tiles_for(size)}
    for done, path in enumerate(sorted(needed)):
        tile = parse_path(path)
        if tile is not None:
            _check_tile(found, tile, levels)
        tell("checking tiles", done + 1, len(needed))
    listed = found.paths()
    for path in listed or ():
        if path in needed or path in ("checkpoint", "key"):
            continue
        tile = parse_path(path)
        if tile is None:
            if path.endswith(".new"):
                continue  # what an interrupted publication left; never served, overwritten next time
            raise LogBroken(f"{path} is not a file of a log.", code="log-extra")
        _check_tile(found, tile, levels)
    return len(needed) + 1


def _seen(state: Path | None, key: VerifierKey) -> list[str]:
    if state is None or not state.exists():
        return []
    kept = json.loads(state.read_text())
    found = kept.get(str(key), [])
    return [str(text) for text in found]


def _check_earlier(earlier: list[str], now: Checkpoint, leaves: list[bytes], key: VerifierKey) -> None:
    """Every checkpoint seen before must be a prefix of what is there now."""
    hash_at = hashes_of(leaves) if leaves else None
    for text in earlier:
        before = parse_checkpoint(open_note(text, key).text)
        if before.size > now.size:
            raise LogBroken(
                f"checkpoint: the log has {now.size} entries; it had {before.size} on an earlier visit.",
                hint="Entries were taken away.",
                code="log-rollback",
            )
        proof = consistency_proof(before.size, now.size, hash_at) if hash_at is not None else []
        try:
            verify_consistency(before.size, now.size, proof, before.root, now.root)
        except ProofError:
            raise LogBroken(
                f"checkpoint: the first {before.size} entries are not those of an earlier visit.",
                hint="History was rewritten. Keep your state file: it is the evidence.",
                code="log-fork",
            ) from None


def verify_log(
    source: str, key: VerifierKey | str, *, state: Path | None = None, progress: Progress = silent
) -> LogReport:
    """Check a published log.

    Args:
        source: a directory or an http(s) address.
        key: the log's verifier key.
        state: file of checkpoints seen on earlier visits; this one is added.
        progress: told how far it is.

    Raises:
        LogBroken: names the tile, entry or checkpoint that does not fit.
    """
    verifier = VerifierKey.parse(key) if isinstance(key, str) else key
    found = _open(source)
    checkpoint, signed = _checkpoint(found, verifier)
    leaves = _leaves(found, checkpoint.size, progress)
    levels = _levels(leaves)
    files = _check_files(found, checkpoint.size, levels, progress)
    if found.paths() is not None and found.read("key") != f"{verifier}\n".encode():
        raise LogBroken("key: it is not the key you gave.", code="log-key")
    if root_hash(leaves) != checkpoint.root:
        raise LogBroken(
            "checkpoint: its root does not fit the entries.",
            hint="Entries and tiles were changed together.",
            code="log-root",
        )
    earlier = _seen(state, verifier)
    _check_earlier(earlier, checkpoint, leaves, verifier)
    if state is not None and signed not in earlier:
        kept = json.loads(state.read_text()) if state.exists() else {}
        kept[str(verifier)] = [*earlier, signed]
        state.parent.mkdir(parents=True, exist_ok=True)
        state.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    return LogReport(checkpoint, files, len(earlier))
