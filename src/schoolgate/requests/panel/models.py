"""What is kept of deciding: cases, who was named, every vote, conflicts, meetings and minutes. Votes are only added."""

from __future__ import annotations

from django.db import models


class Case(models.Model):
    """One question put to the panel: an application, an appeal, or a proposal about an agreement."""

    request = models.ForeignKey("requests.Request", on_delete=models.PROTECT, related_name="panel_cases")
    kind = models.CharField(max_length=32)
    state = models.CharField(max_length=16)
    risk = models.CharField(max_length=16)
    risk_why = models.JSONField(default=list)
    content = models.JSONField(default=dict, help_text="of a proposal: what is to be changed")
    reasons = models.JSONField(default=list, help_text="of who proposes it, or why it cannot wait; public")
    opened_by = models.CharField(max_length=40)
    opened_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True, help_text="a meeting was opened: members see each other's votes")
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, blank=True, default="")
    result = models.JSONField(default=dict, help_text="reasons, conditions, items, counts by seat")
    log_index = models.BigIntegerField(null=True)

    @property
    def public_id(self) -> str:
        """``C-0001``."""
        return f"C-{self.pk:04d}"


class CaseMember(models.Model):
    """A panel member who was named for a case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="members")
    person = models.CharField(max_length=40)
    seat = models.CharField(max_length=16)
    human = models.CharField(max_length=64, help_text="the account behind the person, or the person itself")
    chair = models.BooleanField(default=False)
    named_at = models.DateTimeField()
    out = models.CharField(max_length=16, blank=True, default="")
    out_at = models.DateTimeField(null=True)

    class Meta:
        """A person is named once in a case."""

        constraints = [models.UniqueConstraint(fields=["case", "person"], name="panel_member_once")]


class CaseVote(models.Model):
    """One vote; a changed one is a new row, and the last counts."""

    member = models.ForeignKey(CaseMember, on_delete=models.PROTECT, related_name="votes")
    choice = models.CharField(max_length=16)
    reasons = models.JSONField()
    items = models.JSONField(default=list, help_text="[item, decision, instead] triples")
    conditions = models.JSONField(default=list)
    at = models.DateTimeField()


class Conflict(models.Model):
    """A conflict that a member declared: that it is, and what kind; never more."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="conflicts")
    person = models.CharField(max_length=40)
    seat = models.CharField(max_length=16)
    kind = models.CharField(max_length=32)
    at = models.DateTimeField()
    log_index = models.BigIntegerField()


class Completeness(models.Model):
    """The custodian's look at whether an application is complete; a later one takes the place of an earlier."""

    request = models.ForeignKey("requests.Request", on_delete=models.PROTECT, related_name="completeness")
    missing = models.JSONField(help_text="ids of the check-list's lines that are not met")
    person = models.CharField(max_length=40)
    at = models.DateTimeField()
    log_index = models.BigIntegerField(help_text="of the submission that was looked at")


class Meeting(models.Model):
    """A meeting of the panel."""

    day = models.DateField()
    state = models.CharField(max_length=16)
    called_by = models.CharField(max_length=40)
    called_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    cases = models.ManyToManyField(Case, related_name="meetings")
    minutes = models.TextField(blank=True, default="")
    log_index = models.BigIntegerField(null=True)

    @property
    def public_id(self) -> str:
        """``M-0001``."""
        return f"M-{self.pk:04d}"


class Present(models.Model):
    """A member who was at a meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="present")
    person = models.CharField(max_length=40)
    seat = models.CharField(max_length=16)


class Correction(models.Model):
    """A note under minutes; the minutes themselves stay as they were made."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="corrections")
    person = models.CharField(max_length=40)
    note = models.TextField()
    at = models.DateTimeField()


class MinutesApproval(models.Model):
    """A member's yes to the minutes with the notes as they were then; a later note asks for it anew."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="approvals")
    person = models.CharField(max_length=40)
    text_hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        """Nobody approves one text twice."""

        constraints = [models.UniqueConstraint(fields=["meeting", "person", "text_hash"], name="panel_approval_once")]
