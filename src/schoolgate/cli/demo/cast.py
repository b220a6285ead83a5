"""Who takes part in the demo: clearly synthetic organisations, persons by role, and two applications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from schoolgate import notices, people, requests
from schoolgate.clock import Clock
from schoolgate.errors import SchoolgateError

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
    panel: tuple[str, ...]
    custodian: str
    signatory: str
    overseer: str


def enter_cast(today: date) -> Cast:
    """Enter the organisations and persons."""
    until = today + timedelta(days=365)
    university = people.add_organisation("University of Example (synthetic)", "university")
    company = people.add_organisation("Example Home Scores Ltd (synthetic)", "company")
    office = people.add_organisation("Custodian's office (synthetic)", "custodian")
    trust = people.add_organisation("Example Families Trust (synthetic)", "charity")

    college = people.add_organisation("Example College of Statistics (synthetic)", "university")
    regulator = people.add_organisation("Example Regulator (synthetic)", "regulator")

    def person(home: people.OrganisationView, role: str, last: date | None = None, seat: str = "") -> str:
        return people.add_person(home.id, role, accredited_until=last, seat=seat).id

    return Cast(
        university=university.id,
        researcher=person(university, "researcher", until),
        company=company.id,
        seller=person(company, "researcher", until),
        panel=(
            person(college, "panel", seat="independent"),
            person(college, "panel", seat="independent"),
            person(trust, "panel", seat="lay"),
            person(trust, "panel", seat="lay"),
            person(office, "panel", seat="official"),
        ),
        custodian=person(office, "custodian"),
        signatory=person(office, "custodian"),
        overseer=person(regulator, "overseer"),
    )


def decided(cast: Cast, application_id: str, choice: str, reasons: Sequence[str], clock: Clock) -> str:
    """The panel's road: complete, members named, everybody votes with a reason, the quorum rules say what it is."""
    requests.insist(requests.check_completeness(application_id, (), cast.custodian, clock))
    leads = cast.panel[0]
    case = requests.insist(requests.allocate(application_id, cast.panel, leads, cast.custodian, clock))
    for member in cast.panel:
        requests.insist(requests.vote(case, choice, reasons, (), (), member, clock))
    return requests.insist(requests.conclude(case, cast.custodian, clock))


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
        retention_until=today + timedelta(days=3 * 365),
    )
    application = requests.insist(requests.submit_application(spec, cast.researcher, clock))
    reasons = [
        "The study shows where help with attendance is missing; families gain from it.",
        "It needs no name, no date of birth and no address, and none is given.",
    ]
    decided(cast, application.id, "approve", reasons, clock)
    text = requests.to_sign(application.id)
    if text is None:
        raise SchoolgateError("Nothing waits for a signature.", code="nothing-to-sign")
    looked_up = "Found in the list of recognised bodies (synthetic)"
    people.verify_organisation(cast.university, looked_up, actor=cast.custodian, clock=clock)
    requests.insist(requests.accept(application.id, cast.researcher, text.text_hash, clock))
    return requests.insist(requests.sign(application.id, cast.signatory, text.text_hash, clock))


def told(cast: Cast, clock: Clock) -> notices.Published:
    """The first notice to families: how everything stands; a kind of use that comes later waits for another."""
    return requests.insist(notices.publish("What pupil data is used for", cast.custodian, clock=clock))


def waiting(cast: Cast, today: date, clock: Clock) -> requests.Application:
    """A second application of the university, which waits in the custodian's queue."""
    spec = replace(
        requests.read_application(requests.example("education-research")),
        title="Sessions missed by pupils with special educational needs",
        organisation=cast.university,
        people=(cast.researcher,),
        valid_from=today,
        valid_until=today + timedelta(days=365),
        retention_until=today + timedelta(days=2 * 365),
    )
    return requests.insist(requests.submit_application(spec, cast.researcher, clock))


def turned_down(cast: Cast, today: date, clock: Clock) -> requests.Application:
    """A company's application for a product, refused by the panel; it stays in public."""
    spec = replace(
        requests.read_application(requests.example("commercial-product")),
        organisation=cast.company,
        people=(cast.seller,),
        valid_from=today,
        valid_until=today + timedelta(days=365),
        retention_until=today + timedelta(days=5 * 365),
    )
    application = requests.insist(requests.submit_application(spec, cast.seller, clock))
    reasons = ["No task in the public interest, and no power to share for a product that is sold."]
    decided(cast, application.id, "refuse", reasons, clock)
    return requests.application(application.id)
