"""The register by request and agreement: search, one case, one organisation, one item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from schoolgate import dictionary, published, register, requests
from schoolgate.errors import SchoolgateError
from schoolgate.web.public import listing, sources
from schoolgate.web.public.asked import PER_PAGE, Asked, asked
from schoolgate.web.public.dictionary import identifiability_in_words, sensitivity_in_words
from schoolgate.web.public.kinds import KINDS, kind_words, request_kind_words
from schoolgate.web.public.pages import public_page
from schoolgate.web.public.standing import MARKS, STATUS, status_words, tags_of, up_to_date
from schoolgate.web.public.words import Entry

_TIMELINE = 100
_RELEASES = 25
_OF_ORGANISATION = 100
_RECIPIENTS = 100
"""What a page shows at most: it must be read on a slow phone, too."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A case in words.

    Attributes:
        tags: (words, colour), the status first.
        purpose: its name.
    """

    case: published.Case
    tags: tuple[tuple[str, str], ...]
    purpose: str
    kind: str

    @property
    def heading(self) -> str:
        """What it is called in a list."""
        return self.case.title or self.purpose or self.case.name


def shown(case: published.Case) -> Shown:
    """Put a case into words."""
    return Shown(case, tags_of(case), sources.purpose_name(case.purpose), kind_words(case.kind))


@public_page
def search(request: HttpRequest) -> HttpResponse:
    """Search requests, agreements and imported shares; every search has an address that can be passed on."""
    fresh = up_to_date()
    wanted = asked(request)
    found = published.search(wanted.query, page=wanted.page, size=PER_PAGE)
    pages = -(-found.total // PER_PAGE)
    if wanted.page > max(pages, 1):
        raise Http404
    context = {
        "section": "register",
        "query": wanted.query,
        "found": found,
        "cases": [shown(one) for one in found.cases],
        "first": (wanted.page - 1) * PER_PAGE + 1,
        "last": min(wanted.page * PER_PAGE, found.total),
        "narrowed_by": _narrowed_by(wanted.query),
        "by_status": [
            (status_words(status)[0], count, _with(wanted.query, status=status))
            for status, count in found.by_status.items()
        ],
        "other": _with(wanted.query, imported="" if wanted.query.imported else "yes", status=""),
        "previous": wanted.address(wanted.page - 1) if wanted.page > 1 else "",
        "next": wanted.address(wanted.page + 1) if wanted.page < pages else "",
        "this": wanted.query.address,
        "behind": fresh.behind,
        **choices(),
    }
    return render(request, "schoolgate/public/search.html", context)


def _with(query: published.Query, **changes: str) -> str:
    pairs = {**dict(query.pairs), **changes}
    other = published.query_of({key: value for key, value in pairs.items() if value})
    return Asked(other or query, 1).address()


def choices() -> Mapping[str, Any]:
    """What a search can be narrowed to, for a form."""
    return {
        "purposes": [(one.id, one.name) for one in dictionary.purposes()],
        "kinds": [(kind, str(words)) for kind, words in KINDS.items() if kind],
        "statuses": [*((one, str(words)) for one, (words, _colour) in STATUS.items() if one != "imported")],
        "marks": [(one, str(words)) for one, (words, _colour) in MARKS.items()],
        "years": published.years(),
        "sorts": [
            ("newest", _("newest first")), ("oldest", _("oldest first")), ("organisation", _("by name")),
            ("releases", _("most often given data")),
        ],
    }  # fmt: skip


def _narrowed_by(query: published.Query) -> list[tuple[str, str]]:
    """What narrows a search, in words; each with the address of the search without it."""
    words: dict[str, str] = {}
    if query.words:
        words["words"] = f"“{query.words}”"
    if query.organisation:
        known = published.organisation(query.organisation)
        words["organisation"] = known.name if known else query.organisation
    if query.purpose:
        words["purpose"] = sources.purpose_name(query.purpose)
    if query.item:
        words["item"] = sources.item_name(query.item)
    if query.kind:
        words["kind"] = kind_words(query.kind)
    if query.status:
        mark = MARKS.get(query.status)
        words["status"] = str(mark[0]) if mark else status_words(query.status)[0]
    if query.area:
        words["area"] = area_words(query.area)
    if query.year is not None:
        words["year"] = str(query.year)
    if query.imported:
        words["imported"] = _("from old lists")
    return [(text, _with(query, **{key: ""})) for key, text in words.items()]


def query_words(query: published.Query) -> str:
    """A search in one line, for a feed's title and for letters."""
    parts = [text for text, _address in _narrowed_by(query)]
    return _("The register of who uses pupil data") + (f": {', '.join(parts)}" if parts else "")


def area_words(area: str) -> str:
    """A place as the log names it, in words."""
    kind, _space, code = area.partition(" ")
    if kind == "authority":
        return dictionary.authority_name(code) or area
    if kind == "region":
        region = dictionary.find_region(code)
        return region.name if region else area
    if kind == "school" and code.isascii() and code.isdigit() and len(code) < 10:
        school = dictionary.establishment(int(code))
        return school.name if school else area
    return area


@public_page
def one(request: HttpRequest, name: str) -> HttpResponse:
    """A request or imported share by its id; one that became an agreement has its page there."""
    up_to_date()
    case = published.case(name)
    if case is None:
        raise Http404
    if case.agreement and name != case.agreement:
        return redirect("register-agreement", case.agreement)
    return _page(request, case)


@public_page
def agreement(request: HttpRequest, agreement_id: str) -> HttpResponse:
    """One agreement and everything that happened under it."""
    up_to_date()
    case = published.case(agreement_id)
    if case is None or case.agreement != agreement_id:
        raise Http404
    return _page(request, case)


def _page(request: HttpRequest, case: published.Case) -> HttpResponse:
    indexes = published.entries(of=case, limit=_TIMELINE + 1)
    timeline = [sources.in_words(register.event(index)) for index in indexes[:_TIMELINE]][::-1]
    terms = _in_force(case)
    facts = sources.facts_of(case.facts)
    until = str(case.facts.get("valid_until", ""))
    items, always = _items(case)
    context = {
        "section": "register",
        "case": case,
        "shown": shown(case),
        "kind": kind_words(case.kind),
        "request_kind": request_kind_words(case.request_kind),
        "until": "" if until >= listing.NO_END else until,
        "is_undecided": case.status in _UNDECIDED,
        "terms": terms,
        "added": listing.added(terms) if terms else [],
        "waits": terms is not None and terms.notice_days > 0,
        "first_use": listing.first_use(terms.notice_days, terms.notice_published) if terms else None,
        "covers": [fact for fact in facts if fact.key in _COVERS],
        "facts": {fact.key: fact for fact in facts},
        "places": [area_words(str(area)) for area in case.facts.get("areas", [])],
        "items": items,
        "always": always,
        "releases": published.releases_of(case, most=_RELEASES),
        "entries": timeline,
        "is_cut": len(indexes) > _TIMELINE,
        "outputs": _of(timeline, "output.", "publication."),
        "corrections": _of(timeline, "correction."),
        "extracts": _of(timeline, "extract."),
        "raw": case.facts,
    }
    return render(request, "schoolgate/public/case.html", context)


_UNDECIDED = ("submitted", "returned", "in_review", "appealed")

_COVERS = (
    "years", "terms", "people_count", "deceased", "transfer_safeguard", "notice_days", "public_benefit",
    "commercial_interest", "funders", "risk", "risk_reasons", "emergency", "review_due",
)  # fmt: skip


def _in_force(case: published.Case) -> requests.Agreement | None:
    """What only the case itself knows: notices given and additions that wait; None where it is not kept here."""
    if not case.agreement:
        return None
    try:
        return requests.get(case.agreement)
    except SchoolgateError:
        return None


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item of a case, in plain words."""

    id: str
    name: str
    what: str
    identifies: str
    private: str
    line: published.Line


def _items(case: published.Case) -> tuple[list[ItemLine], list[ItemLine]]:
    """What was asked for or agreed, by name; and what came with each record, once, whatever tables it came with."""
    items = sources.open_items()
    made: list[ItemLine] = []
    always: dict[str, ItemLine] = {}
    for line in published.items_of(case):
        found = items.get(line.item) if items else None
        shown_line = ItemLine(
            line.item,
            found.name if found else line.item,
            found.description if found else "",
            identifiability_in_words(found) if found else "",
            sensitivity_in_words(found) if found else "",
            line,
        )
        if line.item in sources.comes_with_each_record():
            always.setdefault(line.item.partition(".")[2], shown_line)
        else:
            made.append(shown_line)
    return sorted(made, key=lambda one: one.name), [always[column] for column in sorted(always)]


def _of(entries: Iterable[Entry], *prefixes: str) -> list[Entry]:
    return [one for one in entries if one.type.startswith(prefixes)]


@public_page
def organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """One organisation: what it asked for, what it may use, what it was refused, what it did not destroy in time."""
    fresh = up_to_date()
    home = published.organisation(slug)
    if home is None:
        raise Http404
    own = published.search(published.Query(organisation=slug), size=_OF_ORGANISATION)
    old = published.search(published.Query(organisation=slug, imported=True), size=_OF_ORGANISATION)
    changes = published.entries(types=("organisation.changed", "organisation.merged"), organisation=slug, limit=20)
    late = published.search(published.Query(organisation=slug, status="overdue"), size=_OF_ORGANISATION)
    sums = published.sums(published.Query(organisation=slug))
    context = {
        "section": "register",
        "home": home,
        "kind": kind_words(home.kind),
        "cases": [shown(one) for one in own.cases],
        "total": own.total,
        "left_out": own.total - len(own.cases),
        "imported": [shown(one) for one in old.cases],
        "by_status": [
            (status_words(status)[0], count, f"?organisation={slug}&status={status}")
            for status, count in own.by_status.items()
        ],
        "overdue": [shown(one) for one in late.cases],
        "overdue_count": late.total,
        "is_own": any(one.is_own for one in own.cases),
        "releases": sums["releases"],
        "refused_queries": sums["refused"],
        "follow": published.Query(organisation=slug).address,
        "changes": [sources.in_words(register.event(index)) for index in changes],
        "behind": fresh.behind,
    }
    return render(request, "schoolgate/public/organisation.html", context)


@public_page
def item(request: HttpRequest, item_id: str) -> HttpResponse:
    """Who has ever received an item, who may, and who asked for it."""
    fresh = up_to_date()
    items = sources.open_items()
    known = items.get(item_id) if items else None
    lines = published.recipients(item_id, most=_RECIPIENTS + 1)
    if known is None and not lines:
        raise Http404
    is_cut, lines = len(lines) > _RECIPIENTS, lines[:_RECIPIENTS]
    context = {
        "section": "register",
        "is_cut": is_cut,
        "id": item_id,
        "follow": published.Query(item=item_id).address,
        "known": known,
        "name": known.name if known else item_id,
        "always": item_id in sources.comes_with_each_record(),
        "own": next((line for line in lines if line.times and line.case.is_own), None),
        "given": [(line, shown(line.case)) for line in lines if line.times and not line.case.is_own],
        "may": [(line, shown(line.case)) for line in lines if not line.times and line.agreed and not line.case.is_own],
        "asked": [(line, shown(line.case)) for line in lines if not line.times and not line.agreed],
        "behind": fresh.behind,
    }
    return render(request, "schoolgate/public/recipients.html", context)
