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
        "regulator": "the regulator, or an independent overseer",
        "family": "a child’s own family and school",
    }
)
"""Kind -> in words, as the public register shows it."""

PERSON_ROLES: Mapping[str, str] = MappingProxyType(
    {
        "researcher": "asks for data and uses it under an agreement",
        "panel": "sits on the panel that decides applications",
        "custodian": "signs, ends and oversees agreements for the custodian",
        "overseer": "the regulator or the independent overseer: reads everything, decides nothing",
    }
)
"""Role -> what it does. A person has one; who holds two is two persons, so that nobody changes hats."""

SEATS: Mapping[str, str] = MappingProxyType(
    {
        "official": "of the custodian",
        "independent": "an expert who is neither the custodian's nor an applicant's",
        "lay": "speaks for pupils and parents",
    }
)
"""Seat of a panel member -> in words; only a panel member has one."""

ACCOUNT_ROLES: Mapping[str, str] = MappingProxyType(
    {
        "family": "a parent, or a young person",
        "school": "a school's office",
        "researcher": "a researcher",
        "custodian": "the custodian's staff",
        "panel": "a member of the data-sharing panel",
        "overseer": "the regulator's or the overseer's staff",
    }
)
"""Role of an account that signs in -> whose it is."""


COMMERCIAL: Mapping[str, str] = MappingProxyType(
    {
        "": "not stated",
        "none": "earns nothing by what it does with the data",
        "indirect": "earns indirectly: by its reputation, by later work, or for somebody who pays it",
        "direct": "sells or means to sell what it makes of the data",
    }
)
"""Commercial interest -> in words, as the public register shows it."""

REGISTERS: Mapping[str, str] = MappingProxyType(
    {
        "": "not stated",
        "companies-house": "Companies House",
        "charity-commission": "the Charity Commission for England and Wales",
        "charity-scotland": "the Scottish Charity Regulator",
        "charity-northern-ireland": "the Charity Commission for Northern Ireland",
        "ukprn": "the UK Register of Learning Providers",
        "ror": "the Research Organization Registry",
        "abroad": "a register of another country",
        "statute": "set up by an Act",
    }
)
"""Register that an organisation stands in -> in words."""

REGISTER_NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        "companies-house": r"[0-9]{8}|[A-Z]{2}[0-9]{6}|[A-Z]{2}[0-9]{5}[A-Z]",
        "charity-commission": r"[0-9]{6,7}(?:-[0-9]{1,3})?",
        "charity-scotland": r"SC[0-9]{6}",
        "charity-northern-ireland": r"(?:NIC)?[0-9]{6}",
        "ukprn": r"1[0-9]{7}",
        "ror": r"0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}",
    }
)
"""Register -> the shape of its numbers; a register that is not here has numbers of any shape."""

FACTS: Mapping[str, str] = MappingProxyType(
    {
        "name": "name",
        "kind": "kind of organisation",
        "country": "country",
        "owner": "owner",
        "business": "business",
        "commercial": "commercial interest",
        "funders": "who pays for it",
        "register": "register it stands in",
        "number": "number in that register",
    }
)
"""What is known of an organisation and may change -> in words."""

REOPENS = frozenset({"name", "kind", "country", "owner", "business", "commercial"})
"""A change of one of these makes it another organisation than the one that was decided on: its agreements are opened
again. A training provider once renamed itself, kept its access and sold it (see the failures this product answers)."""

PERSON_FACTS: Mapping[str, str] = MappingProxyType(
    {
        "entered": "entered",
        "accredited": "accredited",
        "renewed": "accreditation made longer",
        "shortened": "accreditation made shorter",
        "withdrawn": "accreditation withdrawn",
        "left": "left the organisation",
        "account": "linked to an account",
    }
)
"""What happens to a person -> in words."""
