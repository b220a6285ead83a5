"""Logs for tests: filled, published, copied, and tampered with."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.db import transaction

from schoolgate import register
from schoolgate.clock import FixedClock
from schoolgate.config import Config


def add(clock: FixedClock, count: int, start: int = 0) -> None:
    """Append notices, each different."""
    with transaction.atomic():
        for number in range(start, start + count):
            register.append_event("notice.published", f"N-{number}", {"title": f"Notice {number} — «é»"}, clock.now())


def grow(home: Config, clock: FixedClock, *sizes: int) -> None:
    """Publish at each size."""
    for size in sizes:
        add(clock, size - register.log_size(), register.log_size())
        register.publish(clock, home)


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a log that is in place."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".new")
    }


def copy(home: Config, to: Path) -> Path:
    """The published files in another folder."""
    shutil.copytree(home.log, to)
    return to


def check(home: Config, where: Path | str | None = None, *, remember: bool = True) -> register.LogReport:
    """Verify, remembering what was seen unless told otherwise."""
    return register.verify_log(
        str(where or home.log),
        register.verifier_key(home),
        state=home.home / "seen.json" if remember else None,
        patience=5,
    )


def names_the_place(what: str, name: str) -> bool:
    """Whether a fault names the file itself, or for an entry and its hash the pair that disagrees."""
    bundle, tile = name.replace("tile/0/", "tile/entries/"), name.replace("tile/entries/", "tile/0/")
    return name in what or (bundle in what and tile in what)
