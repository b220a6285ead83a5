"""What many tests build alike, built once: afterwards its rows, and its files, are laid down instead.

Taking an application to an agreement takes some three hundred questions to the database, and most tests of the gate,
of notices and of rights begin with it. The rows it leaves are the same each time, as long as the clock stands still
and nothing was there before; only then are they laid down again.

A term's load is a third of a second for five tables, and a thousand tests begin with one. Its files are copied, and the
lake then lies elsewhere than where it was made, as a restored one does (`records/moved.py`).
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from django.db import connection, transaction

from schoolgate.config import Config
from tests import flushing

T = TypeVar("T")


@dataclass(frozen=True)
class _Files:
    """A home's files, and what the lake's catalogue has on a database server: table -> rows."""

    place: Path
    catalogue: dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class _Kept:
    """What came of it, the rows (table -> columns, rows), and the files when it wrote any."""

    value: Any
    rows: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]]
    files: _Files | None = None


_KEPT: dict[Hashable, _Kept] = {}


def again(key: Hashable, build: Callable[[], T], home: Config | None = None) -> T:
    """What `build` gives, and the rows that it leaves.

    Args:
        key: everything that the rows depend on: the code that builds, its arguments, the time.
        build: builds it; writes to the database, and into the home, and nowhere else, and changes no row that was
            there before.
        home: where it writes files; in a home in which there is something already, it is built.
    """
    if home is not None and (home.public is not None or any(home.home.iterdir())):
        return build()
    where = (connection.vendor, key)
    full = set(flushing.with_rows(connection))
    kept = _KEPT.get(where)
    if kept is not None and not full & set(kept.rows):
        _lay(kept)
        if home is not None and kept.files is not None:
            _lay_files(kept.files, home)
        return kept.value  # type: ignore[no-any-return]
    before = {} if kept is not None else {table: _rows(table) for table in full}
    value = build()
    if kept is None and all(_rows(table) == rows for table, rows in before.items()):
        new = set(flushing.with_rows(connection)) - full
        files = None if home is None else _files(home)
        _KEPT[where] = _Kept(value, {table: _rows(table) for table in sorted(new)}, files)
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


def _files(home: Config) -> _Files:
    """A copy of a home, which goes with the process; locks are not its content."""
    place = Path(_HOMES.name) / f"{len(list(Path(_HOMES.name).iterdir()))}"
    shutil.copytree(home.home, place, ignore=shutil.ignore_patterns("*.lock"))
    return _Files(place, _catalogue(home))


_HOMES = tempfile.TemporaryDirectory(prefix="schoolgate-test-homes-")


def _lay_files(files: _Files, home: Config) -> None:
    shutil.copytree(files.place, home.home, dirs_exist_ok=True)
    if not home.on_postgresql:
        return  # the catalogue is one of the files
    with _server(home).begin() as server:
        for table, rows in files.catalogue.items():
            server.execute(sqlalchemy.text(f"DELETE FROM {table} WHERE catalog_name = :name"), {"name": _name_in(home)})
            for row in rows:
                columns = ", ".join(row)
                values = ", ".join(f":{column}" for column in row)
                server.execute(sqlalchemy.text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)


def _catalogue(home: Config) -> dict[str, list[dict[str, Any]]]:
    """The lake's catalogue, as pyiceberg keeps it beside those of other lakes."""
    if not home.on_postgresql:
        return {}
    with _server(home).connect() as server:
        return {
            table: [
                dict(row)
                for row in server.execute(
                    sqlalchemy.text(f"SELECT * FROM {table} WHERE catalog_name = :name"), {"name": _name_in(home)}
                ).mappings()
            ]
            for table in ("iceberg_namespace_properties", "iceberg_tables")
        }


def _server(home: Config) -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(home.sqlalchemy_url(), poolclass=sqlalchemy.NullPool)


def _name_in(home: Config) -> str:
    """See `records.iceberg.catalogue`."""
    made_at = (home.lake / "made-at").read_text(encoding="utf-8").strip()
    return f"schoolgate-{hashlib.sha256(made_at.encode()).hexdigest()[:12]}"
