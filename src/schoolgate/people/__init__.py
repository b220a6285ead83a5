"""People: who signs in, which organisations ask, whose accreditation runs until when, and what ties whom to whom.

In: an e-mail address and password; organisations and persons as the custodian enters them.
Out: frozen views, and every change with its reason. Never: a password, a person's name (officials and researchers
appear by id and role).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.people.kinds import (
    ACCOUNT_ROLES,
    COMMERCIAL,
    FACTS,
    ORGANISATION_KINDS,
    PERSON_FACTS,
    PERSON_ROLES,
    REGISTERS,
    REOPENS,
    SEATS,
)
from schoolgate.people.views import (
    AccountView,
    Changed,
    InterestView,
    OneBody,
    OrganisationChange,
    OrganisationFact,
    OrganisationView,
    PersonFact,
    PersonView,
)
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.people.accounts import (
        AccountExists,
        account,
        accounts_of,
        create_account,
        create_held_account,
        find_account,
        held_persons,
        hold_person,
        organisations_of,
        set_school,
    )
    from schoolgate.people.changes import (
        change_organisation,
        known_names,
        merge_organisations,
        one_body,
        organisation_history,
        stands_for,
        successor,
        verify_organisation,
    )
    from schoolgate.people.directory import (
        UnknownOrganisation,
        add_organisation,
        find_organisation,
        is_verified,
        look_alikes,
        organisation,
        organisations,
        organisations_called,
    )
    from schoolgate.people.signin import (
        PasskeyView,
        add_passkey,
        find_passkey,
        outside_sign_ins,
        passkeys,
        remove_outside,
        remove_passkey,
        sign_in_outside,
        sign_out_everywhere,
        used_passkey,
    )
    from schoolgate.people.staff import (
        UnknownPerson,
        add_person,
        close_person,
        person,
        person_history,
        persons,
        set_accreditation,
    )
    from schoolgate.people.ties import conflicts, declare_interest, end_interest, interests, same_human

__all__ = [
    "ACCOUNT_ROLES",
    "COMMERCIAL",
    "FACTS",
    "ORGANISATION_KINDS",
    "PERSON_FACTS",
    "PERSON_ROLES",
    "REGISTERS",
    "REOPENS",
    "SEATS",
    "AccountExists",
    "AccountView",
    "Changed",
    "InterestView",
    "OneBody",
    "OrganisationChange",
    "OrganisationFact",
    "OrganisationView",
    "PasskeyView",
    "PersonFact",
    "PersonView",
    "UnknownOrganisation",
    "UnknownPerson",
    "account",
    "accounts_of",
    "add_organisation",
    "add_passkey",
    "add_person",
    "change_organisation",
    "close_person",
    "conflicts",
    "create_account",
    "create_held_account",
    "declare_interest",
    "end_interest",
    "find_account",
    "find_organisation",
    "find_passkey",
    "held_persons",
    "hold_person",
    "interests",
    "is_verified",
    "known_names",
    "look_alikes",
    "merge_organisations",
    "one_body",
    "organisation",
    "organisation_history",
    "organisations",
    "organisations_called",
    "organisations_of",
    "outside_sign_ins",
    "passkeys",
    "person",
    "person_history",
    "persons",
    "remove_outside",
    "remove_passkey",
    "same_human",
    "set_accreditation",
    "set_school",
    "sign_in_outside",
    "sign_out_everywhere",
    "stands_for",
    "successor",
    "used_passkey",
    "verify_organisation",
]

__getattr__ = lazy_surface(
    __name__,
    {
        **dict.fromkeys(
            (
                "AccountExists",
                "account",
                "accounts_of",
                "create_account",
                "create_held_account",
                "find_account",
                "held_persons",
                "hold_person",
                "organisations_of",
                "set_school",
            ),
            "accounts",
        ),
        **dict.fromkeys(
            (
                "change_organisation",
                "known_names",
                "merge_organisations",
                "one_body",
                "organisation_history",
                "stands_for",
                "successor",
                "verify_organisation",
            ),
            "changes",
        ),
        **dict.fromkeys(("conflicts", "declare_interest", "end_interest", "interests", "same_human"), "ties"),
        **dict.fromkeys(
            (
                "UnknownOrganisation",
                "add_organisation",
                "find_organisation",
                "is_verified",
                "look_alikes",
                "organisation",
                "organisations",
                "organisations_called",
            ),
            "directory",
        ),
        **dict.fromkeys(
            (
                "UnknownPerson",
                "add_person",
                "close_person",
                "person",
                "person_history",
                "persons",
                "set_accreditation",
            ),
            "staff",
        ),
        **dict.fromkeys(
            (
                "PasskeyView",
                "add_passkey",
                "find_passkey",
                "outside_sign_ins",
                "passkeys",
                "remove_outside",
                "remove_passkey",
                "sign_in_outside",
                "sign_out_everywhere",
                "used_passkey",
            ),
            "signin",
        ),
    },
)
