"""Taking a backup while the gate goes on reading.

Order is what makes it consistent without a pause. First the public checkpoint: whatever it vouches for is in the
database already. Then the database, as of one moment. Then the log's files that this checkpoint needs, and the rest:
lake files and papers are never changed once a row names them, so whatever the database names is still there. The
backup's log is therefore a prefix of the backup's database, as after any publication that was interrupted.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

from schoolgate import register
from schoolgate.backup.chest import Chest, Contents, Held, not_written, own_key
from schoolgate.backup.databases import copy_databases
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.progress import Progress, silent
from schoolgate.records.custody import PUPIL_KEYS

_UNCHANGING = ("lake/", "papers/")
"""Folders whose files never change: one that was kept before is not read again."""


PUPIL_KEYS_PATH = f"keys/{PUPIL_KEYS}"
"""Kept apart, the newest copy alone: a pupil's key that was destroyed is in no earlier backup either."""


def _nothing(step: str) -> None:
    """Called after each durable step; tests end the process here."""


def _log_files(log: Path, size: int) -> Iterator[tuple[str, bytes]]:
    """The files a log of this size needs, cut to it where a fuller one has taken a tile's place since."""
    source = register.open_source(str(log), 0)
    for tile in register.tiles_for(size):
        path, data = register.read_tile_of(source, tile)
        if path != tile.path and tile.level is None:
            data = register.encode_entries(register.decode_entries(data)[: tile.width])
        yield tile.path, data if tile.level is None else data[: 32 * tile.width]


def _taken(path: str) -> bool:
    """Whether a file of the installation's home is part of a backup as it lies there.

    A family's copy of everything is not: it is deleted after some days, and a backup would keep it for years.
    """
    name = path.rsplit("/", 1)[-1]
    return not (
        path.startswith(("scratch/", "packs/", "log/tile/"))
        or path in ("log/checkpoint", PUPIL_KEYS_PATH)
        or name.endswith((".lock", ".new"))
        or ".sqlite3" in name
    )


def _files(config: Config) -> Iterator[tuple[str, Path]]:
    """Every plain file of the installation, by its path in the backup."""
    places = {"": config.home, "log/": config.log, "dictionary/": config.dictionary}
    seen: set[str] = set()
    for prefix, root in places.items():
        for folder, _, names in os.walk(root):
            for name in sorted(names):
                place = Path(folder) / name
                path = prefix + place.relative_to(root).as_posix()
                if path not in seen and _taken(path) and stat.S_ISREG(place.lstat().st_mode):
                    seen.add(path)
                    yield path, place


def take_backup(
    folder: Path,
    config: Config,
    clock: Clock,
    passphrase: str | None,
    *,
    progress: Progress = silent,
    step: Callable[[str], None] = _nothing,
) -> Contents:
    """Add a backup to a folder; the first one makes the folder a backup's, under the passphrase.

    Args:
        folder: where backups are kept; another disk, best another building.
        config: the installation.
        clock: the time, for the backup's name.
        passphrase: recovers the backup where the installation is lost. None only when the folder holds one already.
        progress: told how far it is.
        step: called after each durable step.

    Raises:
        BackupBroken: the folder is something else, or a file cannot be copied.
    """
    try:
        return _take(folder, config, clock, passphrase, progress, step)
    except OSError as problem:
        raise not_written(
            "The backup could not be finished; what was written of it is used by the next.", problem
        ) from None


def _take(
    folder: Path,
    config: Config,
    clock: Clock,
    passphrase: str | None,
    progress: Progress,
    step: Callable[[str], None],
) -> Contents:
    key = own_key(config.keys / "backup.key")
    if (folder / "recovery.json").exists():
        chest = Chest(folder, key)
        chest.checked(passphrase)
    else:
        chest = Chest.make(folder, key, passphrase or "")
    with chest.in_use(alone=False):
        return _into(chest, config, clock, progress, step)


def _into(chest: Chest, config: Config, clock: Clock, progress: Progress, step: Callable[[str], None]) -> Contents:
    earlier = {h.path: h for h in chest.contents(chest.names()[-1]).files} if chest.names() else {}
    checkpoint = config.log / "checkpoint"
    signed = checkpoint.read_bytes() if checkpoint.exists() else b""
    size = register.parse_checkpoint(signed.decode()).size if signed else 0
    entries = register.log_size()
    files: list[Held] = []

    def keep(path: str, data: bytes) -> None:
        name, length = chest.keep(BytesIO(data))
        files.append(Held(path, name, length, 0o644, 0))

    config.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="backup-", dir=config.scratch) as scratch:
        progress("copying the database", 0, None)
        for name in copy_databases(config, Path(scratch)):
            with open(Path(scratch) / name, "rb") as file:
                held, length = chest.keep(file)
            files.append(Held(f"database/{name}", held, length, 0o600, 0))
    step("database")
    if signed:
        keep("log/checkpoint", signed)
        for path, data in _log_files(config.log, size):
            keep(f"log/{path}", data)
    step("log")
    for count, (path, place) in enumerate(_files(config), start=1):
        files += _kept(chest, path, place, earlier.get(path))
        progress("copying files", count, None)
    own = config.keys / PUPIL_KEYS
    if own.exists():
        chest.keep_newest(PUPIL_KEYS, own.read_bytes())
    step("files")
    about = {
        "schoolgate": version("schoolgate"),
        "database": "postgresql" if config.on_postgresql else "sqlite",
        "home": str(config.home),
        "entries": entries,
        "published": size,
    }
    contents = Contents(f"{clock.now().astimezone(UTC):%Y%m%dT%H%M%S%fZ}", about, tuple(files))
    chest.finish(contents)
    step("finished")
    return contents


def _kept(chest: Chest, path: str, place: Path, before: Held | None) -> list[Held]:
    """A file put into the chest; nothing when it went away meanwhile, as an interrupted load's leftovers do."""
    try:
        found = place.stat()
        same = before is not None and (before.size, before.stamp) == (found.st_size, found.st_mtime_ns)
        if before is not None and same and path.startswith(_UNCHANGING) and chest.holds(before.object):
            return [before]
        with open(place, "rb") as file:
            name, size = chest.keep(file)
    except FileNotFoundError:
        return []
    return [Held(path, name, size, stat.S_IMODE(found.st_mode), found.st_mtime_ns)]
