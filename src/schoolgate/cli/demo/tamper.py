"""What happens to somebody who changes history: one byte of a tile, in a copy of the log."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from schoolgate import register
from schoolgate.cli.console import console
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError


@dataclass(frozen=True, slots=True)
class Tampering:
    """A changed copy and what the verifier says of it."""

    copy: Path
    changed: str
    found: str


def tamper(config: Config) -> Tampering:
    """Copy the log, change one byte in the middle of its largest entry tile, and have it verified.

    Raises:
        SchoolgateError: the verifier did not notice.
    """
    copy = config.home / "demo" / "changed-log"
    shutil.copytree(config.log, copy)
    tiles = (path for path in (copy / "tile" / "entries").rglob("*") if path.is_file())
    tile = max(tiles, key=lambda path: path.stat().st_size)
    data = bytearray(tile.read_bytes())
    at = len(data) // 2
    data[at] ^= 1
    tile.write_bytes(bytes(data))
    changed = f"byte {at:,} of {tile.relative_to(copy)}"
    try:
        register.verify_log(str(copy), register.verifier_key(config))
    except register.LogBroken as broken:
        console.print(f"  Changed: {changed}. The verifier: {broken.what}", markup=False)
        return Tampering(copy, changed, broken.what)
    raise SchoolgateError("A changed byte went unnoticed.", code="demo-tamper")
