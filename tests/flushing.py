"""Emptying the database after a test that committed: what has rows is emptied, and nothing else is touched.

Django empties every table of every model, and then enters content types and permissions anew. With a hundred tables
PostgreSQL makes and removes several hundred files for that, at every test; the few tables that a test wrote in are a
tenth of it. Content types and permissions are the same in every test, and stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

_STAY = frozenset(("django_content_type", "auth_permission", "django_migrations"))


@cache
def _tables(alias: str) -> tuple[str, ...]:
    """The tables that a test may have written in."""
    found = connections[alias].introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(sorted(set(found) - _STAY))


def with_rows(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables that have rows and should have none after a test."""
    asked = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})"
        for table in _tables(connection.alias)
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [str(name) for (name,) in cursor.fetchall()]


def empty(connection: BaseDatabaseWrapper) -> None:
    """Empty every table; in whatever order, since at the end no row is left that another could be missing."""
    full = with_rows(connection)
    if not full:
        return
    with (
        connection.constraint_checks_disabled(),
        transaction.atomic(using=connection.alias),
        connection.cursor() as cursor,
    ):
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger looks at each row
        for table in full:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


def _teardown(case: TransactionTestCase) -> None:
    for alias in case._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        empty(connections[alias])


@contextmanager
def quick() -> Iterator[None]:
    """While this lasts, databases are emptied so."""
    with patch.object(TransactionTestCase, "_fixture_teardown", _teardown):
        yield
