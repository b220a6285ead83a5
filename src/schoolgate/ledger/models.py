"""What ran: releases, their scans, and which pupils each scan took."""

from __future__ import annotations

from django.db import models


class PupilSet(models.Model):
    """A set of pupils that scans took or left out; the same set is kept once. Its pupils are in `Segment`."""

    digest = models.CharField(max_length=64, unique=True)
    count = models.IntegerField()


class Release(models.Model):
    """One read that went through the gate."""

    release_id = models.CharField(max_length=40, unique=True)
    agreement_id = models.CharField(max_length=40, db_index=True)
    person_id = models.CharField(max_length=64)
    purpose = models.CharField(max_length=64)
    lake_version = models.IntegerField()
    definition = models.TextField(help_text="canonical JSON: snapshot, scans, policy; private")
    definition_hash = models.CharField(max_length=64)
    denied = models.BinaryField(help_text="roaring bitmap of the pupils left out; empty once it is in left_out")
    left_out = models.ForeignKey(PupilSet, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=16, help_text="handed over, or failed in the engine")
    rows = models.IntegerField(null=True)
    result_sha256 = models.CharField(max_length=64, blank=True)
    begun_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    worked_out_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    log_index = models.IntegerField(unique=True)
    settled_index = models.IntegerField(null=True)
    member_count = models.IntegerField(null=True)
    members_root = models.CharField(max_length=64, blank=True)

    class Meta:
        """The few that are not worked out, or not settled, are found without looking through all."""

        indexes = [
            models.Index(fields=["log_index"], name="not_worked_out", condition=models.Q(worked_out_at=None)),
            models.Index(fields=["log_index"], name="not_settled", condition=models.Q(settled_at=None)),
        ]


class ExposureScan(models.Model):
    """One scan of a release: its items, and its pupils when they are worked out."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="scans")
    number = models.IntegerField()
    items = models.JSONField()
    pupils = models.ForeignKey(PupilSet, on_delete=models.PROTECT, null=True, related_name="scans")

    class Meta:
        """A release's scans are numbered."""

        constraints = [models.UniqueConstraint(fields=["release", "number"], name="scan_number_once")]


class Segment(models.Model):
    """The parts of some sets in one block of references (`ledger.blocks`).

    A settlement adds a segment a block; folding joins them. Level 0 is one settlement's, 1 grows, 2 is large.
    """

    block = models.IntegerField()
    level = models.SmallIntegerField()
    data = models.BinaryField()

    class Meta:
        """Found by block: the question is always about one child."""

        indexes = [models.Index(fields=["block", "level"], name="segment_of_block")]


class Member(models.Model):
    """What a child's proof needs and cannot be worked out from the set and the release's key: one row a release."""

    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="commitment")
    version = models.SmallIntegerField(default=1, help_text="how salts, references and order are made")
    leaves = models.BinaryField(help_text="version 1: sorted 32-byte leaf hashes; 2: gate.commitment's tree top")
