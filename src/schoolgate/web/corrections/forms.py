"""The form by which a recipient answers for a notice: it reads what was typed; the gate decides what it means."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from schoolgate.web.releases.forms import ReleaseForm


class Answer(ReleaseForm):
    """What was done about a notice."""

    did = forms.ChoiceField(
        label=_("What did you do?"),
        help_text=_("The families read what you answer. The register shows counts alone."),
        choices=[
            ("", _("Choose one")),
            ("corrected", _("We put the values right in what we hold")),
            ("not-used", _("We did not use these values, and put right or deleted what we hold")),
            ("destroyed", _("We had destroyed the data already")),
            ("cannot", _("We cannot put them right")),
        ],
        widget=forms.Select,
        error_messages={"required": _("Choose what you did"), "invalid_choice": _("Choose one of the list")},
    )
    said = forms.CharField(
        label=_("Anything the families should know"),
        help_text=_("If you cannot put the values right, say why. Name nobody."),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class AnswerErased(Answer):
    """What was done about data that was erased."""

    did = forms.ChoiceField(
        label=_("What did you do?"),
        help_text=_("The register shows counts alone. When you have answered, we keep no list of what was erased."),
        choices=[
            ("", _("Choose one")),
            ("erased", _("We deleted it from what we hold")),
            ("destroyed", _("We had destroyed the data already")),
            ("cannot", _("We cannot delete it")),
        ],
        widget=forms.Select,
        error_messages={"required": _("Choose what you did"), "invalid_choice": _("Choose one of the list")},
    )
    said = forms.CharField(
        label=_("Anything we should know"),
        help_text=_("If you cannot delete it, say why. Name nobody."),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
