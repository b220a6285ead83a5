"""Who wants a digest. The address is `post`'s, sealed; here is only how often, and how much was there the last time."""

from __future__ import annotations

from django.db import models


class Digest(models.Model):
    """One account's wish to be told, for one child."""

    account_id = models.BigIntegerField()
    link_id = models.BigIntegerField(unique=True, help_text="public number of the account's link to the child")
    every = models.CharField(max_length=8)
    topic = models.CharField(max_length=64, unique=True, help_text="random: what `post` knows it by")
    seen = models.IntegerField(help_text="times that were in the list when the last letter could have been written")
    next_at = models.DateTimeField(db_index=True)
