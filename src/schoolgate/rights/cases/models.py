"""Cases, their steps, and the files that families sent. What a family wrote is sealed at rest."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Case(models.Model):
    """One exercise of a right by one family."""

    reference = models.CharField(max_length=16, unique=True, help_text="random: says nothing about order or number")
    kind = models.CharField(max_length=24)
    state = models.CharField(max_length=24, db_index=True)
    pupil = models.BigIntegerField(db_index=True)
    account_id = models.BigIntegerField(db_index=True)
    link_id = models.BigIntegerField(help_text="the account's link to the child, as `rights` knows it")
    item = models.CharField(max_length=80, blank=True, help_text="item of the dictionary, when it is about one")
    row = models.CharField(max_length=80, blank=True, help_text="the row's token, as subject access gave it")
    paper = models.CharField(
        max_length=160, blank=True, help_text="the return and row it came from, as the gate knows it"
    )
    pmr = models.BigIntegerField(null=True, db_index=True, help_text="who has that row now, when it is another pupil")
    followed = models.BooleanField(default=False, help_text="that is the same child, and the case is about them")
    wrong_since = models.DateField(null=True)
    received_at = models.DateTimeField()
    received_on = models.DateField()
    acknowledged_on = models.DateField(null=True)
    identity_asked_on = models.DateField(null=True)
    identity_received_on = models.DateField(null=True)
    extended_on = models.DateField(null=True)
    source_asked_on = models.DateField(null=True)
    source_heard = models.BooleanField(default=False)
    source_by = models.CharField(max_length=64, blank=True)
    source_urn = models.IntegerField(
        null=True, db_index=True, help_text="the school whose return the row came from, once the custodian has looked"
    )
    source_may_see = models.BooleanField(default=False, help_text="the family lets that school see the files")
    outcome = models.CharField(max_length=24, blank=True)
    decided_by = models.CharField(max_length=64, blank=True)
    reviewed_by = models.CharField(max_length=64, blank=True)
    decided_on = models.DateField(null=True, help_text="the day of the first decision")
    decided_late = models.BooleanField(default=False, help_text="the first decision came after its last day")
    was_appealed = models.BooleanField(default=False)
    was_overseen = models.BooleanField(default=False, help_text="the family brought it before the overseer")
    lapsed = models.BooleanField(default=False, help_text="closed undecided: the family did not say what was asked")
    told_on = models.DateField(null=True, help_text="the family was told of the decision that stands")
    waits_since = models.DateField()
    disputed = models.BooleanField(default=False, help_text="the item is kept out of every query because of this case")
    closed_on = models.DateField(null=True)

    class Meta:
        """One account says of one row's item once at a time that it is wrong."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account_id", "pupil", "item", "row"],
                condition=models.Q(kind="rectification", closed_on=None),
                name="case_challenge_open_once",
            )
        ]


class CasePause(models.Model):
    """A time in which a clarification was awaited."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="pauses")
    asked_on = models.DateField()
    answered_on = models.DateField(null=True)


class CaseStep(models.Model):
    """One step; only added."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    number = models.IntegerField()
    event = models.CharField(max_length=24)
    source = models.CharField(max_length=24, blank=True)
    target = models.CharField(max_length=24)
    role = models.CharField(max_length=24)
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()
    said = models.BinaryField(help_text="what was written, sealed")

    class Meta:
        """Steps of a case are numbered from 1."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "number"], name="case_step_once")]


class CaseLetter(models.Model):
    """The letter on paper about a step: for a family that staff act for, or whose account has no address."""

    step = models.OneToOneField(CaseStep, on_delete=models.PROTECT, related_name="on_paper")
    by_law = models.DateField(null=True, help_text="by the end of which the law wants it out; empty: no number in it")
    law = models.CharField(max_length=250, blank=True, help_text="the provision of that day")
    left_on = models.DateField(null=True, help_text="the day it was posted, or was seen")
    how = models.CharField(max_length=16, blank=True, help_text="posted, or seen by the family on its page")
    noted_by = models.CharField(max_length=64, blank=True)
    noted_at = models.DateTimeField(null=True)

    class Meta:
        """Those that wait are looked for."""

        indexes: ClassVar = [
            models.Index(fields=["step"], condition=models.Q(left_on=None), name="case_letters_to_post")
        ]


class Evidence(models.Model):
    """A file that belongs to a case; name and content are sealed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence")
    number = models.IntegerField()
    name = models.BinaryField()
    kind = models.CharField(max_length=100)
    size = models.IntegerField()
    content = models.BinaryField()
    role = models.CharField(max_length=24)
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        """Files of a case are numbered from 1."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "number"], name="case_evidence_once")]


class EvidencePiece(models.Model):
    """A piece of a file on its way, sealed: the gate's socket takes a request of at most 256 KiB."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="pieces")
    actor = models.CharField(max_length=64)
    number = models.IntegerField()
    data = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        """A piece comes once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "actor", "number"], name="case_piece_once")]


class CaseRemains(models.Model):
    """What is left of a case when its child's record is erased: that it was, and how it ended. No child, no account.

    The custodian must be able to show that it answered, and in time (UK GDPR Articles 5(2) and 24(1)); no more than
    that is needed for it (Article 17(1)(a), 17(3)(b)). There is no reference, no item, no word, no day and no name.
    """

    kind = models.CharField(max_length=24)
    outcome = models.CharField(max_length=24, blank=True, help_text="what stood at the end; empty: never decided")
    year = models.IntegerField(help_text="in which it was received")
    took = models.IntegerField(null=True, help_text="days to the first decision")
    was_late = models.BooleanField(default=False)
    was_appealed = models.BooleanField(default=False)
    was_lapsed = models.BooleanField(default=False, help_text="closed undecided: the family did not answer")
    was_overseen = models.BooleanField(default=False, help_text="the family brought it before the overseer")
