"""Giving a code letter out, seeing which ways in are open for a pupil, and ending one.

The pupil's number is sent in a form and stands in no address, so that it is in no list of pages that a browser keeps.
Each look for a pupil is a read, in the public log and in the child's own answer.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from schoolgate import rights
from schoolgate.errors import Refused
from schoolgate.web.acting import sent
from schoolgate.web.ports import installation
from schoolgate.web.school.forms import End, Letter, Pupil
from schoolgate.web.school.own import at_school, only_schools


def _said(refused: Refused) -> str:
    return " ".join(part for one in refused.reasons for part in (one.reason, one.remedy) if part)


@sensitive_post_parameters("upn")
@require_http_methods(["GET", "HEAD", "POST"])
@only_schools
def letter(request: HttpRequest, urn: int) -> HttpResponse:
    """Give a code out: the letter is shown once, to be printed."""
    form = Letter(sent(request))
    if request.method == "POST" and form.is_valid():
        given = {"upn": form.cleaned_data["upn"], "standing": form.cleaned_data["standing"]}
        issued = at_school(request, "code-give", **given)
        if not isinstance(issued, Refused):
            standing = rights.competence().standings[issued.standing]
            context = {"issued": issued, "standing": standing, "site": installation().site}
            return render(request, "schoolgate/school/letter.html", context)
        form.add_error("standing" if issued.reasons[0].where == "standing" else "upn", _said(issued))
    return render(request, "schoolgate/school/home.html", {"form": form})


@sensitive_post_parameters("upn")
@require_http_methods(["GET", "HEAD", "POST"])
@only_schools
def ways(request: HttpRequest, urn: int) -> HttpResponse:
    """The open codes and links of one pupil."""
    form = Pupil(sent(request))
    found: tuple[rights.OpenedWay, ...] | None = None
    if request.method == "POST" and form.is_valid():
        answer = at_school(request, "ways-list", upn=form.cleaned_data["upn"])
        if isinstance(answer, Refused):
            form.add_error("upn", _said(answer))
        else:
            found = answer
    words = {name: row.words for name, row in rights.competence().standings.items()}
    shown = None if found is None else [(one, words.get(one.standing, "")) for one in found]
    return render(request, "schoolgate/school/ways.html", {"form": form, "ways": shown})


@sensitive_post_parameters("upn")
@require_http_methods(["POST"])
@only_schools
def end(request: HttpRequest, urn: int) -> HttpResponse:
    """End one way in. Who held it is told nothing: the page answers as if it had never been."""
    form = End(request.POST)
    if not form.is_valid():
        return redirect("school-ways")
    given = form.cleaned_data
    answer = at_school(request, "way-close", upn=given["upn"], way=given["way"], by_order=given["by_order"])
    if isinstance(answer, Refused):
        messages.warning(request, _said(answer))
    else:
        messages.success(request, _("It has ended, at once.") if answer else _("It had ended already."))
    return redirect("school-ways")
