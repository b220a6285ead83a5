"""Two overseers, two custodians and two workers at the same moment."""

from __future__ import annotations

from datetime import date

import pytest

from schoolgate import oversight, people, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused, insist
from tests.oversight import told
from tests.requests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def overseer() -> str:
    return people.add_person(people.add_organisation("Regulator (synthetic)", "regulator").id, "overseer").id


@pytest.fixture
def custodian() -> str:
    return people.add_person(people.add_organisation("Custodian (synthetic)", "custodian").id, "custodian").id


def test_each_question_has_a_number_of_its_own(overseer: str, clock: FixedClock) -> None:
    made = at_once(*[lambda: insist(oversight.ask("Why?", "", None, overseer, clock))] * 4)
    assert sorted(one.number for one in made) == [f"Q-2026-000{n}" for n in range(1, 5)]
    assert len(register.events(type="question.asked")) == 4


def test_a_question_is_answered_once(overseer: str, custodian: str, clock: FixedClock) -> None:
    number = insist(oversight.ask("Why?", "", None, overseer, clock)).number
    outcomes = at_once(*[lambda: oversight.answer(number, "So.", True, custodian, clock)] * 3)
    refused = [one for one in outcomes if isinstance(one, Refused)]
    assert [one.reasons[0].code for one in refused] == ["already-answered"] * 2
    assert len(register.events(type="question.answered")) == 1


def test_an_action_is_done_once(custodian: str, clock: FixedClock) -> None:
    finding = insist(oversight.record_finding("Audit", "This.", "high", custodian, clock)).number
    action = insist(oversight.set_action(finding, "Do.", "panel", date(2026, 12, 1), custodian, clock)).number
    outcomes = at_once(*[lambda: oversight.finish_action(action, "Done.", custodian, clock)] * 3)
    assert sum(isinstance(one, Refused) for one in outcomes) == 2
    assert len(register.events(type="action.done")) == 1


def test_a_quarter_is_stated_once_by_however_many_workers(home: Config) -> None:
    told.a_life()
    register.log_name(home)
    outcomes = at_once(*[lambda: oversight.publish_statement("2026-Q3", home, told.at("2026-10-03"))] * 3)
    assert sum(isinstance(one, Refused) for one in outcomes) == 2
    assert len(register.events(type="statement.published")) == 1
    made, said = oversight.again("2026-Q3", register.log_name(home), oversight.from_database)
    assert made.text_hash == said.text_hash
