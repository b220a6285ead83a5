"""The home page and the health check."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from schoolgate import register
from schoolgate.web.public import listing, sources
from schoolgate.web.public.pages import public_page

_ENTRIES = 5


@public_page
def home(request: HttpRequest) -> HttpResponse:
    """Say what this is, with numbers counted from the register at this moment."""
    counted = register.totals()
    context = {
        "numbers": {
            "agreements": counted.get("agreement.signed", 0),
            "releases": counted.get(sources.RELEASE, 0),
            "refused": counted.get("query.refused", 0),
        },
        "log_size": register.log_size(),
        "rows": listing.page(listing.Wanted(), None, _ENTRIES).rows,
    }
    return render(request, "schoolgate/public/home.html", context)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the site and its database answer; says nothing else."""
    register.log_size()
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})
