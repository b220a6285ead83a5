"""Facts that are held back from a child's family: proposed by one person, decided by another, looked at again, ended.

A pupil's number is sent in a form and stands in no address, and no page of these shows whose record it is.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from schoolgate import dictionary, people, rights
from schoolgate.errors import Refused
from schoolgate.rights import cases
from schoolgate.web.acting import at_desk, only_for, sent
from schoolgate.web.custodian.forms import StepForm
from schoolgate.web.custodian.paper_forms import pupil_number
from schoolgate.web.custodian.step import step
from schoolgate.web.family.forms import day_field

_METHODS = ["GET", "HEAD", "POST"]
_LAWS: dict[str, Promise] = {
    "serious-harm": lazy("Seeing it would be likely to cause serious harm to somebody’s health"),
    "child-abuse": lazy("It is about child abuse, and showing it would not be in the child’s best interests"),
}
"""Id of a rule by which persons decide -> in words."""

_STEPS: dict[str, tuple[str, dict[str, Any], Promise]] = {
    "agree": ("withhold-decide", {"agree": True}, lazy("Hold it back")),
    "refuse": ("withhold-decide", {"agree": False}, lazy("Do not hold it back")),
    "review": ("withhold-review", {}, lazy("I looked again, and it is still so")),
    "end": ("withhold-end", {}, lazy("End it: show the family the fact")),
    "withdraw": ("withhold-end", {}, lazy("Take the proposal back")),
}
"""Step of the state table -> the act, its arguments, what the button says."""


class Propose(StepForm):
    """What is to be held back, and who says why."""

    upn = pupil_number()
    item = forms.ChoiceField(
        label=lazy("Which fact?"),
        widget=forms.Select,
        error_messages={"required": lazy("Choose the fact"), "invalid_choice": lazy("Choose one of the list")},
    )
    rule = forms.ChoiceField(
        label=lazy("Why may it be held back?"),
        widget=forms.Select,
        error_messages={"required": lazy("Choose one"), "invalid_choice": lazy("Choose one of the list")},
    )
    professional = forms.CharField(
        label=lazy("Which professional says so?"),
        help_text=lazy("Name and profession. It is sealed, and shown to the colleague who decides."),
        max_length=200,
        error_messages={"required": lazy("Say who says so"), "max_length": lazy("This is too long")},
    )
    reason = forms.CharField(
        label=lazy("What do they say, and why?"),
        help_text=lazy("It is sealed, and shown to the colleague who decides. The family is never shown it here."),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": lazy("Say what they say"), "max_length": lazy("Say it more briefly")},
    )
    until = day_field(
        lazy("Until which day?"),
        lazy("A day such as 27/3/2027, a year from today at most. Somebody looks at it again before."),
        lazy("Enter the day"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        laws = rights.packs.decidable()
        for name, choices in (("item", _facts()), ("rule", [(one, _LAWS.get(one, law)) for one, law in laws.items()])):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # as above  # noqa: S101
            field.choices = [("", _("Choose one")), *choices]


def _facts() -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = [
        (str(_("Who the child is")), [(one.id, one.name) for one in dictionary.identity_items()])
    ]
    for one in dictionary.lake_tables():
        columns = [column for column in one.columns if column.kind == "item"]
        found.append((one.title or one.name, [(each.item_id, cases.item_name(each.item_id)) for each in columns]))
    return found


@require_http_methods(_METHODS)
@only_for("custodian")
def listing(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """What waits for a second person, and what is held back; by POST, take a step. Whose record it is is not said."""
    refused = None
    if request.method == "POST":
        taken = _STEPS.get(request.POST.get("step", ""))
        if taken is None:
            raise Http404
        act, given, _words = taken
        outcome = at_desk(act, person, number=request.POST.get("number", "")[:16], **given)
        if not isinstance(outcome, Refused):
            messages.success(request, _("Done."))
            return redirect("custodian-withholdings")
        refused = outcome
    laws = rights.packs.decidable()
    rows = [
        {
            "one": one,
            "fact": cases.item_name(one.item),
            "law": _LAWS.get(one.rule, one.rule),
            "provision": laws.get(one.rule, ""),
            "steps": [(event, _STEPS[event][2]) for event in one.may],
        }
        for one in at_desk("withholdings", person)
    ]
    context = {"rows": rows, "refused": refused, "person": person}
    return render(request, "schoolgate/custodian/withholdings.html", context, status=409 if refused else 200)


@sensitive_post_parameters("upn", "professional", "reason")
@require_http_methods(_METHODS)
@only_for("custodian")
def propose(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Propose that a fact is held back."""
    return step(
        request,
        person,
        Propose(sent(request)),
        "withhold-propose",
        dict,
        title=_("Hold a fact back from a family"),
        about=_(
            "The law lets us hold a fact back only if seeing it would be likely to cause serious harm. A professional"
            " has to say so, and a colleague decides. It ends by itself."
        ),
        button=_("Propose it"),
        back=(reverse("custodian-withholdings"), _("facts that are held back")),
        done=_("Proposed. Nothing is held back until a colleague agrees."),
    )
