"""Requests and their steps. One row is one request from application to destruction; steps are only added."""

from __future__ import annotations

from django.db import models


class Request(models.Model):
    """One request: the application, and the agreement that came of it."""

    application_id = models.CharField(max_length=40, unique=True)
    agreement_id = models.CharField(max_length=40, unique=True, null=True)
    organisation_id = models.CharField(max_length=40, db_index=True)
    state = models.CharField(max_length=32)
    spec = models.JSONField(help_text="the application as it was submitted; never changed")
    reasons = models.JSONField(default=list)
    conditions = models.JSONField(default=list, help_text="[kind, detail] pairs")
    built_in = models.BooleanField(default=False)


class RequestStep(models.Model):
    """One state change: who, when, why, and its register entry."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="steps")
    event = models.CharField(max_length=32)
    source = models.CharField(max_length=32)
    target = models.CharField(max_length=32)
    actors = models.JSONField()
    role = models.CharField(max_length=32)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()
    log_index = models.BigIntegerField(unique=True)


class Numbering(models.Model):
    """The last number given in a series, e.g. ``A-2026``: numbers are dense, so a missing one is seen."""

    series = models.CharField(max_length=20, unique=True)
    last = models.IntegerField(default=0)
