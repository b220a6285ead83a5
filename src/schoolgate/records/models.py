"""Lake versions, and the vault's sealed rows."""

from __future__ import annotations

from django.db import models


class LakeVersion(models.Model):
    """One state of the whole lake: visible because this row exists."""

    number = models.IntegerField(primary_key=True)
    year = models.IntegerField()
    term = models.CharField(max_length=3)
    recorded_at = models.DateTimeField()
    return_ids = models.JSONField()
    destroyed_at = models.DateTimeField(null=True, help_text="when it ended: its snapshots and files are deleted")


class LakeVersionTable(models.Model):
    """The Iceberg snapshot of one table in one lake version."""

    version = models.ForeignKey(LakeVersion, on_delete=models.PROTECT, related_name="tables")
    table = models.CharField(max_length=64)
    snapshot_id = models.BigIntegerField()
    rows = models.BigIntegerField()

    class Meta:
        """A version names each table once."""

        constraints = [models.UniqueConstraint(fields=["version", "table"], name="version_table_once")]


class VaultIdentity(models.Model):
    """One pupil's identity, sealed under the vault key with the PMR as context."""

    pmr = models.IntegerField(primary_key=True)
    sealed = models.BinaryField()


class VaultIndex(models.Model):
    """A blind index entry: the keyed hash of something a pupil can be found by."""

    kind = models.CharField(max_length=12)
    blind = models.BinaryField(max_length=32)
    pmr = models.IntegerField()
    disputed = models.BooleanField(default=False)

    class Meta:
        """Found by kind and hash; one entry each."""

        constraints = [models.UniqueConstraint(fields=["kind", "blind", "pmr"], name="blind_once")]


class VaultKey(models.Model):
    """A random key of one agreement or one release, sealed; destroying the row destroys what it links."""

    name = models.CharField(max_length=64, primary_key=True)
    sealed = models.BinaryField()


class VaultCounter(models.Model):
    """The next PMR, in one row that allocation locks."""

    name = models.CharField(max_length=16, primary_key=True)
    value = models.IntegerField()


class LakeAmendment(models.Model):
    """What stays changed in one term when the term is loaded again: a return that is unchanged brings nothing back."""

    name = models.CharField(max_length=64, help_text="whoever asked for it finds it by this; says nothing of a pupil")
    table = models.CharField(max_length=64)
    year = models.IntegerField()
    term = models.CharField(max_length=3)
    kind = models.CharField(max_length=8, help_text="put, drop or fill")
    pupil = models.IntegerField(null=True, help_text="to whom the row belongs now; None: all rows")
    sealed = models.BinaryField(help_text="values and the row they were in; under the amendments key")
    came_of_it = models.CharField(max_length=16, help_text="at the last load: laid, fulfilled, overtaken, missing")
    recorded_at = models.DateTimeField()

    class Meta:
        """Looked for by term when it is loaded, by pupil when a family asks, by name when it is withdrawn."""

        indexes = [
            models.Index(fields=["table", "year", "term"], name="amendment_of_term"),
            models.Index(fields=["pupil"], name="amendment_of_pupil"),
            models.Index(fields=["name"], name="amendment_by_name"),
        ]
