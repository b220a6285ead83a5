"""Children who must not be found, and pupils who have died: one person places a shield, two do everything else.

A pupil's number is sent in a form and stands in no address. The page shows nothing of a child.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from schoolgate import consent, people
from schoolgate.errors import Refused
from schoolgate.web.acting import at_desk, only_for, sent
from schoolgate.web.custodian.forms import StepForm
from schoolgate.web.custodian.paper_forms import pupil_number
from schoolgate.web.family.forms import day_field

_DOINGS: Mapping[str, tuple[Any, Any]] = MappingProxyType(
    {
        "shield-place": (
            lazy("Keep the child from being found, at once"),
            lazy("Nobody finds the child from the next question on. All pages are closed."),
        ),
        "shield-lift": (
            lazy("Let the child be found again"),
            lazy("The child can be found again. The pages are open as before."),
        ),
        "death-record": (
            lazy("The pupil has died"),
            lazy("It is recorded. All pages are closed."),
        ),
        "death-back": (
            lazy("The pupil has not died: it was an error"),
            lazy("It is taken back. The pages are open as before."),
        ),
    }
)
"""Act -> what the choice says, and what is said once it is done."""


class Protect(StepForm):
    """Which child, and what is so."""

    upn = pupil_number()
    doing = forms.ChoiceField(
        label=lazy("What is to be done?"),
        choices=[("", lazy("Choose one")), *((name, words) for name, (words, _done) in _DOINGS.items())],
        widget=forms.Select,
        error_messages={"required": lazy("Choose one"), "invalid_choice": lazy("Choose one of the list")},
    )
    died_on = day_field(lazy("On which day did the pupil die?"), lazy("Only for a death. Write it like 27/3/2027."))

    def clean(self) -> None:
        """A death has a day."""
        typed = self.cleaned_data
        if typed.get("doing") == "death-record" and not typed.get("died_on") and "died_on" not in self.errors:
            self.add_error("died_on", _("Enter the day"))


@sensitive_post_parameters("upn")
@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def protection(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Say what is so of a child. Who is the first of two is told that a colleague has to say the same."""
    form = Protect(sent(request))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        doing = typed["doing"]
        given = {"died_on": typed["died_on"]} if doing == "death-record" else {}
        outcome = at_desk(doing, person, upn=typed["upn"], **given)
        if not isinstance(outcome, Refused):
            messages.success(request, _said(doing, outcome))
            return redirect("custodian-protection")
        form.refuse(outcome)
    context = {"form": form, "days": consent.FIRST_WORD_STANDS.days}
    return render(request, "schoolgate/custodian/protection.html", context)


def _said(doing: str, outcome: bool) -> str:
    if outcome:
        return str(_DOINGS[doing][1])
    if doing == "shield-place":
        return _("It was so already.")
    return _("Noted. Nothing has changed yet: a colleague has to say the same within %(days)d days.") % {
        "days": consent.FIRST_WORD_STANDS.days
    }
