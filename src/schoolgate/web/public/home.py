"""The home page and the health check."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from schoolgate import published, register
from schoolgate.web.public import listing
from schoolgate.web.public.pages import public_page
from schoolgate.web.public.standing import up_to_date

_ENTRIES = 5


@public_page
def home(request: HttpRequest) -> HttpResponse:
    """Say what this is, with numbers counted from the register at this moment."""
    fresh = up_to_date()
    counted, numbers = published.tallies("type:"), published.numbers()
    context = {
        "numbers": {
            "agreements": numbers["agreements"],
            "releases": numbers["handed_over"],
            "own": numbers["own_looks"],
            "refused": counted.get("query.refused", 0),
        },
        "log_size": fresh.size,
        "rows": listing.page(listing.Wanted(), None, _ENTRIES).rows,
    }
    return render(request, "schoolgate/public/home.html", context)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the site and its database answer; says nothing else."""
    register.log_size()
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})
