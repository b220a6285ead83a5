"""The database's shape: made this release's by one process at a time, and left alone when a newer one made it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from schoolgate.config import Config
from schoolgate.errors import SchoolgateError

_LOCK = 0x5C4001
"""PostgreSQL's advisory lock for this: any number, the same in every release."""


class OtherRelease(SchoolgateError):
    """The database was brought up to date by a newer release."""


def bring_up_to_date() -> None:
    """Make the database's shape this release's, when it is older.

    Raises:
        OtherRelease: it is newer. Its rows may mean what this release does not know of.
    """
    executor = MigrationExecutor(connection)
    _not_newer(executor)
    if not _due(executor):
        return
    with _only_one(settings.CONFIG):
        if _due(MigrationExecutor(connection)):  # else another process has done it while this one waited
            call_command("migrate", verbosity=0, interactive=False)


def _due(executor: MigrationExecutor) -> bool:
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _not_newer(executor: MigrationExecutor) -> None:
    ours = {app.label for app in apps.get_app_configs() if app.name.startswith("schoolgate.")}
    unknown = sorted(
        f"{label} {name}"
        for label, name in executor.loader.applied_migrations
        if label in ours and (label, name) not in executor.loader.disk_migrations
    )
    if unknown:
        raise OtherRelease(
            f"The database is of a newer release of schoolgate: it has {unknown[0]}, which this one does not know.",
            hint="Run the newer release, or restore the backup that was made before it was installed.",
            code="newer-release",
        )


@contextmanager
def _only_one(config: Config) -> Iterator[None]:
    """Of several processes that start at once one changes the shape; the others wait and find it changed."""
    if not config.on_postgresql:
        with open(config.home / "shape.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    with connection.cursor() as cursor:
        # A change of shape takes as long as it takes, and so does waiting for another's; a lock on a table does not.
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        cursor.execute("RESET lock_timeout")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
            cursor.execute("RESET statement_timeout")
