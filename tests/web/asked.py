"""What an answer did besides being an answer: what it wrote, how many statements it took, what its forms would send."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import Resolver404, resolve
from lxml import html

from tests.requests.attachments import png
from tests.web.staff import PASSWORD

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE", "CREATE", "DROP", "ALTER", "COPY")


@dataclass
class Watched:
    """What the database was asked meanwhile, and those of the statements that write."""

    asked: list[str] = field(default_factory=list)
    writing: list[str] = field(default_factory=list)


@contextmanager
def watched() -> Iterator[Watched]:
    """Look over the database's shoulder."""
    seen = Watched()

    def look(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        word = sql.lstrip().split(None, 1)[0].upper()
        if word not in ("SAVEPOINT", "RELEASE", "ROLLBACK"):
            seen.asked.append(sql)
        if word in _WRITES:
            seen.writing.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield seen


Rows = Mapping[str, Counter[tuple[Any, ...]]]


def rows() -> Rows:
    """Every row of every table: table -> rows."""
    found: dict[str, Counter[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = Counter(tuple(map(_plain, row)) for row in cursor.fetchall())
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return hashlib.sha256(bytes(value)).hexdigest()
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)


def changed(before: Rows, after: Rows) -> dict[str, tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]]:
    """Table -> the rows that are gone and those that are new; only tables that differ."""
    return {
        table: (sorted((before[table] - after[table]).elements(), key=repr),
                sorted((after[table] - before[table]).elements(), key=repr))
        for table in before
        if before[table] != after[table]
    }  # fmt: skip


@dataclass(frozen=True)
class Form:
    """A form on a page as somebody would send it who fills every field.

    Attributes:
        name: of the address that it is sent to.
        path: that address.
        data: what is sent, without the token against forgery.
        fields: every name in the form, also of what was left alone.
    """

    name: str
    path: str
    data: Mapping[str, Any]
    fields: frozenset[str]

    def sent(self) -> dict[str, Any]:
        """What is sent, its files from their beginning."""
        for value in self.data.values():
            if isinstance(value, SimpleUploadedFile):
                value.seek(0)
        return dict(self.data)


def forms(page: bytes, path: str) -> list[Form]:
    """The forms of a page that change something: those that are sent by POST to the site itself."""
    found = []
    for form in html.fromstring(page).iter("form"):
        if (form.get("method") or "get").lower() != "post":
            continue
        target = urlsplit(urljoin(path, form.get("action") or "")).path
        try:
            name = str(resolve(target).url_name)
        except Resolver404:
            raise AssertionError(f"{path} has a form that leads nowhere: {target}") from None
        named = [one for one in form.iter("input", "select", "textarea", "button") if one.get("name")]
        data: dict[str, Any] = {}
        for one in named:
            _fill(data, one)
        fields = frozenset(str(one.get("name")) for one in named) - {"csrfmiddlewaretoken"}
        found.append(Form(name, target, data, fields))
    return found


def _fill(data: dict[str, Any], one: html.HtmlElement) -> None:
    name, kind = str(one.get("name")), (one.get("type") or one.tag).lower()
    if name == "csrfmiddlewaretoken":
        return
    value = one.get("value") or ""
    if kind == "select":
        options = [option.get("value", "") for option in one.iter("option")]
        chosen = [option.get("value", "") for option in one.iter("option") if option.get("selected") is not None]
        data[name] = next((value for value in (*chosen, *options) if value), "")
    elif kind == "checkbox":
        data.setdefault(name, []).append(value or "on")
    elif kind == "radio" or kind == "button" or kind == "submit":
        data.setdefault(name, value)
    elif kind == "file":
        data[name] = SimpleUploadedFile("figure.png", png(), "image/png")
    elif kind == "textarea":
        data[name] = (one.text or "").strip() or "Words of a test, and nothing about anybody."
    else:
        usual = {"email": "somebody-new@example.org", "password": PASSWORD, "date": "2026-12-01", "number": "1"}
        data[name] = value or usual.get(kind, "1" if one.get("inputmode") == "numeric" else "Words of a test")


Changes = Mapping[str, tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]]
"""Table -> rows that are gone, rows that are new."""


@dataclass(frozen=True)
class Outcome:
    """What sending a form came to."""

    status: int
    where: str
    written: Changes


def told_apart(one: Outcome, again: Outcome, other: Outcome) -> list[str]:
    """Where an outcome differs from one, in more than what differs when the same is done again (a new key)."""
    if one.status != other.status or (one.where == again.where != other.where):
        return [f"{one.status} {one.where} became {other.status} {other.where}"]
    if {table: _sizes(rows) for table, rows in one.written.items()} != {
        table: _sizes(rows) for table, rows in other.written.items()
    }:
        return [f"wrote {sorted(other.written)} where without it was {sorted(one.written)}"]
    found = []
    for table, sides in one.written.items():
        for side, rows in enumerate(sides):
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    steady = table in again.written and value == _at(again.written[table][side], at, column)
                    if steady and value != other.written[table][side][at][column]:
                        found.append(f"{table}: column {column} became {other.written[table][side][at][column]!r}")
    return found


def _sizes(sides: tuple[list[Any], list[Any]]) -> tuple[int, int]:
    return len(sides[0]), len(sides[1])


def _at(rows: list[tuple[Any, ...]], at: int, column: int) -> Any:
    return rows[at][column] if at < len(rows) else None
