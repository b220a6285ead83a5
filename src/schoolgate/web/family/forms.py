"""Forms of the family pages: they read what was typed; the rooms decide what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from schoolgate.web.family.chosen import GROUNDS


class PlainForm(forms.Form):
    """A form whose fields carry GOV.UK classes and say which hint and error belong to them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            widget = field.widget
            widget.attrs["class"] = f"govuk-input {widget.attrs.get('class', '')}".strip()
            # The browser's own bubbles cannot be styled, translated or read twice: errors are ours (GOV.UK).
            widget.use_required_attribute = lambda initial: False
            if field.help_text:
                widget.attrs["aria-describedby"] = f"id_{name}-hint"

    @property
    def first_id(self) -> str:
        """Where an error about the whole form leads."""
        return f"id_{next(iter(self.fields))}"

    def add_error(self, field: str | None, error: Any) -> None:
        """Record an error, and tell screen readers which field it is about."""
        super().add_error(field, error)
        attrs = self.fields[field].widget.attrs if field else {}
        if field and "aria-invalid" not in attrs:
            attrs["class"] += " govuk-input--error"
            attrs["aria-invalid"] = "true"
            attrs["aria-describedby"] = f"{attrs.get('aria-describedby', '')} id_{field}-error".strip()


_UNREAD = _("Write the day like 27/3/2027")


def day_field(label: Any, hint: Any = "", missing: Any = "", *, unread: Any = _UNREAD) -> forms.DateField:
    """A field for a day as people write it; it may be left out when nothing is said for a missing one."""
    return forms.DateField(
        label=label,
        help_text=hint,
        required=bool(missing),
        input_formats=["%d/%m/%Y", "%d %m %Y", "%Y-%m-%d", "%d %B %Y"],
        error_messages={"invalid": unread, **({"required": missing} if missing else {})},
    )


class SignIn(PlainForm):
    """E-mail address and password."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter your e-mail address"),
            "invalid": _("Enter an e-mail address like name@example.com"),
        },
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your password")},
    )


class CreateAccount(PlainForm):
    """E-mail address and a new password."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter your e-mail address"),
            "invalid": _("Enter an e-mail address like name@example.com"),
        },
    )
    password = forms.CharField(
        label=_("Choose a password"),
        help_text=_("At least 10 characters. Three words that do not belong together make a good one."),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Choose a password")},
    )

    def clean_password(self) -> str:
        """Take the password, when Django's validators find it good enough."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class EnterCode(PlainForm):
    """The code that the school gave."""

    code = forms.CharField(
        label=_("The code from your school"),
        help_text=_("You can type it with or without spaces or dashes."),
        max_length=64,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "spellcheck": "false",
                "autocapitalize": "characters",
                "class": "sg-code-input",
            }
        ),
        error_messages={
            "required": _("Enter the code from your school"),
            "max_length": _("A code is shorter than this"),
        },
    )


class Chosen(forms.Select):
    """A choice that a template writes out as radios; the first has the field's own id, where an error leads."""


class AskToStop(PlainForm):
    """For which of the law's four reasons a record is not used (UK GDPR Article 18(1)). None is chosen beforehand."""

    reason = forms.ChoiceField(
        label=_("Why should nobody use it for now?"),
        choices=list(GROUNDS.items()),
        widget=Chosen,
        error_messages={"required": _("Choose a reason"), "invalid_choice": _("Choose a reason")},
    )


class SayYes(PlainForm):
    """For how long a yes is given. None is chosen beforehand: a yes is somebody's own act (UK GDPR recital 32)."""

    DAYS: ClassVar[Mapping[str, int]] = {"half-a-year": 182, "a-year": 365, "two-years": 730}

    how_long = forms.ChoiceField(
        label=_("How long does your “yes” count?"),
        choices=[("half-a-year", _("Half a year")), ("a-year", _("A year")), ("two-years", _("Two years"))],
        widget=Chosen,
        error_messages={"required": _("Choose how long"), "invalid_choice": _("Choose how long")},
    )

    @property
    def days(self) -> int:
        """Days until the last one on which it counts."""
        return self.DAYS[self.cleaned_data["how_long"]]


class OwnNumber(PlainForm):
    """A former pupil's own number."""

    upn = forms.CharField(
        label=_("Your pupil number (UPN)"),
        help_text=_("It has 13 letters and digits."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={
            "required": _("Enter your pupil number"),
            "max_length": _("A pupil number has 13 letters and digits"),
        },
    )


class Label(PlainForm):
    """What an account calls a child."""

    label = forms.CharField(
        label=_("What do you call this child here?"),
        help_text=_(
            "For example “the older one”. It need not be a name. Only you see it. Leave it empty to take it away."
        ),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("Use at most 40 characters")},
    )
