"""A budget of rows cannot be got round by questions that are answered without a row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schoolgate import gate, ledger, people, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.requests import road
from tests.world import build

pytestmark = pytest.mark.django_db(transaction=True)

# Thirty-six rows when there is such a pupil, none when there is not.
IS_THERE = (
    "SELECT a.sex FROM census_pupil AS a CROSS JOIN census_pupil AS b"
    " WHERE EXISTS (SELECT 1 FROM census_pupil AS c WHERE c.sex = '{sex}' AND c.ethnicity = 'APKN')"
)


def test_none_and_too_many_are_answers_and_cost_a_row_each(home: Config, clock: FixedClock) -> None:
    world = build(home, clock)
    made = requests.insist(requests.submit_application(requests.application(world.agreement).spec, world.person, clock))
    panel = [person.id for person in people.persons() if person.role == "panel"]
    official = next(person.id for person in people.persons() if person.role == "custodian")
    requests.insist(road.decide(made.id, True, ["Yes."], ["row-budget: 3"], panel, clock))
    limited = replace(world, agreement=requests.insist(road.sign(made.id, official, clock)).id)

    def ask(sex: str) -> object:
        sql = IS_THERE.format(sex=sex)
        answer = gate.read(limited.agreement, limited.person, sql, config=home, clock=clock)
        return answer.table.num_rows if isinstance(answer, gate.Handover) else [one.code for one in answer.reasons]

    told = [ask(sex) for sex in ("F", "X", "F", "X", "F")]
    assert told == [["too-many-rows"], 0, ["too-many-rows"], ["row-budget-spent"], ["row-budget-spent"]]
    assert ledger.spent(limited.agreement) == ledger.Spent(3, 3)
