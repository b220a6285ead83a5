"""A family says that something is wrong which the school sent: the school answers for it, with the days it has.

The child is shown when the school asks for it, by POST: that is a read like any other, and the family can see it.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from schoolgate import rights
from schoolgate.errors import Refused
from schoolgate.rights import cases
from schoolgate.web.acting import sent
from schoolgate.web.family.cases import saved
from schoolgate.web.school.forms import Answer
from schoolgate.web.school.own import at_school, only_schools


@require_safe
@only_schools
def asked(request: HttpRequest, urn: int) -> HttpResponse:
    """What the school is asked, the earliest last day first."""
    found: tuple[cases.SourceLine, ...] = at_school(request, "source-list")
    lines = [(one, cases.item_name(one.item)) for one in found]
    return render(request, "schoolgate/school/questions.html", {"lines": lines})


def _question(request: HttpRequest, case_ref: str) -> dict[str, Any]:
    view: cases.SourceView = at_school(request, "source-show", reference=case_ref)
    return {"one": view, "item": cases.item_name(view.line.item), "form": Answer(None)}


@sensitive_post_parameters("text", "value")
@require_http_methods(["GET", "HEAD", "POST"])
@only_schools
def question(request: HttpRequest, urn: int, case_ref: str) -> HttpResponse:
    """One question, and the school's answer to it."""
    context = _question(request, case_ref)
    form = Answer(sent(request))
    if request.method == "POST" and form.is_valid():
        done = at_school(request, "source-answer", reference=case_ref, **form.cleaned_data)
        if not isinstance(done, Refused):
            messages.success(request, _("Your answer is kept. The family and the custodian can read it."))
            return redirect("school-questions")
        form.refuse(done)
    return render(request, "schoolgate/school/question.html", context | {"form": form})


@require_POST
@only_schools
def look(request: HttpRequest, urn: int, case_ref: str) -> HttpResponse:
    """Who the question is about, and what the school sent."""
    context = _question(request, case_ref)
    found = at_school(request, "source-look", reference=case_ref)
    if isinstance(found, Refused):
        context |= {"refused": found.reasons}
    else:
        names = rights.identity_names()
        who = [(names.get(name, name), value) for name, value in found.who]
        context |= {"looked": found, "who": who}
    return render(request, "schoolgate/school/question.html", context)


@require_safe
@only_schools
def file(request: HttpRequest, urn: int, case_ref: str, file_number: int) -> HttpResponse:
    """One file that the family lets the school see, to be saved and never shown."""
    return saved(at_school(request, "source-file", reference=case_ref, number=file_number))
