"""Forms of what the custodian destroys of its own: they read what was typed; the gate decides what it means."""

from __future__ import annotations

import re
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from schoolgate import gate
from schoolgate.web.custodian.forms import StepForm, lines

_MOST = 2_000
_GROUNDS_OF = {
    "pupil": ("not-needed", "objection-upheld", "unlawful", "law-says-so"),
    "items": ("no-longer-asked", "unlawful", "law-says-so"),
}
"""What is destroyed -> the grounds a person may choose; the gate holds them against its own list again."""


def _ground() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("On what ground?"),
        widget=forms.Select,
        error_messages={"required": _("Choose a ground"), "invalid_choice": _("Choose one of the list")},
    )


def _because(hint: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Why?"),
        help_text=hint,
        max_length=_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why")},
    )


class _Proposal(StepForm):
    """What every proposal asks."""

    what = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = [(name, gate.GROUNDS[name][0]) for name in _GROUNDS_OF[self.what]]
        cast(forms.ChoiceField, self.fields["ground"]).choices = [("", _("Choose one")), *chosen]


class Pupil(_Proposal):
    """Whose record."""

    what = "pupil"
    upn = forms.CharField(
        label=_("The pupil’s number (UPN)"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter the pupil’s number"), "max_length": _("It has 13 letters and digits")},
    )
    ground = _ground()
    because = _because(_("In a sentence. Name nobody: the words stay when the record is gone."))


class Items(_Proposal):
    """Which items, of which censuses."""

    what = "items"
    items = forms.CharField(
        label=_("Which items?"),
        help_text=_("One a line, as the dictionary names them, such as return.nationality or census_pupil.language."),
        max_length=_MOST,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        error_messages={"required": _("Name at least one item")},
    )
    years = forms.CharField(
        label=_("Of which years’ censuses?"),
        help_text=_("Such as 2016, 2017. Leave it empty for all."),
        max_length=200,
        required=False,
    )
    ground = _ground()
    because = _because(_("In a sentence. It is public."))

    def clean_items(self) -> tuple[str, ...]:
        """The lines."""
        return lines(self.cleaned_data["items"])

    def clean_years(self) -> tuple[int, ...]:
        """The years."""
        parts = re.split(r"[\s,;]+", self.cleaned_data["years"].strip())
        if not all(re.fullmatch(r"(19|20)[0-9]{2}", part) for part in parts if part):
            raise ValidationError(_("Enter years such as 2016, 2017"))
        return tuple(int(part) for part in parts if part)


class Decide(StepForm):
    """A second person's decision."""

    agree = forms.ChoiceField(
        label=_("Is it to be destroyed?"),
        choices=[("", _("Choose one")), ("yes", _("Yes, it goes and cannot come back")), ("no", _("No, it stays"))],
        widget=forms.Select,
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one")},
    )
    because = _because(_("In a sentence. Name nobody."))
