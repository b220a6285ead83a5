"""How families are served, for the overseer: copies, acts on behalf, letters, restrictions, facts held back. Counts."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from schoolgate import people
from schoolgate.errors import Refused
from schoolgate.web.acting import at_desk, only_for


@require_safe
@only_for("overseer")
def families(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """The figures, with what is late and what soon will be."""
    found = at_desk("families-standing", person)
    if isinstance(found, Refused):
        raise Http404
    return render(request, "schoolgate/oversight/families.html", {"standing": found})
