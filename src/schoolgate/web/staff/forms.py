"""Forms of those who work with the data: for whom one acts, and what the custodian enters about whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from schoolgate import people
from schoolgate.web.family.forms import PlainForm

ROLES = {
    "researcher": _("Researcher"),
    "panel": _("Panel member"),
    "custodian": _("Custodian"),
    "overseer": _("Overseer"),
}
"""Role -> as the pages say it."""

FACTS = {
    "name": _("Legal name"),
    "kind": _("Kind of organisation"),
    "country": _("Country"),
    "owner": _("Who owns or controls it"),
    "business": _("What it does, in plain words"),
    "commercial": _("Commercial interest"),
    "funders": _("Who pays for it"),
    "register": _("Register it stands in"),
    "number": _("Its number there"),
    "verified": _("Made sure of"),
    "merged": _("Merged"),
}
"""What is known of an organisation -> as the pages say it."""

HAPPENED = {
    "entered": _("Entered"),
    "accredited": _("Accredited"),
    "renewed": _("Accreditation made longer"),
    "shortened": _("Accreditation made shorter"),
    "withdrawn": _("Accreditation withdrawn"),
    "left": _("Left the organisation"),
    "account": _("Linked to an account"),
}
"""What happened to a person -> as the pages say it."""


class ActAs(forms.Form):
    """One of the persons that the account holds."""

    person = forms.ChoiceField(
        label=_("For whom do you act now?"),
        error_messages={
            "required": _("Choose for whom you act"),
            "invalid_choice": _("Choose one of these"),
        },
    )

    def __init__(self, persons: Iterable[people.PersonView], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.id, f"{ROLES.get(one.role, one.role)}, {one.organisation_name} ({one.id})") for one in persons]
        cast(forms.ChoiceField, self.fields["person"]).choices = choices


class StaffForm(PlainForm):
    """A form whose lists, long texts and ticks carry their own GOV.UK classes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            own = {forms.Select: "govuk-select", forms.Textarea: "govuk-textarea", forms.CheckboxInput: "sg-tick"}
            field.widget.attrs["class"] = next(
                (words for kind, words in own.items() if isinstance(field.widget, kind)),
                field.widget.attrs["class"],
            )


class OneLine(forms.CharField):
    """Words that are kept on one line, however they were typed."""

    def to_python(self, value: Any) -> str:
        """Breaks become spaces."""
        return str(super().to_python(value)).replace("\r\n", " ").replace("\n", " ").strip()


def _text(label: Any, hint: Any = "", *, needed: Any = "", length: int = 200, long: bool = False) -> forms.CharField:
    """A field for words; `needed` is what is said when it is left empty."""
    widget = forms.Textarea(attrs={"rows": 3}) if long else forms.TextInput(attrs={"spellcheck": "true"})
    return OneLine(
        label=label,
        help_text=hint,
        max_length=length,
        required=bool(needed),
        widget=widget,
        error_messages={"required": needed} if needed else {},
    )


def _choice(label: Any, options: Iterable[tuple[str, Any]], *, needed: Any = "", hint: Any = "") -> forms.ChoiceField:
    errors = {"required": needed, "invalid_choice": _("Choose one of these")}
    return forms.ChoiceField(
        label=label, choices=list(options), required=bool(needed), help_text=hint, error_messages=errors
    )


def _reason(hint: Any = "") -> forms.CharField:
    return _text(_("Why"), hint, needed=_("Say why"), length=500, long=True)


class OrganisationForm(StaffForm):
    """Everything known of an organisation."""

    name = _text(FACTS["name"], _("As it stands in the register"), needed=_("Enter its legal name"))
    kind = _choice(
        FACTS["kind"],
        [("", ""), *((k, w) for k, w in people.ORGANISATION_KINDS.items() if k != "family")],
        needed=_("Choose what kind of organisation it is"),
    )
    country = _text(FACTS["country"], _("Where it is established"), needed=_("Enter its country"))
    owner = _text(FACTS["owner"], _("Its holding company, its members, or the state"))
    business = _text(FACTS["business"], length=500, long=True)
    commercial = _choice(FACTS["commercial"], people.COMMERCIAL.items())
    funders = _text(FACTS["funders"], _("Put a semicolon between several"), length=1000, long=True)
    register = _choice(FACTS["register"], people.REGISTERS.items())
    number = _text(FACTS["number"], length=40)
    alike_is_another = forms.BooleanField(
        label=_("I looked at names that look alike: this is another organisation"), required=False
    )


class ChangeForm(OrganisationForm):
    """What changed, and why."""

    reason = _reason(_("This is public. Do not name a person."))
    field_order = (*people.FACTS, "reason", "alike_is_another")


class MergeForm(StaffForm):
    """What an organisation became part of."""

    into = _text(
        _("It became part of"), _("The number of the other organisation, like O-0002"), needed=_("Enter a number")
    )
    reason = _reason(_("This is public. Do not name a person."))


class VerifyForm(StaffForm):
    """How somebody made sure of an organisation."""

    how = _text(
        _("How did you make sure that it is who it says?"),
        _("For example: its entry at Companies House, and a call to the number given there"),
        needed=_("Say how you made sure"),
        length=500,
        long=True,
    )


class PersonForm(StaffForm):
    """A new person of an organisation."""

    role = _choice(
        _("What the person does"),
        [("", ""), *((role, words) for role, words in people.PERSON_ROLES.items())],
        needed=_("Choose what the person does"),
    )
    seat = _choice(_("Seat on the panel"), [("", _("not on the panel")), *people.SEATS.items()])
    reason = _reason(_("Do not name the person: it is kept under its number"))


class UntilForm(StaffForm):
    """Until when a person is accredited."""

    until = forms.DateField(
        label=_("Last day of accreditation"),
        help_text=_("Like 2028-12-31"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"required": _("Enter the last day"), "invalid": _("Enter a day like 2028-12-31")},
    )
    reason = _reason()


class ReasonForm(StaffForm):
    """A reason alone."""

    reason = _reason()


class AccountForm(StaffForm):
    """The account that may act as a person."""

    email = forms.EmailField(
        label=_("E-mail address of the account"),
        max_length=254,
        error_messages={
            "required": _("Enter the address"),
            "invalid": _("Enter an e-mail address like name@example.com"),
        },
    )


class InterestForm(StaffForm):
    """What ties a person to another organisation."""

    organisation_id = _text(
        _("Which organisation"), _("Its number, like O-0002"), needed=_("Enter the number of the organisation")
    )
    what = _text(
        _("What ties you to it"),
        _("In a few words. Those who keep the cases see it; it is not public."),
        needed=_("Say what ties you to it"),
        length=300,
    )


class NoForm(StaffForm):
    """Nothing but a button."""

    first_id = "main"
