"""Two people who act at the same moment."""

from __future__ import annotations

import pytest

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from tests.requests import road
from tests.requests.at_once import at_once
from tests.requests.cast import approved, enter_cast, signed, submitted, told

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_decisions_at_once_one_counts(clock: FixedClock) -> None:
    cast = enter_cast()
    made = submitted(cast, clock)
    road.bench(cast.panel)  # the further members are there before anybody decides
    outcomes = at_once(
        lambda: road.decide(made.id, True, ["Yes."], [], cast.panel, clock),
        lambda: road.decide(made.id, False, ["No."], [], cast.panel, clock),
    )
    assert sum(isinstance(outcome, requests.Refused) for outcome in outcomes) == 1
    decisions = [event for event in told(made.id) if event["type"] == "application.decided"]
    assert [decision["outcome"] for decision in decisions] == [requests.application(made.id).state]


def test_an_agreement_is_signed_once(clock: FixedClock) -> None:
    cast = enter_cast()
    made = approved(cast, clock)
    outcomes = at_once(*[lambda: road.sign(made.id, cast.custodian, clock)] * 3)
    assert sum(isinstance(outcome, requests.Refused) for outcome in outcomes) == 2
    assert [agreement.id for agreement in requests.agreements()] == ["A-2026-0001"]


def test_applications_at_once_get_different_numbers_and_entries(clock: FixedClock) -> None:
    cast = enter_cast()
    made = at_once(*[lambda: submitted(cast, clock)] * 4)
    assert sorted(application.id for application in made) == [f"APP-2026-000{n}" for n in (1, 2, 3, 4)]
    entries = [requests.history(application.id)[0].log_index for application in made]
    assert len(set(entries)) == 4


def test_ending_and_ending_again_at_once_ends_once(clock: FixedClock) -> None:
    cast = enter_cast()
    agreement = signed(cast, clock)
    outcomes = at_once(
        lambda: requests.end(agreement.id, "One.", cast.custodian, clock),
        lambda: requests.end(agreement.id, "Two.", cast.researcher, clock),
    )
    assert sum(isinstance(outcome, requests.Refused) for outcome in outcomes) == 1
    assert len([event for event in told(agreement.id) if event["type"] == "agreement.ended"]) == 1


def test_access_by_families_is_made_once_however_many_processes_start(clock: FixedClock) -> None:
    made = at_once(*[lambda: requests.ensure_built_in(clock)] * 3)
    assert made[0] == made[1] == made[2]
    assert len(told("A-SAR")) == 1
    assert len(people.organisations()) == 1
