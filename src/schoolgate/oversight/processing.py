"""The record of processing (UK GDPR Article 30(1)): what each activity may do, beside what ran. Pure.

It is made from agreements and from the log, so it cannot be missing, out of date, or prettier than what happened:
in 2020 the regulator found that the national pupil database had none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from schoolgate.dictionary import lake_columns
from schoolgate.oversight.entries import Entry
from schoolgate.oversight.known import Known


@dataclass(frozen=True, slots=True)
class Category:
    """A category of personal data: an item, in words, with how much it gives away.

    Attributes:
        item: its id; empty where a category is no item of the dictionary.
        kept_years: full calendar years after its census for which the custodian's own store keeps it; None where
            another time limit holds.
    """

    item: str
    name: str
    identifiability: int | None = None
    sensitivity: str = ""
    kept_years: int | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """What ran under an activity, by the log.

    Attributes:
        times: how often it ran.
        first, last: the days of the first and the last time; None when it never ran.
        items: what was used.
    """

    times: int = 0
    first: date | None = None
    last: date | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity, in the order of Article 30(1)(a) to (g).

    Attributes:
        id: an agreement's number, or the collection's name.
        controllers: (a) who answers for it: the custodian, and the recipient as a controller of its own use.
        purposes: (b) with the lawful basis, and what carries it.
        people: (c) categories of data subjects.
        categories: (c) categories of personal data.
        recipients: (d) who is given it, with processors.
        transfers: (e) abroad: where to, and what protects it.
        time_limits: (f) until when it is used and kept, and how it is destroyed.
        security: (g) in words.
        never_used: items that are declared and that nothing used so far.
        is_counted: whether the log says what ran of it.
    """

    id: str
    state: str
    controllers: tuple[str, ...]
    purposes: tuple[str, ...]
    people: tuple[str, ...]
    categories: tuple[Category, ...]
    recipients: tuple[str, ...]
    transfers: tuple[str, ...]
    time_limits: tuple[str, ...]
    security: tuple[str, ...]
    ran: Ran = Ran()
    never_used: tuple[str, ...] = ()
    is_counted: bool = True


@dataclass(frozen=True, slots=True)
class Undeclared:
    """Something ran that no agreement declares: it may not be, so a check that finds it fails.

    Attributes:
        release: its number, and the index of its entry.
        why: in plain words.
    """

    release: str
    index: int
    agreement: str
    why: str


@dataclass(slots=True)
class _Seen:
    times: int = 0
    first: date | None = None
    last: date | None = None
    items: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Compared:
    """What the log says ran: by agreement (and the census collection), and whatever no agreement declares.

    Attributes:
        censuses: the years of the censuses that were loaded.
        destroyed: retention rule and year of what was destroyed since.
    """

    ran: Mapping[str, Ran]
    undeclared: tuple[Undeclared, ...]
    censuses: frozenset[int] = frozenset()
    destroyed: frozenset[tuple[str, int]] = frozenset()


COLLECTION = "census collection"

IDENTITY = "identity."
"""What the names of sealed items begin with: read where look-ups were declared, and for the family itself."""

SUBJECT_ACCESS = "subject-access"
"""The purpose of the agreement that is a family's right."""


@cache
def _row_items() -> frozenset[str]:
    return frozenset(item for item, column in lake_columns().items() if column.kind in ("pupil", "frame"))


LookedAt = Callable[[str], frozenset[str]]
"""Agreement -> items that its own cohort and places look at; the log does not say them."""


def _why_not(one: Entry, known: Known, looked_at: LookedAt | None) -> str:
    """Why a read was not declared; empty when it was.

    The items that say which rows there are (a pupil's reference, year and term, and what an agreement's own cohort
    looks at) are read with every query, and are declared by the agreement's years and pupils.
    """
    agreed = known.agreements.get(one.text("agreement"))
    if agreed is None:
        return "No agreement of this number had been signed."
    if agreed.state != "active":
        return f"The agreement was {agreed.state}."
    if not agreed.covers(one.day):
        return f"The agreement is for {agreed.valid_from} to {agreed.valid_until}."
    if one.text("purpose") != agreed.purpose:
        return f"The purpose was {one.text('purpose')}; the agreement's is {agreed.purpose}."
    extra = set(one.texts("items")) - agreed.items - _row_items()
    if agreed.looks_up or agreed.purpose == SUBJECT_ACCESS:
        extra = {item for item in extra if not item.startswith(IDENTITY)}
    if extra and looked_at is not None:
        extra -= looked_at(one.text("agreement"))
    return f"These items are not in the agreement: {', '.join(sorted(extra))}." if extra else ""


def compare(entries: Iterable[Entry], looked_at: LookedAt | None = None) -> Compared:
    """What ran, read by read, against what had been agreed at that moment.

    Args:
        entries: the log's, from the first.
        looked_at: what agreements' own cohorts and places look at; asked of agreements where it makes a difference.
    """
    known, seen, undeclared, censuses = Known(), dict[str, _Seen](), list[Undeclared](), set[int]()
    destroyed: set[tuple[str, int]] = set()
    for one in entries:
        known.take(one)
        if one.type == "store.destroyed" and one.text("rule") and not one.text("pupils_left"):
            destroyed |= {(one.text("rule"), int(year)) for year in one.texts("years") if year.isdecimal()}
        if one.type not in ("release.begun", "term.loaded"):
            continue
        is_read = one.type == "release.begun"
        if not is_read and one.text("year").isdecimal():
            censuses.add(int(one.text("year")))
        of = seen.setdefault(one.text("agreement") if is_read else COLLECTION, _Seen())
        of.times, of.first, of.last = of.times + 1, of.first or one.day, one.day
        of.items |= set(one.texts("items"))
        why = _why_not(one, known, looked_at) if is_read else ""
        if why:
            undeclared.append(Undeclared(one.subject, one.index, one.text("agreement"), why))
    ran = {name: Ran(of.times, of.first, of.last, tuple(sorted(of.items))) for name, of in seen.items()}
    return Compared(ran, tuple(undeclared), frozenset(censuses), frozenset(destroyed))


COLUMNS = (
    "id", "state", "controllers", "purposes", "people", "categories", "recipients", "transfers", "time_limits",
    "security", "times_run", "first_run", "last_run", "never_used",
)  # fmt: skip
"""Of the record as a table."""


def as_row(one: Activity) -> dict[str, object]:
    """An activity as a row of a table."""
    return {
        "id": one.id,
        "state": one.state,
        "controllers": one.controllers,
        "purposes": one.purposes,
        "people": one.people,
        "categories": [f"{part.name} ({part.item})" if part.item else part.name for part in one.categories],
        "recipients": one.recipients,
        "transfers": one.transfers,
        "time_limits": one.time_limits,
        "security": one.security,
        "times_run": one.ran.times if one.is_counted else None,
        "first_run": one.ran.first,
        "last_run": one.ran.last,
        "never_used": one.never_used,
    }
