"""What the room gives out: frozen values, never a row of the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """An organisation that may ask for data.

    Attributes:
        id: ``O-0001``.
        kind: one of `ORGANISATION_KINDS`.
        country: where it is established.
    """

    id: str
    name: str
    kind: str
    country: str


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person who asks, decides or signs; known by id and role, without a name.

    Attributes:
        id: ``P-0001``.
        role: one of `PERSON_ROLES`.
        accredited_until: last day of accreditation; None when never accredited.
    """

    id: str
    organisation_id: str
    organisation_name: str
    role: str
    accredited_until: date | None

    def accredited_on(self, day: date) -> bool:
        """Whether the accreditation covers `day`; its last day is covered."""
        return self.accredited_until is not None and day <= self.accredited_until


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account that signs in.

    Attributes:
        role: one of `ACCOUNT_ROLES`.
        email: hidden from repr.
    """

    id: int
    role: str
    email: str = field(repr=False)
