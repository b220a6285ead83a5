"""Objections and restrictions, by pupil matching reference. Nothing is deleted: what ended says when."""

from __future__ import annotations

from django.db import models


class Objection(models.Model):
    """One family's "no" to one purpose."""

    pupil = models.BigIntegerField(db_index=True)
    purpose_id = models.CharField(max_length=64)
    lodged_at = models.DateTimeField()
    lodged_by = models.CharField(max_length=64)
    provision_told = models.TextField(
        blank=True, help_text="the overriding law as it was told when the objection was lodged"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=64, blank=True)

    class Meta:
        """One objection a purpose is in force at a time, whoever of two parents was first."""

        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "purpose_id"],
                condition=models.Q(withdrawn_at=None),
                name="objection_in_force_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["purpose_id", "pupil"],
                condition=models.Q(withdrawn_at=None),
                name="objection_for_gate",
            )
        ]


class Restriction(models.Model):
    """One restriction of one child's record."""

    pupil = models.BigIntegerField(db_index=True)
    reason = models.CharField(max_length=32)
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=64)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=64, blank=True)

    class Meta:
        """One restriction a reason is in force at a time."""

        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "reason"],
                condition=models.Q(lifted_at=None),
                name="restriction_in_force_once",
            )
        ]


class Consent(models.Model):
    """One family's "yes": one item, one purpose, one recipient, until a day."""

    pupil = models.BigIntegerField(db_index=True)
    item = models.CharField(max_length=80)
    purpose_id = models.CharField(max_length=64)
    recipient = models.CharField(max_length=40, help_text="id of the organisation named")
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=64)
    last_day = models.DateField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=64, blank=True)

    class Meta:
        """One yes to the same thing is in force at a time."""

        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "item", "purpose_id", "recipient"],
                condition=models.Q(withdrawn_at=None),
                name="consent_in_force_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["item", "purpose_id", "recipient", "pupil"],
                condition=models.Q(withdrawn_at=None),
                name="consent_for_gate",
            )
        ]


class Shield(models.Model):
    """One child whose whereabouts must not be found through the records."""

    pupil = models.BigIntegerField(db_index=True)
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=64)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=64, blank=True)

    class Meta:
        """One shield is in force at a time. Why is nowhere: the reason alone could endanger the child."""

        constraints = [
            models.UniqueConstraint(fields=["pupil"], condition=models.Q(lifted_at=None), name="shield_in_force_once")
        ]


class Death(models.Model):
    """A pupil's death, as the custodian recorded it."""

    pupil = models.BigIntegerField(db_index=True)
    died_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=64)
    corrected_at = models.DateTimeField(null=True, help_text="when it was found to be an error")
    corrected_by = models.CharField(max_length=64, blank=True)

    class Meta:
        """One record of it stands at a time."""

        constraints = [
            models.UniqueConstraint(fields=["pupil"], condition=models.Q(corrected_at=None), name="death_stands_once")
        ]


class Revision(models.Model):
    """Counts the changes that have no public event: a read compares it, and so misses none."""

    name = models.CharField(max_length=16, unique=True)
    number = models.BigIntegerField(default=0)
