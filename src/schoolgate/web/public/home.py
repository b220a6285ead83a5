"""The home page and the health check."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from schoolgate import register
from schoolgate.web.public import sources

_ENTRIES = 5
_COUNT_AT_MOST = 100_000


def home(request: HttpRequest) -> HttpResponse:
    """Say what this is, with numbers counted from the register at this moment."""

    def count(kind: str) -> int:
        return len(list(register.events(type=kind, limit=_COUNT_AT_MOST)))

    context = {
        "numbers": {
            "agreements": count("agreement.signed"),
            "releases": count(sources.RELEASE),
            "refused": count("query.refused"),
        },
        "log_size": register.log_size(),
        "entries": sources.entries(limit=_ENTRIES),
    }
    return render(request, "schoolgate/public/home.html", context)


def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the site and its database answer; says nothing else."""
    register.log_size()
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})
