"""Forms of look-ups: a list as a CSV file, and one claim. What was sent is held for the time of the answer alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from schoolgate import gate
from schoolgate.web.releases.forms import ReleaseForm

COLUMNS = ("ref", "upn", "surname", "forename", "dob", "sex", "postcode", "reason", "provision")
"""Columns of a list, as the command line has them."""

NEEDED = ("ref", "dob", "reason", "provision")
MOST_BYTES = 1_000_000
"""A thousand rows of a thousand characters."""

_SEXES = [("", _("Not stated")), ("F", _("F, female")), ("M", _("M, male"))]


def _text(label: Any, hint: Any = "", missing: Any = "", longest: int = 100) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=longest,
        required=bool(missing),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": missing},
    )


def _named(text: str) -> tuple[str, ...]:
    """Items that somebody named, with commas or spaces between."""
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def read_list(data: bytes, most: int) -> tuple[gate.Wanted, ...]:
    """The rows of a list.

    Raises:
        forms.ValidationError: it is no such list; nothing of it is repeated.
    """
    try:
        table = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        names = [(name or "").strip().lower() for name in table.fieldnames or ()]
        table.fieldnames = names
        missing = [name for name in NEEDED if name not in names]
        if missing or len(set(names)) != len(names) or set(names) - set(COLUMNS):
            raise forms.ValidationError(
                _now("The first line names the columns, each once: %(names)s.") % {"names": ", ".join(COLUMNS)}
            )
        rows: list[gate.Wanted] = []
        for row in table:
            if len(rows) == most:
                raise forms.ValidationError(
                    _now("A list has at most %(most)s people. Nobody was looked up.") % {"most": f"{most:,}"}
                )
            rows.append(_row(row, len(rows) + 1))
    except (UnicodeDecodeError, csv.Error):
        raise forms.ValidationError(_now("The file cannot be read. Save it as CSV in UTF-8.")) from None
    if not rows:
        raise forms.ValidationError(_now("The list is empty."))
    return tuple(rows)


def _row(row: Mapping[str | None, Any], number: int) -> gate.Wanted:
    if None in row or None in row.values():
        raise forms.ValidationError(
            _now("Row %(number)s has more or fewer cells than the first line.") % {"number": number}
        )
    return gate.Wanted(**{name: str(row.get(name, "")).strip() for name in COLUMNS})


class SendList(ReleaseForm):
    """A list of people."""

    people = forms.FileField(
        label=_("The list, as a CSV file"),
        help_text=_("Its first line names the columns. Each row has a reason and a law of its own."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv", "class": "govuk-file-upload"}),
        error_messages={
            "required": _("Choose a CSV file of at most 1 MB"),
            "empty": _("The list is empty."),
        },
    )
    items = _text(
        _("What shall be told of each pupil who is found?"),
        _("Items of your agreement, such as census_pupil.urn. Leave it empty to be told found or not found."),
        longest=1_000,
    )

    def __init__(self, declared: gate.LookupView, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._most = declared.list_most

    def clean_people(self) -> tuple[gate.Wanted, ...]:
        """The rows."""
        file: Any = self.cleaned_data["people"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_now("Choose a CSV file of at most 1 MB"))
        return read_list(file.read(), self._most)

    def clean_items(self) -> tuple[str, ...]:
        """The items."""
        return _named(self.cleaned_data["items"])


class Claim(ReleaseForm):
    """A claim about one person."""

    dob = _text(_("Date of birth"), _("Such as 2015-01-31."), _("Enter the date of birth"), 10)
    upn = _text(_("UPN"), _("With the UPN, the date of birth is enough."), longest=13)
    surname = _text(_("Surname"), _("Without a UPN we need the whole name, sex and postcode."))
    forename = _text(_("First name"))
    sex = forms.ChoiceField(label=_("Sex"), choices=_SEXES, required=False, widget=forms.Select)
    postcode = _text(_("Postcode"), longest=8)
    reason = forms.ChoiceField(
        label=_("Why do you ask?"),
        help_text=_("The family sees this."),
        widget=forms.Select,
        error_messages={"required": _("Choose one"), "invalid_choice": _("Choose one of the list")},
    )
    provision = _text(
        _("The law that lets you ask"),
        _("The law and its place, such as Children Act 1989 s.47. The family sees this."),
        _("Name the law"),
        200,
    )
    item = _text(_("What is claimed?"), _("An item, such as census_pupil.urn. Empty asks if there is such a pupil."))
    value = _text(_("Which value is claimed?"))

    def __init__(self, declared: gate.LookupView, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = gate.lookup_reasons()
        cast(forms.ChoiceField, self.fields["reason"]).choices = [
            (one, words.get(one, one)) for one in declared.declared.reasons
        ]

    def wanted(self) -> gate.Wanted:
        """The person."""
        given = self.cleaned_data
        return gate.Wanted(ref="1", **{name: given[name] for name in COLUMNS if name != "ref"})


def _number(label: Any, hint: Any, missing: Any, least: int, most: int, usual: int | None = None) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=hint,
        min_value=least,
        max_value=most,
        initial=usual,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-10", "autocomplete": "off"}),
        error_messages={
            "required": missing,
            "invalid": _("Enter a whole number"),
            "min_value": _("Enter at least %(limit_value)s"),
            "max_value": _("Enter at most %(limit_value)s"),
        },
    )


class Declare(ReleaseForm):
    """How look-ups under an agreement are meant to be."""

    reasons = forms.MultipleChoiceField(
        label=_("What may people be looked up for?"),
        help_text=_("Tick only what was applied for and approved. Any other reason stops all use."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one reason"), "invalid_choice": _("Choose from the list")},
    )
    per_day = _number(_("How many people a day, at most?"), "", _("Enter a number of people"), 1, 1_000_000)
    per_month = _number(_("How many people in thirty days, at most?"), "", _("Enter a number of people"), 1, 1_000_000)
    first_hour = _number(_("From which hour?"), _("From 0 to 23. 7 means 7:00."), _("Enter an hour"), 0, 23, 7)
    last_hour = _number(
        _("Until the end of which hour?"), _("From 0 to 23. 19 means until 19:59."), _("Enter an hour"), 0, 23, 19
    )

    def __init__(self, declared: gate.LookupDeclared | None, *args: Any, **kwargs: Any) -> None:
        if declared is not None:
            kwargs["initial"] = {name: getattr(declared, name) for name in type(self).base_fields}
        super().__init__(*args, **kwargs)
        # It can be made less and never more: what was not ticked before is not offered.
        allowed = gate.lookup_reasons() if declared is None else declared.reasons
        cast(forms.MultipleChoiceField, self.fields["reasons"]).choices = [
            (one, gate.lookup_reasons().get(one, one)) for one in allowed
        ]

    def declared(self, kinds: tuple[str, ...]) -> gate.LookupDeclared:
        """What was typed."""
        given = self.cleaned_data
        return gate.LookupDeclared(
            kinds, tuple(given["reasons"]), given["per_day"], given["per_month"], given["first_hour"],
            given["last_hour"],
        )  # fmt: skip
