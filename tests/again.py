"""What many tests build alike, built once: afterwards its rows are laid into the database instead.

Taking an application to an agreement takes some three hundred questions to the database, and most tests of the gate,
of notices and of rights begin with it. The rows it leaves are the same each time, as long as the clock stands still
and nothing was there before; only then are they laid down again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection, transaction

from tests import flushing

T = TypeVar("T")


@dataclass(frozen=True)
class _Kept:
    """What came of it, and the rows: table -> columns, rows."""

    value: Any
    rows: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]]


_KEPT: dict[Hashable, _Kept] = {}


def again(key: Hashable, build: Callable[[], T]) -> T:
    """What `build` gives, and the rows that it leaves.

    Args:
        key: everything that the rows depend on: the code that builds, its arguments, the time.
        build: builds it; writes to the database and nowhere else, and changes no row that was there before.
    """
    where = (connection.vendor, key)
    full = set(flushing.with_rows(connection))
    kept = _KEPT.get(where)
    if kept is not None and not full & set(kept.rows):
        _lay(kept)
        return kept.value  # type: ignore[no-any-return]
    before = {} if kept is not None else {table: _rows(table) for table in full}
    value = build()
    if kept is None and all(_rows(table) == rows for table, rows in before.items()):
        new = set(flushing.with_rows(connection)) - full
        _KEPT[where] = _Kept(value, {table: _rows(table) for table in sorted(new)})
    return value


def _rows(table: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        return tuple(column[0] for column in cursor.description), cursor.fetchall()


def _lay(kept: _Kept) -> None:
    name = connection.ops.quote_name
    with transaction.atomic(), connection.cursor() as cursor:
        for table, (columns, rows) in kept.rows.items():
            places = ", ".join(["%s"] * len(columns))
            listed = ", ".join(map(name, columns))
            cursor.executemany(f"INSERT INTO {name(table)} ({listed}) VALUES ({places})", rows)
