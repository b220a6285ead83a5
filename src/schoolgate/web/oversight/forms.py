"""Forms of oversight: they read what was typed; the room decides what it means."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from schoolgate import oversight
from schoolgate.errors import Refused
from schoolgate.web.family.forms import PlainForm

_DAY = {"required": _("Enter the last day"), "invalid": _("Enter a day, such as 2026-12-31")}


def _words(label: Any, hint: Any, missing: Any, rows: int = 6) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing},
    )


def _choice(label: Any, values: tuple[str, ...]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[(one, one.capitalize()) for one in values],
        widget=forms.Select,
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one of the list")},
    )


def _day(label: Any, hint: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages=_DAY,
    )


class RoomForm(PlainForm):
    """A form that takes the room's own reasons: each at its field, or at the top."""

    def refuse(self, refused: Refused) -> None:
        """Show every reason why it was not done."""
        for reason in refused.reasons:
            place = reason.where if reason.where in self.fields else None
            self.add_error(place, f"{reason.reason} {reason.remedy}".strip())


class Ask(RoomForm):
    """A question to the custodian."""

    question = _words(
        _("Your question"),
        _("Everybody can read it at once. Write no name, and nothing about one child."),
        _("Write your question"),
    )
    about = forms.CharField(
        label=_("What is it about?"),
        help_text=_("A number in the register, such as A-2026-0001. You can leave this empty."),
        max_length=40,
        required=False,
    )
    due = _day(
        _("The last day for an answer"),
        _("You can leave this empty: then it is four weeks from today."),
        required=False,
    )


class Answer(RoomForm):
    """An answer, or why there is none."""

    answer = _words(
        _("Your answer"),
        _("Everybody can read it at once. If you cannot answer, say why."),
        _("Write your answer, or why there is none"),
    )
    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[("answered", _("An answer")), ("not answered", _("A reason why there is no answer"))],
        widget=forms.Select,
    )


class Record(RoomForm):
    """What an audit found."""

    source = forms.CharField(
        label=_("Which audit?"),
        help_text=_("Who looked, when, and the number of the finding in their report."),
        max_length=500,
        error_messages={"required": _("Say which audit it was")},
    )
    finding = _words(_("What did it find?"), _("In the report’s own words."), _("Write what it found"))
    urgency = _choice(_("How soon does it ask for action?"), oversight.URGENCIES)


class SetAction(RoomForm):
    """What is to be done about a finding."""

    action = _words(_("What will be done?"), _("Everybody can read it at once."), _("Write what will be done"), 4)
    owner = _choice(_("Who answers for it?"), oversight.OWNERS)
    due = _day(_("The last day"), _("It cannot be moved. A later day is another action."))


class Finish(RoomForm):
    """What was done."""

    done = _words(_("What was done?"), _("Say where it can be seen."), _("Write what was done"), 4)
