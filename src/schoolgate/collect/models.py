"""Returns, what the rules found in them, and schools' explanations."""

from __future__ import annotations

from django.db import models


class Return(models.Model):
    """One return as a school sent it. Its paper is sealed in a file named by the return's id."""

    return_id = models.CharField(max_length=40, unique=True)
    urn = models.IntegerField(db_index=True)
    laestab = models.CharField(max_length=7)
    year = models.IntegerField()
    term = models.CharField(max_length=3)
    state = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    pupils = models.IntegerField()
    received_at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    replaced_by = models.CharField(max_length=40, blank=True)

    class Meta:
        """Of a school and census at most one return is accepted, and at most one is open."""

        constraints = [
            models.UniqueConstraint(
                fields=["urn", "year", "term"], condition=models.Q(state="accepted"), name="one_accepted"
            ),
            models.UniqueConstraint(
                fields=["urn", "year", "term"],
                condition=models.Q(state__in=["rejected", "needs-explanation"]),
                name="one_open",
            ),
        ]


class ReturnFinding(models.Model):
    """One thing a rule found: where, never the value."""

    of = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="findings")
    rule = models.CharField(max_length=12)
    row = models.IntegerField(help_text="pupil row; 0 for the header or the whole return")
    item = models.CharField(max_length=40)


class FindingCount(models.Model):
    """How often a rule was broken in all: of each rule only so many findings are kept."""

    of = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="counts")
    rule = models.CharField(max_length=12)
    kind = models.CharField(max_length=5)
    times = models.IntegerField()

    class Meta:
        """One count a rule."""

        constraints = [models.UniqueConstraint(fields=["of", "rule"], name="counted_once")]


class Explanation(models.Model):
    """A school's notepad: why what a query asks about is right."""

    of = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="explanations")
    rule = models.CharField(max_length=12)
    text = models.TextField()
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        """One explanation a rule."""

        constraints = [models.UniqueConstraint(fields=["of", "rule"], name="explained_once")]
