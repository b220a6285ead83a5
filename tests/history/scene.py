"""What every replay needs: the real rooms, what the public sees the same day, and what a family sees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.test import Client

from schoolgate import gate, oversight, people, register, requests
from schoolgate.clock import Clock, FixedClock
from schoolgate.config import Config
from schoolgate.ids import Pmr
from tests.requests import road
from tests.requests.filled import filled
from tests.world import World

SEX = "SELECT sex, count(*) AS pupils FROM census_pupil GROUP BY sex"


def refused(outcome: object) -> set[str]:
    """The codes of every reason why something was not done."""
    assert isinstance(outcome, requests.Refused | gate.RefusedQuery), outcome
    return {reason.code for reason in outcome.reasons}


def custodian() -> str:
    return next(one.id for one in people.persons() if one.role == "custodian")


def panel() -> list[str]:
    return [one.id for one in people.persons() if one.role == "panel"][:2]


def public(clock: Clock, home: Config, settings: Any, client: Client | None = None) -> Client:
    """Somebody in front of the site, not signed in, on the scene's day."""
    settings.CONFIG = replace(home)
    settings.CLOCK = clock
    cache.clear()
    return client or Client()


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return " ".join(answer.content.decode().split())


def told(kind: str) -> list[dict[str, Any]]:
    """The register's entries of a kind, oldest first."""
    return [dict(one.body) for one in reversed(register.events(type=kind, limit=1000))]


def family(child: Pmr, home: Config) -> list[gate.ChildExposure]:
    """What a child's own page is made from."""
    return list(gate.exposures_of(child, config=home))


def apply(world: World, clock: FixedClock, organisation: str, kind: str, **changes: Any) -> requests.Application:
    """An application of another organisation, handed in."""
    home = people.add_organisation(organisation, kind)
    person = people.add_person(home.id, "researcher", accredited_until=clock.now().date().replace(year=2030))
    spec = replace(requests.application(world.agreement).spec, organisation=home.id, people=(person.id,), **changes)
    return requests.insist(requests.submit_application(filled(spec), person.id, clock))


def decide(application_id: str, yes: bool, clock: Clock, *conditions: str) -> Any:
    return road.decide(application_id, yes, ["What the panel says is public."], conditions, panel(), clock)


def figures(quarter: str) -> dict[tuple[str, str], str]:
    """The metrics of a quarter, from the log."""
    found = oversight.compute(oversight.from_database(), oversight.quarter(quarter))
    return {(one.metric.id, row.of): row.value for one in found for row in one.rows}


def whole(home: Config) -> None:
    """The published log is whole, and nothing ran that no agreement declares."""
    register.verify_log(str(home.log), register.verifier_key(home))
    assert oversight.record_of_processing(oversight.from_database()).undeclared == ()


def anywhere_below(place: Path, needle: bytes) -> list[Path]:
    """Files that hold some bytes."""
    return [path for path in place.rglob("*") if path.is_file() and needle in path.read_bytes()]
