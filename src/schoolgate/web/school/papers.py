"""An adult at the school's counter shows papers: staff write down which, and the custodian's staff look again.

What is answered is the same whatever number was typed: whether one record fits is seen by the custodian's staff alone.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from schoolgate import rights
from schoolgate.errors import Refused
from schoolgate.web.acting import sent
from schoolgate.web.school.forms import Papers
from schoolgate.web.school.own import at_school, only_schools


@sensitive_post_parameters("upn")
@require_http_methods(["GET", "HEAD", "POST"])
@only_schools
def enter(request: HttpRequest, urn: int) -> HttpResponse:
    """Enter a claim; and the list of what was entered."""
    form = Papers(sent(request))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        made = at_school(
            request,
            "school-paper-open",
            upn=typed["upn"],
            standing=typed["standing"],
            evidence=dict.fromkeys(typed["evidence"], ""),
        )
        if not isinstance(made, Refused):
            words = _("It is written down as %(claim)s. Give this number to the person, and the papers back.")
            messages.success(request, words % {"claim": made.reference})
            return redirect("school-papers")
        form.refuse(made)
    policy = rights.competence()
    rows = [
        (one, policy.standings[one.standing].words, [policy.evidence[kind].words for kind in one.evidence])
        for one in at_school(request, "school-papers")
    ]
    return render(request, "schoolgate/school/papers.html", {"form": form, "rows": rows})


@require_POST
@only_schools
def take_back(request: HttpRequest, urn: int, claim_id: int) -> HttpResponse:
    """Take back what was entered by mistake."""
    done = at_school(request, "school-paper-back", claim=claim_id)
    if isinstance(done, Refused):
        messages.warning(request, _("No such claim of yours waits."))
    else:
        messages.success(request, _("It is taken back."))
    return redirect("school-papers")
