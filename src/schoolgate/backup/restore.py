"""Putting a backup in place: beside first, in one step at the end, and never over what the public has seen since.

Runs before Django does, since there is no installation yet.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from schoolgate import register
from schoolgate.backup.chest import BackupBroken, Chest, Contents, Held, not_written
from schoolgate.backup.databases import DUMP, EMBEDDED, restore_postgresql
from schoolgate.backup.newer import Published, compare, explain, witnessed
from schoolgate.backup.take import PUPIL_KEYS_PATH
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.durable import flush
from schoolgate.progress import Progress, silent
from schoolgate.records.custody import PUPIL_KEYS

_PATIENCE = 10.0
"""Seconds to wait for one file of an address, or for a witness."""

_LARGEST = 1 << 26
"""More than any file of a log has."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place.

    Attributes:
        contents: the backup.
        aside: where what lay there before was moved to; None when nothing did.
        newer: whether the published log's own files were taken, which were newer than the backup's.
        compared: copies of the published log, and witnesses, that have seen nothing the backup does not know.
    """

    contents: Contents
    aside: Path | None
    newer: bool
    compared: int


class _InBackup:
    """The log as it lies in a backup."""

    def __init__(self, chest: Chest, files: Mapping[str, Held]) -> None:
        self._chest, self._files = chest, files

    def read(self, path: str, most: int) -> bytes:
        """The bytes at a path."""
        held = self._files.get(f"log/{path}")
        if held is None or held.size > most:
            raise register.NotThere(f"{path} is not in the backup.", code="log-missing")
        return b"".join(self._chest.take(held))

    def paths(self) -> Iterator[str] | None:
        """Every path of the log in the backup."""
        return (path.removeprefix("log/") for path in self._files if path.startswith("log/"))


def _newest(logs: Iterable[tuple[register.Source, Published | None]]) -> tuple[register.Source, Published] | None:
    found = [(read, published) for read, published in logs if published is not None]
    return max(found, key=lambda pair: pair[1].size, default=None)


def _place(root: Path, path: str, pieces: Iterable[bytes], mode: int) -> None:
    target = root / path
    if not target.resolve().is_relative_to(root.resolve()):
        raise BackupBroken("The backup names a file outside the installation.", code="backup-changed")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode or 0o600), "wb") as file:
        os.fchmod(file.fileno(), mode or 0o600)
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _is_empty(home: Path) -> bool:
    return not home.exists() or not any(home.iterdir())


def _check_kind(contents: Contents, config: Config) -> None:
    kind = "postgresql" if config.on_postgresql else "sqlite"
    if contents.about["database"] != kind:
        raise BackupBroken(
            f"The backup's database is {contents.about['database']}, and SCHOOLGATE_DATABASE names {kind}.",
            hint="Name a database of the same kind.",
            code="restore-kind",
        )


def restore_backup(
    folder: Path,
    config: Config,
    clock: Clock,
    passphrase: str,
    *,
    name: str = "",
    published: Sequence[str] = (),
    set_aside: bool = False,
    progress: Progress = silent,
    step: Callable[[str], None] = lambda step: None,
) -> Restored:
    """Restore a backup into an empty home, or beside one that is then set aside.

    Args:
        folder: where backups are kept.
        config: where to: its home, and for PostgreSQL an empty database.
        clock: the time, for the name of what is set aside.
        passphrase: the recovery passphrase.
        name: which backup; the newest when not given.
        published: copies of the public log to compare with: folders or http addresses. The log of the home that is
            to be set aside is compared too.
        set_aside: whether a home that is not empty is moved away; it is never deleted.
        progress: told how far it is.
        step: called after each durable step.

    Raises:
        BackupBroken: the backup cannot be opened, the place is not empty, or the public has seen newer entries.
    """
    chest = Chest.open(folder, passphrase)
    names = chest.names()
    if not names:
        raise BackupBroken("No backup in this folder was finished.", code="backup-none")
    contents = chest.contents(name or names[-1])
    _check_kind(contents, config)
    files = {held.path: held for held in contents.files}
    newest, compared = _compared(chest, contents, files, config, published)
    if not _is_empty(config.home) and not set_aside:
        raise BackupBroken(
            f"There is an installation at {config.home}.",
            hint="Restore into an empty place (SCHOOLGATE_HOME), or say --set-aside: it is moved beside, not deleted.",
            code="restore-not-empty",
        )
    fresh = config.home.with_name(f".{config.home.name}.restoring-{os.urandom(4).hex()}")
    try:
        fresh.mkdir(parents=True, mode=0o700)
        _write(chest, contents, fresh, newest, progress)
        step("written")
        if config.on_postgresql:
            restore_postgresql(config, fresh / DUMP)
            (fresh / DUMP).unlink()
            step("database")
        for part, _, _ in os.walk(fresh):
            flush(Path(part))
        aside = _swap(fresh, config, clock)
    except BaseException as problem:
        shutil.rmtree(fresh, ignore_errors=True)
        if isinstance(problem, OSError):
            raise not_written("The backup could not be put in place; nothing was changed.", problem) from None
        raise
    step("in place")
    return Restored(contents, aside, newest is not None, compared)


def _compared(
    chest: Chest, contents: Contents, files: Mapping[str, Held], config: Config, published: Sequence[str]
) -> tuple[register.Source | None, int]:
    """The newest published log when its files are newer than the backup's and the backup knows all its entries.

    With how many copies and witnesses were found to fit.

    Raises:
        BackupBroken: it knows more than the backup, or another history.
    """
    own_size, known = int(contents.about["published"]), int(contents.about["entries"])
    own = _InBackup(chest, files)
    logs = [register.open_source(address, _PATIENCE) for address in published]
    if (config.log / "checkpoint").exists():
        logs.append(register.open_source(str(config.log), _PATIENCE))
    found = [(log, compare(log, own, own_size, known)) for log in logs]
    newest = _newest(found)
    compared = sum(published is not None for _, published in found)
    if newest is not None and newest[1].beyond:
        raise BackupBroken(
            explain(newest[1]),
            hint="Find a later backup. The published log stays as it is: it is the evidence of what happened.",
            code="restore-old",
        )
    compared += len(witnessed(_policy(chest, files), own, own_size, known, _PATIENCE))
    return (newest[0] if newest is not None and newest[1].size > own_size else None), compared


def _policy(chest: Chest, files: Mapping[str, Held]) -> register.TrustPolicy:
    """Whom the installation named as its log's witnesses."""
    held = files.get("witness-policy")
    return register.parse_policy(b"".join(chest.take(held)).decode() if held is not None else "quorum none\n")


def _write(chest: Chest, contents: Contents, fresh: Path, newer: register.Source | None, progress: Progress) -> None:
    for count, held in enumerate(contents.files, start=1):
        progress("restoring files", count, len(contents.files))
        path = held.path.removeprefix("database/") if held.path.startswith("database/") else held.path
        if newer is not None and (path == "log/checkpoint" or path.startswith("log/tile/")):
            continue
        if held.path.startswith("database/") and path not in (*EMBEDDED, DUMP):
            raise BackupBroken("The backup holds a database of another kind.", code="backup-changed")
        _place(fresh, path, chest.take(held), held.mode)
    keys = chest.newest(PUPIL_KEYS)
    if keys is not None:  # newer than the backup: what was destroyed since stays destroyed
        _place(fresh, PUPIL_KEYS_PATH, [keys], 0o600)
    if newer is not None:
        signed = newer.read("checkpoint", _LARGEST)
        for tile in register.tiles_for(register.parse_checkpoint(signed.decode()).size):
            path, data = register.read_tile_of(newer, tile)
            _place(fresh, f"log/{path}", [data], 0o644)
        _place(fresh, "log/checkpoint", [signed], 0o644)


def _swap(fresh: Path, config: Config, clock: Clock) -> Path | None:
    """Put the restored home in place; what lay there is moved beside it."""
    if config.public is not None:  # faces of another user read these: they lie apart
        for part, place in (("log", config.log), ("dictionary", config.dictionary)):
            if (fresh / part).exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                if place.exists():
                    os.rename(place, place.with_name(f"{place.name}.before-{clock.now():%Y%m%dT%H%M%S}"))
                shutil.move(fresh / part, place)
    aside = None
    if not _is_empty(config.home):
        aside = config.home.with_name(f"{config.home.name}.before-{clock.now():%Y%m%dT%H%M%S}")
        os.rename(config.home, aside)
    os.rename(fresh, config.home)
    return aside
