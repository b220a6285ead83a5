"""People: who signs in, which organisations ask, and whose accreditation runs until when.

In: an e-mail address and password; organisations and persons as the custodian enters them.
Out: frozen views. Never: a password, a person's name (officials and researchers appear by id and role).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.people.kinds import ACCOUNT_ROLES, ORGANISATION_KINDS, PERSON_ROLES
from schoolgate.people.views import AccountView, OrganisationView, PersonView
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.people.service import (
        AccountExists,
        UnknownOrganisation,
        UnknownPerson,
        account,
        add_organisation,
        add_person,
        create_account,
        find_organisation,
        organisation,
        organisations,
        person,
        persons,
        set_accreditation,
    )

__all__ = [
    "ACCOUNT_ROLES",
    "ORGANISATION_KINDS",
    "PERSON_ROLES",
    "AccountExists",
    "AccountView",
    "OrganisationView",
    "PersonView",
    "UnknownOrganisation",
    "UnknownPerson",
    "account",
    "add_organisation",
    "add_person",
    "create_account",
    "find_organisation",
    "organisation",
    "organisations",
    "person",
    "persons",
    "set_accreditation",
]

__getattr__ = lazy_surface(__name__, {name: "service" for name in __all__ if name not in globals()})
