"""Where the work starts: what waits for whom, one's own cases, the meetings."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from schoolgate import people, requests
from schoolgate.web.acting import only_for
from schoolgate.web.ports import clock


@require_safe
@only_for("custodian", "panel")
def home(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """The custodian's queue, or a member's cases."""
    today = timezone.localdate(clock().now())
    context = {
        "waiting": requests.queue(today) if person.role == "custodian" else (),
        "witnessing": requests.to_witness(person.id),
        "live": requests.cases_for(person, live=True),
        "over": requests.cases_for(person, live=False, most=50),
        "meetings": requests.meetings(person)[:20],
        "acting": person,
    }
    return render(request, "schoolgate/custodian/home.html", context)
