"""A custodian's official, a member or an applicant who wants one outcome does not choose who decides until it comes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from tests.requests import road
from tests.requests.bench import Bench, all_vote, before, enter_bench
from tests.requests.cast import Cast, approved, codes, signed, submitted, told

pytestmark = pytest.mark.django_db
WHY = "A child is missing."


@pytest.fixture
def bench(db: None) -> Bench:
    return enter_bench()


def _hurried(made: str, members: tuple[str, ...], cast: Cast, clock: FixedClock) -> str | requests.Refused:
    return requests.allocate_in_emergency(made, members, WHY, cast.custodian, clock)


# In a hurry


def test_that_an_emergency_road_is_taken_is_public_at_once(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock).id
    two = (bench.independent[0], bench.official)
    requests.insist(_hurried(made, two, cast, clock))
    *_, event = told(made)
    assert (event["type"], event["emergency"], event["members"]) == (
        "emergency.allocated", WHY, "1 official, 1 independent",
    )  # fmt: skip
    assert not any(one in str(event) for one in (*two, cast.custodian))


def test_who_says_no_in_a_hurry_is_not_gone_around(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock).id
    two, others = (bench.independent[0], bench.official), (bench.independent[1], bench.lay[0])
    case = requests.insist(_hurried(made, two, cast, clock))
    assert codes(_hurried(made, others, cast, clock)) == {("hurried-once", "")}, "nor before they have voted"
    all_vote(case, two, "refuse", clock)
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "not approved"
    *_, event = told(made)
    assert (event["type"], event["votes"]) == ("emergency.declined", ["refuse: 1 official, 1 independent"])
    assert codes(_hurried(made, others, cast, clock)) == {("hurried-once", "")}
    requests.insist(requests.check_completeness(made, (), cast.custodian, clock))
    requests.insist(requests.allocate(made, bench.three, bench.three[0], cast.custodian, clock))


# Members


def test_nobody_is_taken_out_for_how_they_voted(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made, case = before(bench, cast, clock, bench.everybody)
    all_vote(case, [bench.lay[0]], "refuse", clock)
    refused = requests.change_members(case, (), [bench.lay[0]], "", cast.custodian, clock)
    assert codes(refused) == {("has-voted", "removed")}
    requests.insist(requests.change_members(case, (), [bench.lay[1]], "", cast.custodian, clock))
    *_, event = told(made)
    assert (event["type"], event["members_out"]) == ("members.changed", "1 lay")
    assert "members_added" not in event
    assert event["members"] == "1 official, 2 independent, 1 lay"
    assert not any(one in str(event) for one in bench.everybody)


def test_when_the_votes_are_enough_nobody_comes_in_to_turn_them(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made, case = before(bench, cast, clock)
    all_vote(case, bench.three, "refuse", clock)
    more = requests.change_members(case, [bench.independent[1]], (), "", cast.custodian, clock)
    assert codes(more) == {("votes-are-there", "added")}
    back = requests.return_application(made, ["Say more."], cast.custodian, clock)
    assert codes(back) == {("votes-are-there", "")}, "nor does it go back, so that others decide it next time"
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "refused"


def test_when_the_votes_are_shown_a_member_joins_only_in_the_place_of_one_who_is_out(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    _, case = before(bench, cast, clock)
    meeting = requests.insist(requests.call_meeting(clock.now().date(), [case], cast.custodian, clock))
    requests.insist(requests.open_meeting(meeting, bench.three, cast.custodian, clock))
    all_vote(case, bench.three[:2], "refuse", clock)
    friends = [bench.independent[1], bench.lay[1]]
    packed = requests.change_members(case, friends, (), "", cast.custodian, clock)
    assert codes(packed) == {("votes-are-shown", "added")}
    later = FixedClock(clock.now() + timedelta(minutes=1))
    requests.insist(requests.change_members(case, friends[:1], [bench.official], "", cast.custodian, later))


def test_a_proposal_that_the_votes_are_against_is_not_taken_back_to_be_put_before_others(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    agreement = signed(cast, clock).id
    case = requests.insist(
        requests.propose(
            agreement, "extend", valid_until=date(2029, 8, 31), reasons=["Late."], actor=cast.custodian, clock=clock
        )
    )
    requests.insist(requests.allocate_proposal(case, bench.three, bench.three[0], cast.custodian, clock))
    all_vote(case, bench.three, "refuse", clock)
    assert codes(requests.withdraw_proposal(case, cast.custodian, clock)) == {("votes-are-there", "")}
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "refused"
    kinds = [one["type"] for one in told(agreement)]
    assert kinds[-3:] == ["proposal.made", "proposal.allocated", "proposal.refused"]


def test_what_is_proposed_and_taken_back_is_public_without_a_person(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock).id
    case = requests.insist(
        requests.propose(
            agreement, "amend", items=["census_pupil.age"], added=[cast.colleague], reasons=["More."],
            actor=cast.researcher, clock=clock,
        )
    )  # fmt: skip
    requests.insist(requests.withdraw_proposal(case, cast.researcher, clock))
    made, back = told(agreement)[-2:]
    assert (made["type"], made["items"], made["people_added"], made["reasons"], made["by"]) == (
        "proposal.made", ["census_pupil.age"], 1, ["More."], "researcher",
    )  # fmt: skip
    assert (back["type"], back["by"]) == ("proposal.withdrawn", "researcher")
    assert not any(one in f"{made}{back}" for one in (cast.researcher, cast.colleague))


# Who handles it for the custodian


def _also(official: str, organisation: str) -> None:
    """Let the official's account act as a researcher of an organisation, too."""
    twin = people.add_person(organisation, "researcher", accredited_until=date(2029, 12, 31)).id
    account = people.create_account("both@example.org", "correct horse battery 7", role="custodian").id
    for one in (official, twin):
        people.hold_person(one, account)


def test_an_official_who_is_also_the_applicant_neither_names_members_nor_signs_for_the_custodian(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    ready = approved(cast, clock).id
    accepted = requests.insist(road.accept(ready, clock))
    made, case = before(bench, cast, clock)
    fresh = submitted(cast, clock).id
    _also(cast.custodian, cast.university.id)
    acts = (
        requests.check_completeness(fresh, (), cast.custodian, clock),
        _hurried(fresh, (bench.independent[0], bench.official), cast, clock),
        requests.return_application(fresh, ["Say more."], cast.custodian, clock),
        requests.change_members(case, [bench.lay[1]], (), "", cast.custodian, clock),
        requests.sign(ready, cast.custodian, accepted.text_hash, clock),
    )
    for outcome in acts:
        assert codes(outcome) == {("conflict", "actor")}, outcome
    requests.insist(requests.sign(ready, cast.witness, accepted.text_hash, clock))
    assert requests.application(made).state == "in_review"


# Risk


def test_items_added_later_count_for_the_risk_of_adding_them(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock).id

    def asked(items: list[str]) -> requests.CaseView:
        case = requests.insist(
            requests.propose(agreement, "amend", items=items, reasons=["More."], actor=cast.researcher, clock=clock)
        )
        found = requests.case(case, people.person(cast.custodian))
        requests.insist(requests.withdraw_proposal(case, cast.researcher, clock))
        return found

    assert asked(["census_pupil.phase"]).risk == "standard"
    assert asked(["census_pupil.plaa"]).risk == "raised", "else few items are asked for, and the rest is added"


def test_who_asks_and_has_become_riskier_since_needs_the_votes_of_now(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made, case = before(bench, cast, clock)
    all_vote(case, bench.three, "approve", clock)
    requests.insist(
        requests.organisation_changed(cast.university.id, {"kind": "company"}, "It was sold.", cast.custodian, clock)
    )
    assert codes(requests.conclude(case, cast.custodian, clock)) == {("not-decided", "")}
    assert requests.case(case, people.person(cast.custodian)).risk == "raised"
    requests.insist(requests.change_members(case, [bench.lay[1]], (), "", cast.custodian, clock))
    all_vote(case, [bench.lay[1]], "approve", clock)
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "approved"
    assert told(made)[-1]["risk"] == "raised"


# Out


@pytest.mark.parametrize("state", ["approved", "accepted", "appealed"])
def test_who_asked_can_take_it_back_until_both_have_signed(
    state: str, bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made = approved(cast, clock).id
    waits = requests.to_sign(made)
    assert waits is not None
    if state == "accepted":
        requests.insist(road.accept(made, clock))
    if state == "appealed":
        requests.insist(requests.appeal(made, ["The conditions."], cast.researcher, clock))
    requests.insist(requests.drafting.withdraw(made, "No money any more.", cast.researcher, clock))
    assert requests.application(made).state == "withdrawn"
    assert told(made)[-1]["type"] == "application.withdrawn"
    assert codes(requests.sign(made, cast.custodian, waits.text_hash, clock)) == {("not-possible-now", "")}


def test_a_version_that_nobody_signs_does_not_block_every_other_change(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    agreement = signed(cast, clock).id

    def proposed(until: date, *, replacing: bool) -> str | requests.Refused:
        return requests.propose(
            agreement, "extend", valid_until=until, reasons=["Late."], actor=cast.researcher, clock=clock,
            replacing=replacing,
        )  # fmt: skip

    first = date(2029, 8, 31)
    assert codes(proposed(first, replacing=True)) == {("nothing-to-replace", "replacing")}
    assert road.carried(proposed(first, replacing=False), ["Late."], cast.panel, clock) == "approved"
    later = first + timedelta(days=30)
    assert codes(proposed(later, replacing=False)) == {("version-waits", "")}
    assert road.carried(proposed(later, replacing=True), ["Late."], cast.panel, clock) == "approved"
    assert [one.state for one in requests.versions(agreement)] == ["signed", "replaced", "waits"]
    assert [one.get("replaces") for one in told(agreement) if one["type"] == "proposal.made"] == [None, 2]
    requests.insist(road.sign(agreement, cast.custodian, clock))
    assert requests.get(agreement).valid_until == later


def test_an_appeal_does_not_go_back(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made, case = before(bench, cast, clock)
    all_vote(case, bench.three, "refuse", clock)
    requests.insist(requests.conclude(case, cast.custodian, clock))
    requests.insist(requests.appeal(made, ["You misread it."], cast.researcher, clock))
    third = people.add_person(bench.home, "panel").id
    others = (bench.independent[1], bench.lay[1], third)
    requests.insist(requests.allocate(made, others, others[0], cast.custodian, clock))
    assert codes(requests.return_application(made, ["Say more."], cast.custodian, clock)) == {("appeal-changes", "")}
