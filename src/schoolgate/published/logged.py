"""The log's entries, as pages and feeds list them: by kind, purpose, name, case; and those about what fits a search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.db.models import Q

from schoolgate.published import models
from schoolgate.published.searching import named_so, narrowed, values, with_what_it_took_in
from schoolgate.published.values import Case, Query


def cases_of_entries(indexes: Iterable[int]) -> Mapping[int, Case]:
    """Log index -> the case the entry belongs to, for those that belong to one."""
    pairs = dict(models.Entry.objects.filter(id__in=list(indexes), case__isnull=False).values_list("id", "case"))
    rows = models.Case.objects.filter(id__in=set(pairs.values()))
    by_id = {one.id: one for one in values(list(rows))}
    return {index: by_id[held] for index, held in pairs.items() if held is not None and held in by_id}


def entries(
    *,
    types: Sequence[str] = (),
    begins: Sequence[str] = (),
    but_not: Sequence[str] = (),
    purpose: str = "",
    who: str = "",
    organisation: str = "",
    own_looks: bool | None = None,
    of: Case | None = None,
    before: int | None = None,
    after: int | None = None,
    limit: int = 25,
    oldest_first: bool = False,
) -> tuple[int, ...]:
    """Indexes of log entries, newest first.

    Args:
        types: event types; all when empty.
        begins: how types begin, such as ``extract.``; any when empty.
        but_not: event types to leave out.
        purpose: a purpose's id.
        who: words of an organisation's name; what became part of it as well.
        organisation: an organisation's slug; what became part of it as well.
        own_looks: only each time families and schools looked at their own child, or all but those; None for all.
        of: a case.
        before: only smaller indexes.
        after: only larger indexes.
        limit: how many at most.
        oldest_first: the other way round.
    """
    rows = models.Entry.objects.order_by("id" if oldest_first else "-id")
    if types:
        rows = rows.filter(type__in=types)
    if begins:
        kinds = Q()
        for one in begins:
            kinds |= Q(type__startswith=one)
        rows = rows.filter(kinds)
    if but_not:
        rows = rows.exclude(type__in=but_not)
    if purpose:
        rows = rows.filter(purpose=purpose)
    if who:
        rows = rows.filter(named_so(who))
    if organisation:
        rows = rows.filter(organisation__in=with_what_it_took_in(organisation))
    if own_looks is not None:
        rows = rows.filter(own=own_looks)
    if of is not None:
        rows = rows.filter(case=of.id)
    if before is not None:
        rows = rows.filter(id__lt=before)
    if after is not None:
        rows = rows.filter(id__gt=after)
    return tuple(rows.values_list("id", flat=True)[:limit])


def entries_of(
    query: Query, *, but_not: Sequence[str] = (), after: int = -1, before: int | None = None, limit: int = 25
) -> tuple[int, ...]:
    """Indexes of log entries about the cases that fit a query, newest first; of every entry when nothing narrows.

    Each time a family looked at its own child is left out, unless the query asks for it by kind, name, case or words:
    nothing left for anybody outside, and what did would be buried.

    Args:
        query: what is looked for.
        but_not: event types to leave out.
        after: only larger indexes.
        before: only smaller indexes.
        limit: how many at most.
    """
    rows = models.Entry.objects.filter(id__gt=after).order_by("-id")
    if replace(query, sort=Query().sort).pairs:  # an order narrows nothing
        rows = rows.filter(case__in=narrowed(query).values("id"))
    if not query.asks_for_own:
        rows = rows.filter(own=False)
    if but_not:
        rows = rows.exclude(type__in=but_not)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return tuple(rows.values_list("id", flat=True)[:limit])
