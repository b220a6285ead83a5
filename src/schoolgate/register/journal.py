"""Appending events in the transaction of what they report, and reading them back."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from schoolgate.errors import SchoolgateError
from schoolgate.register.models import LogEntry, LogHead
from schoolgate.register.tiles import MAX_ENTRY, TileError
from schoolgate.register.vocabulary import canonical, event_body

BACKWARDS = timedelta(minutes=5)
"""How much earlier than the entry before it an entry may be.

A writer takes the time before it waits for its turn, for a minute at most (`config`: the database's timeout), and a
machine whose clock is kept by NTP is set back by seconds. More than that is a clock that cannot be believed.
"""

CLOCK_CORRECTED = "clock.corrected"
"""The one entry that may be earlier: its keeper says in public that the clock before it was wrong."""

_MOMENT = "%Y-%m-%dT%H:%M:%SZ"

_PORTION = 2048
"""Entries asked for in one statement."""


class LogAhead(SchoolgateError):
    """The published log holds more, or other, entries than the database: an old backup was restored."""


class NotPublished(SchoolgateError):
    """The entry is not in a published checkpoint yet."""


class ClockBackwards(SchoolgateError):
    """The clock says it is earlier than when the last entry was written; nothing was written."""


@dataclass(frozen=True, slots=True)
class Event:
    """One register entry: index, type, subject and the whole body."""

    index: int
    type: str
    subject: str
    body: Mapping[str, Any]


def append_event(type: str, subject: str, payload: Mapping[str, Any], at: datetime) -> int:
    """Append an event inside the caller's transaction, so that it and what it reports commit together.

    Returns:
        Its index in the log.

    Raises:
        EventRefused: it does not fit its type.
        TileError: it is longer than an entry can be.
        ClockBackwards: it would be earlier than the entry before it.
        SchoolgateError: there is no transaction.
    """
    if not connection.in_atomic_block:
        raise SchoolgateError("A register event is written inside a transaction.", code="no-transaction")
    body = canonical(event_body(type, subject, payload, at))
    if len(body) > MAX_ENTRY:
        raise TileError("A register entry is longer than 65,535 bytes.", code="entry-too-long")
    head = _held()
    index = head.size
    if type != CLOCK_CORRECTED:
        _check_time(index, at)
    LogEntry.objects.create(index=index, type=type, subject=subject, body=body)
    head.size = index + 1
    head.save(update_fields=["size"])
    return index


def _held() -> LogHead:
    head, _ = LogHead.objects.select_for_update().get_or_create(name="log", defaults={"size": 0})
    return head


def hold_log() -> int:
    """The index the next entry has; nobody else appends until the caller's transaction ends.

    For an entry that counts something: what is counted before the log is held may not see what others, who then
    append first, have just changed.
    """
    return _held().size


def _check_time(index: int, at: datetime) -> None:
    """An entry is not earlier than the one before it: rules about dates are only as good as the clock."""
    last = LogEntry.objects.filter(index=index - 1).values_list("body", flat=True).first()
    told = json.loads(bytes(last)).get("at") if last is not None else None
    if told is not None and at < datetime.strptime(told, _MOMENT).replace(tzinfo=UTC) - BACKWARDS:
        raise ClockBackwards(
            f"The clock says {at.astimezone(UTC).strftime(_MOMENT)}, and the log's last entry is of {told}.",
            hint="Set the clock right. If the entry's time is the wrong one: schoolgate log correct-clock --reason …",
            code="clock-backwards",
        )


def log_size() -> int:
    """How many events have been appended."""
    head = LogHead.objects.filter(name="log").first()
    return head.size if head else 0


def bodies(first: int, size: int) -> Iterator[bytes]:
    """Entries in order, as they stand in the database.

    Asked for in portions rather than through a server's cursor: a cursor left open by an error is closed whenever
    the interpreter finds it, which may be in the middle of another statement on the same connection, for ever.

    Raises:
        LogAhead: one is missing.
    """
    for start in range(first, size, _PORTION):
        rows = LogEntry.objects.filter(index__gte=start, index__lt=min(start + _PORTION, size)).order_by("index")
        found = list(rows.values_list("index", "body"))
        if [index for index, _ in found] != list(range(start, min(start + _PORTION, size))):
            raise LogAhead("An entry is missing from the register's table.", code="log-gap")
        for _, body in found:
            yield bytes(body)


def _event(row: LogEntry) -> Event:
    return Event(row.index, row.type, row.subject, json.loads(bytes(row.body)))


def event(index: int) -> Event:
    """One entry.

    Raises:
        NotPublished: there is no such entry.
    """
    row = LogEntry.objects.filter(index=index).first()
    if row is None:
        raise NotPublished("The register has no such entry.", code="entry-unknown")
    return _event(row)


def events(
    type: str | None = None,
    subject: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> tuple[Event, ...]:
    """Entries, newest first, of one type or about one subject when given, below an index when given."""
    rows = LogEntry.objects.order_by("-index")
    if type is not None:
        rows = rows.filter(type=type)
    if subject is not None:
        rows = rows.filter(subject=subject)
    if before is not None:
        rows = rows.filter(index__lt=before)
    return tuple(_event(row) for row in rows[:limit])


def histories(subjects: Collection[str]) -> dict[str, tuple[Event, ...]]:
    """Every entry about each of some subjects, newest first; nothing for a subject that the log does not name."""
    found: dict[str, tuple[Event, ...]] = {}
    names = sorted(subjects)
    for start in range(0, len(names), _PORTION):
        for row in LogEntry.objects.filter(subject__in=names[start : start + _PORTION]).order_by("-index"):
            found[row.subject] = (*found.get(row.subject, ()), _event(row))
    return found


def events_from(first: int, limit: int) -> tuple[Event, ...]:
    """Entries in the log's order, from an index on."""
    rows = LogEntry.objects.filter(index__gte=first).order_by("index")
    return tuple(_event(row) for row in rows[:limit])


def totals() -> dict[str, int]:
    """How many entries of each type there are."""
    from django.db.models import Count

    return {row["type"]: row["n"] for row in LogEntry.objects.values("type").annotate(n=Count("index"))}
