"""A letter about a case, to somebody whom no e-mail reaches: saved as a PDF, and said on which day it was posted."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import people
from schoolgate.errors import Refused
from schoolgate.rights import cases
from schoolgate.web.acting import at_desk, only_for, sent
from schoolgate.web.custodian.forms import StepForm
from schoolgate.web.custodian.step import step
from schoolgate.web.family.case_words import step_words
from schoolgate.web.family.cases import saved
from schoolgate.web.family.forms import day_field


class Posted(StepForm):
    """The day on which a letter was posted."""

    posted_on = day_field(
        lazy("On which day did you post it?"),
        lazy("The day the letter left the house. Like 27/3/2027."),
        lazy("Enter the day on which you posted it"),
    )


def waiting(person: people.PersonView) -> list[dict[str, Any]]:
    """The letters about cases that wait to be posted, in words."""
    found: tuple[cases.LetterToPost, ...] = at_desk("recourse-letters", person)
    return [{"line": one, "what": step_words(one.event)} for one in found]


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def posted(request: HttpRequest, person: people.PersonView, case_ref: str, letter_number: int) -> HttpResponse:
    """One letter that waits: to be saved, and said when it was posted. Nothing of its words is shown here."""
    key = (case_ref, letter_number)
    row = next((one for one in waiting(person) if (one["line"].reference, one["line"].number) == key), None)
    if row is None:
        raise Http404
    return step(
        request,
        person,
        Posted(sent(request)),
        "recourse-posted",
        lambda typed: {"reference": case_ref, "number": letter_number, "posted_on": typed["posted_on"]},
        title=_("Post a letter about a case"),
        about=_("Save it, print it, and send it to the address on the papers that the person holds. Then say when."),
        button=_("I posted it on this day"),
        back=(reverse("custodian-letters"), _("letters to be posted")),
        done=_("It is noted that you posted it. The family sees the day."),
        template="schoolgate/custodian/case_letter.html",
        more=row,
    )


@require_safe
@only_for("custodian")
def pdf(request: HttpRequest, person: people.PersonView, case_ref: str, letter_number: int) -> HttpResponse:
    """The letter as a PDF, to be printed. The family sees that one of us read its case."""
    out = at_desk("recourse-print", person, reference=case_ref, number=letter_number)
    if isinstance(out, Refused):
        raise Http404
    return saved(out)
