"""What the database calls committed is on disk, or it is not used: "no receipt, no data" rests on it.

A server with ``synchronous_commit = off`` answers before the commit is on disk, and one with ``fsync = off`` never
waits for the disk: after a power cut the last releases would be missing from ledger and register although their
results have left. Both are asked for with every new connection, because a role's or a database's own setting can
change the one, and a server that was started anew the other.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from schoolgate.errors import SchoolgateError


class NotDurable(SchoolgateError):
    """The database answers before what it committed is on disk."""


def refuse_unless_durable(sender: object, connection: BaseDatabaseWrapper, **more: Any) -> None:
    """Called by Django for each new connection.

    Raises:
        NotDurable: PostgreSQL does not wait for its disk.
    """
    if connection.vendor != "postgresql":
        return  # the embedded database is told so by `config`, with every connection
    with connection.cursor() as cursor:
        # By its whole name: a search path cannot put another function in its place.
        cursor.execute("SELECT pg_catalog.current_setting('fsync'), pg_catalog.current_setting('synchronous_commit')")
        fsync, synchronous = cursor.fetchone()
    # `local`, `remote_write` and `remote_apply` wait for this server's disk, too (PostgreSQL 15, 20.5.1).
    if fsync == "on" and synchronous != "off":
        return
    connection.close()
    name = "fsync" if fsync != "on" else "synchronous_commit"
    raise NotDurable(
        f"The database server runs with {name} = off: it would forget releases whose results have left.",
        hint=f"Set {name} = on for the server, the database and the role of this installation.",
        code="not-durable",
    )
