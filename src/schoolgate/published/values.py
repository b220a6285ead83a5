"""What the room gives out: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlencode

SORTS = ("newest", "oldest", "organisation", "releases", "first")
LONGEST_WORDS = 200

SUBJECT_ACCESS = "A-SAR"
"""The agreement that a law makes: families, and schools for them, look at their own child (UK GDPR Article 15).

Its number is the law's alone: others are numbered by year. What is read under it reaches nobody outside, and is counted
apart.
"""


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for among requests, agreements and imported shares; what is empty narrows nothing.

    Attributes:
        words: every one of them must begin a word of the case.
        case: an agreement's, application's or share's id: that one alone.
        organisation: its slug; what became part of it is found as well.
        purpose: a purpose's id.
        item: a dictionary item's id.
        kind: kind of recipient, one of ``people.ORGANISATION_KINDS``.
        status: one of ``STATUSES``; ``overdue``, ``emergency`` and ``stopped`` are found as well.
        area: ``authority 202``, ``region E12000007`` or ``school 100008``: cases about pupils there, or everywhere.
        year: a calendar year in which the log says something of the case.
        imported: whether shares imported from a list are looked for instead of what the log witnessed.
        sort: one of `SORTS`.
    """

    words: str = ""
    case: str = ""
    organisation: str = ""
    purpose: str = ""
    item: str = ""
    kind: str = ""
    status: str = ""
    area: str = ""
    year: int | None = None
    imported: bool = False
    sort: str = "newest"

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The query as an address has it: only what narrows, in a fixed order, so that one search has one address."""
        given: list[tuple[str, str]] = []
        for one in fields(self):
            value = getattr(self, one.name)
            if value != one.default:
                given.append((one.name, "yes" if value is True else str(value)))
        return tuple(given)

    @property
    def asks_for_own(self) -> bool:
        """Whether it asks for each time a family looked at its own child too: by kind, name, case or words."""
        return bool(self.kind or self.organisation or self.words or self.case)

    @property
    def address(self) -> str:
        """The query string, without a question mark; empty when nothing narrows."""
        return urlencode(self.pairs)


@dataclass(frozen=True, slots=True)
class Case:
    """An application with the agreement that came of it, or an imported share, as the log tells of it.

    Attributes:
        id: index of its first log entry.
        application, agreement: their ids; empty when there is none.
        imported: from a list, not witnessed by this log.
        organisation: its slug; empty when none is named.
        status: one of ``STATUSES``.
        emergency, stopped, overdue: decided in an emergency; use stopped to be asked about; destruction overdue.
        facts: terms, decision and destruction, as the log has them.
        releases, refused, lookups: how many reads, refused queries and look-ups.
        first_read_at, last_read_at: when data was read first and last; empty when it was not.
        last_index: its newest entry.
    """

    id: int
    application: str
    agreement: str
    imported: bool
    organisation: str
    organisation_name: str
    kind: str
    request_kind: str
    title: str
    purpose: str
    plain: str
    status: str
    emergency: bool
    stopped: bool
    overdue: bool
    received_at: str
    decided_at: str
    signed_at: str
    ended_at: str
    releases: int
    refused: int
    lookups: int
    first_read_at: str
    last_read_at: str
    last_index: int
    last_at: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_own(self) -> bool:
        """Whether it is the law's: families, and schools for them, look at their own child. No outside recipient."""
        return self.agreement == SUBJECT_ACCESS

    @property
    def name(self) -> str:
        """Its id for people: the agreement's, or the application's."""
        return self.agreement or self.application


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search.

    Attributes:
        cases: of this page.
        total: of all pages.
        by_status: status -> how many, of all pages.
        other: how many of the other sort fit: imported ones when witnessed were looked for, and the other way round.
    """

    cases: tuple[Case, ...]
    total: int
    by_status: Mapping[str, int]
    other: int


@dataclass(frozen=True, slots=True)
class Joined:
    """An organisation that another became part of, or that became part of another.

    Attributes:
        slug: in addresses; empty when the log says nothing else of it.
        index: of the log entry that says so.
    """

    name: str
    slug: str
    index: int


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who asks: the name it has now, the names it had, and how it stands.

    Attributes:
        slug: in addresses.
        former: (name, index of the log entry that says so), the oldest first.
        into: what it became part of; None when it is still there.
        took_in: what became part of it, the oldest first.
    """

    slug: str
    name: str
    kind: str
    former: tuple[tuple[str, int], ...]
    imported_only: bool
    into: Joined | None = None
    took_in: tuple[Joined, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """An item under a case.

    Attributes:
        times: reads that held it.
        latest_index: log entry of the last one; None when there was none.
    """

    item: str
    case: Case
    asked: bool
    agreed: bool
    times: int
    first_index: int | None
    first_at: str
    latest_index: int | None
    latest_at: str


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """One read.

    Attributes:
        index: of its log entry.
        state: ``begun``, ``delivered`` or ``failed``.
        pupils: how many, rounded, as the log says it; empty when it does not say.
        items: how many items.
        settled_index: of the entry that counts its pupils.
    """

    index: int
    release: str
    at: str
    kind: str
    state: str
    pupils: str
    items: int
    settled_index: int | None
