"""Error pages: they say what a person can do, and nothing about the request or the machine."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from schoolgate.errors import SchoolgateError

_WAITING = frozenset(
    (
        "changed-meanwhile", "clock-backwards", "gate-busy", "gate-gone", "gate-stopping", "gate-unreachable",
        "log-not-written", "log-witness",
    )
)  # fmt: skip
"""What passes: nothing was shown and nothing is lost, and the same request will do later."""


def _page(request: HttpRequest, name: str, status: int) -> HttpResponse:
    return render(request, f"schoolgate/errors/{name}.html", status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _page(request, "400", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _page(request, "403", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404. Says the same for what does not exist and for what is not yours."""
    return _page(request, "404", 404)


def failed(request: HttpRequest) -> HttpResponse:
    """500. Rendered without the session or the database, which may be what failed."""
    return _page(request, "500", 500)


class TryLater:
    """503 for what passes: the gate is away, or what was asked cannot be recorded just now, so nothing is shown.

    Rendered without the session or the database (RFC 9110, section 15.6.4).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for an exception that a view let through, or None for Django's own."""
        if not isinstance(exception, SchoolgateError) or exception.code not in _WAITING:
            return None
        page = _page(request, "503", 503)
        page.headers["Retry-After"] = "120"
        return page


MOST_BYTES = 11 << 20
"""Of what a browser sends at once. A family's file has at most 10 MB; its form says so when one has a little more."""


class NotTooLarge:
    """413 for what is larger than anything the site takes (RFC 9110, section 15.5.14).

    A form is read, and its files are written down, before anybody looks at who sends it: whoever has no account could
    fill the machine's disk. So the length that was announced is looked at first; without one no body is read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or say that it is too much."""
        announced = str(request.META.get("CONTENT_LENGTH") or "0")
        if announced.isdigit() and int(announced[:20]) > MOST_BYTES:
            return _page(request, "413", 413)
        return self._get_response(request)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token; the reason stays out of the page."""
    return _page(request, "csrf", 403)
