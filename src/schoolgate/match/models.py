"""The clerk's queue: returns' rows whose pupil a machine must not decide."""

from __future__ import annotations

from django.db import models


class MatchCase(models.Model):
    """One question for a clerk: is this row the same child as that record?

    The row itself stays in the school's sealed paper; here is only where to find it.
    """

    case_id = models.CharField(max_length=40, unique=True)
    year = models.IntegerField()
    term = models.CharField(max_length=3)
    return_id = models.CharField(max_length=40)
    return_row = models.IntegerField()
    row_digest = models.BinaryField(help_text="keyed hash of who the row says the child is")
    candidate = models.IntegerField(help_text="PMR of the record it may belong to")
    reason = models.CharField(max_length=32)
    state = models.CharField(max_length=12, default="open")
    pmr = models.IntegerField(null=True, help_text="the decision's result")
    decided_by = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        """A child of one school's row is asked about once, however often the return is sent again."""

        constraints = [models.UniqueConstraint(fields=["row_digest", "candidate"], name="asked_once")]
