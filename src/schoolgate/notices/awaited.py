"""What of a use families were not told of yet, or whose days are not over: asked by the gate, and said in every text.

Both ask here, so that a notice never says "in use" of what the gate refuses, nor "it waits" of what it lets pass.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cache

from schoolgate import dictionary, policy
from schoolgate.notices import differ, words
from schoolgate.notices.models import Told as Row
from schoolgate.notices.picture import Use

ITEM = "item"
"""What of `Told` names a lake item as collected."""

BASELINE = ("baseline", "first notice")
"""Noted with the first notice: from then on a kind of use that no notice told of waits."""

_ENFORCED = (differ.PURPOSE, differ.KIND, differ.COUNTRY, differ.USE)

Facet = tuple[str, str]
Known = Mapping[Facet, policy.Notice]
"""(what, value) that a notice told of -> that notice, as policy reads it."""

_NEVER = policy.Notice(dictionary.UNTOLD_NOTICE_DAYS, None)


def known(values: Collection[str] | None = None) -> Known:
    """What notices told of: of these values, or everything."""
    rows = Row.objects.all() if values is None else Row.objects.filter(value__in=values)
    return {
        # Days of 0 run from nowhere: what was there at the first notice goes on while it is being told.
        (what, value): policy.Notice(days, told_day if days else told_day or date.min)
        for what, value, days, told_day in rows.values_list("what", "value", "days", "notice__told_day")
    }


def values_of(use: Use, items: Iterable[str]) -> list[str]:
    """The values that `awaited` looks for, of a use and these items of it."""
    named = list(items)
    whole = [value for what, value in differ.facets(use) if what in _ENFORCED]
    return [BASELINE[1], *whole, *(f"{use.purpose}|{item}" for item in named), *named]


def awaited(
    use: Use, items: Iterable[str], found: Known
) -> tuple[Mapping[Facet, policy.Notice], Mapping[str, policy.Notice]]:
    """The notices that a use needs to have had: of it as a whole, and of these items.

    Args:
        use: the use; whether it is in use already does not count.
        items: lake items; for those that it was not given no notice is looked for, but for new ones of the census.
        found: what notices told of.

    Returns:
        Facet -> its notice, and item -> its notice; one that never was has no day. What was told of from the start
        is in neither.
    """
    named, own = list(items), set(use.all_items)
    whole = [facet for facet in differ.facets(use) if facet[0] in _ENFORCED]
    given = {item: (differ.GIVEN, f"{use.purpose}|{item}") for item in named if item in own}
    new = {item: (ITEM, item) for item in named if is_new(item)}
    if BASELINE not in found or words.is_laid_down(use.purpose):
        whole, given = [], {}
    of_items = {
        item: _latest([found.get(one[item], _NEVER) for one in (given, new) if item in one]) for item in {*given, *new}
    }
    return {facet: found.get(facet, _NEVER) for facet in whole}, of_items


@cache
def _lake_items() -> frozenset[str]:
    return frozenset(c.item_id for table in dictionary.lake_tables() for c in table.columns if c.kind == "item")


def is_new(item: str) -> bool:
    """Whether an item came to the lake after the system began."""
    return item not in dictionary.told_from_the_start() and item in _lake_items()


def _latest(notices: Sequence[policy.Notice]) -> policy.Notice:
    """The notice whose days end last; a missing one ends never."""
    return max(
        notices, key=lambda one: date.max.toordinal() if one.published is None else one.published.toordinal() + one.days
    )
