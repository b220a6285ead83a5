"""For the gate: what families were told of, and since when. Fails closed: what was not told is awaited."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from schoolgate import people, policy, requests
from schoolgate.notices import differ, words
from schoolgate.notices.awaited import awaited, known, values_of
from schoolgate.notices.gather import Days, last_told, told_since, use_of
from schoolgate.notices.models import Covered


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
    use = use_of(agreement, kinds, today, {})
    whole, given = awaited(use, items, known(values_of(use, items)))
    return policy.Told({_in_words(*facet): notice for facet, notice in whole.items()}, given)


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

    A notice that stands in the register alone, of which nobody was written to, was told to nobody: its days do not run.
    """
    days = {agreement.notice_published, *(one.notice_published for one in agreement.additions)}
    if days == {None}:
        return {}
    found = told_by(agreement)
    return {day: told_since(day, found) for day in days if day is not None}


def told_by(agreement: requests.Agreement) -> Days:
    """The notices that told of an agreement: the day each was published, and the day its last letter was written."""
    found: dict[date, date | None] = {}
    rows = Covered.objects.filter(agreement_id=agreement.id).values_list("notice__published_day", "notice__told_day")
    for published, told_day in rows:
        found[published] = last_told(found.get(published, published), told_day)
    return found
