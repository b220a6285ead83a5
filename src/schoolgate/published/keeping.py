"""Keeping the published register up to date with the log, and making it again from nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from schoolgate import register
from schoolgate.published.book import Book
from schoolgate.published.fold import take_in
from schoolgate.published.models import (
    Case,
    CaseArea,
    CaseItem,
    CaseYear,
    Entry,
    Organisation,
    OrganisationName,
    Read,
    Release,
    Tally,
    Word,
)
from schoolgate.published.taken import Told

MADE = 3
"""Goes up when `fold`, `book` or `words` make other rows of the same entries: then all is made again by itself."""

PORTION = 2_000
"""Entries worked through in one transaction."""

TABLES = (Organisation, OrganisationName, Case, CaseArea, CaseItem, CaseYear, Word, Release, Entry, Tally)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the published register has read the log.

    Attributes:
        read: entries it has taken in.
        size: entries the log has.
    """

    read: int
    size: int

    @property
    def behind(self) -> int:
        """Entries it has not taken in yet."""
        return max(0, self.size - self.read)


def standing() -> Standing:
    """How far it has read, asked without waiting for anybody."""
    head = Read.objects.filter(name=_name()).first()
    return Standing(head.next if head else 0, register.log_size())


def refresh(most: int | None = None) -> Standing:
    """Take in the log's new entries, in the log's order, each once, however many ask for it at the same time.

    A log that is shorter than what was read is another log (an older backup was restored): all is made again. So it is
    when an earlier release made the tables in another way.

    Args:
        most: entries to take in at most; None for all.
    """
    if Read.objects.exists() and not Read.objects.filter(name=_name()).exists():
        return rebuild()  # an earlier release made the tables: they are seen until these are whole
    taken = 0
    while most is None or taken < most:
        with transaction.atomic():
            head = _held()
            if head.next > register.log_size():
                _clear(head)
            count = _portion(head, PORTION if most is None else min(PORTION, most - taken))
        taken += count
        if not count:
            break
    return standing()


def rebuild() -> Standing:
    """Make every table again from the log alone, in one transaction: until it ends the old ones are seen."""
    with transaction.atomic():
        head = _held()
        _clear(head)
        while _portion(head, PORTION):
            pass
    return standing()


def _name() -> str:
    """Whose making the tables are: of what another release made nothing is added to."""
    return f"log {MADE}"


def _held() -> Read:
    head, made = Read.objects.select_for_update().get_or_create(name=_name(), defaults={"next": 0})
    if made:
        _clear(head)
        Read.objects.exclude(name=_name()).delete()
    return head


def _clear(head: Read) -> None:
    for table in TABLES:
        table.objects.all().delete()
    head.next = 0
    head.save(update_fields=["next"])


def _portion(head: Read, most: int) -> int:
    """Take in the next entries; how many."""
    events = register.events_from(head.next, most)
    if not events:
        return 0
    told = [_told(one) for one in events]
    book = Book(one.body for one in told)
    for one in told:
        take_in(book, one)
    book.write()
    head.next = told[-1].index + 1
    head.save(update_fields=["next"])
    return len(told)


def _told(event: register.Event) -> Told:
    kind, subject, at = (str(event.body.get(key, "")) for key in ("type", "subject", "at"))
    return Told(event.index, kind, subject[:64], at[:32], event.body)
