"""Is this row the same child as that record? Pure rules; what they cannot say goes to a clerk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import attrgetter
from typing import Any

from schoolgate.ids import CensusPoint
from schoolgate.records.vault import Identity, NewIdentity, same_name


class Verdict(StrEnum):
    """What the rules say of a row and a record with the same UPN."""

    SAME = "same"
    BIRTH_DATE_DIFFERS = "birth-date-differs"
    NAME_DIFFERS = "name-differs"
    SAME_CHILD_OTHER_UPN = "same-child-other-upn"
    TWO_RECORDS = "two-records"


REASONS: Mapping[Verdict, str] = {
    Verdict.BIRTH_DATE_DIFFERS: "The same UPN or former UPN, but another date of birth.",
    Verdict.NAME_DIFFERS: "The same UPN or former UPN and date of birth, but another name.",
    Verdict.SAME_CHILD_OTHER_UPN: "Another UPN, but the same name, date of birth, sex and postcode.",
    Verdict.TWO_RECORDS: "The UPN is one record's and the former UPN another's: a child may have two records.",
}
"""Verdict -> why a clerk is asked, in plain words."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a return says of one child, as far as matching needs it."""

    return_id: str
    number: int
    identity: NewIdentity


_ADDRESS = ("saon", "paon", "street", "locality", "town", "posttown", "addressline1", "addressline2")


def said_in(point: CensusPoint, on_roll: bool, enrolment: str) -> str:
    """When a row was said, in a form that sorts: by census, then by how well the school knows the child.

    In one census the main school is believed before a second one, and both before a school the child has left.
    """
    weight = 0 if not on_roll else 2 if enrolment in ("", "C", "M") else 1
    return f"{point.year}{point.term.order}{weight}"


def identity_of(fields: Mapping[str, str], addresses: tuple[Mapping[str, str], ...], as_of: str) -> NewIdentity:
    """The identity in a return's row (column names of the census tables)."""
    home = addresses[0] if addresses else {}
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
        address=", ".join(home[part] for part in _ADDRESS if home.get(part)),
        as_of=as_of,
    )


def as_put_right(record: Identity, row: NewIdentity) -> NewIdentity:
    """A row as it reads once what was put right for the family is: a school may go on sending the old value."""
    values: dict[str, Any] = {name: new for name, old, new in record.put_right if getattr(row, name) == old}
    return replace(row, **values) if values else row


def compare(record: Identity, row: NewIdentity) -> Verdict:
    """Whether a row with a record's UPN is that child.

    The birth date must agree. The name agrees when forename or surname does: surnames change, and forenames
    are written in many ways, but a child whose forename *and* surname both differ may be another child.
    """
    row = as_put_right(record, row)
    if record.dob != row.dob:
        return Verdict.BIRTH_DATE_DIFFERS
    if record.forename == row.forename:
        return Verdict.SAME
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
    """The identity after this row, or None when nothing changed.

    A row of the same census or a later one is believed: its name takes the record's place, and the old surname is
    kept when it comes from an earlier census (within one census another name is a correction). A row of an earlier
    census, loaded again, only adds what the record does not hold. UPNs are never forgotten.
    """
    row = as_put_right(record, row)
    if _unchanged(record, row):
        return None
    newer = row.as_of >= record.as_of
    current = row.upn if newer else record.upn
    former = tuple(
        upn
        for upn in dict.fromkeys((*record.former_upns, record.upn, row.upn, *row.former_upns))
        if upn and upn != current
    )
    held = record.without_reference()
    if newer:
        renamed = row.as_of[:5] > record.as_of[:5] and not same_name(record.surname, row.surname)
        fresh = replace(
            row,
            former_upns=former,
            former_surname=row.former_surname or (record.surname if renamed else record.former_surname),
            uln=row.uln or record.uln,
            postcode=row.postcode or record.postcode,
            address=row.address or record.address,
            put_right=record.put_right,
        )
    else:
        fresh = replace(
            held,
            former_upns=former,
            former_surname=record.former_surname or row.former_surname,
            uln=record.uln or row.uln,
            postcode=record.postcode or row.postcode,
            address=record.address or row.address,
        )
    # That the same was said again later is no change: a term would otherwise rewrite every identity.
    return None if replace(fresh, as_of=record.as_of) == held else fresh


_ALWAYS = attrgetter("upn", "surname", "forename", "dob", "sex", "middle_names", "preferred_surname")
_SOMETIMES = attrgetter("former_surname", "uln", "postcode", "address")


def _unchanged(record: Identity, row: NewIdentity) -> bool:
    """Whether the row says what the record holds, or leaves it out: most rows, found without building anything."""
    return (
        _ALWAYS(record) == _ALWAYS(row)
        and all(said in ("", held) for said, held in zip(_SOMETIMES(row), _SOMETIMES(record), strict=True))
        and all(upn in record.former_upns for upn in row.former_upns)
    )
