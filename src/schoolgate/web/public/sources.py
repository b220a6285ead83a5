"""What the pages ask of the rooms, in one place: entries of the register, names of items and purposes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from schoolgate import dictionary, register
from schoolgate.errors import SchoolgateError
from schoolgate.web.ports import installation
from schoolgate.web.public.words import Entry, Fact, entry, facts

RELEASE = "release.begun"


def open_items() -> dictionary.Dictionary | None:
    """Open the compiled dictionary, or give None while none was loaded; kept until another is installed."""
    directory = installation().dictionary
    try:
        return _opened(directory, directory.stat().st_mtime_ns)
    except (SchoolgateError, FileNotFoundError):
        return None


@lru_cache(maxsize=2)
def _opened(directory: Path, changed: int) -> dictionary.Dictionary:
    """Open once for each state of the directory: installing replaces a file in it, which changes its time."""
    return dictionary.open_dictionary(directory)


def purpose_name(purpose_id: str) -> str:
    """Give a purpose's name in plain words; its id when the taxonomy does not know it."""
    return next((purpose.name for purpose in dictionary.purposes() if purpose.id == purpose_id), purpose_id)


def item_name(item_id: str) -> str:
    """Give an item's name; its id when the dictionary does not know it."""
    items = open_items()
    found = items.get(item_id) if items else None
    return found.name if found else item_id


def item_decided(words: str) -> str:
    """What a decision says of one item ("census_pupil.sex: not given"), with names in place of ids."""
    item, _colon, rest = words.partition(": ")
    coarser = re.fullmatch(r"only (\S+) is given", rest)
    return f"{item_name(item)}: {f'only {item_name(coarser[1])} is given' if coarser else rest}" if rest else words


@cache
def comes_with_each_record() -> frozenset[str]:
    """Ids of what comes with each record, so that nobody asks for it: the made-up reference, the year, the term."""
    return frozenset(c.item_id for t in dictionary.lake_tables() for c in t.columns if c.kind in ("pupil", "frame"))


def in_words(raw: register.Event) -> Entry:
    """Put a register entry into words."""
    return entry(raw.index, raw.body, purpose_name)


def entries(
    *, kind: str | None = None, subject: str | None = None, before: int | None = None, limit: int
) -> list[Entry]:
    """Entries, newest first.

    Args:
        kind: event type; None for all.
        subject: agreement, application or release; None for all.
        before: only entries with a smaller index.
        limit: how many at most.
    """
    return [in_words(raw) for raw in register.events(type=kind, subject=subject, before=before, limit=limit)]


def facts_of(body: Mapping[str, Any]) -> tuple[Fact, ...]:
    """Facts of a log entry, in words."""
    return facts("", body, purpose_name)
