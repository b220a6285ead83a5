"""An agreement that is stopped, re-opened or not reviewed: the very next read is refused, and so is one that runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from schoolgate import gate, ledger, notices, people, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.requests.agreement.changes import amend, extend
from schoolgate.requests.models import Request
from tests.requests import road
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)

SQL = "SELECT sex, count(*) AS pupils FROM census_pupil GROUP BY sex"


@pytest.fixture
def world(home: Config, clock: FixedClock) -> World:
    return build(home, clock)


def stop(world: World, clock: FixedClock) -> None:
    requests.insist(requests.suspend(world.agreement, "A complaint.", road.custodian(), clock))


def sell(world: World, clock: FixedClock) -> None:
    home, changes = people.person(world.person).organisation_id, {"owner": "Somebody (synthetic)"}
    requests.insist(requests.organisation_changed(home, changes, "It was sold.", road.custodian(), clock))


def end(world: World, clock: FixedClock) -> None:
    requests.insist(requests.end(world.agreement, "Done.", road.custodian(), clock))


def codes(answer: gate.Handover | gate.RefusedQuery) -> list[str]:
    assert isinstance(answer, gate.RefusedQuery), answer
    return [reason.code for reason in answer.reasons]


@pytest.mark.parametrize("happens", [stop, sell, end])
def test_the_very_next_read_is_refused(
    happens: Callable[[World, FixedClock], None], world: World, home: Config, clock: FixedClock
) -> None:
    assert isinstance(gate.read(world.agreement, world.person, SQL, config=home, clock=clock), gate.Handover)
    happens(world, clock)
    refused = gate.read(world.agreement, world.person, SQL, config=home, clock=clock)
    assert codes(refused) == ["agreement-not-active"]
    assert len(ledger.releases()) == 1


@pytest.mark.parametrize("happens", [stop, sell, end])
@pytest.mark.parametrize("at", ["checked", "run"])
def test_a_read_that_is_running_is_not_handed_over(
    at: str, happens: Callable[[World, FixedClock], None], world: World, home: Config, clock: FixedClock
) -> None:
    said: list[str] = []

    def meanwhile(name: str) -> None:
        said.append(name)
        if name == at and said.count(at) == 1:
            happens(world, clock)

    answer = gate.read(world.agreement, world.person, SQL, config=home, clock=clock, step=meanwhile)
    assert codes(answer) == ["agreement-not-active"]
    assert ledger.releases() == ()


def test_an_emergency_approval_holds_until_its_day_and_not_a_day_longer(
    world: World, home: Config, clock: FixedClock
) -> None:
    today = date(2026, 9, 1)
    Request.objects.filter(agreement_id=world.agreement).update(review_due=today)
    assert isinstance(gate.read(world.agreement, world.person, SQL, config=home, clock=clock), gate.Handover)
    tomorrow = FixedClock(clock.now() + timedelta(days=1))
    refused = gate.read(world.agreement, world.person, SQL, config=home, clock=tomorrow)
    assert codes(refused) == ["emergency-review-overdue"]


def test_what_one_side_alone_signed_is_not_read_and_nobody_it_names_reads(
    world: World, home: Config, clock: FixedClock
) -> None:
    panel = [one.id for one in people.persons() if one.role == "panel"][:2]
    organisation = people.person(world.person).organisation_id
    colleague = people.add_person(organisation, "researcher", accredited_until=date(2030, 1, 1)).id
    given = {"items": ["census_pupil.la"], "added": [colleague], "reasons": ["More."], "panel": panel, "clock": clock}
    requests.insist(amend(world.agreement, **given))  # type: ignore[arg-type]
    requests.insist(notices.publish("One item more.", road.custodian(), clock=clock))
    requests.insist(road.accept(world.agreement, clock))
    later = FixedClock(clock.now() + timedelta(days=40))
    query = "SELECT la, count(*) AS pupils FROM census_pupil GROUP BY la"
    refused = gate.read(world.agreement, world.person, query, config=home, clock=later)
    assert codes(refused) == ["item-awaits-signature"]
    refused = gate.read(world.agreement, colleague, SQL, config=home, clock=later)
    assert codes(refused) == ["person-awaits-signature"]
    shown = road.shown(world.agreement)
    requests.insist(requests.sign(world.agreement, road.custodian(), shown, later))
    for person, sql in ((world.person, query), (colleague, SQL)):
        assert isinstance(gate.read(world.agreement, person, sql, config=home, clock=later), gate.Handover)


def test_an_extension_lets_people_read_on_once_both_signed(world: World, home: Config, clock: FixedClock) -> None:
    panel = [one.id for one in people.persons() if one.role == "panel"][:2]
    until = date(2029, 12, 31)
    requests.insist(extend(world.agreement, valid_until=until, reasons=["More time."], panel=panel, clock=clock))
    late = FixedClock(clock.now().replace(year=2029))
    refused = gate.read(world.agreement, world.person, SQL, config=home, clock=late)
    assert codes(refused) == ["agreement-expired"]
    requests.insist(road.sign(world.agreement, road.custodian(), late))
    handed = gate.read(world.agreement, world.person, SQL, config=home, clock=late)
    assert isinstance(handed, gate.Handover), handed
