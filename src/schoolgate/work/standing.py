"""How the queue stands, in plain words, without anything of a child or a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min
from django_tasks_db.models import DBTaskResult

from schoolgate.clock import Clock
from schoolgate.work.models import WorkerSeen
from schoolgate.work.pace import PACE, Pace
from schoolgate.work.queue import FAILED, READY, RUNNING, SUCCESSFUL, title_of


@dataclass(frozen=True, slots=True)
class FailedTask:
    """A task whose last try failed.

    Attributes:
        what: what it does.
        about: what it is about: public names and numbers.
        tries: how often it was tried.
        words: why it failed.
        next_try: when it is tried again; None when it waits for a person.
    """

    what: str
    about: str
    tries: int
    words: str
    next_try: datetime | None


@dataclass(frozen=True, slots=True)
class Status:
    """How the queue stands.

    Attributes:
        workers: workers that live.
        waiting: tasks that wait, failed ones that are tried again included.
        running: tasks that are being done.
        done: tasks done and not yet forgotten.
        oldest: since when the oldest task waits.
        failed: tasks whose last try failed.
    """

    workers: int
    waiting: int
    running: int
    done: int
    oldest: datetime | None
    failed: tuple[FailedTask, ...]


def status(clock: Clock, pace: Pace = PACE) -> Status:
    """How the queue stands now."""
    counts = dict(DBTaskResult.objects.order_by().values_list("status").annotate(n=Count("id")))
    troubled = DBTaskResult.objects.filter(status__in=(READY, FAILED)).exclude(traceback="").order_by("enqueued_at")
    return Status(
        workers=WorkerSeen.objects.filter(seen_at__gt=clock.now() - pace.lease).count(),
        waiting=counts.get(READY, 0),
        running=counts.get(RUNNING, 0),
        done=counts.get(SUCCESSFUL, 0),
        oldest=DBTaskResult.objects.filter(status=READY).order_by().aggregate(at=Min("enqueued_at"))["at"],
        failed=tuple(
            FailedTask(
                what=title_of(row),
                about=", ".join(f"{name} {value}" for name, value in sorted(row.args_kwargs["kwargs"].items())),
                tries=len(row.worker_ids),
                words=row.traceback,
                next_try=row.run_after if row.status == READY else None,
            )
            for row in troubled
        ),
    )
