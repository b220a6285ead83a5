"""Forms of the school's face: they read what was typed; the room decides what it means."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from schoolgate import rights
from schoolgate.rights import cases
from schoolgate.web.custodian.forms import StepForm
from schoolgate.web.family.forms import PlainForm

UPN = 13
"""Characters of a unique pupil number."""


def standings() -> list[tuple[str, str]]:
    """For whom a school gives codes out."""
    return [(name, rights.competence().standings[name].words) for name in rights.BY_SCHOOL]


class Pupil(PlainForm):
    """One of the school's own pupils."""

    upn = forms.CharField(
        label=_("The pupil’s number (UPN)"),
        help_text=_("A pupil on your own roll. It has 13 letters and digits."),
        max_length=UPN + 7,  # spaces before and after are taken away
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={
            "required": _("Enter the pupil’s number"),
            "max_length": _("A pupil’s number has 13 letters and digits"),
        },
    )


class Letter(Pupil):
    """For whom a code is."""

    standing = forms.ChoiceField(
        label=_("Who is the letter for?"),
        help_text=_("Check who they are, and that no court order keeps them away. No name is kept here."),
        widget=forms.Select,
        error_messages={"required": _("Choose who it is for"), "invalid_choice": _("Choose who it is for")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["standing"]).choices = standings()
        self.fields["standing"].widget.attrs["class"] = "govuk-select"


class End(Pupil):
    """Which way in ends."""

    way = forms.CharField(max_length=40)
    by_order = forms.BooleanField(required=False)


_ANSWERS = {
    "wrong": _("We agree: it is wrong"),
    "right": _("What we sent is right"),
    "not-ours": _("We did not send this"),
}


class Answer(StepForm):
    """What the school says of what it sent."""

    answer = forms.ChoiceField(
        label=_("What do you say?"),
        choices=[("", _("Choose one")), *((one, _ANSWERS[one]) for one in cases.ANSWERS)],
        widget=forms.Select,
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one of the list")},
    )
    value = forms.CharField(
        label=_("What should it say?"),
        help_text=_("Only if it is wrong."),
        max_length=500,
        required=False,
        error_messages={"max_length": _("This is too long")},
    )
    text = forms.CharField(
        label=_("Why?"),
        help_text=_("Say what you looked at. The family reads this."),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say why"), "max_length": _("Say it more briefly")},
    )


class Papers(StepForm):
    """Which papers an adult showed at the counter, for which pupil."""

    upn = forms.CharField(
        label=_("The pupil’s number (UPN)"),
        help_text=_("As the person gives it to you."),
        max_length=UPN + 7,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={
            "required": _("Enter the pupil’s number"),
            "max_length": _("A pupil’s number has 13 letters and digits"),
        },
    )
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policy = rights.competence()
        choices = {
            "standing": [(name, row.words) for name, row in policy.standings.items()],
            "evidence": [(name, row.words) for name, row in policy.evidence.items()],
        }
        for name, offered in choices.items():
            cast(forms.ChoiceField, self.fields[name]).choices = offered
