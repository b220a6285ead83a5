"""The dictionary's pages: search, a collection, and one item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from schoolgate import dictionary, published
from schoolgate.web.public import sources
from schoolgate.web.public.pages import public_page
from schoolgate.web.public.standing import tags_of, up_to_date

RESULTS = 25
_LONGEST_SEARCH = 200
_RECIPIENTS = 50


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody whose agreement has an item, or who was given it.

    Attributes:
        status: of the agreement, in words, with its tag's `colour`.
        times: releases that held the item.
        latest, index: when the last one was, and its log entry; empty when there was none.
    """

    organisation: str
    agreement: str
    purpose: str
    status: str = ""
    colour: str = "grey"
    times: int = 0
    latest: str = ""
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A code set over some censuses, and how it differs from the one before."""

    when: str
    codes: tuple[dictionary.Code, ...]
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


@public_page
def search(request: HttpRequest) -> HttpResponse:
    """Search the dictionary, or look through a collection.

    Query: ``q``, words; ``in``, a collection's name; ``page``, from 1.
    """
    words = " ".join(request.GET.get("q", "").split())[:_LONGEST_SEARCH]
    collection = request.GET.get("in", "")
    number = request.GET.get("page", "1")
    if not (number.isascii() and number.isdigit() and int(number[:6]) > 0):
        raise Http404
    items = sources.open_items()
    found = dictionary.Found(())
    if items and words:
        found = items.find(words)
    elif items and collection:
        found = dictionary.Found(tuple(item for item in items.items if item.collection == collection))
        if not found.items:
            raise Http404
    start = (int(number[:6]) - 1) * RESULTS
    kept = {"q": words} if words else {"in": collection}
    more = start + RESULTS < len(found.items)
    context = {
        "section": "dictionary",
        "words": words,
        "collection": collection,
        "found": found.items[start : start + RESULTS],
        "found_count": len(found.items),
        "understood": found.understood,
        "is_partial": found.is_partial,
        "first": start + 1,
        "last": min(start + RESULTS, len(found.items)),
        "next": f"?{urlencode({**kept, 'page': int(number[:6]) + 1})}" if more else "",
        "previous": f"?{urlencode({**kept, 'page': int(number[:6]) - 1})}" if start else "",
        "tables": _tables(),
        "collections": _collections(items),
        "is_loaded": items is not None,
    }
    return render(request, "schoolgate/public/dictionary.html", context)


@public_page
def item(request: HttpRequest, item_id: str) -> HttpResponse:
    """Say what an item is, why it is collected, how much it gives away, and who has received it."""
    items = sources.open_items()
    found = items.get(item_id) if items else None
    if found is None:
        raise Http404
    columns = dictionary.lake_columns()
    context = {
        "section": "dictionary",
        "item": found,
        "is_held": found.id in columns,
        "kept_as": [
            (id, sources.item_name(id))
            for id, column in columns.items()
            if column.kind == "item" and found.id == f"return.{column.census_module}.{column.census_column}"
        ],
        "terms": [_terms()[term] for term in found.terms],
        "given": {
            "default": _("always, when the collection is"),
            "by request": _("only when it is asked for"),
            "never by a query": _("never: it is sealed apart and only the family sees it"),
        }.get(found.given, ""),
        "identifiability": identifiability_in_words(found),
        "sensitivity": sensitivity_in_words(found),
        "spans": _spans(found),
        "recipients": _recipients(found.id) if found.id in columns else [],
    }
    return render(request, "schoolgate/public/item.html", context)


def _terms() -> Mapping[str, str]:
    return {"AUT": _("autumn"), "SPR": _("spring"), "SUM": _("summer")}


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


def _spans(found: dictionary.Item) -> list[Span]:
    """The code sets, newest first, each with what came and what went."""
    spans: list[Span] = []
    before: set[str] | None = None
    for one in found.code_sets:
        now = {code.code for code in one.codes}
        come = tuple(code.code for code in one.codes if before is not None and code.code not in before)
        spans.append(Span(one.when, one.codes, come, tuple(sorted((before or set()) - now))))
        before = now
    return spans[::-1] or ([Span("", found.codes)] if found.codes else [])


def _recipients(item_id: str) -> list[Recipient]:
    """Everyone who was given this item, the latest first, then everyone who may use it."""
    up_to_date()
    found = []
    for line in published.recipients(item_id, most=_RECIPIENTS):
        if line.times or line.agreed:
            (status, colour), *_marks = tags_of(line.case)
            found.append(
                Recipient(
                    organisation=line.case.organisation_name,
                    agreement=line.case.agreement,
                    purpose=sources.purpose_name(line.case.purpose),
                    status=status,
                    colour=colour,
                    times=line.times,
                    latest=line.latest_at,
                    index=line.latest_index,
                )
            )
    return found


def _tables() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The tables of the record and their items, for someone who wants to read rather than search."""
    return [
        (
            table.title or table.name,
            table.description,
            [(column.item_id, sources.item_name(column.item_id)) for column in table.columns if column.kind == "item"],
        )
        for table in dictionary.lake_tables()
    ]


def _collections(items: dictionary.Dictionary | None) -> list[tuple[str, int, str]]:
    """Every collection with how many items it has, and its address."""
    counted = Counter(item.collection for item in items.items) if items else Counter[str]()
    return [(name, count, f"?{urlencode({'in': name})}") for name, count in sorted(counted.items())]
