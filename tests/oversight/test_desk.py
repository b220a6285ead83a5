"""The desk's acts of oversight: who may, in words and in deed; and that each crosses the gate's socket whole."""

from __future__ import annotations

from dataclasses import MISSING, fields
from datetime import date
from typing import Any

import pytest

from schoolgate import desk, gate, oversight, people
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.desk import overseeing
from schoolgate.errors import Refused, insist
from schoolgate.gate.serve.values import to_json
from tests.oversight import told

pytestmark = pytest.mark.django_db(transaction=True)

GIVEN: dict[str, dict[str, Any]] = {
    "queue-show": {},
    "oversight-seen": {"size": 0},
    "oversight-question": {"question": "Why?", "about": "", "due": None},
    "oversight-answer": {"number": "Q-2026-0001", "answer": "So.", "is_answer": True},
    "finding-record": {"source": "Audit", "finding": "This.", "urgency": "high"},
    "finding-action": {"finding": "F-2026-0001", "action": "That.", "owner": "panel", "due": date(2026, 12, 1)},
    "finding-action-done": {"action": "AC-2026-0001", "done": "Done."},
}


@pytest.fixture
def persons() -> dict[str, str]:
    home = people.add_organisation("Everybody (synthetic)", "custodian")
    return {role: people.add_person(home.id, role).id for role in people.PERSON_ROLES}


def test_an_overseer_has_two_acts_and_neither_decides_anything() -> None:
    own = {name for name, act in desk.acts().items() if "overseer" in act.who}
    looks = {name for name in own if name.endswith(("-list", "-show", "-stops", "-tellings"))}
    looks |= {"corrections-affected", "destructions", "destroy-due", "families-standing"} | {
        f"recourse-{what}" for what in ("queue", "file", "letter", "bundle", "figures")
    }
    # What an overseer says of a family's case binds nobody: the custodian still decides.
    assert own - looks == {"oversight-seen", "oversight-question", "finding-record", "recourse-opine"}
    assert set(GIVEN) == set(overseeing.ACTS)


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_each_act_is_done_by_its_role_alone_and_crosses_the_socket(
    name: str, persons: dict[str, str], home: Config, clock: FixedClock
) -> None:
    insist(oversight.ask("First?", "", None, persons["overseer"], clock))
    insist(oversight.record_finding("Audit", "First.", "high", persons["custodian"], clock))
    insist(oversight.set_action("F-2026-0001", "Do.", "panel", date(2026, 12, 1), persons["custodian"], clock))
    act = desk.acts()[name]
    sent = {key: to_json(value) for key, value in GIVEN[name].items()}
    for role, person in persons.items():
        if role not in act.who:
            refused = desk.do_given(name, person, sent, home, clock)
            assert isinstance(refused, Refused)
            assert [reason.code for reason in refused.reasons] == ["not-your-decision"]
    for role in act.who:
        done = desk.do_given(name, persons[role], sent, home, clock)
        assert not isinstance(done, Refused)
        assert gate.from_json(act.gives, to_json(done)) == done


def test_what_is_given_out_has_no_person_in_it() -> None:
    for view in (oversight.QuestionView, oversight.FindingView, oversight.ActionView, oversight.StatementView):
        names = {one.name for one in fields(view) if one.default in (MISSING, "", None, ())}
        assert not {name for name in names if name.endswith("_by") or "person" in name}


def test_the_machinery_is_well_when_all_is_published_and_not_when_it_is_not(home: Config, clock: FixedClock) -> None:
    from schoolgate import register

    told.applied("2026-09-01", "APP-1")
    before = oversight.health(home, clock)
    assert not before.is_well
    assert (before.size, before.published) == (1, 0)
    register.publish(clock, home)
    after = oversight.health(home, clock)
    assert after.is_well
    assert (after.size, after.published, after.witnesses, after.unsealed) == (1, 1, (), ())
    told.signed("2026-09-01", "A-1", "APP-1")
    told.read("2026-09-01", "R-1", "A-1")
    told.read("2026-09-01", "R-2", "A-1")
    told.settled("2026-09-01", "R-1")
    assert [release for release, _ in oversight.health(home, clock).unsealed] == ["R-2"]
