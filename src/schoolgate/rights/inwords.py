"""One fact of a record in words: schools by name, codes by what they mean, dates as people write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils import formats
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from schoolgate import dictionary

if TYPE_CHECKING:
    from schoolgate.gate import RecipientState

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


def text_in_words(column: dictionary.LakeColumn, text: str, item: dictionary.Item | None) -> str:
    """A value that was kept as text (`gate.CorrectionView`), as a family reads it, or as it is."""
    try:
        return in_words(column, _of_type(column.type, text), item)
    except (ValueError, ArithmeticError):
        return text


def _of_type(kind: str, text: str) -> Any:
    if kind == "int":
        return int(text)
    if kind == "date":
        return date.fromisoformat(text)
    if kind == "decimal":
        return Decimal(text)
    return {"true": True, "false": False}.get(text.lower(), text) if kind == "bool" else text


_WORKED_OUT = frozenset(
    {"age", "fsmeligible", "monthofbirth", "onroll", "sessionsauthorised", "sessionsunauthorised", "yearofbirth"}
)
"""Columns that matching works out from what a school sent (`match.facts`)."""

_ADMINISTRATIVE = frozenset({"former_upns", "la", "phase", "recordstatus", "uln", "upn", "urn"})
"""What tells one record, school or area from another, and says nothing of the child itself."""


def origin_of(item: str) -> str:
    """How a fact came about: ``sent`` by a school, ``worked out`` here, or ``administrative``.

    UK GDPR Article 15 is about all three: what is inferred about somebody is about them (Article 29 Working Party,
    WP 251, page 17).
    """
    name = item.partition(".")[2]
    if name in _ADMINISTRATIVE:
        return "administrative"
    return "worked out" if name in _WORKED_OUT else "sent"


_DID: Mapping[str, Callable[[], str]] = {
    "corrected": lambda: _("They put it right in what they hold."),
    "not-used": lambda: _("They had not used it. They put right or deleted what they hold."),
    "erased": lambda: _("They deleted it from what they hold."),
    "destroyed": lambda: _("They had destroyed the data already."),
    "cannot": lambda: _("They say that it cannot be done."),
}


def did_in_words(did: str) -> str:
    """What a recipient says it did, as the family reads it; empty while it says nothing."""
    if not did:
        return ""
    return _DID[did]() if did in _DID else _("They have answered.")


def answer_in_words(state: RecipientState) -> str:
    """How far a recipient has come with one correction, as the family reads it.

    Args:
        state: with `did` in words already, as a `Line` has it.
    """
    if state.state == "not needed":
        return _("They had destroyed it by then.")
    if state.acknowledged_on:
        said = _("They answered on %(day)s.") % {"day": day_in_words(state.acknowledged_on)}
        reason = _("In their own words: “%(said)s”") % {"said": state.said} if state.said else ""
        return " ".join(part for part in (said, state.did, reason) if part)
    if state.late_since:
        late = {"day": day_in_words(state.late_since)}
        return _("They have not answered. It is late since %(day)s, and we ask again.") % late
    if state.fetched_on:
        return _("They have read it, and have not answered yet.")
    return _("They have not read it yet.") if state.state == "sent" else _("They were told.")


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
