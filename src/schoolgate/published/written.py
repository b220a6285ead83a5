"""Writing many rows at once, as both databases understand it: INSERT … ON CONFLICT (PostgreSQL 9.5, SQLite 3.24).

Django's `bulk_create` does the same with a model, a field and a compiled expression for every value: most of the time
in which the register is made again. Names come from the models, values are bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import JSONField, Model

from schoolgate.published.models import Tally


def _statement(model: type[Model], columns: Sequence[str], conflict: str) -> str:
    name = connection.ops.quote_name
    listed = ", ".join(name(column) for column in columns)
    places = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {name(model._meta.db_table)} ({listed}) VALUES ({places}) ON CONFLICT {conflict}"


def _run(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def add(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows that are nothing but their key: what is there already stays."""
    _run(_statement(model, columns, "DO NOTHING"), rows)


def put(model: type[Model], rows: Sequence[Model]) -> None:
    """Rows by their key: new ones are added, others become what they are now."""
    fields = list(model._meta.concrete_fields)
    keys = [str(field.column) for field in fields if field.primary_key] or list(_composite(model))
    name = connection.ops.quote_name
    others = [str(field.column) for field in fields if field.column not in keys]
    changes = ", ".join(f"{name(column)} = excluded.{name(column)}" for column in others)
    conflict = f"({', '.join(name(key) for key in keys)}) DO UPDATE SET {changes}"
    values = [
        [
            field.get_db_prep_save(getattr(row, field.attname), connection)
            if isinstance(field, JSONField)
            else getattr(row, field.attname)
            for field in fields
        ]
        for row in rows
    ]
    _run(_statement(model, [str(field.column) for field in fields], conflict), values)


def _composite(model: type[Model]) -> Sequence[str]:
    return [str(field.column) for field in model._meta.pk_fields]


def count(numbers: Sequence[tuple[str, int]]) -> None:
    """Add numbers to what was counted under their keys."""
    name = connection.ops.quote_name
    table, column = name(Tally._meta.db_table), name("count")
    conflict = f"({name('key')}) DO UPDATE SET {column} = {table}.{column} + excluded.{column}"
    _run(_statement(Tally, ("key", "count"), conflict), [(key[:300], number) for key, number in numbers])
