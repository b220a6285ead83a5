"""Is this row the same child as that record? Pure rules; what they cannot say goes to a clerk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from schoolgate.records.vault import Identity, NewIdentity, same_name


class Verdict(StrEnum):
    """What the rules say of a row and a record with the same UPN."""

    SAME = "same"
    BIRTH_DATE_DIFFERS = "birth-date-differs"
    NAME_DIFFERS = "name-differs"
    SAME_CHILD_OTHER_UPN = "same-child-other-upn"


REASONS: Mapping[Verdict, str] = {
    Verdict.BIRTH_DATE_DIFFERS: "The same UPN, but another date of birth.",
    Verdict.NAME_DIFFERS: "The same UPN and date of birth, but another name.",
    Verdict.SAME_CHILD_OTHER_UPN: "Another UPN, but the same name, date of birth, sex and address.",
}
"""Verdict -> why a clerk is asked, in plain words."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a return says of one child, as far as matching needs it."""

    return_id: str
    number: int
    identity: NewIdentity


def identity_of(fields: Mapping[str, str], addresses: tuple[Mapping[str, str], ...]) -> NewIdentity:
    """The identity in a return's row (column names of the census tables)."""
    home = addresses[0] if addresses else {}
    parts = ("saon", "paon", "street", "locality", "town", "posttown", "addressline1", "addressline2")
    return NewIdentity(
        upn=fields.get("upn", ""),
        surname=fields.get("surname", ""),
        forename=fields.get("forename", ""),
        dob=fields.get("dob", ""),
        sex=fields.get("sex") or fields.get("gender", ""),
        former_upns=tuple(part for part in (fields.get("formerupn", ""),) if part),
        uln=fields.get("uniquelearnernumber", ""),
        middle_names=fields.get("middlenames", ""),
        preferred_surname=fields.get("preferredsurname", ""),
        former_surname=fields.get("formersurname", ""),
        postcode=home.get("postcode", ""),
        address=", ".join(home[part] for part in parts if home.get(part)),
    )


def compare(record: Identity, row: NewIdentity) -> Verdict:
    """Whether a row with a record's UPN is that child.

    The birth date must agree. The name agrees when forename or surname does: surnames change, and forenames
    are written in many ways, but a child whose forename *and* surname both differ may be another child.
    """
    if record.dob != row.dob:
        return Verdict.BIRTH_DATE_DIFFERS
    surnames = [name for name in (record.surname, record.preferred_surname, record.former_surname) if name]
    offered = [name for name in (row.surname, row.preferred_surname, row.former_surname) if name]
    surname_fits = any(same_name(one, other) for one in surnames for other in offered)
    forename_fits = same_name(record.forename, row.forename)
    # Twins share birth date and surname: under one UPN, a forename that is not the same or a short form of
    # the same (Sam, Samuel) may be the other twin's.
    if forename_fits or (surname_fits and _short_form(record.forename, row.forename)):
        return Verdict.SAME
    return Verdict.NAME_DIFFERS


def _short_form(one: str, other: str) -> bool:
    """Whether one forename begins the other, by three letters at least."""
    first, second = sorted((one.casefold(), other.casefold()), key=len)
    return len(first) >= 3 and second.startswith(first)


def renewed(record: Identity, row: NewIdentity) -> NewIdentity | None:
    """The identity after this row, or None when nothing changed: new name, old one kept; UPNs added."""
    former = tuple(
        dict.fromkeys(upn for upn in (*record.former_upns, record.upn, *row.former_upns) if upn and upn != row.upn)
    )
    old_surname = record.surname if not same_name(record.surname, row.surname) else record.former_surname
    fresh = replace(
        row,
        former_upns=former,
        former_surname=row.former_surname or old_surname,
        uln=row.uln or record.uln,
        postcode=row.postcode or record.postcode,
        address=row.address or record.address,
    )
    held = NewIdentity(**{name: getattr(record, name) for name in NewIdentity.__slots__})
    return None if fresh == held else fresh
