"""For the gate: what families were told of, and since when. Fails closed: what was not told is awaited."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cache

from schoolgate import dictionary, people, policy, requests
from schoolgate.notices import differ, words
from schoolgate.notices.gather import last_told, use_of
from schoolgate.notices.models import Covered
from schoolgate.notices.models import Told as Row

ITEM = "item"
"""What of `Told` names a lake item as collected."""

BASELINE = ("baseline", "first notice")
"""Noted with the first notice: from then on a kind of use that no notice told of waits."""

_ENFORCED = (differ.PURPOSE, differ.KIND, differ.COUNTRY, differ.USE)


def told(agreement: requests.Agreement, items: Collection[str], today: date) -> policy.Told:
    """What an agreement and the items of a read need to have been told, for policy.

    Args:
        agreement: the terms.
        items: the lake items that the read names.
        today: the custodian's day.
    """
    if agreement.built_in:  # a family's own access: it asks, so it knows
        return policy.Told()
    kinds = {agreement.organisation_id: people.organisation(agreement.organisation_id).kind}
    facets = differ.facets(use_of(agreement, kinds, today, {}))
    whole = [facet for facet in facets if facet[0] in _ENFORCED]
    agreed = {*agreement.items, *(item for one in agreement.additions for item in one.items)}
    given = {item: (differ.GIVEN, f"{agreement.purpose}|{item}") for item in items if item in agreed}
    new = {item: (ITEM, item) for item in items if _is_new(item)}
    found = _known([BASELINE, *whole, *given.values(), *new.values()])
    if BASELINE not in found or _is_laid_down(agreement.purpose):
        whole, given = [], {}
    awaited = {
        item: _latest([found.get(one[item], _NEVER) for one in (given, new) if item in one]) for item in {*given, *new}
    }
    return policy.Told({_in_words(*facet): found.get(facet, _NEVER) for facet in whole}, awaited)


_NEVER = policy.Notice(dictionary.UNTOLD_NOTICE_DAYS, None)


@cache
def _lake_items() -> frozenset[str]:
    return frozenset(c.item_id for table in dictionary.lake_tables() for c in table.columns if c.kind == "item")


def _is_new(item: str) -> bool:
    """Whether an item came to the lake after the system began."""
    return item in _lake_items() and item not in dictionary.told_from_the_start()


def _is_laid_down(purpose_id: str) -> bool:
    """Whether a law expressly lays the use down, so that it waits for no notice (UK GDPR Article 14(5)(c)).

    It is told of all the same; and a purpose that families were never told of has days of its own in every agreement.
    """
    purpose = dictionary.find_purpose(purpose_id)
    return purpose is not None and purpose.statutory_override


def _latest(notices: Sequence[policy.Notice]) -> policy.Notice:
    """The notice whose days end last; a missing one ends never."""
    return max(
        notices, key=lambda one: date.max.toordinal() if one.published is None else one.published.toordinal() + one.days
    )


def _known(facets: list[tuple[str, str]]) -> Mapping[tuple[str, str], policy.Notice]:
    values = [value for _what, value in facets]
    rows = Row.objects.filter(value__in=values).values_list("what", "value", "days", "notice__told_day")
    return {
        # Days of 0 run from nowhere: what was there at the first notice goes on while it is being told.
        (what, value): policy.Notice(days, told_day if days else told_day or date.min)
        for what, value, days, told_day in rows
    }


def _in_words(what: str, value: str) -> str:
    if what == differ.PURPOSE:
        return f"the purpose “{words.purpose_name(value)}”"
    if what == differ.KIND:
        return f"use by {words.kind_name(value)}"
    if what == differ.USE:
        kind, _, purpose = value.partition("|")
        return f"“{words.purpose_name(purpose)}” by {words.kind_name(kind)}"
    return f"use in {value}"


def told_days(agreement: requests.Agreement) -> Mapping[date, date | None]:
    """Day on which a notice of this agreement was published -> the day its last letter was written, None until it is.

    A day that is not in it stands as it is: that notice was given by itself, in the register alone.
    """
    notices = {agreement.notice_published, *(one.notice_published for one in agreement.additions)} - {None}
    if not notices:
        return {}
    found: dict[date, date | None] = {}
    rows = Covered.objects.filter(agreement_id=agreement.id).values_list("notice__published_day", "notice__told_day")
    for published, told_day in rows:
        found[published] = last_told(found.get(published, published), told_day)
    return found
