"""Where figures come from: the log's entries, read from its published files or from the database, oldest first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from schoolgate import register
from schoolgate.oversight.periods import day_of

_BUNDLE = 256
"""Entries in a bundle (C2SP tlog-tiles)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its place, the custodian's day, its type, and the whole body."""

    index: int
    day: date
    type: str
    body: Mapping[str, Any]

    def text(self, key: str) -> str:
        """A value as text; empty when there is none."""
        value = self.body.get(key)
        return value if isinstance(value, str) else "" if value is None else str(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list's parts as texts; nothing when it is no list."""
        value = self.body.get(key)
        return tuple(str(part) for part in value) if isinstance(value, list | tuple) else ()

    @property
    def subject(self) -> str:
        """What it is about."""
        return self.text("subject")


def entry(index: int, body: object) -> Entry | None:
    """An entry as figures read it; None when it is not one of the house's (no type, or no time)."""
    if not isinstance(body, dict):
        return None
    day = day_of(str(body.get("at", "")))
    return None if day is None else Entry(index, day, str(body.get("type", "")), body)


def from_bodies(bodies: Iterable[object]) -> Iterator[Entry]:
    """Entries from bodies in the log's order."""
    for index, body in enumerate(bodies):
        found = entry(index, body)
        if found is not None:
            yield found


def _parsed(data: bytes) -> object:
    try:
        return json.loads(data)
    except ValueError:  # another log's entries; `verify` says whether the log is whole
        return None


def from_published(
    source: str, checkpoint: register.Checkpoint, size: int | None = None, patience: float = 60.0
) -> Iterator[Entry]:
    """Entries of a published log, checked against a checkpoint that was verified; no database is asked.

    Args:
        source: a directory or an http(s) address.
        checkpoint: as `register.verify_log` gave it.
        size: how many entries, from the first; all when None.
        patience: seconds to wait for one file of an address.

    Raises:
        LogBroken: there are fewer, or the entries are not those that the checkpoint vouches for.
    """
    wanted = checkpoint.size if size is None else size
    if wanted > checkpoint.size:
        raise register.LogBroken(f"The log has {checkpoint.size} entries; {wanted} were asked for.", code="log-short")
    found = register.open_source(source, patience)
    leaves: list[bytes] = []
    for number in range((checkpoint.size + _BUNDLE - 1) // _BUNDLE):
        width = min(_BUNDLE, checkpoint.size - number * _BUNDLE)
        _, data = register.read_tile_of(found, register.Tile(None, number, width))
        for at, raw in enumerate(register.decode_entries(data)[:width]):
            index = number * _BUNDLE + at
            leaves.append(register.leaf_hash(raw))
            made = entry(index, _parsed(raw)) if index < wanted else None
            if made is not None:
                yield made
    if register.root_hash(leaves) != checkpoint.root:
        raise register.LogBroken("The log's entries are not those its checkpoint vouches for.", code="log-root")


def from_database(size: int | None = None, first: int = 0) -> Iterator[Entry]:
    """Entries as the register's own table holds them.

    Args:
        size: up to which size of the log; all there is when None.
        first: the first entry's index.

    Raises:
        LogAhead: an entry is missing from the table.
    """
    wanted = register.log_size() if size is None else size
    for index, raw in enumerate(register.bodies(first, wanted), start=first):
        made = entry(index, _parsed(raw))
        if made is not None:
            yield made
