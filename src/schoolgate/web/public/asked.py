"""What an address asks of the register: a search, a page; and a limit on how often machines may ask."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core.cache import cache
from django.http import Http404, HttpRequest

from schoolgate import published

PER_PAGE = 25
LAST_PAGE = 2_000
WINDOW_SECONDS = 600
REQUESTS = 600
"""Of one address in a window: one a second, all the time."""

DOWNLOAD = 20
"""How many requests a whole download counts for: it keeps the site busy for some seconds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search, and the page of it."""

    query: published.Query
    page: int

    def address(self, page: int = 1) -> str:
        """The search with another page, from its question mark on; one search has one address."""
        parts = [self.query.address, f"page={page}" if page > 1 else ""]
        return f"?{'&'.join(part for part in parts if part)}"


def asked(request: HttpRequest) -> Asked:
    """Read a search from an address. A key that is not known is no part of it.

    Raises:
        Http404: a value that is none of its kind.
    """
    query = published.query_of({key: request.GET.get(key, "") for key in request.GET})
    number = request.GET.get("page") or "1"
    if query is None or not (number.isascii() and number.isdigit() and 0 < int(number[:6]) <= LAST_PAGE):
        raise Http404
    return Asked(query, int(number[:6]))


def asks_too_often(request: HttpRequest, counts_for: int = 1) -> bool:
    """Count a request of an address; whether it asked more often than it may. The address is kept as a hash."""
    place = request.META.get("REMOTE_ADDR", "")
    key = "register:" + hashlib.sha256(place.encode()).hexdigest()
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        return int(cache.incr(key, counts_for)) > REQUESTS
    except ValueError:  # it ran out between the two calls
        return False
