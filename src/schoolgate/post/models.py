"""Letters that wait, and who follows what. Addresses and letters are sealed; tokens are kept as hashes."""

from __future__ import annotations

import uuid

from django.db import models


class Letter(models.Model):
    """A letter that waits to be sent; its row goes when it was.

    `sealed` holds address, subject, text and the leave token, bound to `uid`. The same `uid` makes its Message-ID,
    so that a letter sent twice (a crash between sending and saying so) is one letter to the reader's mail program.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    sealed = models.BinaryField()
    written_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    tries = models.PositiveIntegerField(default=0)
    given_up = models.BooleanField(default=False)
    problem = models.CharField(max_length=120, blank=True, default="")


class Subscription(models.Model):
    """Somebody follows a topic, or has been asked whether they want to.

    `who` is a keyed blind index of the address: two askings of one address are one row.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    topic = models.CharField(max_length=400, db_index=True)
    says = models.CharField(max_length=400)
    who = models.CharField(max_length=64)
    sealed = models.BinaryField()
    asked_at = models.DateTimeField()
    token_hash = models.CharField(max_length=64, blank=True, default="", db_index=True)
    token_until = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        """One row for one address and topic."""

        constraints = (models.UniqueConstraint(fields=("topic", "who"), name="post_once_a_topic"),)


class Asking(models.Model):
    """One asking, kept for a day to be counted: nobody's letter box is filled by somebody else."""

    who = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)
