"""Choices of families, by pupil matching reference. Nothing is deleted: what ended says when."""

from __future__ import annotations

from django.db import models


class Objection(models.Model):
    """One family's "no": to one purpose, to a kind of recipient, to one recipient, or to all that it may refuse."""

    pupil = models.BigIntegerField(db_index=True)
    scope = models.CharField(max_length=16, default="purpose", help_text="what kind of thing is said no to")
    target = models.CharField(
        max_length=64, blank=True, help_text="id of the purpose, kind or organisation; empty where all is meant"
    )
    lodged_at = models.DateTimeField()
    lodged_by = models.CharField(max_length=64)
    provision_told = models.TextField(
        blank=True, help_text="the overriding law as it was told when the objection was lodged"
    )
    upheld_by = models.CharField(
        max_length=40, blank=True, default="", help_text="the case that decided that it counts although a law overrides"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=64, blank=True)
    ended_ground = models.CharField(
        max_length=32, blank=True, default="", help_text="why a decision ends it, where one does"
    )
    ended_reason = models.CharField(max_length=500, blank=True, default="")
    first_by = models.CharField(
        max_length=64, blank=True, default="", help_text="who decided first; it takes two people"
    )
    first_at = models.DateTimeField(null=True)

    class Meta:
        """Each person's objection to the same thing is in force once at a time; two parents' are two."""

        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "scope", "target", "lodged_by"],
                condition=models.Q(withdrawn_at=None),
                name="objection_of_each_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["scope", "target", "pupil"],
                condition=models.Q(withdrawn_at=None),
                name="objection_for_reads",
            )
        ]


class Restriction(models.Model):
    """One restriction of one child's record."""

    pupil = models.BigIntegerField(db_index=True)
    reason = models.CharField(max_length=32)
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=64)
    told_at = models.DateTimeField(null=True, help_text="when the family was told that it will be lifted")
    told_by = models.CharField(max_length=64, blank=True)
    lifts_on = models.DateField(null=True, help_text="the day the family was told of: not lifted before it")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=64, blank=True)

    class Meta:
        """One restriction a reason is in force at a time of each who asked for it."""

        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "reason", "placed_by"],
                condition=models.Q(lifted_at=None),
                name="restriction_of_each_once",
            )
        ]


class ItemDispute(models.Model):
    """One item of one child that a family says is wrong, while one case looks at it."""

    pupil = models.BigIntegerField(db_index=True)
    item = models.CharField(max_length=80)
    case = models.CharField(max_length=40, help_text="reference of the case that looks at it")
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=64)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=64, blank=True)

    class Meta:
        """A case disputes an item of a child once at a time; two cases may dispute the same one."""

        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "item", "case"],
                condition=models.Q(settled_at=None),
                name="dispute_stands_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["item", "pupil"],
                condition=models.Q(settled_at=None),
                name="dispute_for_reads",
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
    lift_first_by = models.CharField(
        max_length=64, blank=True, default="", help_text="who wants it lifted; it takes two people"
    )
    lift_first_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=64, blank=True)

    class Meta:
        """One shield is in force at a time. Why is nowhere: the reason alone could endanger the child."""

        constraints = [
            models.UniqueConstraint(fields=["pupil"], condition=models.Q(lifted_at=None), name="shield_in_force_once")
        ]


class Death(models.Model):
    """A pupil's death, as two people of the custodian recorded it; until the second has spoken it is nothing."""

    pupil = models.BigIntegerField(db_index=True)
    died_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=64)
    decided_at = models.DateTimeField(null=True, help_text="when the second person said so, too")
    decided_by = models.CharField(max_length=64, blank=True, default="")
    correct_first_by = models.CharField(
        max_length=64, blank=True, default="", help_text="who says that it is an error; it takes two people"
    )
    correct_first_at = models.DateTimeField(null=True)
    corrected_at = models.DateTimeField(null=True, help_text="when it was found to be an error, or not agreed to")
    corrected_by = models.CharField(max_length=64, blank=True)

    class Meta:
        """One record of it stands at a time, and one waits."""

        constraints = [
            models.UniqueConstraint(
                fields=["pupil"],
                condition=models.Q(corrected_at=None, decided_at__isnull=False),
                name="death_stands_once",
            ),
            models.UniqueConstraint(
                fields=["pupil"], condition=models.Q(corrected_at=None, decided_at=None), name="death_waits_once"
            ),
        ]


class SameChild(models.Model):
    """That two references are one child's, as a person said in a case; a row each way."""

    pupil = models.BigIntegerField(db_index=True)
    child = models.BigIntegerField(db_index=True, help_text="the other reference")
    case = models.CharField(max_length=40, help_text="reference of the case in which it was said")
    joined_at = models.DateTimeField()
    joined_by = models.CharField(max_length=64)
    parted_at = models.DateTimeField(null=True)
    parted_by = models.CharField(max_length=64, blank=True)

    class Meta:
        """A case joins two references once at a time."""

        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "child", "case"], condition=models.Q(parted_at=None), name="same_child_once"
            )
        ]


class Revision(models.Model):
    """Counts the changes that have no public event: a read compares it, and so misses none."""

    name = models.CharField(max_length=16, unique=True)
    number = models.BigIntegerField(default=0)
