"""Looking through the published register. Every question is a few statements over indexes, alike on every database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from schoolgate.published import models
from schoolgate.published.fold import STATUSES
from schoolgate.published.places import covering
from schoolgate.published.values import Case, Found, Joined, Line, Organisation, Query, ReleaseLine
from schoolgate.published.words import folded, just_after, words_of

MARKS = ("overdue", "emergency", "stopped")
"""What can be looked for like a status and is a mark beside it."""

_ORDER: Mapping[str, tuple[str, ...]] = {
    "newest": ("-last_index",),
    "oldest": ("last_index",),
    "organisation": ("organisation_name", "-last_index"),
    "releases": ("-releases", "-last_index"),
}
_AT_ONCE = 400


def search(query: Query, *, page: int = 1, size: int = 25) -> Found:
    """One page of what fits a query, with counts over all pages.

    Args:
        query: what is looked for.
        page: from 1.
        size: cases a page.
    """
    rows = narrowed(query)
    counted = dict(rows.order_by().values_list("status").annotate(n=Count("id")))
    start = (page - 1) * size
    found = list(rows.order_by(*_ORDER.get(query.sort, _ORDER["newest"]))[start : start + size])
    other = _narrowed(query, imported=not query.imported)
    return Found(
        cases=_values(found),
        total=sum(counted.values()),
        by_status={status: counted[status] for status in STATUSES if status in counted},
        other=other.count(),
    )


def narrowed(query: Query) -> QuerySet[models.Case]:
    """The rows that fit a query, in no order."""
    return _narrowed(query, imported=query.imported or query.status == "imported")


def _narrowed(query: Query, *, imported: bool) -> QuerySet[models.Case]:
    rows = models.Case.objects.filter(imported=imported)
    if query.organisation:
        rows = rows.filter(organisation__in=_with_what_it_took_in(query.organisation))
    if query.purpose:
        rows = rows.filter(purpose=query.purpose)
    if query.kind:
        rows = rows.filter(kind=query.kind)
    if query.status in MARKS:
        rows = rows.filter(**{query.status: True})
    elif query.status:
        rows = rows.filter(status=query.status)
    if query.item:
        rows = rows.filter(id__in=models.CaseItem.objects.filter(item=query.item).values("case"))
    if query.area:
        there = models.CaseArea.objects.filter(area__in=covering(query.area)).values("case")
        rows = rows.filter(Q(id__in=there) | ~Q(id__in=models.CaseArea.objects.values("case")))
    if query.year is not None:
        rows = rows.filter(id__in=models.CaseYear.objects.filter(year=query.year).values("case"))
    for word in words_of([query.words]):
        rows = rows.filter(id__in=_with_word(word))
    return rows


def _with_what_it_took_in(slug: str) -> list[int]:
    """An organisation, and what became part of it, and of that: their ids."""
    new = list(models.Organisation.objects.filter(slug=slug).values_list("id", flat=True))
    found = list(new)
    while new:
        names = models.OrganisationName.objects.filter(organisation__in=new).values("key")
        joined = models.Organisation.objects.filter(merged_key__in=names).values_list("id", flat=True)
        new = [one for one in joined if one not in found]
        found += new
    return found


def _with_word(prefix: bytes) -> QuerySet[models.Word, Any]:
    """Cases that have a word that begins so: a range of bytes, which is what both databases' indexes are made for."""
    end = just_after(prefix)
    return models.Word.objects.filter(word__gte=prefix, word__lt=end).values("case")


def _values(rows: Sequence[models.Case]) -> tuple[Case, ...]:
    slugs = dict(
        models.Organisation.objects.filter(id__in={row.organisation for row in rows}).values_list("id", "slug")
    )
    return tuple(
        Case(
            id=row.id, application=row.application, agreement=row.agreement, imported=row.imported,
            organisation=slugs.get(row.organisation, ""), organisation_name=row.organisation_name, kind=row.kind,
            request_kind=row.request_kind, title=row.title, purpose=row.purpose, plain=row.plain, status=row.status,
            emergency=row.emergency, stopped=row.stopped, overdue=row.overdue, received_at=row.received_at,
            decided_at=row.decided_at, signed_at=row.signed_at, ended_at=row.ended_at, releases=row.releases,
            refused=row.refused, lookups=row.lookups, first_read_at=row.first_read_at, last_read_at=row.last_read_at,
            last_index=row.last_index, last_at=row.last_at, facts=row.facts,
        )
        for row in rows
    )  # fmt: skip


def case(name: str) -> Case | None:
    """A case by its agreement's or application's id."""
    rows = models.Case.objects.filter(agreement=name) or models.Case.objects.filter(application=name)
    found = rows.order_by("id").first() if name else None
    return _values([found])[0] if found else None


def cases_of_entries(indexes: Iterable[int]) -> Mapping[int, Case]:
    """Log index -> the case the entry belongs to, for those that belong to one."""
    pairs = dict(models.Entry.objects.filter(id__in=list(indexes), case__isnull=False).values_list("id", "case"))
    rows = models.Case.objects.filter(id__in=set(pairs.values()))
    by_id = {one.id: one for one in _values(list(rows))}
    return {index: by_id[held] for index, held in pairs.items() if held is not None and held in by_id}


def each_case(query: Query, most: int) -> Iterable[Case]:
    """What fits a query, in its order, some at a time; for downloads."""
    rows = narrowed(query).order_by(*_ORDER.get(query.sort, _ORDER["newest"]))
    for start in range(0, most, _AT_ONCE):
        part = list(rows[start : min(start + _AT_ONCE, most)])
        yield from _values(part)
        if len(part) < _AT_ONCE:
            return


def each_line(query: Query, most: int) -> Iterable[Line]:
    """Every item of what fits a query, in the query's order and by item; for downloads.

    Args:
        query: what is looked for.
        most: cases at most.
    """
    held: list[Case] = []
    for one in each_case(query, most):
        held.append(one)
        if len(held) == _AT_ONCE:
            yield from _lines(held)
            held = []
    yield from _lines(held)


def _lines(cases: Sequence[Case]) -> Iterable[Line]:
    rows: dict[int, list[models.CaseItem]] = {}
    for row in models.CaseItem.objects.filter(case__in=[one.id for one in cases]).order_by("item"):
        rows.setdefault(row.case, []).append(row)
    return (_line(row, one) for one in cases for row in rows.get(one.id, ()))


def organisation(slug: str) -> Organisation | None:
    """An organisation."""
    row = models.Organisation.objects.filter(slug=slug).first()
    if row is None:
        return None
    names = models.OrganisationName.objects.filter(organisation=row.id).order_by("since_index", "key")
    former = tuple((one.name, one.since_index) for one in names if one.name != row.name)
    return Organisation(
        row.slug, row.name, row.kind, former, row.imported_only, _into(row), _took_in([one.key for one in names])
    )


def _into(row: models.Organisation) -> Joined | None:
    if row.merged_index is None:
        return None
    known = models.OrganisationName.objects.filter(key=row.merged_key).first()
    other = models.Organisation.objects.filter(id=known.organisation).first() if known is not None else None
    if other is None:
        return Joined(row.merged_into, "", row.merged_index)
    return Joined(other.name, other.slug, row.merged_index)


def _took_in(keys: Sequence[str]) -> tuple[Joined, ...]:
    rows = models.Organisation.objects.filter(merged_key__in=keys).order_by("merged_index")
    return tuple(Joined(one.name, one.slug, one.merged_index) for one in rows if one.merged_index is not None)


def organisations(words: str = "", *, most: int = 2_000) -> tuple[tuple[str, str], ...]:
    """(slug, name) of organisations whose name holds the words, by name."""
    rows = models.Organisation.objects.order_by("name", "id")
    asked = folded(words).split()
    if asked:
        names = models.OrganisationName.objects.all()
        for word in asked:
            names = names.filter(key__contains=word)
        rows = rows.filter(id__in=names.values("organisation"))
    return tuple((row.slug, row.name) for row in rows[:most])


def items_of(found: Case) -> tuple[Line, ...]:
    """The items of a case, by id."""
    rows = models.CaseItem.objects.filter(case=found.id).order_by("item")
    return tuple(_line(row, found) for row in rows)


def _line(row: models.CaseItem, found: Case) -> Line:
    return Line(
        row.item,
        found,
        row.asked,
        row.agreed,
        row.times,
        row.first_index,
        row.first_at,
        row.latest_index,
        row.latest_at,
    )


def recipients(item: str, *, most: int = 500) -> tuple[Line, ...]:
    """Everybody who asked for, may use or was given an item: those who were given it first, the latest first."""
    latest = F("latest_index").desc(nulls_last=True)  # the two databases put nothing first and last
    rows = list(models.CaseItem.objects.filter(item=item).order_by(latest, "-agreed", "case")[:most])
    found = {one.id: one for one in _values(list(models.Case.objects.filter(id__in={row.case for row in rows})))}
    return tuple(_line(row, found[row.case]) for row in rows if row.case in found)


def releases_of(found: Case, *, most: int = 100) -> tuple[ReleaseLine, ...]:
    """The reads under a case, the latest first."""
    rows = models.Release.objects.filter(case=found.id).order_by("-id")[:most]
    return tuple(
        ReleaseLine(row.id, row.release, row.at, row.kind, row.state, row.pupils, row.items, row.settled_index)
        for row in rows
    )


def entries(
    *,
    types: Sequence[str] = (),
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
        but_not: event types to leave out.
        purpose: a purpose's id.
        who: words of an organisation's name.
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
    if but_not:
        rows = rows.exclude(type__in=but_not)
    if purpose:
        rows = rows.filter(purpose=purpose)
    if who:
        names = models.OrganisationName.objects.filter(key__contains=" ".join(folded(who).split()))
        rows = rows.filter(organisation__in=list(names.values_list("organisation", flat=True)[:_AT_ONCE]))
    if organisation:
        rows = rows.filter(organisation__in=_with_what_it_took_in(organisation))
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

    Each time a family looked at its own child is left out, unless the query asks for it by kind, name or words: nothing
    left for anybody outside, and what did would be buried.

    Args:
        query: what is looked for.
        but_not: event types to leave out.
        after: only larger indexes.
        before: only smaller indexes.
        limit: how many at most.
    """
    rows = models.Entry.objects.filter(id__gt=after).order_by("-id")
    if query.pairs:
        rows = rows.filter(case__in=narrowed(query).values("id"))
    if not (query.kind or query.organisation or query.words):
        rows = rows.filter(own=False)
    if but_not:
        rows = rows.exclude(type__in=but_not)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return tuple(rows.values_list("id", flat=True)[:limit])


def tallies(prefix: str) -> Mapping[str, int]:
    """The numbers whose key begins so, by the rest of the key, in its order."""
    rows = models.Tally.objects.filter(key__startswith=prefix).order_by("key").values_list("key", "count")
    return {key[len(prefix) :]: count for key, count in rows}


def years() -> tuple[int, ...]:
    """The years the register tells of, the latest first."""
    return tuple(models.CaseYear.objects.order_by("-year").values_list("year", flat=True).distinct())


def sums(query: Query) -> Mapping[str, int]:
    """Reads and refused queries of everything that fits a query."""
    found = narrowed(query).order_by().aggregate(releases=Sum("releases"), refused=Sum("refused"))
    return {key: value or 0 for key, value in found.items()}


def numbers() -> Mapping[str, int]:
    """How many requests, agreements, shares and marks there are, and how often data was read.

    ``handed_over`` counts reads by others; ``own_looks`` those of families and schools at their own child.
    """
    cases = models.Case.objects
    return {
        "cases": cases.filter(imported=False).count(),
        "imported": cases.filter(imported=True).count(),
        "overdue": cases.filter(overdue=True).count(),
        "stopped": cases.filter(stopped=True).count(),
        "agreements": sum(tallies("agreements-kind:").values()),
        "handed_over": sum(tallies("releases-month:").values()),
        "own_looks": sum(tallies("own-month:").values()),
    }
