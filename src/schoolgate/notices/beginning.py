"""From when an agreement may be used, for the pages about it: the same days as the gate's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from schoolgate import people, requests
from schoolgate.clock import Clock, custodians_day
from schoolgate.notices.awaited import awaited, known, values_of
from schoolgate.notices.gather import first_days, first_use, told_since, use_of
from schoolgate.notices.heard import told_by


@dataclass(frozen=True, slots=True)
class Begins:
    """When families have had every notice of an agreement, and of each addition to it.

    Attributes:
        waits: whether it needs a notice at all, of its own or of what is new about it.
        first_use: the first day of use after it, also when that is past; None while families were not all told.
        additions: the same day of each addition, in the agreement's order.
    """

    waits: bool
    first_use: date | None
    additions: tuple[date | None, ...]


def begins(agreement: requests.Agreement, clock: Clock) -> Begins:
    """From when an agreement and what was added to it may be used."""
    if agreement.built_in:  # a family's own access: it asks, so it knows
        return Begins(waits=False, first_use=None, additions=())
    told = told_by(agreement)
    kinds = {agreement.organisation_id: people.organisation(agreement.organisation_id).kind}
    use = use_of(agreement, kinds, custodians_day(clock), told)
    whole, items = awaited(use, use.all_items, known(values_of(use, use.all_items)))
    own = first_days(whole.values(), first_use(agreement.notice_days, told_since(agreement.notice_published, told)))
    added = (
        first_days(
            (items[item] for item in one.items if item in items),
            first_use(one.notice_days, told_since(one.notice_published, told)),
        )
        for one in agreement.additions
    )
    return Begins(bool(own), _day(own), tuple(map(_day, added)))


def _day(iso: str) -> date | None:
    return date.fromisoformat(iso) if iso not in ("", "waits") else None
