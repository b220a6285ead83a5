"""What is done again and again, by whichever worker is there: noted as a task like any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django_tasks.base import Task

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.work.models import Due
from schoolgate.work.queue import later


@dataclass(frozen=True, slots=True)
class _Regular:
    task: Task[Any, None]
    pause: timedelta
    needed: Callable[[Config], bool]


_REGULAR: dict[str, _Regular] = {}


def _always(config: Config) -> bool:
    return True


def every(pause: timedelta, task: Task[Any, None], needed: Callable[[Config], bool] = _always) -> None:
    """Have a task done every so often, when it is needed; called where the task is defined.

    Args:
        pause: between two times.
        task: about nothing in particular.
        needed: a cheap question asked before the task is noted.
    """
    _REGULAR[task.module_path] = _Regular(task, pause, needed)


def _is_needed(regular: _Regular, config: Config) -> bool:
    try:
        return regular.needed(config)
    except (SchoolgateError, OSError):
        return True  # the task then fails by itself, and what is wrong is seen in the queue's status


def note_due(config: Config, clock: Clock) -> int:
    """Note every regular task that is due; how many. Of several workers one notes each."""
    for path in settings.WORK_TASKS:
        import_string(path)  # which calls `every`
    now = clock.now()
    known = dict(Due.objects.values_list("task_path", "at"))
    noted = 0
    for path, regular in _REGULAR.items():
        if (path in known and known[path] > now) or not _is_needed(regular, config):
            continue
        with transaction.atomic():
            Due.objects.bulk_create([Due(task_path=path, at=now)], ignore_conflicts=True)
            row = Due.objects.select_for_update(skip_locked=True).filter(task_path=path, at__lte=now).first()
            if row is None:
                continue
            later(regular.task, again=True)
            row.at = now + regular.pause
            row.save(update_fields=["at"])
            noted += 1
    return noted
