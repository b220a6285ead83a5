"""Readers who come at the same moment, from threads with connections of their own: a budget is not overdrawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schoolgate import consent, gate, ledger, people, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.gate import service
from schoolgate.ids import Pmr
from tests.requests import road
from tests.requests.at_once import at_once
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)

SQL = "SELECT pupil, sex FROM census_pupil"


@pytest.fixture
def limited(home: Config, clock: FixedClock) -> World:
    """An agreement with three reads, twelve rows."""
    world = build(home, clock)
    made = requests.insist(requests.submit_application(requests.application(world.agreement).spec, world.person, clock))
    panel = [person.id for person in people.persons() if person.role == "panel"]
    official = next(person.id for person in people.persons() if person.role == "custodian")
    requests.insist(road.decide(made.id, True, ["Yes."], ["query-budget: 3", "row-budget: 12"], panel, clock))
    return replace(world, agreement=requests.insist(road.sign(made.id, official, clock)).id)


def test_four_readers_at_once_share_a_budget_without_overdrawing_it(
    limited: World, home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_ATTEMPTS", 12)  # every reader who comes first sends the others round again
    answers = at_once(
        *[lambda: gate.read(limited.agreement, limited.person, SQL, config=home, clock=clock)] * 4,
    )
    given = [answer for answer in answers if isinstance(answer, gate.Handover)]
    refused = {reason.code for answer in answers if isinstance(answer, gate.RefusedQuery) for reason in answer.reasons}
    spent = ledger.spent(limited.agreement)
    assert spent == ledger.Spent(2, 12)  # two results of six rows are all of the rows
    assert len(given) <= 2
    assert refused == {"row-budget-spent"}


def test_a_shield_placed_while_readers_read_is_in_every_read_recorded_after_it(
    limited: World, home: Config, clock: FixedClock
) -> None:
    def shield() -> object:
        return consent.shield(Pmr(2), actor="custodian", clock=clock)

    at_once(
        shield,
        *[lambda: gate.read(limited.agreement, limited.person, SQL, config=home, clock=clock)] * 2,
    )
    gate.settle_pending(home, clock)
    order = [Pmr(2) in ledger.members(record.release_id)[0] for record in ledger.releases(limited.agreement)]
    assert order == sorted(order, reverse=True)
    after = gate.read(limited.agreement, limited.person, SQL, config=home, clock=clock)
    assert not isinstance(after, gate.Handover) or after.table.num_rows == 5
