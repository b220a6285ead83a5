"""What changed since an overseer last looked, grouped by kind; how far one looked is kept as a size of the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from schoolgate import register
from schoolgate.clock import Clock
from schoolgate.errors import Refusal, Refused
from schoolgate.oversight.entries import Entry, from_database
from schoolgate.oversight.models import Look

AT_ONCE = 5_000
"""Entries grouped at once; whoever was away for longer goes on from there."""

SHOWN = 25
"""Entries of a kind that are listed; the others are counted, and the register has them all."""

URGENT = "Look here first"

KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        URGENT: ("use.", "destruction.overdue", "destruction.denied", "delay.", "emergency.", "agreement.suspended",
                 "agreement.reopened", "extract.unsigned", "extract.reported", "clock.", "key.", "witnesses."),
        "Applications and decisions": ("application.", "members.", "minutes.", "conflict."),
        "Agreements": ("agreement.", "proposal.", "organisation."),
        "Extracts and look-ups": ("extract.", "lookup."),
        "Reads": ("release.",),
        "Queries the gate refused": ("query.",),
        "Notices to families": ("notice.",),
        "Families' choices": ("objection.", "restriction.", "consent."),
        "Destruction and corrections": ("destruction.", "correction.", "erasure."),
        "Findings, actions, questions, statements": ("finding.", "action.", "question.", "statement."),
        "What was collected": ("term.", "dictionary.", "collection."),
    }
)  # fmt: skip
"""Heading -> what the types under it begin with; the first that fits."""

REST = "Everything else"


@dataclass(slots=True)
class Group:
    """Entries of one kind.

    Attributes:
        count: how many there are.
        entries: the newest of them, newest first.
    """

    heading: str
    count: int = 0
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed.

    Attributes:
        since: the log's size when the person last looked.
        until: up to which size these entries reach.
        size: the log's size now.
        looked_at: when the person last looked; None when never.
    """

    since: int
    until: int
    size: int
    looked_at: datetime | None
    groups: tuple[Group, ...]


def heading_of(kind: str, body: Mapping[str, Any] = MappingProxyType({})) -> str:
    """The heading an entry stands under; what was approved because it could not wait is looked at first."""
    if kind == "application.decided" and body.get("emergency"):
        return URGENT
    return next((name for name, starts in KINDS.items() if kind.startswith(starts)), REST)


def changes(person_id: str) -> Changes:
    """What was appended since a person last looked."""
    look = Look.objects.filter(person_id=person_id).first()
    since, size = look.size if look else 0, register.log_size()
    until = min(size, since + AT_ONCE)
    groups: dict[str, Group] = {name: Group(name) for name in (*KINDS, REST)}
    for one in from_database(until, since):
        group = groups[heading_of(one.type, one.body)]
        group.count += 1
        group.entries.insert(0, one)
        del group.entries[SHOWN:]
    return Changes(since, until, size, look.at if look else None, tuple(g for g in groups.values() if g.count))


def note_seen(person_id: str, size: int, clock: Clock) -> int | Refused:
    """Note that a person has seen the log up to a size; never backwards."""
    look = Look.objects.filter(person_id=person_id).first()
    if not (look.size if look else 0) <= size <= register.log_size():
        what = "The log has fewer entries, or you have seen more already."
        return Refused((Refusal("not-a-size", what, where="size"),))
    Look.objects.update_or_create(person_id=person_id, defaults={"size": size, "at": clock.now()})
    return size
