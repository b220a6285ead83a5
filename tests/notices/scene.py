"""The small world with a second organisation, and what the tests about notices say again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from schoolgate import gate, notices, people, requests
from schoolgate.config import Config
from tests.requests import road
from tests.requests.filled import filled
from tests.world import World

SEX = "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex"
TITLE = "What is new this term"
ACCREDITED = date(2030, 1, 1)
_NUMBERS = ("Oak", "Elm", "Ash", "Yew", "Fir", "Bay", "Fig", "Hazel", "Beech", "Larch", "Maple", "Rowan")


class Moving:
    """A clock that stands at noon in London on a day until it is put on another."""

    def __init__(self) -> None:
        self.on(date(2026, 9, 1))

    def on(self, day: date) -> None:
        """Put it on a day."""
        self.moment = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("Europe/London"))

    def now(self) -> datetime:
        """The moment it stands at."""
        return self.moment


@dataclass(frozen=True)
class Asker:
    """An agreement and who reads under it."""

    agreement: str
    person: str


def of_role(role: str) -> list[str]:
    return [person.id for person in people.persons() if person.role == role]


def custodian() -> str:
    return of_role("custodian")[0]


def agreed(world: World, clock: Moving, conditions: Sequence[str] = (), *, kind: str = "", **changes: Any) -> Asker:
    """Another agreement, of another organisation when a kind is given."""
    person = world.person
    spec = replace(requests.application(world.agreement).spec, **changes)
    if kind:
        organisation = people.add_organisation(f"{_NUMBERS[len(people.organisations())]} {kind} (synthetic)", kind)
        person = people.add_person(organisation.id, "researcher", accredited_until=ACCREDITED).id
        spec = replace(spec, organisation=organisation.id, people=(person,))
    made = requests.insist(requests.submit_application(filled(spec), person, clock))
    requests.insist(road.decide(made.id, True, ["It serves pupils."], conditions, of_role("panel")[:2], clock))
    return Asker(requests.insist(road.sign(made.id, custodian(), clock)).id, person)


def publish(clock: Moving, title: str = TITLE, **how: Any) -> notices.Published:
    """A notice of everything as it stands."""
    return requests.insist(notices.publish(title, custodian(), clock=clock, **how))


def refused(asker: World | Asker, home: Config, clock: Moving, sql: str = SEX) -> set[str]:
    """The codes of a read's refusals; empty when it was allowed."""
    answer = gate.read(asker.agreement, asker.person, sql, config=home, clock=clock)
    return {reason.code for reason in answer.reasons} if isinstance(answer, gate.RefusedQuery) else set()
