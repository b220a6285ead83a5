"""What is known of the person, changed while their query runs: nothing is handed over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from schoolgate import gate, ledger, people, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)

SQL = "SELECT sex, count(*) AS pupils FROM census_pupil GROUP BY sex"


@pytest.fixture
def world(home: Config, clock: FixedClock) -> World:
    return build(home, clock)


def withdraw(world: World, clock: FixedClock) -> None:
    people.set_accreditation(world.person, None, reason="Broke the rules.", clock=clock)


def shorten(world: World, clock: FixedClock) -> None:
    people.set_accreditation(world.person, date(2026, 8, 31), reason="Until yesterday.", clock=clock)


def leave(world: World, clock: FixedClock) -> None:
    people.close_person(world.person, reason="Took another post.", clock=clock)


def move_abroad(world: World, clock: FixedClock) -> None:
    home = people.person(world.person).organisation_id
    people.change_organisation(home, changes={"country": "Canada"}, reason="Moved.", actor="", clock=clock)


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (withdraw, "not-accredited"),
        (shorten, "accreditation-expired"),
        (leave, "not-accredited"),
        (move_abroad, "person-abroad"),
    ],
)
def test_a_query_that_runs_when_its_person_may_no_longer_ask_gives_nothing(
    happens: Callable[[World, FixedClock], None], code: str, world: World, home: Config, clock: FixedClock
) -> None:
    ran: list[str] = []

    def meanwhile(name: str) -> None:
        ran.append(name)
        if ran.count("run") == 1 and name == "run":
            happens(world, clock)

    answer = gate.read(world.agreement, world.person, SQL, config=home, clock=clock, step=meanwhile)
    assert "run" in ran  # the engine had its result; it is thrown away
    assert isinstance(answer, gate.RefusedQuery)
    assert code in {reason.code for reason in answer.reasons}
    (refused,) = list(register.events(type="query.refused", limit=10))
    assert code in refused.body["reasons"]
    assert list(register.events(type="release.begun", limit=10)) == []
    assert ledger.spent(world.agreement).queries == 0
    again = gate.read(world.agreement, world.person, SQL, config=home, clock=clock)
    assert isinstance(again, gate.RefusedQuery)


def test_a_renewal_while_the_query_runs_lets_it_through(world: World, home: Config, clock: FixedClock) -> None:
    def meanwhile(name: str) -> None:
        if name == "run":
            people.set_accreditation(world.person, date(2031, 1, 1), reason="Took the course.", clock=clock)

    answer = gate.read(world.agreement, world.person, SQL, config=home, clock=clock, step=meanwhile)
    assert isinstance(answer, gate.Handover)
