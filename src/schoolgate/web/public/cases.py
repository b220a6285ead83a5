"""The register by request and agreement: search, one case, one organisation, one item."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from schoolgate import notices, published, register, requests
from schoolgate.errors import SchoolgateError
from schoolgate.web.ports import clock
from schoolgate.web.public import listing, sources
from schoolgate.web.public.asked import PER_PAGE, Asked, asked
from schoolgate.web.public.dictionary import identifiability_in_words, sensitivity_in_words
from schoolgate.web.public.kinds import kind_words, request_kind_words
from schoolgate.web.public.narrowing import area_words, choices, narrowed_by, picked, with_changes
from schoolgate.web.public.pages import public_page
from schoolgate.web.public.standing import MARKS, NO_END, status_words, tags_of, up_to_date
from schoolgate.web.public.words import Entry

_TIMELINE = 100
_RELEASES = 25
_OF_KIND = 50
_ALIKE = 500
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
    names = picked(request, wanted.query)
    if names is not None and not names.open:
        return redirect(f"{request.path}{Asked(names.query, 1).address()}")
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
        "which": names.open if names is not None else (),
        "narrowed_by": narrowed_by(wanted.query),
        # beside a mark the numbers are of what has the mark, and a search holds a status or a mark
        "by_status": [
            (status_words(status)[0], count, with_changes(wanted.query, status=status))
            for status, count in found.by_status.items()
            if wanted.query.status not in MARKS
        ],
        "other": with_changes(wanted.query, imported="" if wanted.query.imported else "yes", status=""),
        "previous": wanted.address(wanted.page - 1) if wanted.page > 1 else "",
        "next": wanted.address(wanted.page + 1) if wanted.page < pages else "",
        "this": wanted.query.address,
        "behind": fresh.behind,
        **choices(),
    }
    return render(request, "schoolgate/public/search.html", context)


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
    if case is None:
        raise Http404
    if case.agreement != agreement_id:  # an organisation signs before there is an agreement: by its application's name
        return redirect(
            *(("register-agreement", case.agreement) if case.agreement else ("register-request", case.name))
        )
    return _page(request, case)


def _page(request: HttpRequest, case: published.Case) -> HttpResponse:
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 16):
        raise Http404
    indexes = published.entries(of=case, limit=_TIMELINE + 1, before=int(before) if before else None)
    timeline = [sources.in_words(register.event(index)) for index in indexes[:_TIMELINE]][::-1]
    terms = _in_force(case)
    # An agreement's own days alone would say a day that is too early: they run from the last letter, and what is new
    # about it waits beside them.
    begins = notices.begins(terms, clock()) if terms else None
    facts = sources.facts_of(case.facts)
    until = str(case.facts.get("valid_until", ""))
    items, always = _items(case)
    context = {
        "section": "register",
        "case": case,
        "shown": shown(case),
        "kind": kind_words(case.kind),
        "request_kind": request_kind_words(case.request_kind),
        "until": "" if until >= NO_END else until,
        "is_undecided": case.status in _UNDECIDED,
        "terms": terms,
        "added": listing.added(terms, begins) if terms and begins else [],
        "waits": begins is not None and begins.waits,
        "first_use": begins.first_use if begins else None,
        "covers": [fact for fact in facts if fact.key in _COVERS],
        "facts": {fact.key: fact for fact in facts},
        "places": [area_words(str(area)) for area in case.facts.get("areas", [])],
        "items": items,
        "always": always,
        "alike": _alike(case),
        "releases": published.releases_of(case, most=_RELEASES),
        "entries": timeline,
        "older": timeline[0].index if len(indexes) > _TIMELINE else None,
        "before": before,
        "outputs": _of(case, "output.", "publication."),
        "corrections": _of(case, "correction.", "erasure."),
        "extracts": _of(case, "extract."),
        "raw": case.facts,
        "this": published.Query(case=case.name, imported=case.imported).address,
    }
    return render(request, "schoolgate/public/case.html", context)


_OVER = ("ended", "destroyed")
_UNDECIDED = ("submitted", "returned", "in_review", "appealed")

_COVERS = (
    "years", "terms", "cohort", "people_count", "deceased", "transfer_safeguard", "notice_days", "public_benefit",
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


def _alike(case: published.Case) -> list[Shown]:
    """Lines of lists that speak of a share of the same name: a list that is published again may say another status."""
    if not case.imported or not case.title or not case.organisation:
        return []
    found = published.search(published.Query(organisation=case.organisation, imported=True), size=_ALIKE).cases
    return [shown(one) for one in found if one.id != case.id and one.title.casefold() == case.title.casefold()]


def _of(case: published.Case, *begins: str) -> list[Entry]:
    """What came of a case, wherever in its history it stands: a busy one has more entries than its page shows."""
    indexes = published.entries(of=case, begins=begins, limit=_OF_KIND)
    return [sources.in_words(register.event(index)) for index in reversed(indexes)]


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
        "imported_left_out": old.total - len(old.cases),
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
    unused = [line for line in lines if not line.times and line.agreed and not line.case.is_own]
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
        "may": [(line, shown(line.case)) for line in unused if line.case.status not in _OVER],
        "might": [(line, shown(line.case)) for line in unused if line.case.status in _OVER],
        "imported": published.numbers()["imported"],
        "asked": [(line, shown(line.case)) for line in lines if not line.times and not line.agreed],
        "behind": fresh.behind,
    }
    return render(request, "schoolgate/public/recipients.html", context)
