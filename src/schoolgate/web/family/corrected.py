"""What was changed in a child's record, who was told of it, and what each says it did."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from schoolgate import rights
from schoolgate.errors import SchoolgateError
from schoolgate.web.family.doing import not_shown
from schoolgate.web.family.who import own_child
from schoolgate.web.ports import clock, installation
from schoolgate.web.public.sources import open_items


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, link_id: int) -> HttpResponse:
    """Every change with its recipients; by POST with the values, which is a read of the record like any other."""
    link = own_child(request, link_id)
    record = None
    if request.method == "POST":
        try:
            record = rights.my_record(link, config=installation(), clock=clock())
        except SchoolgateError as no:
            return not_shown(request, link_id, no)
    changes = rights.changed(link, record, items=open_items(), config=installation())
    # Who is not in the family's list, because the law has it told later or it would say where, is not named here.
    lines = rights.lines_for(link) if changes else ()
    told = {
        one.id: [(line, fix) for line in lines for fix in line.corrections if fix.correction == one.id]
        for one in changes
    }
    context = {
        "section": "family",
        "link": link,
        "shown": record is not None,
        "changes": [(one, told[one.id]) for one in changes],
    }
    return render(request, "schoolgate/family/corrected.html", context)
