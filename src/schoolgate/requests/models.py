"""Requests and their steps. One row is one request from application to destruction; steps are only added."""

from __future__ import annotations

from django.db import models


class Request(models.Model):
    """One request: the application, and the agreement that came of it."""

    application_id = models.CharField(max_length=40, unique=True)
    agreement_id = models.CharField(max_length=40, unique=True, null=True)
    organisation_id = models.CharField(max_length=40, db_index=True)
    state = models.CharField(max_length=32)
    spec = models.JSONField(help_text="the application as it was last handed in; earlier versions are its draft's")
    reasons = models.JSONField(default=list)
    conditions = models.JSONField(default=list, help_text="[kind, detail] pairs")
    built_in = models.BooleanField(default=False)
    notice_days = models.IntegerField(default=0, help_text="as it was set at signing; 0: no notice is needed")
    changed = models.BooleanField(
        default=False, help_text="a notice or a later version exists; else none is looked for"
    )
    review_due = models.DateField(
        null=True, help_text="last day before the panel must have looked at an emergency approval; None: nothing is due"
    )
    ended_on = models.DateField(null=True, db_index=True, help_text="the custodian's day on which it ended")
    end_planned = models.BooleanField(default=False, help_text="it ended on its last day, not before")


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


class Version(models.Model):
    """One text of an agreement: what it says from then on, once both sides have signed it. Never changed."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    kind = models.CharField(max_length=16, help_text="agreement, amendment, extension or reaffirmation")
    items = models.JSONField(default=list, help_text="that an amendment adds")
    people = models.JSONField(default=list, help_text="that an amendment adds")
    notice_days = models.IntegerField(default=0)
    valid_until = models.DateField(null=True, help_text="of an extension")
    text = models.TextField(blank=True, help_text="empty: made before texts were kept")
    text_hash = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    log_index = models.BigIntegerField(help_text="the panel's decision that it came of")
    signed_index = models.BigIntegerField(null=True, help_text="the entry with which both had signed")

    class Meta:
        """What the database itself holds to."""

        constraints = (models.UniqueConstraint(fields=("request", "number"), name="one_text_a_version"),)


class Signature(models.Model):
    """One side's signature over a version's text. Who signed is kept; the public sees which side did."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="signatures")
    side = models.CharField(max_length=16, help_text="organisation or custodian")
    person_id = models.CharField(max_length=40)
    account_id = models.BigIntegerField(null=True)
    text_hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    log_index = models.BigIntegerField(unique=True)

    class Meta:
        """What the database itself holds to."""

        constraints = (models.UniqueConstraint(fields=("version", "side"), name="one_signature_a_side"),)


class Certificate(models.Model):
    """That what was handed over is destroyed: what, how, when, and who saw it. It holds once they have said so."""

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="certificate")
    releases = models.JSONField(default=list, help_text="numbers of the releases it covers")
    method = models.CharField(max_length=32)
    words = models.TextField()
    destroyed_on = models.DateField()
    certified_by = models.CharField(max_length=40)
    witnessed_by = models.CharField(max_length=40)
    log_index = models.BigIntegerField(unique=True, help_text="the entry that states it")
    seen_index = models.BigIntegerField(
        unique=True, null=True, help_text="the entry with which the witness said so; None: they have not"
    )


class Reminder(models.Model):
    """A letter about a day that comes or is past, so that none is written twice."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="reminders")
    about = models.CharField(max_length=16, help_text="end or destruction")
    due = models.DateField()
    days = models.IntegerField(help_text="before the day; negative: after it")
    at = models.DateTimeField()

    class Meta:
        """What the database itself holds to."""

        constraints = (models.UniqueConstraint(fields=("request", "about", "due", "days"), name="one_letter_a_day"),)


class Notice(models.Model):
    """A notice to families: it tells of everything in the agreement that was agreed before it."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="notices")
    title = models.TextField()
    published_at = models.DateTimeField()
    log_index = models.BigIntegerField(unique=True)


class Numbering(models.Model):
    """The last number given in a series, e.g. ``A-2026``: numbers are dense, so a missing one is seen."""

    series = models.CharField(max_length=20, unique=True)
    last = models.IntegerField(default=0)
