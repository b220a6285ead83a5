"""A panel member who approves a friend: every way they have, and what stands in it."""

from __future__ import annotations

import pytest

from schoolgate import desk, people, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused
from schoolgate.requests.panel.models import CaseVote
from tests.requests.bench import Bench, all_vote, before, enter_bench
from tests.requests.cast import Cast, codes, enter_cast, submitted, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    return enter_cast()


@pytest.fixture
def bench(db: None) -> Bench:
    return enter_bench()


def test_the_friend_alone_decides_nothing_however_often_they_vote(cast: Cast, bench: Bench, clock: FixedClock) -> None:
    made, case = before(bench, cast, clock)
    friend = bench.three[0]
    for _ in range(5):
        all_vote(case, [friend], "approve", clock)
    assert codes(requests.conclude(case, friend, clock)) == {("not-decided", "")}
    assert requests.application(made).state == "in_review"


def test_the_friend_has_one_vote_under_two_hats(cast: Cast, bench: Bench, clock: FixedClock) -> None:
    account = people.create_account("friend@example.org", "correct horse battery", role="panel").id
    people.hold_person(bench.lay[0], account)
    made, case = before(bench, cast, clock, bench.everybody)
    # The second hat comes after the members were named: it is seen when the votes are counted.
    people.hold_person(people.add_person(cast.university.id, "researcher").id, account)
    all_vote(case, bench.everybody, "approve", clock)
    assert codes(requests.conclude(case, cast.custodian, clock)) == {("conflict", "members")}
    assert requests.application(made).state == "in_review"


def test_the_friend_does_not_vote_for_another(cast: Cast, bench: Bench, clock: FixedClock, home: Config) -> None:
    """Who acts is who signed in; a name in the arguments is no argument of the act."""
    _, case = before(bench, cast, clock)
    given = {"case_id": case, "choice": "approve", "reasons": ["Yes."], "items": [], "conditions": []}
    desk.do_given("case-vote", bench.three[0], given, home, clock)
    assert [row.member.person for row in CaseVote.objects.all()] == [bench.three[0]]
    for stranger in (bench.lay[1], cast.researcher, cast.custodian):
        assert isinstance(desk.do_given("case-vote", stranger, given, home, clock), Refused)


def test_a_custodian_who_is_the_friend_cannot_seat_only_the_custodians_own(
    cast: Cast, bench: Bench, clock: FixedClock
) -> None:
    made = submitted(cast, clock)
    requests.insist(requests.check_completeness(made.id, (), cast.custodian, clock))
    own = [people.add_person(bench.home, "panel", seat="official").id for _ in range(5)]
    refused = requests.allocate(made.id, own, own[0], cast.custodian, clock)
    assert isinstance(refused, Refused)
    assert requests.application(made.id).state == "submitted"


def test_a_friend_who_steps_aside_after_all_took_their_vote_with_them_and_the_public_sees_it(
    cast: Cast, bench: Bench, clock: FixedClock
) -> None:
    made, case = before(bench, cast, clock, bench.everybody)
    friend = bench.lay[1]
    all_vote(case, [friend], "approve", clock)
    requests.insist(requests.declare_conflict(case, "family-or-friend", friend, clock))
    all_vote(case, [one for one in bench.everybody if one != friend], "refuse", clock)
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "refused"
    *_, declared, decided = told(made)
    assert (declared["type"], declared["seat"]) == ("conflict.declared", "lay")
    assert not any("approve" in line for line in decided["votes"])
    assert friend not in str(told(made))


def test_who_is_close_to_the_applicant_through_a_declared_interest_is_not_named_in_a_hurry_either(
    cast: Cast, bench: Bench, clock: FixedClock
) -> None:
    people.declare_interest(bench.official, cast.university.id, "worked there")
    made = submitted(cast, clock)
    two = (bench.independent[0], bench.official)
    refused = requests.allocate_in_emergency(made.id, two, "It cannot wait.", cast.custodian, clock)
    assert ("conflict", "members, number 2") in codes(refused)
    assert requests.application(made.id).state == "submitted"
