"""What is to be destroyed and what was, and the leaves of erased children that other children's proofs need."""

from __future__ import annotations

from django.db import models


class Destruction(models.Model):
    """One destruction from the proposal to the certificate."""

    number = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=12, help_text="pupil, item or rule")
    state = models.CharField(max_length=12)
    pupil = models.IntegerField(null=True, help_text="whose record; emptied when it is done")
    asked = models.JSONField(help_text="items, years or the retention rule; nothing of a child")
    ground = models.CharField(max_length=24)
    because = models.TextField(help_text="in words that name nobody")
    proposed_by = models.CharField(max_length=64)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64, blank=True)
    decided_because = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    certificate = models.JSONField(null=True)
    log_index = models.IntegerField(null=True)
    done_at = models.DateTimeField(null=True)


class KeptLeaf(models.Model):
    """One erased child's leaf in one release's commitment: without the child's reference it says nothing."""

    release_id = models.CharField(max_length=40, db_index=True)
    pupil = models.IntegerField()
    leaf = models.BinaryField(max_length=32)

    class Meta:
        """One a release and child."""

        constraints = [models.UniqueConstraint(fields=["release_id", "pupil"], name="leaf_kept_once")]
