"""A search taken away: as CSV, as JSON, as an Atom feed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape as escape_text
from xml.sax.saxutils import quoteattr

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from schoolgate import post, published, register
from schoolgate.web.public import sources
from schoolgate.web.public.asked import asked, asks_too_often
from schoolgate.web.public.cases import query_words
from schoolgate.web.public.pages import public_page
from schoolgate.web.public.shapes import CASE, ITEM_OF_CASE, told
from schoolgate.web.public.standing import up_to_date

MOST_ROWS = 25_000
MOST_BY_ITEM = 2_000
"""Requests and agreements of a table with a line for each item: some ten megabytes."""

FEED_ENTRIES = 50
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def too_often() -> HttpResponse:
    """The answer to a machine that asks too often (RFC 6585, section 4)."""
    return HttpResponse(
        "Too many requests. Please wait some minutes.\n",
        status=429,
        content_type="text/plain; charset=utf-8",
        headers={"Retry-After": "600"},
    )


def _opened(response: HttpResponse) -> HttpResponse:
    """Let pages of other sites read it: it is public, and carries no cookie."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@public_page
def table(request: HttpRequest) -> HttpResponse:
    """What fits a search as CSV (RFC 4180): CRLF, a line of headings, and no formula.

    A line for each request or agreement; with ``?each=item`` a line for each of their items: who was given what, since
    when.
    """
    if asks_too_often(request):
        return too_often()
    up_to_date()
    wanted, each = asked(request), request.GET.get("each", "")
    if each not in ("", "item"):
        raise Http404
    if each and (total := published.search(wanted.query, size=1).total) > MOST_BY_ITEM:
        return HttpResponse(
            f"{total:,} requests and agreements fit: more than a table of items holds ({MOST_BY_ITEM:,}). Please narrow"
            " the search, for example by year or by kind of recipient.\n",
            status=400,
            content_type="text/plain; charset=utf-8",
        )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    columns = ITEM_OF_CASE if each else CASE
    writer.writerow([column.name for column in columns])
    found: Iterable[Any] = (published.each_line if each else published.each_case)(wanted.query, MOST_ROWS)
    for value in found:
        writer.writerow([cell(part) for part in told(columns, value).values()])
    return _opened(
        HttpResponse(
            text.getvalue().encode(),
            content_type="text/csv; charset=utf-8; header=present",
            headers={"Content-Disposition": f'attachment; filename="{"register-items" if each else "register"}.csv"'},
        )
    )


def cell(value: Any) -> str:
    """A value as a cell: what a spreadsheet would work out has a quote before it (OWASP, "CSV Injection")."""
    text = "; ".join(value) if isinstance(value, list) else str(value)
    if isinstance(value, bool):
        text = "yes" if value else "no"
    return f"'{text}" if text.startswith(_FORMULA) else text


@public_page
def document(request: HttpRequest) -> HttpResponse:
    """What fits a search as one JSON document."""
    if asks_too_often(request):
        return too_often()
    fresh = up_to_date()
    wanted = asked(request)
    cases = [told(CASE, case) for case in published.each_case(wanted.query, MOST_ROWS)]
    body = {"search": dict(wanted.query.pairs), "log_entries_read": fresh.read, "cases": cases}
    return _opened(
        HttpResponse(
            json.dumps(body, ensure_ascii=False, indent=1) + "\n",
            content_type="application/json",
            headers={"Content-Disposition": 'attachment; filename="register.json"'},
        )
    )


@public_page
def feed(request: HttpRequest) -> HttpResponse:
    """The newest entries about what fits a search, as an Atom feed (RFC 4287)."""
    if asks_too_often(request):
        return too_often()
    up_to_date()
    query = asked(request).query
    site = post.site_address()
    address = query.address
    own = f"{site}{reverse('register-feed')}{'?' + address if address else ''}"
    page = f"{site}{reverse('register-search')}{'?' + address if address else ''}"
    indexes = published.entries_of(query, limit=FEED_ENTRIES)
    events = [register.event(index) for index in indexes]
    updated = str(events[0].body.get("at", "")) if events else "1970-01-01T00:00:00Z"
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB">',
        f"<id>{_text(own)}</id>",
        f"<title>{_text(query_words(query))}</title>",
        f"<updated>{_text(updated)}</updated>",
        "<author><name>schoolgate</name></author>",
        f'<link rel="self" type="application/atom+xml" href={_attribute(own)}/>',
        f'<link rel="alternate" type="text/html" href={_attribute(page)}/>',
        *(_entry(one, site) for one in events),
        "</feed>\n",
    ]
    return _opened(HttpResponse("\n".join(lines).encode(), content_type="application/atom+xml; charset=utf-8"))


def _entry(event: register.Event, site: str) -> str:
    shown = sources.in_words(event)
    link = f"{site}{reverse('register-entry', args=[event.index])}"
    at = str(event.body.get("at", ""))
    return "\n".join(
        [
            "<entry>",
            f"<id>{_text(link)}</id>",
            f"<title>{_text(shown.title)}</title>",
            f"<updated>{_text(at)}</updated>",
            f"<published>{_text(at)}</published>",
            f'<link rel="alternate" type="text/html" href={_attribute(link)}/>',
            f"<summary>{_text(f'{shown.summary} {register.describe(event.body)}'.strip())}</summary>",
            "</entry>",
        ]
    )


def _allowed(text: str) -> str:
    """Text without the characters that XML 1.0 cannot hold (section 2.2)."""
    return _NO_XML.sub("", text)


def _text(text: str) -> str:
    return escape_text(_allowed(text))


def _attribute(text: str) -> str:
    return quoteattr(_allowed(text))
