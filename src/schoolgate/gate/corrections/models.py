"""What was put right, taken back or erased, and what recipients were told of it and did.

Values and words are sealed. Which corrections a notice holds is a roaring bitmap of their numbers: a hundred thousand
corrections that reach four hundred agreements are four hundred rows and not forty million.
"""

from __future__ import annotations

from django.db import models

CORRECTED, ANNOTATED, DECLINED, EMPTIED = "corrected", "annotated", "declined", "emptied"
"""What a `Correction` is: put right; noted beside; taken back by the family (`taking_back`); or one of the first two
whose values went when the family took the item back."""


class Correction(models.Model):
    """One item of one pupil put right, or a note beside it."""

    correction_id = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=12, help_text="corrected, annotated, declined, or emptied since it was declined")
    pupil = models.IntegerField(db_index=True, help_text="whose it was when it was put right")
    item = models.CharField(max_length=96)
    year = models.IntegerField(null=True)
    term = models.CharField(max_length=3, blank=True)
    sealed = models.BinaryField(help_text="old and new value, the row, the note")
    wrong_since = models.DateField(null=True, help_text="None: since it was first recorded")
    case_ref = models.CharField(max_length=64)
    actor = models.CharField(max_length=64)
    evidence_sha256 = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField()
    version = models.IntegerField(null=True, help_text="the lake version that first holds it")
    travelled_at = models.DateTimeField(null=True, help_text="when it was worked out who must be told")

    class Meta:
        """The few that have not travelled are found without looking through all."""

        indexes = [
            models.Index(
                fields=["decided_at"],
                name="not_travelled",
                condition=models.Q(travelled_at=None) & ~models.Q(kind="annotated"),
            )
        ]


class Notice(models.Model):
    """What one agreement is told at once: the corrections of some days that it was exposed to before."""

    notice_id = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=12, default="corrections", help_text="corrections, or erased")
    agreement_id = models.CharField(max_length=40, db_index=True)
    state = models.CharField(max_length=16)
    first = models.BigIntegerField(help_text="lowest number of a correction in it")
    last = models.BigIntegerField(help_text="highest")
    named = models.BinaryField(help_text="roaring bitmap: corrections told under the pupil's pseudonym")
    counted = models.BinaryField(help_text="roaring bitmap: corrections told as a count")
    moved = models.JSONField(
        default=dict, help_text="correction -> pupil whose the row was when it was read, if another"
    )
    corrections = models.IntegerField(help_text="how many corrections, or how many erasures")
    sent_at = models.DateTimeField()
    due = models.DateField(help_text="last day to acknowledge")
    refuse_after = models.DateField(help_text="after this day nothing more is read under the agreement")
    fetched_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=64, blank=True)
    did = models.CharField(max_length=16, blank=True)
    said = models.TextField(blank=True, help_text="why it cannot; the recipient's own words")
    told = models.SmallIntegerField(default=0, help_text="how far a late answer has been escalated")
    sent_counted = models.BooleanField(default=False)
    acknowledged_counted = models.BooleanField(default=False)
    unanswered_week = models.DateField(null=True, help_text="last week for which the public was told it was late")

    class Meta:
        """A child's question goes by the span of numbers, policy's by agreement and state."""

        indexes = [
            models.Index(fields=["first", "last"], name="notice_span"),
            models.Index(fields=["agreement_id", "state"], name="notice_unanswered"),
        ]


class Erased(models.Model):
    """What one agreement is to be told was erased: kept until it has answered, and no longer.

    It outlives the pupil's own key, so it names nobody to us: the agreement's own made-up reference, sealed.
    """

    agreement_id = models.CharField(max_length=40)
    notice = models.CharField(max_length=40, blank=True, db_index=True, help_text="in which it is told; empty: not yet")
    token = models.BinaryField(max_length=32, unique=True, help_text="keyed hash: an erasure done again is told once")
    named = models.BooleanField(help_text="whether what left held references")
    sealed = models.BinaryField(help_text="the reference, or none for every pupil; items; years")
    recorded_at = models.DateTimeField()


class Affected(models.Model):
    """How far one release rests on values that were put right since."""

    release_id = models.CharField(max_length=40, unique=True)
    agreement_id = models.CharField(max_length=40)
    pupils = models.BinaryField(help_text="roaring bitmap of the pupils whose values were put right")
    corrected = models.IntegerField()
    told_percent = models.IntegerField(default=0, help_text="the highest threshold the public was told of")
