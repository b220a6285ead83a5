"""Accounts: who signs in, and as whom an account acts."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from schoolgate.clock import Clock
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Urn
from schoolgate.people.directory import view_of
from schoolgate.people.entering import moment, one_of
from schoolgate.people.kinds import ACCOUNT_ROLES
from schoolgate.people.models import Account, Organisation, Person, PersonEntry
from schoolgate.people.staff import FREE_SEATS, has_left, not_free, person_row, person_view
from schoolgate.people.views import AccountView, OrganisationView, PersonView


class AccountExists(SchoolgateError):
    """There is an account with this e-mail address; the address is not repeated in the text."""


def account_view(row: Account) -> AccountView:
    """A row as the room gives it out."""
    return AccountView(id=int(row.pk), role=row.role, email=row.email, urn=row.urn)


def create_account(email: str, password: str, *, role: str = "family") -> AccountView:
    """Make an account.

    Raises:
        AccountExists: the address has one.
        SchoolgateError: not an e-mail address, a weak password, an unknown role.
    """
    one_of(role, ACCOUNT_ROLES, "role")
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
            return account_view(Account.objects.create_user(address, password, role=role))
    except IntegrityError:
        raise AccountExists("There is an account with this e-mail address.", code="account-exists") from None


def create_held_account(name: str) -> AccountView:
    """An account that nobody signs in to: a family's that staff act for. `name` is random; the address is none."""
    return account_view(Account.objects.create_user(no_address(name), None, role="family"))


def no_address(name: str) -> str:
    """What stands where an account has no address; `name` is random. See `AccountView.has_address`."""
    return f"{name}@no-sign-in.invalid"


def find_account(email: str) -> AccountView:
    """The account of an e-mail address, for the custodian's own commands; never for a page that anybody can open.

    Raises:
        SchoolgateError: no account in use has it; the address is not repeated in the text.
    """
    row = Account.objects.filter(email=email.strip().lower(), is_active=True).first()
    if row is None:
        raise SchoolgateError(
            "There is no account with this e-mail address.",
            hint="Make one with `people account add`.",
            code="account-unknown",
        )
    return account_view(row)


def account(account_id: int) -> AccountView:
    """One account that is in use.

    Raises:
        SchoolgateError: no such account, or it is closed.
    """
    row = Account.objects.filter(pk=account_id, is_active=True).first()
    if row is None:
        raise SchoolgateError("There is no such account.", code="account-unknown")
    return account_view(row)


def set_school(account_id: int, urn: int) -> AccountView:
    """Let a school's account act for one school; another school takes the place of the one before.

    Raises:
        InvalidIdentifier: the URN cannot be one.
        SchoolgateError: no such account, or it is not a school's.
    """
    row = Account.objects.filter(pk=account_id, is_active=True).first()
    if row is None or row.role != "school":
        raise SchoolgateError(
            "Only a school’s account acts for a school.", hint="Make an account of the role school.", code="account"
        )
    row.urn = int(Urn(urn))
    row.save(update_fields=["urn"])
    return account_view(row)


def accounts_of(role: str) -> tuple[AccountView, ...]:
    """Every open account of one role, in order of entry: whom a notice is sent to."""
    one_of(role, ACCOUNT_ROLES, "role")
    return tuple(account_view(row) for row in Account.objects.filter(role=role, is_active=True).order_by("pk"))


def _check_free(same: list[Person]) -> None:
    """One human being is not of the custodian in one person and independent of it in another.

    Raises:
        SchoolgateError: they would be.
    """
    if any(one.seat in FREE_SEATS for one in same) and any(one.organisation.kind == "custodian" for one in same):
        raise not_free()


def hold_person(person_id: str, account_id: int, *, actor: str = "", clock: Clock | None = None) -> PersonView:
    """Let an account act as a person. A person has one account; an account may hold several persons.

    Raises:
        UnknownPerson: no person has this id.
        SchoolgateError: no such account, a family's account, the person left, another account holds the person, or
            the account would be the custodian's and have a seat that is free of the custodian.
    """
    held = account(account_id)
    if held.role == "family":
        raise SchoolgateError(
            "A family's account cannot act for an organisation.", hint="Make another account for it.", code="account"
        )
    with transaction.atomic():
        row = Person.objects.select_for_update().get(pk=person_row(person_id).pk)
        if row.left_on is not None:
            raise has_left()
        if row.account_id not in (None, account_id):
            raise SchoolgateError("Another account acts as this person.", code="account")
        if row.account_id is None:
            _check_free(
                [row, *Person.objects.select_related("organisation").filter(account_id=account_id, left_on=None)]
            )
            row.account_id = account_id
            row.save(update_fields=["account"])
            PersonEntry.objects.create(
                person=row, what="account", until=row.accredited_until, actor=actor, at=moment(clock)
            )
    return person_view(person_row(person_id))


def held_persons(account_id: int) -> tuple[PersonView, ...]:
    """The persons an account acts as, in order of entry; none when the account is closed, none that left."""
    rows = Person.objects.select_related("organisation").filter(
        account_id=account_id, account__is_active=True, left_on=None
    )
    return tuple(person_view(row) for row in rows.order_by("pk"))


def organisations_of(account_id: int) -> tuple[OrganisationView, ...]:
    """The organisations that an account's persons are of, in order of entry; those left are not among them."""
    rows = Organisation.objects.filter(persons__account_id=account_id, persons__left_on=None).distinct()
    return tuple(view_of(row) for row in rows.order_by("pk"))
