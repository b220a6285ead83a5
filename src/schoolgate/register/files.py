"""Writing the log's static files so that a power cut leaves the old file or the new one, never half a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from schoolgate.durable import flush
from schoolgate.register.tiles import HEIGHT, WIDTH, Tile, TileError
from schoolgate.register.tree import node_hash

FRESH = ".new"
"""How a file ends that is not in place yet; what an interrupted publication leaves, the next one removes."""


_AT_ONCE = 8


def _flush_together(paths: Iterable[Path]) -> None:
    """Flush several at the same time: a file system writes its journal once for those that wait together."""
    wanted = list(dict.fromkeys(paths))
    if len(wanted) < 2:
        for path in wanted:
            flush(path)
        return
    with ThreadPoolExecutor(min(_AT_ONCE, len(wanted))) as pool:
        for done in [pool.submit(flush, path) for path in wanted]:
            done.result()


def _make(folder: Path) -> None:
    """Make a folder whose own name is on disk too: a flushed file in an unflushed folder can vanish with it."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(exist_ok=True)
    flush(folder.parent)


def write_durably(
    files: Sequence[tuple[Path, bytes]],
    step: Callable[[str], None],
    *,
    owed: set[Path] | None = None,
    first: Iterable[Path] = (),
) -> None:
    """Write beside, flush to disk, put in place, flush the folders; several files share their flushes.

    Args:
        files: paths and what they will hold.
        step: called before and after each is put in place.
        owed: folders to be flushed later are added here instead of being flushed.
        first: folders that must be on disk before anything is put in place.
    """
    pairs = [(path, path.with_name(path.name + FRESH), data) for path, data in files]
    try:
        for path, fresh, data in pairs:
            _make(path.parent)
            with open(fresh, "wb") as file:
                file.write(data)
        _flush_together([*first, *(fresh for _, fresh, _ in pairs)])
    except OSError:
        for _, fresh, _ in pairs:
            fresh.unlink(missing_ok=True)  # the disk is full: half a file would only keep it so
        raise
    for path, fresh, _ in pairs:
        step(f"written {path.name}")
        os.replace(fresh, path)
    folders = [path.parent for path, _, _ in pairs]
    if owed is None:
        _flush_together(folders)
    else:
        owed.update(folders)
    for path, _, _ in pairs:
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
