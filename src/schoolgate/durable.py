"""Files that are on disk when a function returns, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


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
