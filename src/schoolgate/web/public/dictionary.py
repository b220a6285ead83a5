"""The dictionary's pages: search, and one item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from schoolgate import dictionary
from schoolgate.web.public import sources

RESULTS = 50
_LONGEST_SEARCH = 200
_WHOLE_LOG = 100_000


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who was given an item, with their releases."""

    organisation: str
    agreement: str
    purpose: str
    latest: str
    index: int
    times: int


def search(request: HttpRequest) -> HttpResponse:
    """Search the dictionary. Query: ``q``, words."""
    words = request.GET.get("q", "").strip()[:_LONGEST_SEARCH]
    items = sources.open_items()
    found = items.search(words) if items and words else []
    context = {
        "section": "dictionary",
        "words": words,
        "found": found[:RESULTS],
        "found_count": len(found),
        "tables": _tables(),
        "is_loaded": items is not None,
    }
    return render(request, "schoolgate/public/dictionary.html", context)


def item(request: HttpRequest, item_id: str) -> HttpResponse:
    """Say what an item is, why it is collected, how much it gives away, and who has received it."""
    items = sources.open_items()
    found = items.get(item_id) if items else None
    if found is None:
        raise Http404
    context = {
        "section": "dictionary",
        "item": found,
        "identifiability": identifiability_in_words(found),
        "sensitivity": sensitivity_in_words(found),
        "recipients": _recipients(item_id),
    }
    return render(request, "schoolgate/public/item.html", context)


def identifiability_in_words(found: dictionary.Item) -> str:
    """How much the item could point to one child: identifiability 1 to 5, as DfE's data tables define it."""
    return {
        1: _("Yes, at once: like a name or an address."),
        2: _("Yes, for people who know the number: like the number a school uses for a pupil."),
        3: _("Not by itself: it is a reference that only means something inside the database."),
        4: _("Not by itself, but it could together with a few other facts."),
        5: _("No, or hardly."),
    }.get(found.identifiability or 0, _("Nobody has graded this item yet."))


def sensitivity_in_words(found: dictionary.Item) -> str:
    """How private the item is: sensitivity A to E, as DfE's data tables define it."""
    return {
        "A": _("So private that the ministry has promised never to let it be used outside."),
        "B": _("Very private: it is about keeping children safe."),
        "C": _("Private: like whether a pupil has free school meals."),
        "D": _("Private, and the law protects it specially: like health or ethnic group."),
        "E": _("Not very private."),
    }.get(found.sensitivity or "", _("Nobody has graded this item yet."))


def _recipients(item_id: str) -> list[Recipient]:
    """Everyone in the register who was given this item, latest first."""
    by_agreement: dict[str, Recipient] = {}
    for entry in sources.entries(kind=sources.RELEASE, limit=_WHOLE_LOG):
        if item_id not in entry.items:
            continue
        known = by_agreement.get(entry.agreement)
        body: Any = entry.body
        by_agreement[entry.agreement] = Recipient(
            organisation=str(body.get("organisation", "")),
            agreement=entry.agreement,
            purpose=sources.purpose_name(str(body.get("purpose", ""))),
            latest=known.latest if known else entry.at,
            index=known.index if known else entry.index,
            times=known.times + 1 if known else 1,
        )
    return list(by_agreement.values())


def _tables() -> list[tuple[str, list[tuple[str, str]]]]:
    """List the tables of the record and their items, for someone who wants to read rather than search."""
    return [
        (
            table.title or table.name,
            [(column.item_id, sources.item_name(column.item_id)) for column in table.columns if column.kind == "item"],
        )
        for table in dictionary.lake_tables()
    ]
