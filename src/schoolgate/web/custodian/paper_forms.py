"""Forms of the paper route: they read what was typed; the room decides what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from schoolgate import rights
from schoolgate.web.custodian.forms import StepForm

_UPN: dict[str, Any] = {
    "label": _("The pupil’s number (UPN)"),
    "help_text": _("Looking for it is written in the public log, and in the child’s own answer."),
    "max_length": 20,
    "error_messages": {"required": _("Enter the pupil’s number"), "max_length": _("It has 13 letters and digits")},
}


def pupil_number() -> forms.CharField:
    """A field for a pupil’s number."""
    return forms.CharField(**_UPN, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}))


class Enter(StepForm):
    """A claim."""

    upn = pupil_number()
    standing = forms.ChoiceField(
        label=_("What is the person to the child?"),
        widget=forms.Select,
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one of the list")},
    )
    evidence = forms.MultipleChoiceField(
        label=_("Which papers have you seen?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick what you have seen"), "invalid_choice": _("Tick what is in the list")},
    )
    sha256 = forms.CharField(
        label=_("SHA-256 of the scan, if there is one"),
        help_text=_("The scan itself is not kept here. Destroy it when the claim is decided."),
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policy = rights.competence()
        cast(forms.ChoiceField, self.fields["standing"]).choices = [
            (name, row.words) for name, row in policy.standings.items()
        ]
        cast(forms.MultipleChoiceField, self.fields["evidence"]).choices = [
            (name, row.words) for name, row in policy.evidence.items()
        ]


def evidence_of(typed: Mapping[str, Any]) -> Mapping[str, str]:
    """Kind of paper -> its SHA-256; one scan is of the first paper."""
    digests = [typed["sha256"].strip().lower()]
    return {kind: digests.pop() if digests else "" for kind in typed["evidence"]}


class Decide(StepForm):
    """The second check."""

    agree = forms.ChoiceField(
        label=_("Do the papers show what the claim says?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=forms.Select,
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one")},
    )
    way = forms.ChoiceField(
        label=_("What follows?"),
        choices=[("letter", _("A letter with a code")), ("held", _("Staff act for the person, who has no computer"))],
        widget=forms.Select,
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one")},
    )
    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("Needed when you say no. Name nobody."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class TheSchool(StepForm):
    """Which account, which school."""

    email = forms.EmailField(
        label=_("E-mail address of the school’s account"),
        max_length=254,
        error_messages={"required": _("Enter the address"), "invalid": _("Enter an address like name@example.com")},
    )
    urn = forms.RegexField(
        r"^[1-9][0-9]{5}$",
        label=_("The school’s URN"),
        help_text=_("Six digits."),
        error_messages={"required": _("Enter the URN"), "invalid": _("A URN has six digits")},
    )


class Stop(StepForm):
    """Which child; and which way in ends."""

    upn = pupil_number()
    way = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    by_order = forms.BooleanField(required=False, widget=forms.HiddenInput)
