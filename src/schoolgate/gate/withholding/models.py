"""Withholdings. Why, and who said so, is sealed: the words alone could do the harm."""

from __future__ import annotations

from django.db import models


class Withholding(models.Model):
    """One item of one child that its family is not shown, from the proposal to its end."""

    number = models.CharField(max_length=16, unique=True)
    pupil = models.BigIntegerField(db_index=True)
    rule = models.CharField(max_length=32, help_text="of the rules on what a copy leaves out: the law")
    item = models.CharField(max_length=80)
    state = models.CharField(max_length=12)
    sealed = models.BinaryField(help_text="the professional's name, profession and reason")
    until = models.DateField(help_text="last day")
    review_on = models.DateField(help_text="the day by which it is looked at again")
    proposed_by = models.CharField(max_length=32)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=32, blank=True)
    decided_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=32, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=32, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """An item is proposed or held back once at a time."""

        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "rule", "item"],
                condition=models.Q(state__in=("proposed", "in_force")),
                name="withheld_once",
            )
        ]
