"""The synthetic persons and forms of these tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from schoolgate import people, register, requests
from schoolgate.clock import Clock, FixedClock
from schoolgate.errors import Refusal
from tests.requests import road
from tests.requests.filled import filled

EDUCATION = "education-research"


@dataclass(frozen=True)
class Cast:
    """Who takes part; person ids."""

    university: people.OrganisationView
    company: people.OrganisationView
    researcher: str
    colleague: str
    seller: str
    panel: tuple[str, str]
    insider: str
    custodian: str
    witness: str


def enter_cast() -> Cast:
    """Enter everybody."""
    last = date(2029, 12, 31)
    university = people.add_organisation("University of Example (synthetic)", "university")
    company = people.add_organisation("Example Home Scores Ltd (synthetic)", "company")
    office = people.add_organisation("Custodian (synthetic)", "custodian")
    trust = people.add_organisation("Example Trust (synthetic)", "charity")

    def person(home: people.OrganisationView, role: str, accredited: bool = False) -> str:
        return people.add_person(home.id, role, accredited_until=last if accredited else None).id

    custodian = person(office, "custodian")
    entered = FixedClock(datetime(2026, 9, 1, 9, tzinfo=UTC))
    for one in (university, company):
        people.verify_organisation(one.id, "Looked up (synthetic)", actor=custodian, clock=entered)
    return Cast(
        university=university,
        company=company,
        researcher=person(university, "researcher", True),
        colleague=person(university, "researcher", True),
        seller=person(company, "researcher", True),
        panel=(person(trust, "panel"), person(office, "panel")),
        insider=person(university, "panel"),
        custodian=custodian,
        witness=person(office, "custodian"),
    )


def a_spec(cast: Cast, **changes: Any) -> requests.ApplicationSpec:
    """A complete application, with changes."""
    given: dict[str, Any] = {
        "title": "Absence and free school meals",
        "organisation": cast.university.id,
        "people": (cast.researcher,),
        "purpose": EDUCATION,
        "purpose_plain": "We want to find out who misses school.",
        "lawful_basis": "UK GDPR Article 6(1)(e)",
        "gateway": "Education Act 1996 s.537A(5)",
        "items": ("census_pupil.sex", "census_pupil.fsmeligible"),
        "years": ((2024, 2026),),
        "terms": ("AUT",),
        "cohort": (requests.CohortCondition("ncyearactual", ("7", "8")),),
        "valid_from": date(2026, 9, 1),
        "valid_until": date(2028, 8, 31),
        "processed_at": "Safe setting",
        "country": "United Kingdom",
    }
    return filled(requests.ApplicationSpec(**{**given, **changes}))


def submitted(cast: Cast, clock: Clock, **changes: Any) -> requests.Application:
    """An application that was taken in."""
    return requests.insist(requests.submit_application(a_spec(cast, **changes), cast.researcher, clock))


def approved(cast: Cast, clock: Clock, *conditions: str, **changes: Any) -> requests.Application:
    """An application that the panel approved."""
    made = submitted(cast, clock, **changes)
    return requests.insist(road.decide(made.id, True, ["Clear public benefit."], conditions, cast.panel, clock))


def signed(cast: Cast, clock: Clock, *conditions: str, **changes: Any) -> requests.Agreement:
    """An agreement in force."""
    return requests.insist(road.sign(approved(cast, clock, *conditions, **changes).id, cast.custodian, clock))


def codes(outcome: object) -> set[tuple[str, str]]:
    """The (code, where) of every reason of a refused step."""
    assert isinstance(outcome, requests.Refused), outcome
    assert all(isinstance(reason, Refusal) and reason.reason for reason in outcome.reasons)
    return {(reason.code, reason.where) for reason in outcome.reasons}


def told(subject: str) -> list[dict[str, Any]]:
    """What the register was told about a subject, oldest first."""
    return [dict(event.body) for event in reversed(list(register.events(subject=subject, limit=1000)))]
