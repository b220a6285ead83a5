"""Backup and restore: the whole installation put aside while it works, and put back so that nothing is lost unseen.

In: an installation. Out: a folder of sealed objects, and from it the installation again, checked against the public
log. Never: pupil data that is readable without the recovery passphrase; an old state in the place of a newer log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.backup.chest import BackupBroken, Contents
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.backup.forget import KEPT_DAYS, forget_backups, past_their_time
    from schoolgate.backup.restore import Restored, restore_backup
    from schoolgate.backup.take import take_backup
    from schoolgate.backup.whole import NotWhole, Whole, check_whole

__all__ = [
    "KEPT_DAYS",
    "BackupBroken",
    "Contents",
    "NotWhole",
    "Restored",
    "Whole",
    "check_whole",
    "forget_backups",
    "past_their_time",
    "restore_backup",
    "take_backup",
]

__getattr__ = lazy_surface(
    __name__,
    {
        **dict.fromkeys(("KEPT_DAYS", "forget_backups", "past_their_time"), "forget"),
        "Restored": "restore",
        "restore_backup": "restore",
        "take_backup": "take",
        "NotWhole": "whole",
        "Whole": "whole",
        "check_whole": "whole",
    },
)
