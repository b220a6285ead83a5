"""Drafts: what is being written, by whom, what was said about it, and each version that was handed in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Draft(models.Model):
    """The working paper of one application, before it is handed in and whenever it is returned."""

    draft_id = models.CharField(max_length=40, unique=True)
    organisation_id = models.CharField(max_length=40, db_index=True)
    application_id = models.CharField(max_length=40, unique=True, null=True)
    spec = models.JSONField(help_text="the application as far as it is filled in")
    saved = models.JSONField(default=dict, help_text="section -> how often, by whom and when it was saved")
    revision = models.IntegerField(default=0, help_text="counts every change, so that what was checked is handed in")
    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()


class DraftAuthor(models.Model):
    """Somebody who may write in a draft."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="authors")
    person = models.CharField(max_length=40)
    added_by = models.CharField(max_length=40)
    added_at = models.DateTimeField()

    class Meta:
        """An author is one once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["draft", "person"], name="drafting_author_once")]


class DraftVersion(models.Model):
    """An application as it was handed in; only added."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    spec = models.JSONField()
    attachments = models.JSONField(default=list, help_text="name, kind, sha256 and size of each")
    by = models.CharField(max_length=40)
    at = models.DateTimeField()
    log_index = models.BigIntegerField(unique=True)

    class Meta:
        """Versions of a draft are numbered from 1."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["draft", "number"], name="drafting_version_once")]


class DraftComment(models.Model):
    """Something said about a section."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="comments")
    section = models.CharField(max_length=32)
    person = models.CharField(max_length=40)
    role = models.CharField(max_length=32)
    text = models.TextField()
    is_shared = models.BooleanField(help_text="whether authors and the custodian's side both see it")
    at = models.DateTimeField()
    resolved_by = models.CharField(max_length=40, blank=True, default="")
    resolved_at = models.DateTimeField(null=True)


class Content(models.Model):
    """The bytes of an attachment, once for each different content."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.IntegerField()
    data = models.BinaryField()


class DraftAttachment(models.Model):
    """A file that belongs to a draft; one taken away stays where a version has it."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="attachments")
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=100)
    by = models.CharField(max_length=40)
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)


class UploadPiece(models.Model):
    """A piece of a file on its way: the gate's socket takes a request of at most 256 KiB."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="pieces")
    person = models.CharField(max_length=40)
    number = models.IntegerField()
    data = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        """A piece comes once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["draft", "person", "number"], name="drafting_piece_once")
        ]
