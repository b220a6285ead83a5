"""Orders for extracts, what was looked up, what is stopped, and whom a law lets be told later.

Never here: a name, a date of birth, a UPN, or anything of a person who was looked for and not found.
"""

from __future__ import annotations

from django.db import models


class ExtractOrder(models.Model):
    """One extract from the asking to the signature for it."""

    order_id = models.CharField(max_length=40, unique=True)
    agreement_id = models.CharField(max_length=40, db_index=True)
    person_id = models.CharField(max_length=64, help_text="who ordered")
    organisation_id = models.CharField(max_length=40)
    sql = models.TextField()
    reason = models.TextField(help_text="why the safe setting will not do")
    form = models.CharField(max_length=16)
    recipient_key = models.CharField(max_length=128, help_text="the recipient's public key (age)")
    state = models.CharField(max_length=16)
    ordered_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64, blank=True)
    decided_because = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    release_id = models.CharField(max_length=40, blank=True, db_index=True)
    receipt = models.JSONField(null=True)
    file_sha256 = models.CharField(max_length=64, blank=True, help_text="of the encrypted file")
    opened_sha256 = models.CharField(max_length=64, blank=True, help_text="of the file inside it")
    size = models.BigIntegerField(null=True)
    until = models.DateField(null=True, help_text="last day of the download")
    failed_because = models.JSONField(default=list)
    token_sha256 = models.CharField(max_length=64, blank=True)
    token_until = models.DateTimeField(null=True)
    downloads = models.IntegerField(default=0)
    first_fetched_at = models.DateTimeField(null=True)
    sign_by = models.DateField(null=True, help_text="last day to sign for it; set when it is first fetched")
    signed_by = models.CharField(max_length=64, blank=True)
    signed_at = models.DateTimeField(null=True)
    said = models.TextField(blank=True, help_text="what the recipient reported instead of signing")
    unsigned_told = models.BooleanField(default=False)
    reminded_to_fetch = models.BooleanField(default=False)
    reminded_to_sign = models.BooleanField(default=False)
    deleted_at = models.DateTimeField(null=True, help_text="when the encrypted file was deleted")


class LookupTerms(models.Model):
    """What was applied for: how look-ups under an agreement are meant to be. Set once; afterwards only less."""

    agreement_id = models.CharField(max_length=40, unique=True)
    kinds = models.JSONField()
    reasons = models.JSONField()
    per_day = models.IntegerField()
    per_month = models.IntegerField()
    first_hour = models.SmallIntegerField()
    last_hour = models.SmallIntegerField()
    set_by = models.CharField(max_length=64)
    set_at = models.DateTimeField()


class LookedUp(models.Model):
    """Look-ups of one kind, reason and provision made at once: how many, and who asked; never about whom."""

    agreement_id = models.CharField(max_length=40)
    person_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    reason = models.CharField(max_length=32)
    provision = models.CharField(max_length=200)
    asked = models.IntegerField()
    found = models.IntegerField()
    release_id = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        """Asked by agreement and time: what was done today and this month."""

        indexes = [models.Index(fields=["agreement_id", "at"], name="looked_up_when")]


class UseStop(models.Model):
    """Use that did not look like what was applied for, and what came of the question."""

    agreement_id = models.CharField(max_length=40)
    person_id = models.CharField(max_length=64, help_text="whose use it was")
    reasons = models.JSONField(help_text="[code, words] pairs")
    stopped_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=64, blank=True)
    lifted_because = models.TextField(blank=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        """At most one stop stands at a time: two uses at once bring about one question."""

        constraints = [
            models.UniqueConstraint(fields=["agreement_id"], condition=models.Q(lifted_at=None), name="one_stop_stands")
        ]


class TellingDelay(models.Model):
    """That one family is told of one agreement's uses later, by law, until a day. Each renewal is a row of its own."""

    pupil = models.IntegerField(db_index=True)
    agreement_id = models.CharField(max_length=40)
    provision = models.CharField(max_length=200)
    reason = models.TextField()
    until = models.DateField(help_text="last day; the day after, the family is told. Never empty")
    set_by = models.CharField(max_length=64)
    set_at = models.DateTimeField()
    lifted_by = models.CharField(max_length=64, blank=True)
    lifted_at = models.DateTimeField(null=True)
    end_counted = models.BooleanField(default=False, help_text="its last day is past, and the public totals know it")
