"""A search taken away: as CSV, as JSON, as an Atom feed."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast
from urllib.parse import urlencode
from xml.sax.saxutils import escape as escape_text
from xml.sax.saxutils import quoteattr

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse

from schoolgate import post, published, register
from schoolgate.cells import harmless
from schoolgate.web.public import sources
from schoolgate.web.public.asked import DOWNLOAD, asked, asks_too_often
from schoolgate.web.public.narrowing import query_words
from schoolgate.web.public.pages import public_page
from schoolgate.web.public.shapes import CASE, ITEM_OF_CASE, RELEASE_OF_CASE, Column, told
from schoolgate.web.public.standing import up_to_date

_PORTION = 65_536
"""Characters sent at once."""

_CSV = "text/csv; charset=utf-8; header=present"

FEED_ENTRIES = 50
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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


EACH: Mapping[str, tuple[tuple[Column, ...], Callable[[published.Query], Iterable[Any]], str]] = {
    "": (CASE, published.each_case, "register.csv"),
    "item": (ITEM_OF_CASE, published.each_line, "register-items.csv"),
    "release": (RELEASE_OF_CASE, published.each_release, "register-releases.csv"),
}
"""What a line of a table is -> its columns, where its lines come from, and the name of the file."""


def _streamed(
    request: HttpRequest, parts: Iterator[str], fresh: published.Standing, form: str, columns: tuple[Column, ...]
) -> HttpResponse:
    """Everything that fits, sent while it is read: however much it is, nothing is cut and nothing is held in memory.

    What it will be is known by how much of the log was taken in, so that the same is not sent twice.
    """
    address = sorted((key, value) for key, values in request.GET.lists() for value in values)
    known = repr((form, address, fresh.read, [column.name for column in columns]))
    answer = StreamingHttpResponse((part.encode() for part in parts), content_type=form)
    answer.headers["ETag"] = f'W/"{hashlib.sha256(known.encode()).hexdigest()[:32]}"'
    return _opened(cast(HttpResponse, answer))  # a view's decorators ask for its headers alone


@public_page
def table(request: HttpRequest) -> HttpResponse:
    """All that fits a search as CSV (RFC 4180): CRLF, a line of headings, and no formula.

    A line for each request or agreement; with ``?each=item`` a line for each of their items: who was given what, since
    when; with ``?each=release`` a line for each time data was handed over.
    """
    if asks_too_often(request, DOWNLOAD):
        return too_often()
    fresh = up_to_date()
    wanted, each = asked(request), request.GET.get("each", "")
    if each not in EACH:
        raise Http404
    columns, rows, name = EACH[each]
    answer = _streamed(request, _lines(columns, rows(wanted.query)), fresh, _CSV, columns)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _lines(columns: tuple[Column, ...], values: Iterable[Any]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    for value in values:
        writer.writerow([harmless(part) for part in told(columns, value).values()])
        if text.tell() > _PORTION:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


@public_page
def document(request: HttpRequest) -> HttpResponse:
    """All that fits a search as one JSON document."""
    if asks_too_often(request, DOWNLOAD):
        return too_often()
    fresh = up_to_date()
    wanted = asked(request)
    answer = _streamed(request, _parts(wanted.query, fresh), fresh, "application/json", CASE)
    answer.headers["Content-Disposition"] = 'attachment; filename="register.json"'
    return answer


def _parts(query: published.Query, fresh: published.Standing) -> Iterator[str]:
    head = {"search": dict(query.pairs), "log_entries_read": fresh.read, "log_entries_behind": fresh.behind}
    yield json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}") + ',\n "cases": ['
    between = "\n"
    for case in published.each_case(query):
        yield between + json.dumps(told(CASE, case), ensure_ascii=False)
        between = ",\n"
    yield "\n ]\n}\n"


@public_page
def feed(request: HttpRequest) -> HttpResponse:
    """The newest entries about what fits a search, as an Atom feed (RFC 4287); older ones a page away (RFC 5005, 3)."""
    if asks_too_often(request):
        return too_often()
    up_to_date()
    query = asked(request).query
    site = post.site_address()
    address, own = query.address, _feed_address(query)
    page = f"{site}{reverse('register-search')}{'?' + address if address else ''}"
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 16):
        raise Http404
    indexes = published.entries_of(query, limit=FEED_ENTRIES + 1, before=int(before) if before else None)
    is_more, indexes = len(indexes) > FEED_ENTRIES, indexes[:FEED_ENTRIES]
    links = [("self", _feed_address(query, before)), ("first", own)]
    if is_more:
        links.append(("next", _feed_address(query, str(indexes[-1]))))
    events = [register.event(index) for index in indexes]
    updated = str(events[0].body.get("at", "")) if events else "1970-01-01T00:00:00Z"
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB">',
        f"<id>{_text(own)}</id>",
        f"<title>{_text(query_words(query))}</title>",
        f"<updated>{_text(updated)}</updated>",
        "<author><name>schoolgate</name></author>",
        *(f'<link rel="{rel}" type="application/atom+xml" href={_attribute(there)}/>' for rel, there in links),
        f'<link rel="alternate" type="text/html" href={_attribute(page)}/>',
        *(_entry(one, site) for one in events),
        "</feed>\n",
    ]
    return _opened(HttpResponse("\n".join(lines).encode(), content_type="application/atom+xml; charset=utf-8"))


def _feed_address(query: published.Query, before: str = "") -> str:
    address = urlencode([*query.pairs, *([("before", before)] if before else [])])
    return f"{post.site_address()}{reverse('register-feed')}{'?' + address if address else ''}"


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
