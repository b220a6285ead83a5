"""Somebody signed in to work with the data, for tests of the faces."""

from __future__ import annotations

from datetime import date

from django.test import Client

from schoolgate import people
from schoolgate.people.models import Account

PASSWORD = "correct horse battery"
HOMES = {"researcher": "university", "panel": "custodian", "custodian": "custodian", "overseer": "regulator"}
"""Role -> kind of the organisation that its persons are of, unless a test says which."""


def account_of(person_id: str, email: str = "") -> Account:
    """The account that acts as a person; made when there is none."""
    person = people.person(person_id)
    if person.account_id is None:
        role = person.role
        address = email or f"{person_id.lower()}@example.org"
        known = Account.objects.filter(email=address).first()
        account = known or Account.objects.create_user(address, PASSWORD, role=role)
        people.hold_person(person_id, int(account.pk))
        return account
    return Account.objects.get(pk=person.account_id)


def sign_in_as(client: Client, person_id: str) -> people.PersonView:
    """Sign the client in as a person that is entered already."""
    client.force_login(account_of(person_id))
    session = client.session
    session["acting-as"] = person_id
    session.save()
    return people.person(person_id)


def signed_in(client: Client, role: str, organisation: str = "", *, seat: str = "") -> people.PersonView:
    """Enter a person of a role and sign the client in as it.

    Args:
        client: Django's test client.
        role: one of `people.PERSON_ROLES`.
        organisation: the id of an organisation that is entered already; otherwise one of the role's kind is used, and
            entered when it is missing.
        seat: of a panel member.
    """
    home = organisation
    if not home:
        name = f"Organisation of a {role} (synthetic)"
        known = [one for one in people.organisations() if one.name == name]
        home = (known[0] if known else people.add_organisation(name, HOMES[role])).id
    person = people.add_person(home, role, accredited_until=date(2030, 12, 31), seat=seat)
    return sign_in_as(client, person.id)
