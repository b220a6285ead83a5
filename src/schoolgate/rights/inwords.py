"""One fact of a record in words: schools by name, codes by what they mean, dates as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.utils import formats
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from schoolgate import dictionary

_NOTES = (" (default value)",)
"""Remarks in the published code lists that are for the makers of schools' software."""


def school_in_words(urn: object) -> str:
    """A school's name and authority; its number when the register of schools does not have it."""
    found = dictionary.establishment(int(str(urn)))
    if found is None:
        return _("School number %(urn)s") % {"urn": urn}
    return f"{found.name} ({found.authority_name})" if found.authority_name else found.name


@cache
def _authorities() -> Mapping[str, str]:
    """Number of an authority -> its name, from the schools in it; the first three digits of a LAESTAB."""
    known = (found for found in dictionary.establishments() if found.authority_name)
    return {found.laestab.authority: found.authority_name for found in known}


def day_in_words(value: date) -> str:
    """A date such as "3 September 2020"."""
    return formats.date_format(value, "j F Y")


def _main_record(status: int) -> str:
    """The record status as matching gives it (`match.facts.record_statuses`): 0 only, from 100 on the extra ones."""
    if status == 0:
        return _("The only record for this census")
    return _("The main record of several") if status < 100 else _("An extra record beside the main one")


def in_words(column: dictionary.LakeColumn, value: Any, item: dictionary.Item | None) -> str:
    """A value of the record as a family reads it."""
    if column.name == "urn":
        return school_in_words(value)
    if column.name == "la":
        return _authorities().get(str(value)) or _("Local authority number %(la)s") % {"la": value}
    if column.name == "recordstatus":
        return _main_record(int(value))
    if column.name == "monthofbirth" and value in MONTHS:
        return str(MONTHS[value])
    label = next((code.label for code in item.codes if code.code == str(value)), "") if item else ""
    for note in _NOTES:
        label = label.removesuffix(note)
    return label or _plain(value)


def _plain(value: Any) -> str:
    if value is True:
        return _("yes")
    if value is False:
        return _("no")
    if isinstance(value, date):
        return day_in_words(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def identity_names() -> Mapping[str, str]:
    """What each part of an identity is called, in the order in which a person looks for them."""
    return {
        "surname": _("Last name"),
        "forename": _("First name"),
        "middle_names": _("Middle names"),
        "preferred_surname": _("Last name the child uses"),
        "former_surname": _("Last name before"),
        "dob": _("Date of birth"),
        "sex": _("Sex"),
        "upn": _("Pupil number (UPN)"),
        "former_upns": _("Pupil numbers before"),
        "uln": _("Learner number (ULN)"),
    }


def identity_in_words(key: str, value: str, items: dictionary.Dictionary | None) -> str:
    """A part of an identity as a family reads it."""
    if key == "dob":
        try:
            return day_in_words(date.fromisoformat(value))
        except ValueError:
            return value
    column = dictionary.lake_columns().get("census_pupil.sex")
    if key == "sex" and column is not None:
        return in_words(column, value, items.get(column.item_id) if items else None)
    return value
