"""Codes, tries and links. A code is kept as a keyed hash only; a link has a random public number."""

from __future__ import annotations

from django.db import models


class ClaimCode(models.Model):
    """A one-time code that a school issued for one of its own pupils."""

    digest = models.CharField(max_length=64, unique=True)
    pupil = models.BigIntegerField(db_index=True)
    urn = models.IntegerField()
    asked_for = models.CharField(
        max_length=64,
        default="",
        db_index=True,
        help_text="keyed hash of school and UPN: a school may close what it opened also when the pupil has left",
    )
    issued_by = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.BigIntegerField(null=True)
    revoked_at = models.DateTimeField(null=True)


class ClaimAttempt(models.Model):
    """One try at a code: by which account and when; never what was typed."""

    account_id = models.BigIntegerField()
    at = models.DateTimeField(db_index=True)
    fitted = models.BooleanField(default=False)

    class Meta:
        """Counted by account and time."""

        indexes = [models.Index(fields=["account_id", "at"], name="attempts_of_account")]


class ChildLink(models.Model):
    """An account that may see a child's page and act for the child."""

    public_id = models.BigIntegerField(unique=True, help_text="random: says nothing about order or number")
    account_id = models.BigIntegerField(db_index=True)
    pupil = models.BigIntegerField(db_index=True)
    code = models.ForeignKey(ClaimCode, on_delete=models.PROTECT, related_name="links")
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True)

    class Meta:
        """An account has one link to a child at a time."""

        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "pupil"], condition=models.Q(ended_at=None), name="link_in_force_once"
            )
        ]
