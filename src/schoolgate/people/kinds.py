"""The words for kinds of organisation and for roles; the same list checks input and is shown."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ORGANISATION_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "university": "a university",
        "research-institute": "a research institute",
        "government-department": "a government department",
        "public-body": "a public body",
        "local-authority": "a local authority",
        "police": "a police force",
        "charity": "a charity",
        "company": "a company",
        "custodian": "the custodian of the pupil database",
        "family": "a child’s own family and school",
    }
)
"""Kind -> in words, as the public register shows it."""

PERSON_ROLES: Mapping[str, str] = MappingProxyType(
    {
        "researcher": "asks for data and uses it under an agreement",
        "panel": "sits on the panel that decides applications",
        "custodian": "signs, ends and oversees agreements for the custodian",
    }
)
"""Role -> what it does. A person has one; who holds two is two persons, so that nobody changes hats."""

ACCOUNT_ROLES: Mapping[str, str] = MappingProxyType(
    {
        "family": "a parent, or a young person",
        "school": "a school's office",
        "researcher": "a researcher",
        "custodian": "the custodian's staff",
    }
)
"""Role of an account that signs in -> whose it is."""
