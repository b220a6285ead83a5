"""The queue: what is done after a transaction, by another process, surely and once it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.surface import lazy_surface
from schoolgate.work.pace import PACE, Pace

if TYPE_CHECKING:
    from schoolgate.work.queue import done, job, later, put_back
    from schoolgate.work.regular import every
    from schoolgate.work.standing import FailedTask, Status, status
    from schoolgate.work.worker import Worker, stopped_by_signals

_SURFACE = {
    "done": "queue",
    "every": "regular",
    "FailedTask": "standing",
    "job": "queue",
    "later": "queue",
    "put_back": "queue",
    "Status": "standing",
    "status": "standing",
    "stopped_by_signals": "worker",
    "Worker": "worker",
}

__all__ = [
    "PACE",
    "FailedTask",
    "Pace",
    "Status",
    "Worker",
    "done",
    "every",
    "job",
    "later",
    "put_back",
    "status",
    "stopped_by_signals",
]

__getattr__ = lazy_surface(__name__, _SURFACE)
