"""Statements, the overseer's questions, audits' findings with their actions, and how far each overseer has looked.

All but the last are in the register too, and nothing here is changed once it is there, but for what answers it.
"""

from __future__ import annotations

from django.db import models


class Statement(models.Model):
    """A quarter's statement, word for word as its hash in the register says."""

    quarter = models.CharField(max_length=7, unique=True)
    text = models.TextField()
    log_index = models.BigIntegerField(unique=True)


class Question(models.Model):
    """A question of an overseer to the custodian, and what was answered."""

    number = models.CharField(max_length=16, unique=True)
    question = models.TextField()
    about = models.CharField(max_length=40, blank=True)
    asked_by = models.CharField(max_length=40)
    asked_on = models.DateField()
    due = models.DateField()
    log_index = models.BigIntegerField(unique=True)
    answer = models.TextField(blank=True)
    outcome = models.CharField(max_length=16, blank=True)
    answered_by = models.CharField(max_length=40, blank=True)
    answered_on = models.DateField(null=True)
    answer_index = models.BigIntegerField(unique=True, null=True)


class Finding(models.Model):
    """What an audit found."""

    number = models.CharField(max_length=16, unique=True)
    source = models.TextField()
    finding = models.TextField()
    urgency = models.CharField(max_length=16)
    recorded_by = models.CharField(max_length=40)
    recorded_on = models.DateField()
    log_index = models.BigIntegerField(unique=True)


class Action(models.Model):
    """What is to be done about a finding: by whom and until when, and that it was done."""

    number = models.CharField(max_length=16, unique=True)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="actions")
    action = models.TextField()
    owner = models.CharField(max_length=40)
    due = models.DateField()
    log_index = models.BigIntegerField(unique=True)
    done = models.TextField(blank=True)
    done_by = models.CharField(max_length=40, blank=True)
    done_on = models.DateField(null=True)
    done_index = models.BigIntegerField(unique=True, null=True)


class Look(models.Model):
    """How much of the log a person has seen; never, while there is no time."""

    person_id = models.CharField(max_length=40, unique=True)
    size = models.BigIntegerField()
    told = models.BigIntegerField(default=0, help_text="up to which size a letter told of what asks for a look")
    at = models.DateTimeField(null=True)
