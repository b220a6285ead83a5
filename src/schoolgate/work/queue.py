"""Noting a task, claiming it, and saying what came of it. Everything here is one short transaction."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from django_tasks import task
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult, get_date_max

from schoolgate.clock import Clock
from schoolgate.errors import SchoolgateError
from schoolgate.work.models import WorkerSeen
from schoolgate.work.pace import Pace

READY, RUNNING, SUCCESSFUL, FAILED = "READY", "RUNNING", "SUCCESSFUL", "FAILED"
"""django-tasks-db's states."""

_NAMESPACE = uuid.UUID("6a1f7a0e-3f0b-5d51-9d0c-6d8f3f2b7c11")

ENDED = "The worker was ended in the middle of it."


def job(function: Callable[..., None]) -> Task[Any, None]:
    """Make a task of a function that takes what it is about, and `config` and `clock`, by name.

    Its docstring's first line is what people are told of it.
    """
    return task(function)


def _id(path: str, about: dict[str, Any]) -> uuid.UUID:
    """A task about one thing has one row, so that noting it twice is noting it once."""
    return uuid.uuid5(_NAMESPACE, json.dumps([path, about], sort_keys=True))


def later(what: Task[Any, None], *, again: bool = False, **about: str | int) -> None:
    """Note a task in the caller's transaction: both are there, or neither.

    Args:
        what: the task.
        again: a task that was done, or was given up, is to be done once more.
        about: what it is about: numbers and public names, never anything of a child or a person.

    Raises:
        SchoolgateError: there is no transaction.
    """
    if not connection.in_atomic_block:
        raise SchoolgateError("A task is noted inside a transaction.", code="no-transaction")
    row: DBTaskResult[Any, Any] = DBTaskResult(
        id=_id(what.module_path, about),
        args_kwargs={"args": [], "kwargs": about},
        priority=what.priority,
        task_path=what.module_path,
        queue_name=what.queue_name,
        backend_name=what.backend,
        run_after=get_date_max(),  # the table's way to say: at once
    )
    DBTaskResult.objects.bulk_create([row], ignore_conflicts=True)
    if again:
        DBTaskResult.objects.filter(id=row.id, status__in=(SUCCESSFUL, FAILED)).update(**_afresh())


def done(what: Task[Any, None], **about: str | int) -> None:
    """What the task would do has been done: nobody need do it. One that is being done ends by itself."""
    DBTaskResult.objects.filter(id=_id(what.module_path, about), status__in=(READY, FAILED)).delete()


def _afresh() -> dict[str, Any]:
    return {
        "status": READY, "worker_ids": [], "run_after": get_date_max(), "started_at": None, "finished_at": None,
        "exception_class_path": "", "traceback": "",
    }  # fmt: skip


def put_back() -> int:
    """Give every task that was given up its tries back; how many there were."""
    return DBTaskResult.objects.filter(status=FAILED).update(**_afresh())


def _ready(now: datetime) -> Any:
    return DBTaskResult.objects.filter(status=READY).filter(Q(run_after=get_date_max()) | Q(run_after__lte=now))


def claim(worker: str, clock: Clock) -> DBTaskResult[Any, Any] | None:
    """Take the next task that may run, or None. Two workers never take the same."""
    if not _ready(clock.now()).exists():  # asked without the lock that SQLite's one writer needs
        return None
    with transaction.atomic():
        row: DBTaskResult[Any, Any] | None = _ready(clock.now()).get_locked()
        if row is not None:
            row.status, row.started_at = RUNNING, clock.now()
            row.worker_ids = [*row.worker_ids, worker]
            row.save(update_fields=["status", "started_at", "worker_ids"])
    return row


def task_of(row: DBTaskResult[Any, Any]) -> Task[Any, Any]:
    """The task of a row. What the row names is imported only when it is on the list of this release's tasks.

    Raises:
        SchoolgateError: it is not a task of this release.
    """
    if row.task_path not in settings.WORK_TASKS:
        raise SchoolgateError(
            "This release has no such task.", hint="Another release noted it: run that one's worker.", code="task"
        )
    found: Task[Any, Any] = import_string(row.task_path)
    return found


def title_of(row: DBTaskResult[Any, Any]) -> str:
    """What a row's task does, in a sentence for people."""
    try:
        return (task_of(row).func.__doc__ or row.task_path).strip().splitlines()[0]
    except (SchoolgateError, ImportError):
        return "A task that this release does not know."


def said(problem: BaseException) -> str:
    """A failure in plain words. Ours hold no data; of any other only its kind and place are kept."""
    if isinstance(problem, SchoolgateError):
        return str(problem)
    place = problem.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" in {place.tb_frame.f_globals.get('__name__', '?')} line {place.tb_lineno}" if place else ""
    return f"A fault: {type(problem).__name__}{where}."


def _still_mine(claimed: DBTaskResult[Any, Any]) -> DBTaskResult[Any, Any] | None:
    """The row, locked, unless another worker has taken it over meanwhile."""
    row = DBTaskResult.objects.select_for_update().filter(id=claimed.id, status=RUNNING).first()
    return row if row is not None and row.worker_ids == claimed.worker_ids else None


def succeeded(claimed: DBTaskResult[Any, Any], clock: Clock) -> bool:
    """The task is done; False when it is another worker's by now."""
    with transaction.atomic():
        row = _still_mine(claimed)
        if row is None:
            return False
        row.status, row.finished_at = SUCCESSFUL, clock.now()
        row.exception_class_path = row.traceback = ""
        row.save(update_fields=["status", "finished_at", "exception_class_path", "traceback"])
        return True


def failed(claimed: DBTaskResult[Any, Any], problem: BaseException, clock: Clock, pace: Pace) -> bool:
    """The try failed: the task waits for the next one, or, after the last, for a person."""
    with transaction.atomic():
        row = _still_mine(claimed)
        if row is None:
            return False
        kind = f"{type(problem).__module__}.{type(problem).__qualname__}"
        _set_back(row, kind, said(problem), pace.wait(len(row.worker_ids)), clock, pace)
        return True


def _set_back(row: DBTaskResult[Any, Any], kind: str, words: str, wait: timedelta, clock: Clock, pace: Pace) -> None:
    row.exception_class_path, row.traceback = kind, words
    if len(row.worker_ids) < pace.tries:
        row.status, row.run_after = READY, clock.now() + wait
    else:
        row.status, row.finished_at = FAILED, clock.now()
    row.save(update_fields=["status", "run_after", "finished_at", "exception_class_path", "traceback"])


def take_over(worker: str, clock: Clock, pace: Pace) -> int:
    """Put back the tasks of workers that are no more; how many there were.

    A worker is gone when it has not said for a whole lease that it lives. This worker's own count too: it calls this
    between two tasks, so what is still marked as running under its name is what it could not report.
    """
    if not DBTaskResult.objects.filter(status=RUNNING).exists():
        return 0
    with transaction.atomic():
        running = DBTaskResult.objects.select_for_update(skip_locked=True).filter(status=RUNNING)
        alive = set(
            WorkerSeen.objects.filter(seen_at__gt=clock.now() - pace.lease)
            .exclude(worker=worker)
            .values_list("worker", flat=True)
        )
        orphans = [row for row in running if not row.worker_ids or row.worker_ids[-1] not in alive]
        for row in orphans:
            # At once the first time: it is seldom the task's fault that its worker is gone.
            wait = pace.wait(len(row.worker_ids) - 1)
            _set_back(row, "schoolgate.work.WorkerEnded", ENDED, wait, clock, pace)
    return len(orphans)
