"""Forms of the school's face: they read what was typed; the room decides what it means."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from schoolgate import rights
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
