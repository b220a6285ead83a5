"""Who takes part in the demo: clearly synthetic organisations, persons by role, and two applications."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from schoolgate import people, requests
from schoolgate.clock import Clock

ITEMS = (
    "census_pupil.la", "census_pupil.sex", "census_pupil.ethnicity", "census_pupil.ncyearactual",
    "census_pupil.fsmeligible", "census_pupil.senprovision", "census_pupil.sessionspossible",
    "census_pupil.sessionsauthorised", "census_pupil.sessionsunauthorised", "census_absence.attendancereason",
    "census_absence.sessions",
)  # fmt: skip
"""What the university asks for, and is given."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Person ids of who acts."""

    university: str
    researcher: str
    company: str
    seller: str
    panel: tuple[str, str]
    custodian: str


def enter_cast(today: date) -> Cast:
    """Enter the organisations and persons."""
    until = today + timedelta(days=365)
    university = people.add_organisation("University of Example (synthetic)", "university")
    company = people.add_organisation("Example Home Scores Ltd (synthetic)", "company")
    office = people.add_organisation("Custodian's office (synthetic)", "custodian")
    trust = people.add_organisation("Example Families Trust (synthetic)", "charity")

    def person(home: people.OrganisationView, role: str, last: date | None = None) -> str:
        return people.add_person(home.id, role, accredited_until=last).id

    return Cast(
        university=university.id,
        researcher=person(university, "researcher", until),
        company=company.id,
        seller=person(company, "researcher", until),
        panel=(person(trust, "panel"), person(office, "panel")),
        custodian=person(office, "custodian"),
    )


def approved(cast: Cast, today: date, years: tuple[int, int], clock: Clock) -> requests.Agreement:
    """The university's application, decided with reasons and a condition, and signed."""
    spec = replace(
        requests.read_application(requests.example("education-research")),
        organisation=cast.university,
        people=(cast.researcher,),
        items=ITEMS,
        years=(years,),
        terms=("AUT", "SPR"),
        cohort=(),
        valid_from=today,
        valid_until=today + timedelta(days=2 * 365),
    )
    application = requests.insist(requests.submit_application(spec, cast.researcher, clock))
    reasons = [
        "The study shows where help with attendance is missing; families gain from it.",
        "It needs no name, no date of birth and no address, and none is given.",
    ]
    requests.insist(requests.decide(application.id, True, reasons, [], cast.panel, clock))
    return requests.insist(requests.sign(application.id, cast.custodian, clock))


def turned_down(cast: Cast, today: date, clock: Clock) -> requests.Application:
    """A company's application for a product, refused by the panel; it stays in public."""
    spec = replace(
        requests.read_application(requests.example("commercial-product")),
        organisation=cast.company,
        people=(cast.seller,),
        valid_from=today,
        valid_until=today + timedelta(days=365),
    )
    application = requests.insist(requests.submit_application(spec, cast.seller, clock))
    reasons = ["No task in the public interest, and no power to share for a product that is sold."]
    return requests.insist(requests.decide(application.id, False, reasons, [], cast.panel, clock))
