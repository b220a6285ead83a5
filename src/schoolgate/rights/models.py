"""Codes, tries, links, and papers that were shown. A code is kept as a keyed hash only; a link has a random number."""

from __future__ import annotations

from django.db import models


class PaperClaim(models.Model):
    """Somebody who showed papers: what two people saw, never a copy of it."""

    public_id = models.BigIntegerField(unique=True, help_text="random: says nothing about order or number")
    pupil = models.BigIntegerField(
        db_index=True, null=True, help_text="empty where no one record fits the number that a school typed"
    )
    standing = models.CharField(max_length=32)
    evidence = models.JSONField(default=list, help_text="kind and SHA-256 of each paper; the paper is given back")
    opened_by = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    first_by = models.CharField(max_length=64, blank=True)
    first_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    outcome = models.CharField(
        max_length=16, blank=True, help_text="confirmed, refused, withdrawn, or empty while it waits"
    )
    reason = models.TextField(blank=True)


class ClaimCode(models.Model):
    """A one-time code: issued by a school for one of its own pupils, or by the custodian after papers were seen."""

    digest = models.CharField(max_length=64, unique=True)
    pupil = models.BigIntegerField(db_index=True)
    urn = models.IntegerField(null=True, help_text="the school; empty for a code of the custodian's")
    asked_for = models.CharField(
        max_length=64,
        default="",
        db_index=True,
        help_text="keyed hash of school and UPN: a school may close what it opened also when the pupil has left",
    )
    standing = models.CharField(max_length=32, default="parental-responsibility")
    paper = models.ForeignKey(PaperClaim, on_delete=models.PROTECT, null=True, related_name="codes")
    issued_by = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.BigIntegerField(null=True)
    revoked_at = models.DateTimeField(null=True)
    leave_at = models.DateTimeField(null=True, help_text="when the young person let whoever uses it look")


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
    code = models.ForeignKey(ClaimCode, on_delete=models.PROTECT, null=True, related_name="links")
    standing = models.CharField(max_length=32, default="parental-responsibility")
    confirmed_at = models.DateTimeField(null=True, help_text="when two people last confirmed it on paper")
    leave_at = models.DateTimeField(null=True, help_text="when the young person let this adult go on")
    by_staff = models.BooleanField(default=False, help_text="of somebody who does not sign in: staff act for them")
    label = models.BinaryField(null=True, help_text="sealed: the account's own words for which child this is")
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True)
    barred = models.BooleanField(default=False, help_text="this account gets no new link to the child: a court's order")

    class Meta:
        """An account has one link to a child at a time."""

        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "pupil"], condition=models.Q(ended_at=None), name="link_in_force_once"
            )
        ]


class OnBehalf(models.Model):
    """One act that staff did for a family that does not do it itself: who, for which link, what, why."""

    link = models.ForeignKey(ChildLink, on_delete=models.PROTECT, related_name="on_behalf")
    person = models.CharField(max_length=32)
    act = models.CharField(max_length=64)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
