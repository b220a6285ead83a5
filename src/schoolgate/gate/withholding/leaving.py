"""Leaving out of what a family is shown what is held back from it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

Rows = Mapping[str, tuple[Mapping[str, object], ...]]
_OF_EVERY_ROW = frozenset({"pupil", "year", "term", "urn", "la"})
_IDENTITY = "identity"


@dataclass(frozen=True, slots=True, repr=False)
class HeldBack:
    """A record without what is held back. Its repr is hidden: it is about a child.

    Attributes:
        items: what was held back and had a value.
    """

    identity: Mapping[str, str]
    tables: Rows
    sources: Rows
    tokens: Mapping[str, tuple[str, ...]]
    items: frozenset[str] = field(default=frozenset())


def left_out(
    items: frozenset[str],
    identity: Mapping[str, str],
    tables: Rows,
    sources: Rows,
    tokens: Mapping[str, tuple[str, ...]],
) -> HeldBack:
    """Leave items out of a record.

    A row of which nothing but its census is left goes, with what names it and where it came from: that it was there
    would tell of what it held.

    Args:
        items: ``table.column`` or ``identity.name``.
        identity: name -> value.
        tables: lake table -> rows.
        sources: lake table -> where each row came from, in the same order.
        tokens: lake table, and ``identity`` -> what names each row, in the same order.
    """
    if not items:
        return HeldBack(identity, tables, sources, tokens)
    had: set[str] = set()
    kept: dict[str, tuple[Mapping[str, object], ...]] = {}
    origins, named = dict(sources), dict(tokens)
    for table, rows in tables.items():
        out = {item.partition(".")[2] for item in items if item.partition(".")[0] == table}
        if not out:
            kept[table] = rows
            continue
        had |= {f"{table}.{name}" for row in rows for name in out if row.get(name) is not None}
        left: list[Mapping[str, object]] = [
            {name: value for name, value in row.items() if name not in out} for row in rows
        ]
        stays = [len(now) == len(row) or _says(now) for now, row in zip(left, rows, strict=True)]
        kept[table] = _staying(tuple(left), stays)
        if len(origins.get(table, ())) == len(rows):
            origins[table] = _staying(origins[table], stays)
        if len(named.get(table, ())) == len(rows):
            named[table] = _staying(named[table], stays)
    who = {name: value for name, value in identity.items() if f"{_IDENTITY}.{name}" not in items}
    had |= {f"{_IDENTITY}.{name}" for name in identity if name not in who}
    return HeldBack(who, kept, origins, named, frozenset(had))


_T = TypeVar("_T")


def _staying(held: tuple[_T, ...], stays: list[bool]) -> tuple[_T, ...]:
    return tuple(one for one, stay in zip(held, stays, strict=True) if stay)


def _says(row: Mapping[str, object]) -> bool:
    return any(value is not None for name, value in row.items() if name not in _OF_EVERY_ROW)
