"""Ending a “no” that is somebody else’s, by a decision: what stands for a child, and one ended by two people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from schoolgate import consent, people, rights
from schoolgate.errors import Refused
from schoolgate.web.acting import at_desk, only_for, sent
from schoolgate.web.custodian.forms import StepForm
from schoolgate.web.custodian.paper_forms import pupil_number
from schoolgate.web.family.chosen import scope_words


class EndNo(StepForm):
    """Which child; which “no”, on which ground, and what was decided."""

    upn = pupil_number()
    number = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    ground = forms.ChoiceField(
        label=lazy("Why does it end?"),
        choices=[("", "")],
        required=False,
        widget=forms.Select,
        error_messages={"invalid_choice": lazy("Choose one of the list")},
    )
    reason = forms.CharField(
        label=lazy("What was decided, by whom, and when?"),
        help_text=lazy("Name nobody. Another person of the office must say so, too."),
        max_length=240,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ground"].choices = [("", ""), *consent.ENDING_GROUNDS.items()]  # type: ignore[attr-defined]


@sensitive_post_parameters("upn")
@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def nos(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """What is said no to for a child; and deciding that one of them ends."""
    form = EndNo(sent(request))
    shown = None
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        if typed["number"]:
            ended = at_desk(
                "no-end", person,
                upn=typed["upn"], number=typed["number"], ground=typed["ground"], reason=typed["reason"],
            )  # fmt: skip
            if not isinstance(ended, Refused):
                messages.success(request, _("It has ended.") if ended else _("Noted. It ends when a colleague agrees."))
                return redirect("custodian-nos")
            form.refuse(ended)
        found = at_desk("nos-show", person, upn=typed["upn"])
        if isinstance(found, Refused):
            form.refuse(found)
        else:
            shown = [_in_words(one) for one in found]
    return render(request, "schoolgate/custodian/nos.html", {"form": form, "nos": shown})


def _in_words(one: rights.NoOfSomebody) -> dict[str, Any]:
    said, standing = scope_words(one.of, one.target), rights.competence().standings.get(one.standing)
    return {
        "one": one,
        "to": said.name if said is not None else one.target,
        "by": standing.words if standing is not None else _("somebody whose link is not known"),
        "ground": consent.ENDING_GROUNDS.get(one.ground, ""),
        "is_the_childs": one.standing == "pupil",
    }
