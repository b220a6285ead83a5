"""The register as people look through it. Every row is made from log entries and from nothing else.

Row numbers are log indexes wherever a thing has a first entry, so that tables made again are the same tables. No
foreign keys: rows are written in portions, and what is written is checked by making it again.
"""

from __future__ import annotations

from django.db import models


class Read(models.Model):
    """How far the log has been read: the next index."""

    name = models.CharField(max_length=16, primary_key=True)
    next = models.BigIntegerField(default=0)


class Organisation(models.Model):
    """Who asks, under the name it has now. `id` is the index of the entry that named it first."""

    id = models.BigIntegerField(primary_key=True)
    slug = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=64, blank=True, default="")
    imported_only = models.BooleanField(default=False)
    merged_into = models.CharField(max_length=300, blank=True, default="")
    """The name of the organisation it became part of; `merged_key` is the same without capitals and spaces."""
    merged_key = models.CharField(max_length=300, blank=True, default="", db_index=True)
    merged_index = models.BigIntegerField(null=True)


class OrganisationName(models.Model):
    """A name an organisation has or had; the entry that says so. `key` is the name without capitals and spaces."""

    key = models.CharField(max_length=300, primary_key=True)
    name = models.CharField(max_length=300)
    organisation = models.BigIntegerField(db_index=True)
    since_index = models.BigIntegerField()


class Case(models.Model):
    """An application with the agreement that came of it, or a share imported from a list.

    `id` is the index of its first entry. Dates and moments are ISO texts as the log has them.
    """

    id = models.BigIntegerField(primary_key=True)
    application = models.CharField(max_length=64, db_index=True, blank=True, default="")
    agreement = models.CharField(max_length=64, db_index=True, blank=True, default="")
    imported = models.BooleanField(default=False)
    organisation = models.BigIntegerField(db_index=True, default=-1)
    organisation_name = models.CharField(max_length=300, blank=True, default="")
    kind = models.CharField(max_length=64, blank=True, default="", db_index=True)
    request_kind = models.CharField(max_length=64, blank=True, default="")
    title = models.CharField(max_length=300, blank=True, default="")
    purpose = models.CharField(max_length=100, blank=True, default="", db_index=True)
    plain = models.TextField(blank=True, default="")
    status = models.CharField(max_length=32, db_index=True)
    emergency = models.BooleanField(default=False)
    stopped = models.BooleanField(default=False)
    overdue = models.BooleanField(default=False, db_index=True)
    facts = models.JSONField(default=dict)
    received_at = models.CharField(max_length=32, blank=True, default="")
    decided_at = models.CharField(max_length=32, blank=True, default="")
    signed_at = models.CharField(max_length=32, blank=True, default="")
    ended_at = models.CharField(max_length=32, blank=True, default="")
    releases = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    lookups = models.IntegerField(default=0)
    first_read_at = models.CharField(max_length=32, blank=True, default="")
    last_read_at = models.CharField(max_length=32, blank=True, default="")
    last_index = models.BigIntegerField(db_index=True)
    last_at = models.CharField(max_length=32)

    class Meta:
        """The list is shown newest first, by who, and by how often data left."""

        indexes = (
            models.Index(fields=["imported", "status", "-last_index"], name="published_by_status"),
            models.Index(fields=["stopped"], name="published_stopped", condition=models.Q(stopped=True)),
            models.Index(fields=["organisation_name", "-last_index"], name="published_by_name"),
            models.Index(fields=["-releases", "-last_index"], name="published_by_releases"),
        )


class CaseItem(models.Model):
    """An item that was asked for, agreed or given under a case."""

    pk = models.CompositePrimaryKey("item", "case")
    item = models.CharField(max_length=200)
    case = models.BigIntegerField(db_index=True)
    asked = models.BooleanField(default=False)
    agreed = models.BooleanField(default=False)
    times = models.IntegerField(default=0)
    first_index = models.BigIntegerField(null=True)
    first_at = models.CharField(max_length=32, blank=True, default="")
    latest_index = models.BigIntegerField(null=True)
    latest_at = models.CharField(max_length=32, blank=True, default="")


class CaseYear(models.Model):
    """A calendar year in which the log says something of a case."""

    pk = models.CompositePrimaryKey("year", "case")
    year = models.IntegerField()
    case = models.BigIntegerField()


class CaseArea(models.Model):
    """A place whose pupils a case is about, as the log names it; a case about all of England has none.

    Of a single school the authority it lies in is a row too: ``within 202``.
    """

    pk = models.CompositePrimaryKey("area", "case")
    area = models.CharField(max_length=64)
    case = models.BigIntegerField(db_index=True)


class Word(models.Model):
    """A word of a case, in UTF-8: compared byte by byte, which every database does alike, whatever its language."""

    pk = models.CompositePrimaryKey("word", "case")
    word = models.BinaryField(max_length=160)
    case = models.BigIntegerField()


class Release(models.Model):
    """One read that handed data over. `id` is the index of `release.begun`."""

    id = models.BigIntegerField(primary_key=True)
    release = models.CharField(max_length=64, db_index=True)
    case = models.BigIntegerField(db_index=True)
    at = models.CharField(max_length=32)
    kind = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=16)
    pupils = models.CharField(max_length=32, blank=True, default="")
    items = models.IntegerField(default=0)
    settled_index = models.BigIntegerField(null=True)


class Entry(models.Model):
    """An entry of the log, and what it is about."""

    id = models.BigIntegerField(primary_key=True)
    type = models.CharField(max_length=64)
    case = models.BigIntegerField(null=True)
    organisation = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=100, blank=True, default="")
    own = models.BooleanField(default=False)
    """A family, or a school for it, looked at its own child: there will be more of these than of all others."""

    class Meta:
        """Entries are asked for by kind, by case, by organisation and by purpose, newest first."""

        indexes = (
            models.Index(fields=["type", "-id"], name="published_entry_type"),
            models.Index(fields=["case", "-id"], name="published_entry_case"),
            models.Index(fields=["organisation", "-id"], name="published_entry_org"),
            models.Index(fields=["purpose", "-id"], name="published_entry_purpose"),
            models.Index(fields=["-id"], name="published_entry_outside", condition=models.Q(own=False)),
        )


class Tally(models.Model):
    """A number that pages show: how many entries of a type, releases of a month, releases to a kind of recipient."""

    key = models.CharField(max_length=300, primary_key=True)
    count = models.BigIntegerField(default=0)


class Told(models.Model):
    """How far the people who follow a topic have been told. The one table that is not made from the log."""

    topic = models.CharField(max_length=400, primary_key=True)
    index = models.BigIntegerField()
    at = models.DateTimeField()
