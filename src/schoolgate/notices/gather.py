"""Taking a picture: what the rooms below know at this moment, put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache, lru_cache

from schoolgate import collect, dictionary, people, policy, requests
from schoolgate.clock import Clock, day_of
from schoolgate.ids import CensusPoint, Term
from schoolgate.notices.awaited import BASELINE, Facet, Known, awaited, is_new, known
from schoolgate.notices.differ import facets
from schoolgate.notices.models import Covered
from schoolgate.notices.picture import HELD, LIVE, PAUSED, Fact, Picture, Use

_STANDING = {"active": LIVE, "suspended": PAUSED, "reopened": PAUSED, "ended": HELD}
"""Of an agreement's states, those in which families need to know of it."""


def take_picture(clock: Clock) -> Picture:
    """Everything a notice is made from, now."""
    today = day_of(clock.now())
    kinds = {one.id: one.kind for one in people.organisations()}
    told, found = _told(), known()
    over = frozenset(facet for facet, notice in found.items() if _is_over(first_days([notice]), today))
    uses = (
        _held_to(use_of(one, kinds, today, told.get(one.id, {})), found, over, today)
        for one in requests.agreements()
        if one.state in _STANDING and not one.built_in
    )
    return Picture(today.isoformat(), tuple(sorted(uses, key=lambda use: use.agreement)), facts_on(today))


def first_use(days: int, published: date | None) -> str:
    """The first day of use after a notice, ISO; "waits" when it was not told, "" when none is needed."""
    if days <= 0:
        return ""
    return "waits" if published is None else (published + timedelta(days=days + 1)).isoformat()


def _is_over(first_use: str, today: date) -> bool:
    return first_use == "" or (first_use != "waits" and first_use <= today.isoformat())


def _held_to(use: Use, found: Known, over: frozenset[Facet], today: date) -> Use:
    """The use with what the gate holds back of it until families were told: not "in use" before it can be.

    Args:
        use: by its own terms.
        found: what notices told of.
        over: that of it whose days are over: of twenty thousand uses nearly all have nothing else.
        today: the custodian's day.
    """
    waits_for_none = BASELINE not in found or over.issuperset(facets(use))
    if waits_for_none and not any(map(is_new, use.all_items)):
        return use
    whole, of_items = awaited(use, use.all_items, found)
    waits = {item for item, notice in of_items.items() if not _is_over(first_days([notice]), today)}
    first = first_days(whole.values(), use.first_use)
    return replace(
        use,
        items=tuple(item for item in use.items if item not in waits),
        coming=tuple(sorted({*use.coming, *waits})),
        first_use="" if _is_over(first, today) else first,
    )


def first_days(notices: Iterable[policy.Notice], own: str = "") -> str:
    """The first day on which all of these notices' days are over; a missing notice cannot be waived."""
    days = [first_use(one.days, one.published) if one.published is not None else "waits" for one in notices]
    return max([own, *days])  # "" comes before each day, and each day before "waits"


def _authorities(agreement: requests.Agreement) -> tuple[str, ...]:
    found = [region for region in map(dictionary.find_region, agreement.regions) if region is not None]
    return tuple(sorted({*agreement.authorities, *(number for one in found for number in one.authorities)}))


Days = Mapping[date, date | None]
"""Day on which a notice was published -> the day its last letter was written; None until it is."""


def _told() -> Mapping[str, Days]:
    """Agreement -> its notices' days, for every agreement that a notice of ours told of."""
    found: dict[str, dict[date, date | None]] = {}
    rows = Covered.objects.values_list("agreement_id", "notice__published_day", "notice__told_day")
    for agreement_id, published, told_day in rows:
        own = found.setdefault(agreement_id, {})
        own[published] = last_told(own.get(published, published), told_day)
    return found


def last_told(one: date | None, other: date | None) -> date | None:
    """Of two notices of one day the later telling; None while one of them is being told."""
    return None if one is None or other is None else max(one, other)


def told_since(published: date | None, days: Days) -> date | None:
    """When families were told by the notice that an agreement was given on a day; None while nobody, or not everybody.

    A notice that was written into the register alone told nobody; the next one of ours that told of the agreement did.
    """
    if published is None:
        return None
    told_by = min((day for day in days if day >= published), default=None)
    return None if told_by is None else days[told_by]


def _is_untold(published: date | None, days: Days) -> bool:
    return published is None or all(day < published for day in days)


def use_of(agreement: requests.Agreement, kinds: Mapping[str, str], today: date, told: Days) -> Use:
    """An agreement as families need to know it.

    Args:
        agreement: the terms.
        kinds: organisation id -> its kind.
        today: the custodian's day.
        told: when its notices were told; one that is not in it was told to nobody.
    """
    own = first_use(agreement.notice_days, told_since(agreement.notice_published, told))
    items, coming = set(agreement.items), set[str]()
    for one in agreement.additions:
        waits = not _is_over(first_use(one.notice_days, told_since(one.notice_published, told)), today)
        (coming if waits else items).update(one.items)
    return Use(
        agreement=agreement.id,
        who=agreement.organisation_name,
        kind=kinds[agreement.organisation_id],
        country=_country(agreement.country),
        place=agreement.processed_at,
        purpose=agreement.purpose,
        why=agreement.purpose_plain,
        law=agreement.gateway,
        basis=agreement.lawful_basis,
        items=tuple(sorted(items)),
        coming=tuple(sorted(coming - items)),
        years=tuple(agreement.years),
        terms=tuple(agreement.terms),
        cohort=tuple((part.column, tuple(part.values)) for part in agreement.cohort),
        authorities=_authorities(agreement),
        schools=tuple(agreement.schools),
        until=agreement.valid_until.isoformat(),
        first_use="" if _is_over(own, today) else own,
        standing=HELD if agreement.valid_until < today else _STANDING.get(agreement.state, PAUSED),
        awaits=(agreement.notice_days > 0 and _is_untold(agreement.notice_published, told))
        or any(_is_untold(one.notice_published, told) for one in agreement.additions),
        processors=tuple((one.name, _country(one.country or agreement.country)) for one in agreement.processors),
    )


def _country(name: str) -> str:
    known = dictionary.country(name)
    return known.name if known is not None else " ".join(name.split())[:_LONGEST_COUNTRY]


_LONGEST_COUNTRY = 100
"""Of a country as an applicant wrote it, when it is on no list: what is told of must fit where it is kept."""


@lru_cache(maxsize=8)
def facts_on(today: date) -> tuple[Fact, ...]:
    """What schools are asked, on a day: by each term's next census, or by its latest when the next is not known yet."""
    known = {point for fact in dictionary.asked_facts() for point in fact.asked}
    current = {term: _current(sorted(point for point in known if point.term is term), today) for term in Term}
    found = []
    for fact in dictionary.asked_facts():
        now = [term for term in sorted(Term, key=_in_the_year) if current[term] in fact.asked]
        until = max((point for point in current.values() if point is not None), default=None)
        before = [point for point in fact.asked if until is not None and point <= until]
        if not before:  # first asked by a census that nobody prepares for yet
            continue
        terms = now or sorted({point.term for point in before}, key=_in_the_year)
        last = "" if now else str(before[-1])
        found.append(
            Fact(
                id=fact.id,
                name=fact.name,
                why=fact.why,
                law=fact.law,
                may_decline=fact.may_decline,
                first="" if before[0] in _earliest() else str(before[0]),
                last=last,
                terms=tuple(map(str, terms)),
            )
        )
    return tuple(found)


@cache
def _earliest() -> frozenset[CensusPoint]:
    """The first known census of each term: what it asked may have been asked before."""
    known = {point for fact in dictionary.asked_facts() for point in fact.asked}
    return frozenset(min(point for point in known if point.term is term) for term in Term)


def _current(points: list[CensusPoint], today: date) -> CensusPoint | None:
    coming = [point for point in points if collect.census_day(point.year, point.term) >= today]
    return coming[0] if coming else points[-1] if points else None


def _in_the_year(term: Term) -> int:
    return (Term.AUTUMN, Term.SPRING, Term.SUMMER).index(term)
