"""Forms of the family pages: they read what was typed; the rooms decide what it means."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _


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
