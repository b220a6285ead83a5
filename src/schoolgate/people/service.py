"""Adding and finding accounts, organisations and persons."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from schoolgate.errors import SchoolgateError
from schoolgate.people.kinds import ACCOUNT_ROLES, ORGANISATION_KINDS, PERSON_ROLES
from schoolgate.people.models import Account, Organisation, Person
from schoolgate.people.views import AccountView, OrganisationView, PersonView

NAME_LENGTH = 200


class AccountExists(SchoolgateError):
    """There is an account with this e-mail address; the address is not repeated in the text."""


class UnknownOrganisation(SchoolgateError):
    """No organisation has this id or name."""


class UnknownPerson(SchoolgateError):
    """No person has this id."""


def _number(text: str, letter: str) -> int | None:
    """The row of a public id like ``P-0001``, or None when it is not one."""
    match = re.fullmatch(rf"{letter}-([0-9]{{4,18}})", text)
    return int(match[1]) if match else None


def _one_of(value: str, allowed: Collection[str], what: str) -> None:
    if value not in allowed:
        known = ", ".join(sorted(allowed))
        raise SchoolgateError(f"This {what} is not known.", hint=f"Known: {known}.", code="kind")


def _label(text: str, what: str) -> str:
    """A name on one line, normalised (NFC) so that two names that look alike are alike."""
    clean = unicodedata.normalize("NFC", text).strip()
    # Category C: control, format (bidirectional overrides among them) and unassigned characters.
    if not clean or len(clean) > NAME_LENGTH or any(unicodedata.category(c).startswith("C") for c in clean):
        raise SchoolgateError(f"The {what} must be 1 to {NAME_LENGTH} ordinary characters on one line.", code="text")
    return clean


def _organisation(row: Organisation) -> OrganisationView:
    return OrganisationView(id=row.public_id, name=row.name, kind=row.kind, country=row.country)


def _person(row: Person) -> PersonView:
    return PersonView(
        id=row.public_id,
        organisation_id=row.organisation.public_id,
        organisation_name=row.organisation.name,
        role=row.role,
        accredited_until=row.accredited_until,
    )


def add_organisation(name: str, kind: str, country: str = "United Kingdom") -> OrganisationView:
    """Enter an organisation.

    Raises:
        SchoolgateError: an unknown kind, an empty or strange name, or a name that is taken.
    """
    _one_of(kind, ORGANISATION_KINDS, "kind of organisation")
    try:
        with transaction.atomic():
            row = Organisation.objects.create(name=_label(name, "name"), kind=kind, country=_label(country, "country"))
    except IntegrityError:
        raise SchoolgateError(
            "An organisation of this name is entered already.", hint="Use its id.", code="organisation-exists"
        ) from None
    return _organisation(row)


def _organisation_row(organisation_id: str) -> Organisation:
    number = _number(organisation_id, "O")
    row = Organisation.objects.filter(pk=number).first() if number is not None else None
    if row is None:
        raise UnknownOrganisation(
            "There is no such organisation.", hint="See `people list`.", code="organisation-unknown"
        )
    return row


def organisation(organisation_id: str) -> OrganisationView:
    """One organisation.

    Raises:
        UnknownOrganisation: no organisation has this id.
    """
    return _organisation(_organisation_row(organisation_id))


def find_organisation(text: str) -> OrganisationView:
    """One organisation by its id or its exact name.

    Raises:
        UnknownOrganisation: none fits.
    """
    row = Organisation.objects.filter(name=unicodedata.normalize("NFC", text).strip()).first()
    return _organisation(row) if row is not None else organisation(text)


def organisations() -> tuple[OrganisationView, ...]:
    """Every organisation, in order of entry."""
    return tuple(_organisation(row) for row in Organisation.objects.order_by("pk"))


def add_person(organisation_id: str, role: str, *, accredited_until: date | None = None) -> PersonView:
    """Enter a person of an organisation.

    Raises:
        SchoolgateError: unknown organisation or role.
    """
    _one_of(role, PERSON_ROLES, "role")
    row = Person.objects.create(
        organisation=_organisation_row(organisation_id), role=role, accredited_until=accredited_until
    )
    return _person(row)


def _person_row(person_id: str) -> Person:
    number = _number(person_id, "P")
    row = Person.objects.select_related("organisation").filter(pk=number).first() if number is not None else None
    if row is None:
        raise UnknownPerson("There is no such person.", hint="See `people list`.", code="person-unknown")
    return row


def person(person_id: str) -> PersonView:
    """One person.

    Raises:
        UnknownPerson: no person has this id.
    """
    return _person(_person_row(person_id))


def persons(organisation_id: str | None = None) -> tuple[PersonView, ...]:
    """Every person, in order of entry; of one organisation when given."""
    rows = Person.objects.select_related("organisation").order_by("pk")
    if organisation_id is not None:
        rows = rows.filter(organisation=_organisation_row(organisation_id))
    return tuple(_person(row) for row in rows)


def set_accreditation(person_id: str, until: date | None) -> PersonView:
    """Renew, shorten or (None) withdraw a person's accreditation; the next read asks for it anew.

    Raises:
        UnknownPerson: no person has this id.
    """
    row = _person_row(person_id)
    row.accredited_until = until
    row.save(update_fields=["accredited_until"])
    return _person(row)


def _account(row: Account) -> AccountView:
    return AccountView(id=int(row.pk), role=row.role, email=row.email)


def create_account(email: str, password: str, *, role: str = "family") -> AccountView:
    """Make an account.

    Raises:
        AccountExists: the address has one.
        SchoolgateError: not an e-mail address, a weak password, an unknown role.
    """
    _one_of(role, ACCOUNT_ROLES, "role")
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise SchoolgateError("This is not an e-mail address.", code="email") from None
    try:
        validate_password(password)
    except ValidationError as weak:
        raise SchoolgateError("This password is too weak.", hint=" ".join(weak.messages), code="password") from None
    try:
        with transaction.atomic():
            return _account(Account.objects.create_user(address, password, role=role))
    except IntegrityError:
        raise AccountExists("There is an account with this e-mail address.", code="account-exists") from None


def account(account_id: int) -> AccountView:
    """One account that is in use.

    Raises:
        SchoolgateError: no such account, or it is closed.
    """
    row = Account.objects.filter(pk=account_id, is_active=True).first()
    if row is None:
        raise SchoolgateError("There is no such account.", code="account-unknown")
    return _account(row)
