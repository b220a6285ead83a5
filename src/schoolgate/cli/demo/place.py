"""Where the demo's world lives: an empty home, or one that an earlier demo made and that may go."""

from __future__ import annotations

import shutil

from django.core.management import call_command
from django.db import connections

from schoolgate import register
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError

_MARK = "made-by-the-demo.txt"
_MARK_TEXT = (
    "Everything here is synthetic and was made by `schoolgate demo run`, which may delete it and start again.\n"
)
_KEPT = {"keys", _MARK}
"""The keys stay: the running process derived its own from them when it started."""


class HomeInUse(SchoolgateError):
    """The home or its database holds something that the demo did not make."""


def _has_state(config: Config) -> bool:
    return register.log_size() > 0 or config.lake.exists() or config.papers.exists()


def _forget(config: Config) -> None:
    """Delete what the last demo made. Only ever called on a home that carries the demo's mark."""
    connections.close_all()
    for entry in sorted(config.home.iterdir()):
        if entry.name in _KEPT:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    call_command("migrate", verbosity=0, interactive=False)


def make_room(config: Config) -> None:
    """An empty world to play in; never at the cost of anybody's data.

    Raises:
        HomeInUse: there is state that the demo did not make, or it lies in a PostgreSQL database.
    """
    marked = (config.home / _MARK).exists()
    if marked and not config.on_postgresql:
        _forget(config)
    elif _has_state(config):
        raise HomeInUse(
            "This installation already holds data, and the demo does not touch data it did not make.",
            hint="Point SCHOOLGATE_HOME at an empty directory, and SCHOOLGATE_DATABASE, if you set it, at an empty"
            " database.",
            code="demo-home",
        )
    (config.home / _MARK).write_text(_MARK_TEXT)
