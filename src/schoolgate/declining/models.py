"""What families declined, by pupil matching reference. What was taken back says when."""

from __future__ import annotations

from django.db import models


class Declined(models.Model):
    """One speaker's "we would rather not say" to one item of a child."""

    pupil = models.BigIntegerField(db_index=True)
    item = models.CharField(max_length=80)
    declined_at = models.DateTimeField()
    declined_by = models.CharField(max_length=64)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=64, blank=True)
    past_done_at = models.DateTimeField(null=True, help_text="when the earlier values were replaced")
    kept_out = models.CharField(max_length=16, blank=True, help_text="the last census whose value was not stored")

    class Meta:
        """One of a speaker is in force at a time: two adults may each have said it."""

        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "item", "declined_by"],
                condition=models.Q(withdrawn_at=None),
                name="declined_in_force_once_a_speaker",
            )
        ]


class DeclinedUpn(models.Model):
    """How a return's row is found: the keyed hash of a UPN, of those that a decision in force is about."""

    of = models.ForeignKey(Declined, on_delete=models.CASCADE, related_name="by_upn")
    blind = models.BinaryField(max_length=32, db_index=True)
