"""Writing the log's static files so that a power cut leaves the old file or the new one, never half a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from schoolgate.register.tiles import HEIGHT, WIDTH, Tile
from schoolgate.register.tree import node_hash


def write_durably(path: Path, data: bytes, step: Callable[[str], None]) -> None:
    """Write beside, flush to disk, put in place, flush the directory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with open(fresh, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    step(f"written {path.name}")
    os.replace(fresh, path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    step(f"placed {path.name}")


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
            self._kept[level, number] = self._read(Tile(level, number, width))
        return self._kept[level, number]

    def __call__(self, level: int, index: int) -> bytes:
        """Hash of the complete subtree at (level, index)."""
        tile_level, inside = divmod(level, HEIGHT)
        first = index << inside
        number, at = divmod(first, WIDTH)
        tile = self._tile(tile_level, number)
        return tile_root(tile[32 * at : 32 * (at + (1 << inside))])
