"""Records that nobody uses for now: placing a restriction, announcing its end by letter, ending it on that day.

A pupil's number is sent in a form and stands in no address.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
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
from schoolgate.clock import custodians_day
from schoolgate.errors import Refused
from schoolgate.web.acting import at_desk, only_for, sent
from schoolgate.web.custodian.forms import StepForm
from schoolgate.web.custodian.paper_forms import pupil_number
from schoolgate.web.family.chosen import GROUNDS
from schoolgate.web.family.forms import day_field
from schoolgate.web.ports import clock

_DOINGS = ("look", "restrict", "announce", "lift")


class Restrict(StepForm):
    """Which child, and what is to be done: each button of the page sends this with its own doing."""

    upn = pupil_number()
    doing = forms.ChoiceField(choices=[(one, one) for one in _DOINGS], required=False, widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label=lazy("On which ground?"),
        choices=[("", lazy("Choose one")), *GROUNDS.items()],
        required=False,
        widget=forms.Select,
        error_messages={"invalid_choice": lazy("Choose one of the list")},
    )
    lifts_on = day_field(lazy("On which day will it end?"))

    def clean(self) -> None:
        """Each doing has what it needs."""
        typed = self.cleaned_data
        if typed.get("doing") in ("restrict", "announce", "lift") and not typed.get("reason"):
            self.add_error("reason", _("Choose a ground"))
        if typed.get("doing") == "announce" and not typed.get("lifts_on") and "lifts_on" not in self.errors:
            self.add_error("lifts_on", _("Enter the day on which it will end"))


@sensitive_post_parameters("upn")
@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def restrictions(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """The restrictions of one child, and what can be done about them."""
    form = Restrict(sent(request))
    shown = None
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        outcome = _done(person, typed)
        if isinstance(outcome, Refused):
            form.refuse(outcome)
        elif typed["doing"] in ("", "look"):
            shown = _in_words(outcome)
        else:
            messages.success(request, _said(typed["doing"], outcome))
            return redirect("custodian-restrictions")
    if form.errors and form.cleaned_data.get("upn") and form.cleaned_data.get("doing") not in ("", "look"):
        again = at_desk("restrictions-show", person, upn=form.cleaned_data["upn"])
        shown = None if isinstance(again, Refused) else _in_words(again)
    notice = consent.LIFTING.notice
    context = {
        "form": form,
        "shown": shown,
        "grounds": GROUNDS.items(),
        "days": notice.days,
        "first": custodians_day(clock()) + notice + timedelta(days=1),
    }
    return render(request, "schoolgate/custodian/restrictions.html", context)


def _in_words(found: tuple[consent.Restriction, ...]) -> list[tuple[consent.Restriction, object]]:
    return [(one, GROUNDS.get(one.reason, one.reason)) for one in found]


def _done(person: people.PersonView, typed: Mapping[str, Any]) -> Any:
    upn, reason = typed["upn"], typed["reason"]
    if typed["doing"] == "restrict":
        return at_desk("restrict", person, upn=upn, reason=reason)
    if typed["doing"] == "announce":
        return at_desk("lifting-announce", person, upn=upn, reason=reason, lifts_on=typed["lifts_on"])
    if typed["doing"] == "lift":
        return at_desk("lift", person, upn=upn, reason=reason)
    return at_desk("restrictions-show", person, upn=upn)


def _said(doing: str, outcome: Any) -> str:
    if doing == "restrict":
        return _("Nobody uses the record from the next question on. We only store it.")
    if doing == "lift":
        return _("It has ended. The record may be used again.") if outcome else _("There was none of this ground.")
    return _("The family is told: %(mail)s by e-mail, %(paper)s on paper. Post what is on paper today.") % {
        "mail": outcome.by_mail, "paper": outcome.on_paper,
    }  # fmt: skip
