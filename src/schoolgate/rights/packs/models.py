"""Packs and what was done with each. The files lie sealed in a folder of their own; here is the key to each.

A pack's key is random and sealed under the installation's: when the row's key is emptied, copies of the file that lie
anywhere are noise. Backups take no packs (`backup.take` names the folders it takes).
"""

from __future__ import annotations

from django.db import models


class Pack(models.Model):
    """One pack: a copy of everything that is held about one child, for one account."""

    public_id = models.CharField(max_length=40, unique=True, help_text="random")
    account_id = models.BigIntegerField()
    link_id = models.BigIntegerField(db_index=True, help_text="public number of the account's link to the child")
    pupil = models.BigIntegerField(db_index=True)
    state = models.CharField(max_length=8, default="asked")
    stage = models.CharField(max_length=8, blank=True, help_text="how far the making has come")
    asked_at = models.DateTimeField(help_text="when the request for access was received (UK GDPR Article 12(3))")
    due = models.DateField(help_text="last day of the answer")
    made_at = models.DateTimeField(null=True)
    until = models.DateField(null=True, help_text="last day on which it can be fetched")
    gone_at = models.DateTimeField(null=True)
    sealed_key = models.BinaryField(default=bytes, help_text="empty once the files are deleted")
    release_id = models.CharField(max_length=40, blank=True, help_text="the read that it was made by")
    sizes = models.JSONField(default=dict, help_text="form of the file -> bytes")

    class Meta:
        """An account waits for one pack of a child at a time."""

        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "pupil"], condition=models.Q(state="asked"), name="one_pack_asked"
            )
        ]


class PackStep(models.Model):
    """That a pack was asked for, made, fetched or deleted: when, and by which account. It outlives the files."""

    pack = models.ForeignKey(Pack, on_delete=models.CASCADE, related_name="steps")
    event = models.CharField(max_length=12)
    form = models.CharField(max_length=8, blank=True)
    account_id = models.BigIntegerField(null=True, help_text="empty when the gate did it by itself")
    at = models.DateTimeField()
