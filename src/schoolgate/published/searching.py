"""Looking through the published register. Every question is a few statements over indexes, alike on every database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    "first": ("id",),
}


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
    found = list(rows.order_by(*order_of(query))[start : start + size])
    other = _narrowed(query, imported=not query.imported)
    return Found(
        cases=values(found),
        total=sum(counted.values()),
        by_status={status: counted[status] for status in STATUSES if status in counted},
        other=other.count(),
    )


def order_of(query: Query) -> tuple[str, ...]:
    """The order a query asks for."""
    return _ORDER.get(query.sort, _ORDER["newest"])


def narrowed(query: Query) -> QuerySet[models.Case]:
    """The rows that fit a query, in no order."""
    return _narrowed(query, imported=query.imported or query.status == "imported")


def _narrowed(query: Query, *, imported: bool) -> QuerySet[models.Case]:
    rows = models.Case.objects.filter(imported=imported)
    if query.case:
        rows = rows.filter(Q(agreement=query.case) | Q(application=query.case))
    if query.organisation:
        rows = rows.filter(organisation__in=with_what_it_took_in(query.organisation))
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
    wanted = words_of([query.words])
    if query.words and not wanted:  # signs, or a single letter: no case is found by these
        return rows.none()
    for word in wanted:
        rows = rows.filter(id__in=_with_word(word))
    return rows


def with_what_it_took_in(slug: str) -> list[int]:
    """An organisation, and what became part of it, and of that: their ids."""
    new = list(models.Organisation.objects.filter(slug=slug).values_list("id", flat=True))
    found = list(new)
    while new:
        names = models.OrganisationName.objects.filter(organisation__in=new).values("key")
        joined = models.Organisation.objects.filter(merged_key__in=names).values_list("id", flat=True)
        new = [one for one in joined if one not in found]
        found += new
    return found


def named_so(words: str) -> Q:
    """Entries of organisations whose name, now or once, holds some words, and of what became part of them.

    An organisation may have taken in others before it asked for anything itself: then the log has its name from them.
    """
    key = " ".join(folded(words).split())
    known = models.OrganisationName.objects.filter(key__contains=key)
    rows = models.Organisation.objects.exclude(merged_key="")
    joined = list(rows.filter(Q(merged_key__contains=key) | Q(merged_key__in=_keys_of(known))))
    found = {one.id for one in joined}
    while joined:
        names = models.OrganisationName.objects.filter(organisation__in=[one.id for one in joined]).values("key")
        joined = [one for one in rows.filter(merged_key__in=names) if one.id not in found]
        found |= {one.id for one in joined}
    return Q(organisation__in=known.values("organisation")) | Q(organisation__in=sorted(found))


def _keys_of(names: QuerySet[models.OrganisationName]) -> QuerySet[models.OrganisationName, Any]:
    """Every name of the organisations that have one of these names."""
    return models.OrganisationName.objects.filter(organisation__in=names.values("organisation")).values("key")


def _with_word(prefix: bytes) -> QuerySet[models.Word, Any]:
    """Cases that have a word that begins so: a range of bytes, which is what both databases' indexes are made for."""
    end = just_after(prefix)
    return models.Word.objects.filter(word__gte=prefix, word__lt=end).values("case")


def values(rows: Sequence[models.Case]) -> tuple[Case, ...]:
    """Rows as what the room gives out."""
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
    return values([found])[0] if found else None


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


def organisations(words: str = "", *, most: int = 2_000, start: int = 0) -> tuple[tuple[str, str], ...]:
    """(slug, name) of organisations whose name, now or once, holds the words, by name; from the `start`-th on."""
    rows = models.Organisation.objects.order_by("name", "id")
    asked = folded(words).split()
    if asked:
        names = models.OrganisationName.objects.all()
        for word in asked:
            names = names.filter(key__contains=word)
        rows = rows.filter(id__in=names.values("organisation"))
    return tuple((row.slug, row.name) for row in rows[start : start + most])


def items_of(found: Case) -> tuple[Line, ...]:
    """The items of a case, by id."""
    rows = models.CaseItem.objects.filter(case=found.id).order_by("item")
    return tuple(line_of(row, found) for row in rows)


def line_of(row: models.CaseItem, found: Case) -> Line:
    """An item's row as what the room gives out."""
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


def recipients(item: str, *, most: int = 500, start: int = 0) -> tuple[Line, ...]:
    """Everybody who asked for, may use or was given an item: those who were given it first, the latest first."""
    latest = F("latest_index").desc(nulls_last=True)  # the two databases put nothing first and last
    rows = list(models.CaseItem.objects.filter(item=item).order_by(latest, "-agreed", "case")[start : start + most])
    found = {one.id: one for one in values(list(models.Case.objects.filter(id__in={row.case for row in rows})))}
    return tuple(line_of(row, found[row.case]) for row in rows if row.case in found)


def releases_of(found: Case, *, most: int = 100, before: int | None = None) -> tuple[ReleaseLine, ...]:
    """The reads under a case, the latest first; with `before` those with a smaller log index."""
    rows = models.Release.objects.filter(case=found.id).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return tuple(release_line(row) for row in rows[:most])


def release_line(row: models.Release) -> ReleaseLine:
    """A read's row as what the room gives out."""
    return ReleaseLine(row.id, row.release, row.at, row.kind, row.state, row.pupils, row.items, row.settled_index)


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
