"""The register for programs: JSON over HTTP, described by an OpenAPI 3.1 document that a test holds to the answers.

Everything here is public: no key, any origin (CORS), an ETag on each answer, and a limit on how often one address may
ask. Errors are problem documents (RFC 9457).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from schoolgate import post, published, register
from schoolgate.web.public import description, shapes
from schoolgate.web.public.asked import LAST_PAGE, asked, asks_too_often
from schoolgate.web.public.pages import public_page
from schoolgate.web.public.pictures import PICTURES
from schoolgate.web.public.standing import up_to_date

LARGEST_PAGE = 100
_ENTRIES = 100
_RELEASES = 100
_RECIPIENTS = 500
_ORGANISATIONS = 500
_MOST_PAGES = 100_000

SEARCH = tuple(one.name for one in fields(published.Query))
"""What a search can be narrowed and ordered by."""

_NONE_OF_ITS_KIND = "A value in the address is none of its kind."

Answer = tuple[int, Any]


def _problem(status: int, title: str) -> Answer:
    return status, {"type": "about:blank", "title": title, "status": status}


def _api(*known: str) -> Callable[[Callable[..., Answer]], Callable[..., HttpResponse]]:
    """Make a function an address of the API; a parameter that is not `known` is refused.

    Left out in silence, a slip in its name would give everything to somebody who thinks it was narrowed.
    """
    return lambda view: _address(view, frozenset(known))


def _address(view: Callable[..., Answer], known: frozenset[str]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if asks_too_often(request):
            status, body = _problem(429, "Too many requests.")
        elif set(request.GET) - known:
            status, body = _problem(400, "A parameter in the address is not known here.")
        else:
            try:
                status, body = view(request, *args, **kwargs)
            except Http404:
                status, body = _problem(404, "There is no such thing in the register.")
        response = HttpResponse(
            json.dumps(body, ensure_ascii=False) + "\n",
            status=status,
            content_type="application/json" if status == 200 else "application/problem+json",
        )
        if status == 429:
            response.headers["Retry-After"] = "600"
        return response

    page = public_page(answer)

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "OPTIONS":  # a browser asks before it lets another site's page set a header
            response = HttpResponse(status=204)
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
            response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
        else:
            response = page(request, *args, **kwargs)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return opened


def _fresh() -> dict[str, int]:
    now = up_to_date()
    return {"log_entries_read": now.read, "log_entries_behind": now.behind}


def _link(name: str, *args: Any) -> str:
    return f"{post.site_address()}{reverse(name, args=args)}"


def _number(request: HttpRequest, name: str, most: int, otherwise: int) -> int | None:
    text = request.GET.get(name, "")
    if not text:
        return otherwise
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 and int(text) <= most else None


@_api(*SEARCH, "page", "size")
def cases(request: HttpRequest) -> Answer:
    """Requests, agreements and imported shares that fit a search, a page at a time."""
    fresh = _fresh()
    size = _number(request, "size", LARGEST_PAGE, 25)
    try:
        wanted = asked(request)
    except Http404:
        wanted = None
    if wanted is None or not size:
        return _problem(400, _NONE_OF_ITS_KIND)
    found = published.search(wanted.query, page=wanted.page, size=size)
    more = wanted.page * size < found.total and wanted.page < LAST_PAGE
    following = f"{wanted.address(wanted.page + 1)}&size={size}"
    return 200, {
        **fresh,
        "total": found.total,
        "page": wanted.page,
        "size": size,
        "by_status": dict(found.by_status),
        "next": f"{_link('api-cases')}{following}" if more else None,
        "cases": [shapes.told(shapes.CASE, one) for one in found.cases],
    }


@_api()
def case(request: HttpRequest, name: str) -> Answer:
    """One of them, with its items, reads and log entries."""
    fresh = _fresh()
    found = published.case(name)
    if found is None:
        raise Http404
    return 200, {
        **fresh,
        "case": shapes.told(shapes.CASE, found),
        "items": [shapes.told(shapes.ITEM, one) for one in published.items_of(found)],
        **_releases(found, None),
        **_entries(found),
        "page": _link("register-agreement", found.agreement) if found.agreement else _link("register-request", name),
    }


def _releases(found: published.Case, before: int | None) -> dict[str, Any]:
    lines = published.releases_of(found, most=_RELEASES + 1, before=before)
    more, lines = len(lines) > _RELEASES, lines[:_RELEASES]
    following = f"{_link('api-releases', found.name)}?before={lines[-1].index}" if more else None
    return {"releases": [shapes.told(shapes.RELEASE, one) for one in lines], "releases_next": following}


def _entries(found: published.Case) -> dict[str, Any]:
    indexes = published.entries(of=found, limit=_ENTRIES + 1)
    more, indexes = len(indexes) > _ENTRIES, indexes[:_ENTRIES]
    following = urlencode({"case": found.name, "before": indexes[-1]}) if more else ""
    return {
        "entries": [_entry(index) for index in indexes],
        "entries_next": f"{_link('api-entries')}?{following}" if following else None,
    }


@_api("before")
def releases(request: HttpRequest, name: str) -> Answer:
    """Reads under one of them, the latest first."""
    fresh = _fresh()
    found, before = published.case(name), _number(request, "before", 2**53, 2**53)
    if found is None:
        raise Http404
    if before is None:
        return _problem(400, _NONE_OF_ITS_KIND)
    return 200, {**fresh, "total": found.releases, **_releases(found, before)}


@_api("words", "page")
def organisations(request: HttpRequest) -> Answer:
    """Organisations by name."""
    fresh = _fresh()
    words, page = request.GET.get("words", "")[:200], _number(request, "page", _MOST_PAGES, 1)
    if not page:
        return _problem(400, _NONE_OF_ITS_KIND)
    found = published.organisations(words, most=_ORGANISATIONS + 1, start=(page - 1) * _ORGANISATIONS)
    following = urlencode({**({"words": words} if words else {}), "page": page + 1})
    return 200, {
        **fresh,
        "next": f"{_link('api-organisations')}?{following}" if len(found) > _ORGANISATIONS else None,
        "organisations": [{"id": slug, "name": name} for slug, name in found[:_ORGANISATIONS]],
    }


@_api()
def organisation(request: HttpRequest, slug: str) -> Answer:
    """One organisation and how its requests stand."""
    fresh = _fresh()
    home = published.organisation(slug)
    if home is None:
        raise Http404
    found = published.search(published.Query(organisation=slug), size=1)
    return 200, {
        **fresh,
        "organisation": shapes.told(shapes.ORGANISATION, home),
        "total": found.total,
        "by_status": dict(found.by_status),
        "cases": f"{_link('api-cases')}?organisation={slug}",
        "page": _link("register-organisation", slug),
    }


@_api("page")
def recipients(request: HttpRequest, item_id: str) -> Answer:
    """Who asked for an item, may use it or was given it."""
    fresh = _fresh()
    page = _number(request, "page", _MOST_PAGES, 1)
    if not page:
        return _problem(400, _NONE_OF_ITS_KIND)
    lines = published.recipients(item_id, most=_RECIPIENTS + 1, start=(page - 1) * _RECIPIENTS)
    if not lines:
        raise Http404
    more, lines = len(lines) > _RECIPIENTS, lines[:_RECIPIENTS]
    return 200, {
        **fresh,
        "item": item_id,
        "next": f"{_link('api-recipients', item_id)}?page={page + 1}" if more else None,
        "recipients": [
            {
                **shapes.told(shapes.ITEM, line),
                "case": line.case.name,
                "organisation": line.case.organisation_name,
                "organisation_id": line.case.organisation,
                "status": line.case.status,
                "witnessed": not line.case.imported,
            }
            for line in lines
        ],
    }


@_api("types", "case", "before")
def entries(request: HttpRequest) -> Answer:
    """Log entries, newest first: each as it stands in the log, with where its proof is."""
    fresh = _fresh()
    before = _number(request, "before", 2**53, 2**53)
    if before is None:
        return _problem(400, _NONE_OF_ITS_KIND)
    types = tuple(part for part in request.GET.get("types", "")[:500].split(",") if part)
    name = request.GET.get("case", "")
    of = published.case(name) if name else None
    if name and of is None:
        raise Http404
    indexes = published.entries(types=types, of=of, before=before, limit=_ENTRIES + 1)
    more, indexes = len(indexes) > _ENTRIES, indexes[:_ENTRIES]
    kept = {"types": ",".join(types), "case": name, "before": str(indexes[-1]) if more else ""}
    following = urlencode({key: value for key, value in kept.items() if value})
    return 200, {
        **fresh,
        "next": f"{_link('api-entries')}?{following}" if more else None,
        "entries": [{**_entry(index), "body": register.event(index).body} for index in indexes],
    }


def _entry(index: int) -> dict[str, Any]:
    found = register.event(index)
    return {
        "index": index,
        "type": found.type,
        "at": str(found.body.get("at", "")),
        "page": _link("register-entry", index),
        "proof": _link("register-proof", index),
        "says": register.describe(found.body),
    }


@_api()
def numbers(request: HttpRequest) -> Answer:
    """The numbers of the pictures, and how many of each there are."""
    fresh = _fresh()
    return 200, {
        **fresh,
        "counts": dict(published.numbers()),
        "pictures": {
            name: [{"label": label, "number": number} for label, number in one.numbers()]
            for name, one in PICTURES.items()
        },
    }


@_api()
def openapi(request: HttpRequest) -> Answer:
    """What this API offers, as an OpenAPI 3.1 document."""
    return 200, description.document(post.site_address())
