"""The panel's acts over the desk's table: whose they are, and that their arguments cross the gate's socket."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schoolgate import desk, people, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.desk.deciding import ACTS
from schoolgate.gate.serve.values import from_json, to_json
from tests.requests.bench import Bench, before, enter_bench
from tests.requests.cast import Cast, codes, signed

pytestmark = pytest.mark.django_db

EXAMPLES: dict[Any, Any] = {
    str: "C-0001",
    bool: True,
    tuple[str, ...]: ("P-0001", "P-0002"),
    date: date(2026, 9, 1),
    date | None: date(2029, 8, 31),
    tuple[requests.ItemVote, ...]: (requests.ItemVote("census_pupil.sex", "coarser", "left-out"),),
}


@pytest.fixture
def bench(db: None) -> Bench:
    return enter_bench()


@pytest.mark.parametrize("name", ACTS)
def test_every_argument_crosses_the_socket_as_it_was(name: str) -> None:
    for kind in ACTS[name].takes.values():
        assert from_json(kind, to_json(EXAMPLES[kind])) == EXAMPLES[kind]
    assert from_json(ACTS[name].gives, to_json("approved")) == "approved"


@pytest.mark.parametrize("name", ACTS)
def test_an_act_is_refused_to_every_other_role(name: str, cast: Cast, bench: Bench) -> None:
    for person in (cast.researcher, bench.lay[0], cast.custodian):
        view = people.person(person)
        assert (desk.may(view, name) is None) == (view.role in ACTS[name].who)


def test_a_vote_as_json_is_the_vote_that_was_given(bench: Bench, cast: Cast, clock: FixedClock, home: Config) -> None:
    _, case = before(bench, cast, clock)
    given = {
        "case_id": case,
        "choice": "approve",
        "reasons": ["It helps."],
        "items": [{"item": "census_pupil.sex", "decision": "refuse", "instead": ""}],
        "conditions": ["no-linkage"],
    }
    assert desk.do_given("case-vote", bench.lay[0], given, home, clock) == case
    (vote,) = requests.case(case, people.person(bench.lay[0])).votes
    assert vote.items == (requests.ItemVote("census_pupil.sex", "refuse"),)
    forged = desk.do_given("case-vote", cast.custodian, given, home, clock)
    assert codes(forged) == {("not-your-decision", "")}


def test_a_proposal_over_the_desk(bench: Bench, cast: Cast, clock: FixedClock, home: Config) -> None:
    agreement = signed(cast, clock).id
    case = desk.do(
        "change-propose",
        cast.researcher,
        config=home,
        clock=clock,
        agreement_id=agreement,
        kind="extend",
        items=(),
        added=(),
        valid_until=date(2029, 8, 31),
        reasons=("More time.",),
        replacing=False,
    )
    assert requests.cases_of(agreement, people.person(cast.custodian))[-1].id == case
