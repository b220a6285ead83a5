"""Conversations in which staff act for somebody, and letters on paper. Words are made when a letter is printed."""

from __future__ import annotations

from django.db import models

from schoolgate.rights.models import ChildLink, OnBehalf


class Serving(models.Model):
    """One conversation with somebody who does not sign in: who served, how the person was identified."""

    public_id = models.BigIntegerField(unique=True, help_text="random: says nothing about order or number")
    link = models.ForeignKey(ChildLink, on_delete=models.PROTECT, related_name="servings")
    person = models.CharField(max_length=32)
    channel = models.CharField(max_length=32)
    how = models.CharField(max_length=32)
    began_at = models.DateTimeField()


class PaperLetter(models.Model):
    """A letter that leaves on paper: about an act on behalf, or about a record that will be used again."""

    public_id = models.BigIntegerField(unique=True, help_text="random: says nothing about order or number")
    pupil = models.BigIntegerField(db_index=True)
    link = models.ForeignKey(ChildLink, on_delete=models.PROTECT, null=True, related_name="paper_letters")
    serving = models.ForeignKey(Serving, on_delete=models.PROTECT, null=True, related_name="letters")
    done = models.OneToOneField(OnBehalf, on_delete=models.PROTECT, null=True, related_name="letter")
    kind = models.CharField(max_length=16, help_text="acted, or lifting")
    about = models.JSONField(default=dict, help_text="what the words are made from: names of acts, items, days")
    written_by = models.CharField(max_length=32)
    written_at = models.DateTimeField()
    posted_by = models.CharField(max_length=32, blank=True)
    posted_at = models.DateTimeField(null=True)

    class Meta:
        """Those that wait are looked for."""

        indexes = [models.Index(fields=["written_at"], condition=models.Q(posted_at=None), name="letters_to_post")]
