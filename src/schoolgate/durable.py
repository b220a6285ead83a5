"""Files that are on disk when a function returns, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO


def flush(path: Path) -> None:
    """Put on disk what a file holds, or which files a folder names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_once(path: Path, data: bytes) -> bytes:
    """Write a file (mode 0600) unless it is there; of two writers at once the first one's stays.

    Returns:
        What it holds then.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"{path.name}.{os.urandom(8).hex()}.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(fresh, path)  # atomic: two processes starting at once agree on one key
            except FileExistsError:
                return path.read_bytes()
        finally:
            fresh.unlink()
        flush(path.parent)
    return path.read_bytes()


def _overwrite(file: BinaryIO) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    for start in range(0, size, 1 << 20):
        file.write(bytes(min(1 << 20, size - start)))
    file.flush()
    os.fsync(file.fileno())


def wipe(path: Path) -> None:
    """Delete a file after writing over it.

    A disk that copies what it writes (flash, a file system that never overwrites) keeps old blocks until it needs them.
    """
    with open(path, "r+b") as file:
        _overwrite(file)
    path.unlink()
    flush(path.parent)


def replace_wiping(fresh: Path, place: Path) -> None:
    """Put a file in another's place in one step; what lay there is then written over, as `wipe` does."""
    with open(place, "r+b") as old:
        os.replace(fresh, place)
        flush(place.parent)
        _overwrite(old)
