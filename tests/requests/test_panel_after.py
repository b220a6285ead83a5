"""What comes beside and after the ordinary decision: emergencies and their review, appeals, proposals, withdrawal."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from schoolgate import people, register, requests
from schoolgate.clock import FixedClock
from schoolgate.requests.models import Request
from tests.requests import road
from tests.requests.bench import Bench, all_vote, before, enter_bench
from tests.requests.cast import Cast, codes, signed, submitted, told

pytestmark = pytest.mark.django_db

WHY = "A child is missing."


@pytest.fixture
def bench(db: None) -> Bench:
    return enter_bench()


def later(clock: FixedClock, days: int) -> FixedClock:
    return FixedClock(clock.now() + timedelta(days=days))


# Emergencies


def hurried(bench: Bench, cast: Cast, clock: FixedClock) -> str:
    """An application approved in an emergency."""
    made = submitted(cast, clock)
    two = (bench.independent[0], bench.official)
    case = requests.insist(requests.allocate_in_emergency(made.id, two, WHY, cast.custodian, clock))
    all_vote(case, two, "approve", clock)
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "approved"
    return made.id


def test_two_members_approve_what_cannot_wait_with_the_reason_in_public_and_a_day_of_review(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made = hurried(bench, cast, clock)
    *_, event = told(made)
    assert (event["type"], event["outcome"], event["emergency"]) == ("application.decided", "approved", WHY)
    assert event["review_due"] == "2026-09-15"
    assert event["votes"] == ["approve: 1 official, 1 independent"]
    assert requests.history(made)[-1].event == "approve_in_emergency"
    assert len(requests.history(made)[-1].actors) == 2
    agreement = requests.insist(road.sign(made, cast.custodian, clock))
    assert agreement.review_due == date(2026, 9, 15)


@pytest.mark.parametrize("who", ["one", "no-independent", "own", "no-reason", "member"])
def test_an_emergency_needs_two_members_one_independent_and_a_reason(
    who: str, bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made = submitted(cast, clock)
    members = {
        "one": (bench.independent[0],),
        "no-independent": (bench.official, bench.lay[0]),
        "own": (bench.independent[0], cast.insider),
    }.get(who, (bench.independent[0], bench.official))
    why = " " if who == "no-reason" else WHY
    actor = bench.official if who == "member" else cast.custodian
    refused = requests.allocate_in_emergency(made.id, members, why, actor, clock)
    expected = {
        "one": ("panel-too-small", "members"),
        "no-independent": ("panel-too-small", "members"),
        "own": ("own-organisation", "members, number 2"),
        "no-reason": ("reason-missing", "why"),
        "member": ("not-your-decision", "actor"),
    }
    assert expected[who] in codes(refused)
    assert requests.application(made.id).state == "submitted"


def test_an_emergency_that_one_member_does_not_see_takes_the_ordinary_road(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made = submitted(cast, clock)
    two = (bench.independent[0], bench.official)
    case = requests.insist(requests.allocate_in_emergency(made.id, two, WHY, cast.custodian, clock))
    all_vote(case, two[:1], "approve", clock)
    assert codes(requests.conclude(case, cast.custodian, clock)) == {("not-decided", "")}, "nobody decides alone"
    all_vote(case, two[1:], "refuse", clock)
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "not approved"
    assert requests.application(made.id).state == "submitted"
    requests.insist(requests.check_completeness(made.id, (), cast.custodian, clock))
    requests.insist(requests.allocate(made.id, bench.three, bench.three[0], cast.custodian, clock))


def review(
    bench: Bench, cast: Cast, clock: FixedClock, choice: str, by: str = ""
) -> tuple[str, str | requests.Refused]:
    """The panel's look at what was approved in a hurry: the agreement's id, and what came of it."""
    agreement = requests.insist(road.sign(hurried(bench, cast, clock), cast.custodian, clock)).id
    case = requests.insist(
        requests.propose(agreement, "review-emergency", reasons=["It is due."], actor=cast.custodian, clock=clock)
    )
    assert codes(requests.allocate_proposal(case, bench.three[:2], bench.three[0], cast.custodian, clock)) == {
        ("panel-too-small", "members")
    }, "the review has the whole quorum"
    requests.insist(requests.allocate_proposal(case, bench.three, bench.three[0], cast.custodian, clock))
    all_vote(case, bench.three, choice, clock)
    return agreement, requests.conclude(case, by or cast.custodian, clock)


def test_what_waits_for_its_review_is_in_the_queue_and_late_after_its_day(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    agreement = requests.insist(road.sign(hurried(bench, cast, clock), cast.custodian, clock)).id
    for days, late in ((14, False), (15, True)):
        (waiting,) = requests.queue(clock.now().date() + timedelta(days=days))
        assert (waiting.id, waiting.who, waiting.days, waiting.late) == (agreement, "custodian", days, late)
    case = requests.insist(
        requests.propose(agreement, "review-emergency", reasons=["It is due."], actor=cast.custodian, clock=clock)
    )
    assert [one.cases for one in requests.queue(clock.now().date())] == [(case,)]


def test_a_review_confirms_and_nothing_is_due_any_more(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    agreement, done = review(bench, cast, clock, "approve")
    assert done == "approved"
    assert requests.get(agreement).review_due is None
    assert requests.get(agreement).state == "active"
    (event,) = [one for one in told(agreement) if one["type"] == "emergency.reviewed"]
    assert (event["outcome"], event["votes"]) == ("confirmed", ["approve: 1 official, 1 independent, 1 lay"])


def test_a_review_that_says_no_ends_the_agreement_at_once(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    agreement, done = review(bench, cast, clock, "refuse")
    assert done == "refused"
    assert requests.get(agreement).state == "ended"
    assert [one["type"] for one in told(agreement)][-2:] == ["emergency.reviewed", "agreement.ended"]


def test_only_the_custodian_writes_down_a_review_that_ends_an_agreement(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    agreement, done = review(bench, cast, clock, "refuse", bench.independent[0])
    assert codes(done) == {("not-your-decision", "actor")}
    assert requests.get(agreement).state == "active"
    assert requests.get(agreement).review_due is not None


def test_there_is_nothing_to_review_where_nothing_was_hurried(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock).id
    refused = requests.propose(agreement, "review-emergency", reasons=["Why?"], actor=cast.custodian, clock=clock)
    assert codes(refused) == {("nothing-to-review", "")}


# Appeals


def refused_by_three(bench: Bench, cast: Cast, clock: FixedClock) -> str:
    made, case = before(bench, cast, clock)
    all_vote(case, bench.three, "refuse", clock)
    requests.insist(requests.conclude(case, cast.custodian, clock))
    return made


def test_an_appeal_goes_to_others_and_what_comes_of_it_is_final(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made = refused_by_three(bench, cast, clock)
    on_time = later(clock, 28)
    assert requests.insist(requests.appeal(made, ["You misread it."], cast.researcher, on_time)) == made
    assert told(made)[-1]["reasons"] == ["You misread it."]
    assert cast.researcher not in str(told(made)[-1])
    third = people.add_person(bench.home, "panel").id
    others = (bench.independent[1], bench.lay[1], third)
    again = requests.allocate(made, (*others, bench.official), others[0], cast.custodian, on_time)
    assert codes(again) == {("decided-before", "members")}
    case = requests.insist(requests.allocate(made, others, others[0], cast.custodian, on_time))
    assert told(made)[-1]["appeal"] == "yes"
    all_vote(case, others, "approve", on_time)
    assert requests.insist(requests.conclude(case, cast.custodian, on_time)) == "approved"
    assert told(made)[-1]["appeal"] == "yes"
    assert set(requests.history(made)[-1].actors) == set(others)
    twice = requests.appeal(made, ["The conditions."], cast.researcher, on_time)
    assert codes(twice) == {("appealed-once", "")}


def test_where_too_few_others_exist_at_least_another_leads(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made = refused_by_three(bench, cast, clock)
    people.declare_interest(bench.lay[1], cast.university.id, "a tie")  # no lay member is left who did not vote
    requests.insist(requests.appeal(made, ["You misread it."], cast.researcher, clock))
    members = (*bench.independent, bench.lay[0], bench.official)
    same = requests.allocate(made, members, bench.independent[0], cast.custodian, clock)
    assert codes(same) == {("led-before", "chair")}
    requests.insist(requests.allocate(made, members, bench.independent[1], cast.custodian, clock))


def test_an_appeal_comes_in_time_from_who_asked_with_a_reason(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made = refused_by_three(bench, cast, clock)
    assert codes(requests.appeal(made, ["Late."], cast.researcher, later(clock, 29))) == {("too-late", "")}
    assert codes(requests.appeal(made, ["Rival."], cast.seller, clock)) == {("not-your-organisation", "actor")}
    assert codes(requests.appeal(made, [""], cast.researcher, clock)) == {("reason-missing", "reasons")}
    assert codes(requests.appeal(made, ["No."], bench.lay[0], clock)) >= {("not-your-decision", "")}
    assert requests.application(made).state == "refused"


def test_an_appeal_is_decided_and_not_sent_back(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made = refused_by_three(bench, cast, clock)
    requests.insist(requests.appeal(made, ["You misread it."], cast.researcher, clock))
    third = people.add_person(bench.home, "panel").id
    others = (bench.independent[1], bench.lay[1], third)
    case = requests.insist(requests.allocate(made, others, others[0], cast.custodian, clock))
    all_vote(case, others, "changes", clock)
    assert codes(requests.conclude(case, cast.custodian, clock)) == {("appeal-changes", "choice")}
    all_vote(case, others, "refuse", clock)
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "refused"


# Proposals about an agreement


def test_an_amendment_is_proposed_allocated_voted_and_only_then_there(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    agreement = signed(cast, clock).id
    case = requests.insist(
        requests.propose(
            agreement, "amend", items=["census_pupil.age", "census_pupil.phase"], reasons=["More."],
            actor=cast.researcher, clock=clock,
        )
    )  # fmt: skip
    assert codes(requests.vote(case, "approve", ["Yes."], (), (), bench.lay[0], clock)) >= {("not-possible-now", "")}
    requests.insist(requests.allocate_proposal(case, bench.three, bench.three[0], cast.custodian, clock))
    said = (requests.ItemVote("census_pupil.phase", "refuse"),)
    for member in bench.three:
        requests.insist(requests.vote(case, "approve", ["It helps."], said, (), member, clock))
    entries = register.log_size()
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "approved"
    assert register.log_size() == entries + 1
    event = register.events("agreement.amended")[0].body
    assert event["items"] == ["census_pupil.age"], "what the panel does not give does not come in"
    assert event["reasons"] == ["It helps."]
    assert set(requests.history(agreement)[-1].actors) == set(bench.three)


def test_a_proposal_that_the_panel_refuses_is_in_public_and_changes_nothing(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    agreement = signed(cast, clock)
    case = requests.insist(
        requests.propose(
            agreement.id, "extend", valid_until=date(2029, 8, 31), reasons=["Late."], actor=cast.researcher, clock=clock
        )
    )
    requests.insist(requests.allocate_proposal(case, bench.three, bench.three[0], cast.custodian, clock))
    vague = requests.vote(case, "changes", ["Less time."], (), (), bench.lay[0], clock)
    assert codes(vague) == {("choice", "choice")}, "a change is approved or refused"
    all_vote(case, bench.three, "refuse", clock)
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "refused"
    event = register.events("proposal.refused")[0].body
    assert (event["agreement"], event["change"]) == (agreement.id, "a later last day of an agreement")
    assert event["votes"] == ["refuse: 1 official, 1 independent, 1 lay"]
    assert requests.get(agreement.id) == agreement


def test_a_suspended_agreement_goes_on_only_when_the_panel_says_so(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock).id
    requests.insist(requests.suspend(agreement, "Out of pattern.", cast.custodian, clock))
    case = requests.insist(
        requests.propose(agreement, "resume", reasons=["Explained."], actor=cast.custodian, clock=clock)
    )
    requests.insist(requests.allocate_proposal(case, bench.three, bench.three[0], cast.custodian, clock))
    assert requests.get(agreement).state == "suspended"
    all_vote(case, bench.three, "approve", clock)
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "approved"
    assert requests.get(agreement).state == "active"
    assert register.events("agreement.resumed")[0].body["reasons"] == ["approve because."]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": "forget"}, ("kind", "kind")),
        ({"kind": "resume"}, ("not-possible-now", "")),
        ({"kind": "extend", "items": ["census_pupil.age"]}, ("content", "items")),
        ({"reasons": [""]}, ("reason-missing", "reasons")),
        ({"actor": "seller"}, ("not-your-organisation", "actor")),
        ({"actor": "insider"}, ("not-your-decision", "actor")),
    ],
)
def test_a_proposal_that_cannot_be_one_is_told_why(
    given: dict[str, object], code: tuple[str, str], cast: Cast, clock: FixedClock
) -> None:
    agreement = signed(cast, clock).id
    asked: dict[str, object] = {"kind": "amend", "items": ["census_pupil.age"], "reasons": ["More."], **given}
    if asked["kind"] == "resume":
        asked["items"] = ()
    who = getattr(cast, str(asked.pop("actor", "custodian")))
    kind = str(asked.pop("kind"))
    refused = requests.propose(agreement, kind, actor=who, clock=clock, **asked)  # type: ignore[arg-type]
    assert code in codes(refused)


def test_one_proposal_of_a_kind_at_a_time_and_it_can_be_taken_back(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock).id

    def proposed() -> str | requests.Refused:
        return requests.propose(
            agreement, "amend", items=["census_pupil.age"], reasons=["More."], actor=cast.researcher, clock=clock
        )

    case = requests.insist(proposed())
    assert codes(proposed()) == {("proposed-already", "")}
    assert codes(requests.withdraw_proposal(case, cast.seller, clock)) == {("not-your-decision", "actor")}
    requests.insist(requests.withdraw_proposal(case, cast.researcher, clock))
    assert not isinstance(proposed(), requests.Refused)
    refused = requests.allocate_proposal(case, bench.three, bench.three[0], cast.custodian, clock)
    assert codes(refused) == {("not-possible-now", "")}


def test_a_proposal_about_an_agreement_that_ended_meanwhile_is_not_decided(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    agreement = signed(cast, clock).id
    case = requests.insist(
        requests.propose(
            agreement, "amend", items=["census_pupil.age"], reasons=["More."], actor=cast.researcher, clock=clock
        )
    )
    requests.insist(requests.allocate_proposal(case, bench.three, bench.three[0], cast.custodian, clock))
    all_vote(case, bench.three, "approve", clock)
    requests.insist(requests.end(agreement, "Done.", cast.custodian, clock))
    assert codes(requests.conclude(case, cast.custodian, clock)) == {("not-possible-now", "")}
    assert requests.get(agreement).state == "ended"
    office = people.person(cast.custodian)
    assert requests.case(case, office).state == "stopped", "it is not before the panel for ever"
    assert requests.cases_for(office, live=True) == ()


def test_nobody_changes_the_agreement_that_is_built_in(cast: Cast, clock: FixedClock) -> None:
    requests.ensure_built_in(clock)
    refused = requests.propose(
        requests.SUBJECT_ACCESS,
        "amend",
        items=["census_pupil.age"],
        reasons=["More."],
        actor=cast.custodian,
        clock=clock,
    )
    assert ("built-in", "") in codes(refused)


def test_the_vote_on_an_application_that_was_withdrawn_meanwhile_is_told_so(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made, case = before(bench, cast, clock)
    all_vote(case, bench.three[:2], "approve", clock)
    row = Request.objects.get(application_id=made)
    requests.insist(requests.drafting.withdraw(made, "No money.", cast.researcher, clock))
    for act in (
        requests.vote(case, "approve", ["Yes."], (), (), bench.three[2], clock),
        requests.conclude(case, cast.custodian, clock),
        requests.declare_conflict(case, "other", bench.three[2], clock),
    ):
        assert codes(act) == {("not-possible-now", "")}
    row.refresh_from_db()
    assert row.state == "withdrawn"


def test_a_destruction_that_is_overdue_holds_an_approval_up(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    requests.insist(requests.end(agreement.id, "Done.", cast.custodian, clock))
    much_later = later(clock, 400)
    people.set_accreditation(cast.researcher, date(2039, 1, 1))
    spec_dates = {"valid_from": date(2027, 11, 1), "valid_until": date(2029, 8, 31)}
    retention = {"retention_until": date(2030, 1, 31)}
    made, case = before(bench, cast, much_later, **spec_dates, **retention)
    all_vote(case, bench.three, "approve", much_later)
    assert ("destruction-overdue", "organisation") in codes(requests.conclude(case, cast.custodian, much_later))
    assert requests.application(made).state == "in_review"
    all_vote(case, bench.three, "refuse", much_later)
    assert requests.insist(requests.conclude(case, cast.custodian, much_later)) == "refused"
