"""Error pages: they say what a person can do, and nothing about the request or the machine."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


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


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token; the reason stays out of the page."""
    return _page(request, "csrf", 403)
