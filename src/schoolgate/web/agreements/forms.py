"""Forms of the agreement's pages: they read what was typed; the room decides what it means."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from schoolgate import requests
from schoolgate.errors import Refused
from schoolgate.web.family.forms import PlainForm

_ELSEWHERE = {"reason": "reason", "method": "words", "actor": None, "text_hash": None}
"""Where a reason of the room is shown, when its place is no field of that name."""


class AgreementForm(PlainForm):
    """A form that takes the room's own reasons: each at its field, or at the top."""

    def refuse(self, refused: Refused) -> None:
        """Show every reason why it was not done."""
        for reason in refused.reasons:
            place = _ELSEWHERE.get(reason.where, reason.where)
            said = f"{reason.reason} {reason.remedy}".strip()
            self.add_error(place if place in self.fields else None, said)


class Sign(AgreementForm):
    """A signature over the text that is on the page."""

    shown = forms.CharField(widget=forms.HiddenInput, max_length=64)
    is_read = forms.BooleanField(
        label=_("I have read this text, and I sign it for my side."),
        error_messages={"required": _("Tick the box when you have read the text")},
    )


class Why(AgreementForm):
    """A reason that everybody can read."""

    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("Everybody can read this. Write no name, and nothing about one child."),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write why")},
    )


class Seen(AgreementForm):
    """Whether the witness saw it."""

    saw = forms.ChoiceField(
        label=_("Did you see it?"),
        choices=[("yes", _("Yes, I saw the data destroyed")), ("no", _("No, I did not see it"))],
        widget=forms.Select,
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one of the list")},
    )
    reason = forms.CharField(
        label=_("If you did not: what happened?"),
        help_text=_("Everybody can read this. Write no name."),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class Certify(AgreementForm):
    """What was destroyed, how, when, and who saw it."""

    method = forms.ChoiceField(
        label=_("How was the data destroyed?"),
        widget=forms.Select,
        error_messages={"required": _("Choose how"), "invalid_choice": _("Choose one of the list")},
    )
    words = forms.CharField(
        label=_("Say it in your own words"),
        help_text=_("Name every place where the data was: disks, backups, processors. Everybody can read this."),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write how the data was destroyed")},
    )
    destroyed_on = forms.DateField(
        label=_("On which day?"),
        help_text=_("As in 2026-12-31"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"required": _("Enter the day"), "invalid": _("Enter a day, such as 2026-12-31")},
    )
    witness = forms.CharField(
        label=_("Who saw it?"),
        help_text=_(
            "The person number of somebody else, of the custodian: as in P-0012. They are asked whether they did."
            " The public sees only the role."
        ),
        max_length=40,
        error_messages={"required": _("Enter the number of the person who saw it")},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["method"]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(requests.methods().items())
