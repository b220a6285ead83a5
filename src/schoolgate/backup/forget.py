"""Forgetting backups that are past their time, with everything that no later one shares with them.

A folder writes only what changed, so that deleting a backup's list frees nothing by itself: a file that is in no
later backup, such as a return from which an erased child was taken out, would lie in the folder for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from schoolgate.backup.chest import BackupBroken, Chest, not_written, own_key
from schoolgate.clock import Clock
from schoolgate.config import Config

KEPT_DAYS = 35
"""Days that a certificate of destruction gives backups (`gate/erasing`): past them none may hold what was destroyed."""

_NAME = "%Y%m%dT%H%M%S"


def past_their_time(folder: Path, config: Config, clock: Clock, days: int = KEPT_DAYS) -> Sequence[str]:
    """The backups of a folder that are older than some days, the oldest first; never the newest of all."""
    before = (clock.now() - timedelta(days=days)).strftime(_NAME)
    return [name for name in Chest(folder, own_key(config.keys / "backup.key")).names()[:-1] if name < before]


def forget_backups(folder: Path, config: Config, clock: Clock, days: int = KEPT_DAYS) -> tuple[int, int]:
    """Delete the backups of a folder that are older than some days; the newest of all stays.

    Args:
        folder: where backups are kept.
        config: the installation whose backups they are.
        clock: the time.
        days: how old a backup may be.

    Returns:
        How many backups went, and how many files that none of the others needs.

    Raises:
        BackupBroken: the folder is another installation's, is in use, or was changed; then nothing is deleted.
    """
    if days < 1:
        raise BackupBroken("Backups are kept for a day at the least.", code="backup-days")
    chest = Chest(folder, own_key(config.keys / "backup.key"))
    try:
        with chest.in_use(alone=True):
            for name in chest.names():
                chest.contents(name)  # every list is sound before the first one goes
            old = past_their_time(folder, config, clock, days)
            for name in old:
                chest.drop(name)
            return len(old), chest.sweep()
    except OSError as problem:
        raise not_written("Old backups could not be deleted.", problem) from None
