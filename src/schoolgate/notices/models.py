"""Published notices and what was told. Notices are only added, and of one the day of telling is filled in."""

from __future__ import annotations

from django.db import models


class Notice(models.Model):
    """One published notice: a version of what families are told."""

    number = models.CharField(max_length=40, unique=True, help_text="N-2026-0001")
    title = models.TextField()
    picture = models.BinaryField(help_text="what it was made from: canonical JSON, compressed")
    picture_sha256 = models.CharField(max_length=64)
    days = models.IntegerField(help_text="between the telling and the first use")
    published_at = models.DateTimeField()
    published_day = models.DateField()
    role = models.CharField(max_length=32)
    actor = models.CharField(max_length=40)
    log_index = models.BigIntegerField(unique=True)
    told_day = models.DateField(null=True, help_text="when the last letter was written: the days begin after it")
    told_at = models.DateTimeField(null=True)
    schools_told = models.CharField(max_length=40, default="", blank=True, help_text="rounded, as the register has it")
    followers_told = models.CharField(max_length=40, default="", blank=True)


class NoticeText(models.Model):
    """The text of one notice for one audience, as it was published."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="texts")
    audience = models.CharField(max_length=60)
    language = models.CharField(max_length=16)
    text = models.BinaryField(help_text="plain text, compressed")
    sha256 = models.CharField(max_length=64)

    class Meta:
        """One text for one audience and language."""

        constraints = (
            models.UniqueConstraint(fields=("notice", "audience", "language"), name="notices_one_text_each"),
        )


class Covered(models.Model):
    """An agreement that a notice told families of."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="covered")
    agreement_id = models.CharField(max_length=40, db_index=True)


class Told(models.Model):
    """One thing families are told of: a kind of use, a country, an item for a purpose, an item that is collected.

    `days` is 0 for what was there when the first notice was published: a use does not stop for it.
    """

    what = models.CharField(max_length=16)
    value = models.CharField(max_length=200)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="told")
    days = models.IntegerField()

    class Meta:
        """Told once."""

        constraints = (models.UniqueConstraint(fields=("what", "value"), name="notices_told_once"),)


class Telling(models.Model):
    """That somebody was written to: a school's account, or everybody who follows a topic. No address is kept here."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="tellings")
    whom = models.CharField(max_length=16, help_text="school: an account's id; topic: its name")
    reference = models.CharField(max_length=120)
    letters = models.IntegerField()
    how = models.CharField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        """Nobody is told twice of one notice."""

        constraints = (models.UniqueConstraint(fields=("notice", "whom", "reference"), name="notices_once_each"),)
