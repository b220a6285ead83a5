"""Who works, and what is due again when. The tasks are django-tasks-db's `DBTaskResult`."""

from __future__ import annotations

from django.db import models


class WorkerSeen(models.Model):
    """A worker that lives: it says so every few seconds, and takes its row away when it ends in order."""

    worker = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()


class Due(models.Model):
    """When a regular task is due again: one row a task, locked by whoever asks for it."""

    task_path = models.CharField(max_length=120, primary_key=True)
    at = models.DateTimeField()
