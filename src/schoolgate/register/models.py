"""The register's entries, in the order they will stand in the log."""

from __future__ import annotations

from django.db import models


class LogEntry(models.Model):
    """One event: its index in the log and its canonical bytes. Never changed, never deleted."""

    index = models.IntegerField(primary_key=True)
    type = models.CharField(max_length=40, db_index=True)
    subject = models.CharField(max_length=64, db_index=True)
    body = models.BinaryField()


class LogHead(models.Model):
    """The next index, in one row that appending locks, so that indexes have no gap and no double."""

    name = models.CharField(max_length=8, primary_key=True)
    size = models.IntegerField()
