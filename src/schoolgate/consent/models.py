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
