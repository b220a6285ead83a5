"""Before the vote: complete, sent back, named, in conflict; and blind until everybody has voted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from schoolgate.requests.panel.models import Conflict
from schoolgate.requests.panel.reading import NotYours
from tests.requests.bench import Bench, all_vote, before, enter_bench, votes
from tests.requests.cast import Cast, codes, submitted, told

pytestmark = pytest.mark.django_db

ItemVote = requests.ItemVote


@pytest.fixture
def bench(db: None) -> Bench:
    return enter_bench()


def view(case: str, person: str) -> requests.CaseView:
    return requests.case(case, people.person(person))


# Complete, or sent back


def test_what_is_not_checked_or_not_complete_is_not_put_before_the_panel(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made = submitted(cast, clock)
    allocate: Callable[[], object] = lambda: requests.allocate(  # noqa: E731
        made.id, bench.three, bench.independent[0], cast.custodian, clock
    )
    assert codes(allocate()) == {("not-checked", "")}
    requests.insist(requests.check_completeness(made.id, ["benefit"], cast.custodian, clock))
    assert requests.completeness(made.id) == ("benefit",)
    assert codes(allocate()) == {("incomplete", "")}
    requests.insist(requests.check_completeness(made.id, [], cast.custodian, clock))
    assert not isinstance(allocate(), requests.Refused)


def test_only_the_custodian_checks_and_only_lines_of_the_list(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock)
    refused = requests.check_completeness(made.id, ["colour"], bench.official, clock)
    assert codes(refused) == {("not-your-decision", "actor"), ("line-unknown", "missing, number 1")}
    assert requests.completeness(made.id) is None


def test_what_is_sent_back_says_in_public_what_is_missing_and_nobody(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made = submitted(cast, clock)
    requests.insist(requests.check_completeness(made.id, ["items"], cast.custodian, clock))
    assert requests.insist(requests.return_application(made.id, ["Name the ward."], cast.custodian, clock)) == made.id
    assert requests.application(made.id).state == "returned"
    *_, event = told(made.id)
    assert event["type"] == "application.returned"
    assert event["reasons"] == [requests.checklist()["items"][1], "Name the ward."]
    assert event["by"] == "custodian"
    assert cast.custodian not in str(event)


def test_nothing_is_sent_back_without_saying_why(cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock)
    assert codes(requests.return_application(made.id, [" "], cast.custodian, clock)) == {("reason-missing", "reasons")}
    assert requests.application(made.id).state == "submitted"


def test_no_member_sends_an_application_back_alone_and_the_custodian_does_only_before_the_votes_are_enough(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made, case = before(bench, cast, clock)
    for member in (bench.lay[0], bench.lay[1]):
        refused = requests.return_application(made, ["Say more."], member, clock)
        assert codes(refused) == {("not-your-decision", "actor")}
    all_vote(case, bench.three[:2], "approve", clock)
    requests.insist(requests.return_application(made, ["Say more."], cast.custodian, clock))
    assert told(made)[-1]["by"] == "custodian"
    # It is no longer before the panel: a vote that comes late has its answer.
    assert codes(requests.vote(case, "approve", ["Yes."], (), (), bench.official, clock)) == {("not-possible-now", "")}


# Named


def test_members_are_told_in_public_by_seat_with_the_risk_and_its_reasons(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made, case = before(bench, cast, clock, bench.everybody, items=("census_pupil.ethnicity", "census_pupil.sex"),
                        special_category_basis="UK GDPR Article 9(2)(j)")  # fmt: skip
    *_, event = told(made)
    assert event["type"] == "application.allocated"
    assert event["members"] == "1 official, 2 independent, 2 lay"
    assert event["risk"] == "raised"
    assert any("ethnic origin" in why for why in event["risk_reasons"])
    assert event["quorum"].startswith("At least 4 votes")
    assert not any(member in str(event) for member in bench.everybody)
    assert requests.application(made).state == "in_review"
    assert view(case, cast.custodian).risk == "raised"


@pytest.mark.parametrize(
    ("leave_out", "says"),
    [("independent", "independent"), ("lay", "lay"), ("official", "3 members are needed")],
)
def test_a_panel_without_an_independent_or_a_lay_member_or_too_few_cannot_be_named(
    leave_out: str, says: str, bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made = submitted(cast, clock)
    requests.insist(requests.check_completeness(made.id, (), cast.custodian, clock))
    others = [one for one in bench.three if people.person(one).seat != leave_out]
    if leave_out != "official":
        others.append(people.add_person(bench.home, "panel").id)
    refused = requests.allocate(made.id, others, others[0], cast.custodian, clock)
    assert isinstance(refused, requests.Refused)
    assert any(says in one.reason for one in refused.reasons)
    assert requests.application(made.id).state == "submitted"


def test_who_leads_is_named_and_independent(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock)
    requests.insist(requests.check_completeness(made.id, (), cast.custodian, clock))
    for chair in ("", bench.lay[0], bench.independent[1]):
        assert isinstance(requests.allocate(made.id, bench.three, chair, cast.custodian, clock), requests.Refused)


def _own(bench: Bench, cast: Cast) -> str:
    return cast.insider


def _same_account(bench: Bench, cast: Cast) -> str:
    account = people.create_account("two.hats@example.org", "correct horse battery", role="panel").id
    people.hold_person(bench.lay[0], account)
    people.hold_person(people.add_person(cast.university.id, "researcher").id, account)
    return bench.lay[0]


def _named(bench: Bench, cast: Cast) -> str:
    account = people.create_account("named@example.org", "correct horse battery", role="panel").id
    people.hold_person(bench.lay[0], account)
    people.hold_person(cast.researcher, account)
    return bench.lay[0]


def _wrote(bench: Bench, cast: Cast) -> str:
    """The same human being as a co-author who is not named to use the data."""
    account = people.create_account("author@example.org", "correct horse battery", role="panel").id
    people.hold_person(bench.lay[0], account)
    people.hold_person(cast.colleague, account)
    return bench.lay[0]


def _interest(bench: Bench, cast: Cast) -> str:
    people.declare_interest(bench.lay[0], cast.university.id, "a friend's chair")
    return bench.lay[0]


@pytest.mark.parametrize("tie", [_own, _same_account, _named, _wrote, _interest])
def test_who_has_a_conflict_cannot_be_named(
    tie: Callable[[Bench, Cast], str], bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    tied = tie(bench, cast)
    made = submitted(cast, clock)
    requests.insist(requests.check_completeness(made.id, (), cast.custodian, clock))
    members = [bench.independent[0], *bench.lay, bench.official, *({tied} - {*bench.lay})]
    refused = requests.allocate(made.id, members, members[0], cast.custodian, clock)
    where = f"members, number {members.index(tied) + 1}"
    assert {at for _, at in codes(refused)} == {where}
    assert {code for code, _ in codes(refused)} <= {"conflict", "own-organisation"}
    found = {one.person: one.conflicts for one in requests.candidates(made.id)}
    assert found[tied]
    assert not found[bench.official]


def test_two_persons_of_one_account_are_one_member(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    account = people.create_account("one.human@example.org", "correct horse battery", role="panel").id
    people.hold_person(bench.lay[0], account)
    people.hold_person(bench.independent[1], account)
    made = submitted(cast, clock)
    requests.insist(requests.check_completeness(made.id, (), cast.custodian, clock))
    refused = requests.allocate(made.id, bench.everybody, bench.independent[0], cast.custodian, clock)
    assert codes(refused) == {("member-twice", "members, number 3")}


def test_who_names_the_members_is_not_one_of_them_under_another_hat(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    account = people.create_account("hats@example.org", "correct horse battery", role="custodian").id
    people.hold_person(bench.official, account)
    people.hold_person(cast.custodian, account)
    made = submitted(cast, clock)
    requests.insist(requests.check_completeness(made.id, (), cast.custodian, clock))
    refused = requests.allocate(made.id, bench.three, bench.three[0], cast.custodian, clock)
    assert codes(refused) == {("conflict", "members, number 3")}
    requests.insist(requests.allocate(made.id, bench.three, bench.three[0], cast.witness, clock))


def test_only_panel_members_are_named_and_only_by_the_custodian(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock)
    requests.insist(requests.check_completeness(made.id, (), cast.custodian, clock))
    refused = requests.allocate(made.id, [*bench.three, cast.witness], bench.three[0], cast.custodian, clock)
    assert codes(refused) == {("not-your-decision", "members, number 4")}
    refused = requests.allocate(made.id, bench.three, bench.three[0], bench.three[0], clock)
    assert codes(refused) == {("not-your-decision", "")}


def test_a_conflict_that_becomes_known_after_the_vote_stops_the_decision(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made, case = before(bench, cast, clock, bench.everybody)
    all_vote(case, bench.everybody, "approve", clock)
    people.declare_interest(bench.lay[1], cast.university.id, "hired there")
    assert codes(requests.conclude(case, cast.custodian, clock)) == {("conflict", "members")}
    requests.insist(requests.change_members(case, (), [bench.lay[1]], "", cast.custodian, clock))
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "approved"
    assert bench.lay[1] not in requests.history(made)[-1].actors


# Conflicts declared


def test_who_declares_a_conflict_is_out_their_vote_does_not_count_and_the_public_sees_the_seat(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made, case = before(bench, cast, clock, bench.everybody)
    all_vote(case, bench.everybody, "approve", clock)
    assert requests.insist(requests.declare_conflict(case, "money", bench.official, clock)) == case
    *_, event = told(made)
    assert {key: event[key] for key in ("type", "seat", "about")} == {
        "type": "conflict.declared", "seat": "official", "about": "application",
    }  # fmt: skip
    assert bench.official not in str(event)
    assert "money" not in str(event)
    assert Conflict.objects.get().kind == "money"
    assert codes(requests.vote(case, "refuse", ["No."], (), (), bench.official, clock)) == {("out", "actor")}
    with pytest.raises(NotYours):
        view(case, bench.official)
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "approved"
    assert told(made)[-1]["votes"] == ["approve: 2 independent, 2 lay"]
    refused = requests.declare_conflict(case, "money", bench.lay[0], clock)
    assert codes(refused) == {("not-possible-now", "")}, "after the decision it is too late"


def test_a_conflict_is_declared_by_a_member_once_and_of_a_known_kind(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    _, case = before(bench, cast, clock, bench.everybody)
    refused = requests.declare_conflict(case, "gossip", bench.independent[0], clock)
    assert codes(refused) == {("kind", "kind")}
    assert codes(requests.declare_conflict(case, "other", cast.custodian, clock)) == {("not-named", "actor")}
    requests.insist(requests.declare_conflict(case, "other", bench.lay[0], clock))
    assert codes(requests.declare_conflict(case, "other", bench.lay[0], clock)) == {("out-already", "actor")}


def test_when_who_leads_is_out_nothing_is_decided_until_another_leads(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    _, case = before(bench, cast, clock, bench.everybody)
    all_vote(case, bench.everybody, "approve", clock)
    requests.insist(requests.declare_conflict(case, "other", bench.independent[0], clock))
    assert codes(requests.conclude(case, cast.custodian, clock)) == {("not-decided", "")}
    refused = requests.change_members(case, (), (), bench.lay[0], cast.custodian, clock)
    assert codes(refused) == {("panel-too-small", "members")}
    requests.insist(requests.change_members(case, (), (), bench.independent[1], cast.custodian, clock))
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "approved"


def test_a_member_taken_out_cannot_be_named_again_and_the_rest_must_still_be_enough(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    _, case = before(bench, cast, clock)
    refused = requests.change_members(case, (), [bench.official], "", cast.custodian, clock)
    assert codes(refused) == {("panel-too-small", "members")}
    requests.insist(requests.change_members(case, [bench.lay[1]], [bench.official], "", cast.custodian, clock))
    again = requests.change_members(case, [bench.official], (), "", cast.custodian, clock)
    assert codes(again) == {("member-twice", "members, number 1")}
    assert codes(requests.vote(case, "approve", ["Yes."], (), (), bench.official, clock)) == {("out", "actor")}
    stranger = requests.change_members(case, (), [cast.witness], "", cast.custodian, clock)
    assert ("not-named", "removed") in codes(stranger)
    assert ("not-your-decision", "actor") in codes(
        requests.change_members(case, (), (), bench.independent[0], bench.independent[0], clock)
    )


# Blind


def test_nobody_sees_how_another_voted_until_all_have(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    first, second, third = bench.three
    _, case = before(bench, cast, clock)
    votes(case, clock, **{first.replace("-", "_"): "approve", second.replace("-", "_"): "refuse"})
    for person, seen in ((first, {first}), (second, {second}), (third, set()), (cast.custodian, set())):
        found = view(case, person)
        assert found.blind
        assert found.standing is None
        assert {one.person for one in found.votes} == seen
        assert {one.person for one in found.members if one.voted} == {first, second}
    votes(case, clock, **{third.replace("-", "_"): "approve"})
    for person in (*bench.three, cast.custodian):
        found = view(case, person)
        assert not found.blind
        assert {one.person for one in found.votes} == set(bench.three)
        assert found.standing is not None
        assert found.standing.result == "approve"


def test_a_member_sees_only_what_they_were_named_for(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    _, case = before(bench, cast, clock)
    _, other = before(bench, cast, clock, [bench.independent[0], *bench.lay])
    seen = {one.id for one in requests.cases_for(people.person(bench.official))}
    assert seen == {case}
    for nobody in (bench.official, bench.independent[1], cast.researcher):
        with pytest.raises(NotYours):
            view(other, nobody)
    with pytest.raises(NotYours):
        view("C-9999", cast.custodian)
    assert requests.named_for(bench.official, requests.applications()[0].id)
    assert not requests.named_for(bench.official, requests.applications()[1].id)
