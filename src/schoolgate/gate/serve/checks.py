"""What must be so before the gate serves: nobody but its own user can read or change what it owns.

Each finding names the path and the command that mends it. `stat` is believed, because an access-control list of
POSIX shows in the group's bits as its mask (acl(5)); a symbolic link below the lake is refused, whatever it names.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from schoolgate.config import Config

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be.

    Attributes:
        what: in a plain sentence; no pupil's data.
        mend: the command to run; empty when there is none.
    """

    what: str
    mend: str = ""


_MOST = 20
"""Findings of one kind that are listed; a whole lake would say the same a thousand times."""


def _own(path: Path, uid: int) -> Finding | None:
    """Whether a file or folder is this user's and closed to everybody else."""
    try:
        held = path.lstat()
    except FileNotFoundError:
        return None  # a database's side file or a load's leftover, gone since it was listed
    if stat.S_ISLNK(held.st_mode):
        return Finding(f"{path} is a symbolic link: it could lead anywhere.", f"rm {path}")
    if held.st_uid != uid:
        return Finding(f"{path} belongs to user {held.st_uid}, not to the gate's user {uid}.", f"chown {uid} {path}")
    if held.st_mode & _OTHERS:
        who = "everybody" if held.st_mode & stat.S_IRWXO else "its group"
        return Finding(f"{path} is open to {who}.", f"chmod go-rwx {path}")
    return None


def below(folder: Path) -> Iterator[Path]:
    """A folder and everything in it; symbolic links are not followed."""
    yield folder
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(parent) / name


def _way_there(path: Path, uid: int) -> Iterator[Finding]:
    """Folders above, through which somebody else could put another one in its place."""
    for above in path.parents:
        held = above.stat()
        if held.st_uid not in (0, uid):
            yield Finding(f"{above}, above what the gate owns, belongs to user {held.st_uid}.", f"chown root {above}")
        if held.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not held.st_mode & stat.S_ISVTX:
            yield Finding(f"{above}, above what the gate owns, can be changed by others.", f"chmod go-w {above}")


def private_paths(config: Config) -> Iterator[Path]:
    """What holds pupils' data or keys: home itself, the lake, the keys, the papers, embedded databases."""
    yield config.home
    for folder in (config.lake, config.keys, config.papers, config.scratch, config.home / "extracts"):
        if folder.exists() or folder.is_symlink():
            yield from below(folder)
    yield from sorted(config.home.glob("*.sqlite3*"))
    yield from sorted(config.home.glob("*.lock"))


def readable_by_others(config: Config) -> tuple[Finding, ...]:
    """Everything of the gate's that somebody else could read, change or replace."""
    uid = os.geteuid()
    found = [finding for path in private_paths(config) if (finding := _own(path, uid)) is not None]
    more = len(found) - _MOST
    shown = found[:_MOST]
    if more > 0:
        shown.append(Finding(f"… and {more} more paths like these.", f"chmod -R go-rwx {config.home}"))
    return (*shown, *_way_there(config.home, uid))


def list_of_callers(path: Path) -> tuple[Finding, ...]:
    """Whether somebody else could add themselves to the list."""
    uid = os.geteuid()
    try:
        held = path.stat()
    except OSError:
        return ()  # reading it says so
    found = list(_way_there(path.resolve(), uid))
    if held.st_uid not in (0, uid):
        found.append(Finding(f"{path} belongs to user {held.st_uid}.", f"chown {uid} {path}"))
    if held.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        found.append(Finding(f"{path} can be changed by others.", f"chmod go-w {path}"))
    return tuple(found)


def way_to_socket(path: Path) -> tuple[Finding, ...]:
    """Whether somebody else could put a socket of their own in the gate's place."""
    uid, folder = os.geteuid(), path.absolute().parent
    try:
        held = folder.stat()
    except OSError:
        return (Finding(f"{folder}, the socket's folder, is not there.", f"mkdir {folder}"),)
    found = list(_way_there(folder.resolve(), uid))
    if held.st_uid not in (0, uid):
        found.append(Finding(f"{folder} belongs to user {held.st_uid}.", f"chown {uid} {folder}"))
    if held.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        # A sticky folder is no help here: before the gate starts, anybody may listen under its name.
        found.append(Finding(f"{folder}, the socket's folder, can be written by others.", f"chmod go-w {folder}"))
    return tuple(found)


def as_root() -> tuple[Finding, ...]:
    """Root reads everything whatever the modes say, so a gate that is root is behind no wall."""
    if os.geteuid() != 0:
        return ()
    return (Finding("The gate runs as root. Give it a user of its own.", "useradd --system schoolgate-gate"),)
