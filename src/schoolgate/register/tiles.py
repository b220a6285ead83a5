"""C2SP tlog-tiles: where hashes and entries lie as static files, and what each must hold."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schoolgate.errors import SchoolgateError

HEIGHT = 8
WIDTH = 1 << HEIGHT
"""Hashes in a full tile: 256, which is 8,192 bytes."""

MAX_ENTRY = 65_535
"""Longest entry a bundle can carry: its length is written in two bytes."""


class TileError(SchoolgateError):
    """A tile or entry bundle that is malformed."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile: level (None: entries), number, and width (256 when full)."""

    level: int | None
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Path below the log's root, e.g. ``tile/0/x001/x234/067.p/5``."""
        groups = [f"{self.number % 1000:03}"]
        rest = self.number // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(groups)}{partial}"


# ASCII digits only, levels 0 to 63 (tlog-tiles, "Merkle Tree").
_PATH = re.compile(r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


def parse_path(path: str) -> Tile | None:
    """The tile a path names, or None."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    number = int(found.group(2).replace("x", "").replace("/", ""))
    width = int(found.group(3) or WIDTH)
    if found.group(3) and width >= WIDTH:
        return None
    tile = Tile(None if found.group(1) == "entries" else int(found.group(1)), number, width)
    return tile if tile.path == path else None


def tiles_for(size: int, *, since: int = 0) -> Iterator[Tile]:
    """The tiles a log of `size` entries needs that one of `since` entries did not have, lowest level first."""
    for level in (None, *range(8)):
        shift = 0 if level is None else HEIGHT * level
        before, now = since >> shift, size >> shift
        if now == 0:
            continue
        for number in range(before // WIDTH, (now + WIDTH - 1) // WIDTH):
            width = min(WIDTH, now - number * WIDTH)
            had = min(WIDTH, max(0, before - number * WIDTH))
            if width > had:
                yield Tile(level, number, width)


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry after its length in two bytes, big-endian.

    Raises:
        TileError: an entry longer than 65,535 bytes.
    """
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise TileError("A register entry is longer than 65,535 bytes.", code="entry-too-long")
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def decode_entries(data: bytes) -> list[bytes]:
    """The entries of a bundle.

    Raises:
        TileError: it ends in the middle of an entry.
    """
    entries, at = [], 0
    while at < len(data):
        if at + 2 > len(data):
            raise TileError("An entry bundle ends in the middle of a length.", code="bundle-short")
        (length,) = struct.unpack_from(">H", data, at)
        at += 2
        if at + length > len(data):
            raise TileError("An entry bundle ends in the middle of an entry.", code="bundle-short")
        entries.append(data[at : at + length])
        at += length
    return entries
