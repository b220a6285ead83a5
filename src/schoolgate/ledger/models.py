"""What ran: releases, their scans, and which pupils each scan took."""

from __future__ import annotations

from django.db import models


class Release(models.Model):
    """One read that went through the gate."""

    release_id = models.CharField(max_length=40, unique=True)
    agreement_id = models.CharField(max_length=40, db_index=True)
    person_id = models.CharField(max_length=64)
    purpose = models.CharField(max_length=64)
    lake_version = models.IntegerField()
    definition = models.TextField(help_text="canonical JSON: snapshot, scans, policy; private")
    definition_hash = models.CharField(max_length=64)
    denied = models.BinaryField(help_text="roaring bitmap of the pupils policy left out")
    outcome = models.CharField(max_length=16, help_text="handed over, or failed in the engine")
    rows = models.IntegerField(null=True)
    result_sha256 = models.CharField(max_length=64, blank=True)
    begun_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    log_index = models.IntegerField(unique=True)
    settled_index = models.IntegerField(null=True)
    member_count = models.IntegerField(null=True)
    members_root = models.CharField(max_length=64, blank=True)


class ExposureScan(models.Model):
    """One scan of a release: its items. Its pupils are in `ExposureChunk`."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="scans")
    number = models.IntegerField()
    items = models.JSONField()

    class Meta:
        """A release's scans are numbered."""

        constraints = [models.UniqueConstraint(fields=["release", "number"], name="scan_number_once")]


class ExposureChunk(models.Model):
    """The pupils of one scan whose reference has the same upper 16 bits: one roaring container's worth.

    Kept in chunks so that one child's answer reads 8 KB a release instead of the whole bitmap.
    """

    scan = models.ForeignKey(ExposureScan, on_delete=models.PROTECT, related_name="chunks")
    block = models.IntegerField()
    pupils = models.BinaryField()

    class Meta:
        """Found by block first: the question is always about one child."""

        constraints = [models.UniqueConstraint(fields=["block", "scan"], name="chunk_once")]


class Member(models.Model):
    """Where the sorted commitment of a release is kept: one row a release, leaf hashes joined."""

    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="commitment")
    leaves = models.BinaryField(help_text="sorted 32-byte leaf hashes")
