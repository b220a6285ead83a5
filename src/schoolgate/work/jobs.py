"""The queue's own housekeeping."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django_tasks_db.models import DBTaskResult

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.work.models import WorkerSeen
from schoolgate.work.pace import PACE
from schoolgate.work.queue import SUCCESSFUL, job
from schoolgate.work.regular import every


@job
def tidy(*, config: Config, clock: Clock) -> None:
    """Forget expired sessions, tasks done long ago, and workers that are no more."""
    now = clock.now()
    Session.objects.filter(expire_date__lt=now).delete()
    DBTaskResult.objects.filter(status=SUCCESSFUL, finished_at__lt=now - PACE.kept).delete()
    WorkerSeen.objects.filter(seen_at__lt=now - PACE.kept).delete()


every(timedelta(hours=1), tidy)
