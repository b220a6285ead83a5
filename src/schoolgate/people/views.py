"""What the room gives out: frozen values, never a row of the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """An organisation that may ask for data.

    Attributes:
        id: ``O-0001``.
        name: its legal name.
        kind: one of `ORGANISATION_KINDS`.
        country: where it is established.
        owner: who owns or controls it, as the custodian was shown; empty when not stated.
        funders: who pays for it.
        commercial: one of `COMMERCIAL`.
        business: what it does, in plain words.
        register: one of `REGISTERS`.
        number: its number there.
        verified_on: when the custodian last made sure that it is who it says; None when never, or when its name or
            number changed since.
        verified_how: how.
        former_names: names it had before, oldest first.
        merged_into: the id of the organisation that it became part of; empty while it stands alone.
    """

    id: str
    name: str
    kind: str
    country: str
    owner: str = ""
    funders: tuple[str, ...] = ()
    commercial: str = ""
    business: str = ""
    register: str = ""
    number: str = ""
    verified_on: date | None = None
    verified_how: str = ""
    former_names: tuple[str, ...] = ()
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class OneBody:
    """Organisations that are one since they were merged.

    Attributes:
        ids: of all of them.
        kinds: of the one that was asked for, and of what it became part of.
    """

    ids: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that changed.

    Attributes:
        fact: one of `FACTS`, ``verified`` or ``merged``.
        before: its value until then.
        after: its value from then on.
    """

    fact: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class OrganisationChange:
    """A change of an organisation that was recorded.

    Attributes:
        organisation: as it is now.
        what: everything that changed.
        reopens: whether it is another organisation now than the one its agreements were decided for.
        log_index: the register's entry; None when the change is not one the public is told of.
    """

    organisation: OrganisationView
    what: tuple[Changed, ...]
    reopens: bool
    log_index: int | None


@dataclass(frozen=True, slots=True)
class OrganisationFact:
    """One line of an organisation's history.

    Attributes:
        at: when it was entered.
        change: lines of one number were entered together.
        actor: person id; empty at the command line.
    """

    at: datetime
    change: int
    fact: str
    before: str
    after: str
    reason: str
    actor: str


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person who asks, decides or signs; known by id and role, without a name.

    Attributes:
        id: ``P-0001``.
        role: one of `PERSON_ROLES`.
        accredited_until: last day of accreditation; None when never accredited, withdrawn, or the person left.
        country: where the organisation is.
        seat: of a panel member, one of `SEATS`; empty otherwise.
        account_id: the account that acts as this person; None while nobody signs in as it.
        left_on: when the person left the organisation; agreements that name it keep it on record, and refuse it.
    """

    id: str
    organisation_id: str
    organisation_name: str
    role: str
    accredited_until: date | None
    country: str
    seat: str = ""
    account_id: int | None = None
    left_on: date | None = None

    def accredited_on(self, day: date) -> bool:
        """Whether the accreditation covers `day`; its last day is covered."""
        return self.left_on is None and self.accredited_until is not None and day <= self.accredited_until


@dataclass(frozen=True, slots=True)
class PersonFact:
    """One line of a person's history.

    Attributes:
        what: one of `PERSON_FACTS`.
        until: the last day of accreditation from then on; None when there is none.
        actor: person id of who entered it; empty at the command line.
    """

    at: datetime
    what: str
    until: date | None
    reason: str
    actor: str


@dataclass(frozen=True, slots=True)
class InterestView:
    """What a person declared that ties them to another organisation.

    Attributes:
        id: ``I-0001``.
        what: in words; for who decides on conflicts, never public.
        ended_on: None while it stands.
    """

    id: str
    person_id: str
    organisation_id: str
    what: str
    declared_on: date
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account that signs in.

    Attributes:
        role: one of `ACCOUNT_ROLES`.
        email: hidden from repr.
        urn: of a school's account, the school it acts for; None while the custodian has set none.
    """

    id: int
    role: str
    email: str = field(repr=False)
    urn: int | None = None

    @property
    def has_address(self) -> bool:
        """Whether letters can be sent to it (RFC 2606 section 2): not to one without an address of its own."""
        return not self.email.endswith(".invalid")
