"""Writing the log's static files so that a power cut leaves the old file or the new one, never half a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from schoolgate.register.tiles import HEIGHT, WIDTH, Tile, TileError
from schoolgate.register.tree import node_hash

FRESH = ".new"
"""How a file ends that is not in place yet; what an interrupted publication leaves, the next one removes."""


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make(folder: Path) -> None:
    """Make a folder whose own name is on disk too: a flushed file in an unflushed folder can vanish with it."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(exist_ok=True)
    _flush(folder.parent)


def write_durably(path: Path, data: bytes, step: Callable[[str], None]) -> None:
    """Write beside, flush to disk, put in place, flush the directory."""
    _make(path.parent)
    fresh = path.with_name(path.name + FRESH)
    try:
        with open(fresh, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        fresh.unlink(missing_ok=True)  # the disk is full: half a file would only keep it so
        raise
    step(f"written {path.name}")
    os.replace(fresh, path)
    _flush(path.parent)
    step(f"placed {path.name}")


def remove_partials(root: Path, tile: Tile) -> None:
    """Remove the partial tiles of a full tile that is in place (tlog-tiles, "Partial Tiles", allows it)."""
    folder = (root / Tile(tile.level, tile.number, 1).path).parent
    if folder.is_dir():
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def remove_fresh(folder: Path) -> None:
    """Remove what an interrupted publication left half written in one folder."""
    if folder.is_dir():
        for file in folder.glob(f"*{FRESH}"):
            file.unlink()


def read_tile(root: Path, tile: Tile) -> bytes:
    """The hashes of a tile; of the full tile when the partial one has been removed since."""
    try:
        return (root / tile.path).read_bytes()
    except FileNotFoundError:
        if tile.width == WIDTH:
            raise
        return (root / Tile(tile.level, tile.number).path).read_bytes()[: 32 * tile.width]


def tile_root(tile: bytes) -> bytes:
    """The hash above a run of hashes whose number is a power of two."""
    hashes = [tile[at : at + 32] for at in range(0, len(tile), 32)]
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


class TileHashes:
    """Subtree hashes read from tiles.

    Args:
        size: entries in the log.
        read: tile -> its bytes.
    """

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        self._size = size
        self._read = read
        self._kept: dict[tuple[int, int], bytes] = {}

    def _tile(self, level: int, number: int) -> bytes:
        if (level, number) not in self._kept:
            if len(self._kept) > 4096:
                self._kept.clear()
            width = min(WIDTH, (self._size >> (HEIGHT * level)) - number * WIDTH)
            tile = Tile(level, number, width)
            data = self._read(tile)
            if len(data) != 32 * width:
                raise TileError(f"{tile.path} is {len(data)} bytes long instead of {32 * width}.", code="tile-short")
            self._kept[level, number] = data
        return self._kept[level, number]

    def __call__(self, level: int, index: int) -> bytes:
        """Hash of the complete subtree at (level, index)."""
        tile_level, inside = divmod(level, HEIGHT)
        first = index << inside
        number, at = divmod(first, WIDTH)
        tile = self._tile(tile_level, number)
        return tile_root(tile[32 * at : 32 * (at + (1 << inside))])
