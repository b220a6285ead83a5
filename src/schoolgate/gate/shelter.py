"""A shielded child's record without its places, for the one adult who was confirmed since the shield.

What names a school or an area is left out, whatever table it stands in: the school, the authority, where a return came
from; and the pupil number, whose digits two to four are the authority that first gave it (DfE, "Unique pupil numbers:
guide for schools and local authorities", format of a UPN). The adult knows where the child is; whoever takes over the
adult's account must not learn it here. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

_NAMES = frozenset({"urn", "la", "laestab", "estab", "postcode", "ukcountry", "return_id", "return_row"})
_IDENTITY = frozenset({"upn", "former_upns", "uln", "postcode", "address"})

Rows = Mapping[str, tuple[Mapping[str, object], ...]]
"""Lake table -> rows, each column's name -> value."""


def place_columns() -> frozenset[str]:
    """The columns of the lake that name a place, in whatever table."""
    return _NAMES


def identity_without_places(identity: Mapping[str, str]) -> Mapping[str, str]:
    """Who a child is, without numbers and lines that say where."""
    return {name: value for name, value in identity.items() if name not in _IDENTITY}


def rows_without_places(tables: Rows) -> Rows:
    """The rows, without the columns that name a place."""
    return {
        table: tuple({name: row[name] for name in row if name not in _NAMES} for row in rows)
        for table, rows in tables.items()
    }


def age_on(born: str, today: date) -> int | None:
    """Age in whole years; None when no date of birth is known. Who is born on 29 February comes of age on 1 March.

    At common law a year of age is completed at the first moment of the birthday (Family Law Reform Act 1969 s.9(1)).
    """
    try:
        day = date.fromisoformat(born)
    except ValueError:
        return None
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))
