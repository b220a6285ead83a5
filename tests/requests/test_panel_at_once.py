"""Members, custodians and applicants who act at the same moment."""

from __future__ import annotations

import pytest

from schoolgate import requests
from schoolgate.clock import FixedClock
from schoolgate.requests.panel.models import Case, CaseVote, Meeting
from tests.requests.at_once import at_once
from tests.requests.bench import all_vote, before, enter_bench
from tests.requests.cast import enter_cast, told

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_members_vote_at_once_and_both_count(clock: FixedClock) -> None:
    bench, cast = enter_bench(), enter_cast()
    _, case = before(bench, cast, clock)
    at_once(
        *[
            lambda member=member: requests.vote(case, "approve", ["Yes."], (), (), member, clock)  # type: ignore[misc]
            for member in bench.three
        ]
    )
    assert CaseVote.objects.count() == 3
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "approved"


def test_a_decision_is_concluded_once_however_many_ask(clock: FixedClock) -> None:
    bench, cast = enter_bench(), enter_cast()
    made, case = before(bench, cast, clock)
    all_vote(case, bench.three, "approve", clock)
    outcomes = at_once(*[lambda: requests.conclude(case, cast.custodian, clock)] * 3)
    assert sum(one == "approved" for one in outcomes) == 1
    assert sum(event["type"] == "application.decided" for event in told(made)) == 1


def test_a_vote_and_the_decision_at_once_either_counts_or_is_told_it_came_too_late(clock: FixedClock) -> None:
    bench, cast = enter_bench(), enter_cast()
    made, case = before(bench, cast, clock)
    all_vote(case, bench.three, "approve", clock)
    voted, done = at_once(
        lambda: requests.vote(case, "refuse", ["No."], (), (), bench.independent[0], clock),
        lambda: requests.conclude(case, cast.custodian, clock),
    )
    # The independent member's is the vote that carries it.
    expected = "approved" if isinstance(voted, requests.Refused) else "refused"
    assert done == expected == requests.application(made).state


def test_a_member_taken_out_while_voting_is_out_or_has_voted(clock: FixedClock) -> None:
    bench, cast = enter_bench(), enter_cast()
    made, case = before(bench, cast, clock, bench.everybody)
    all_vote(case, bench.everybody[:-1], "approve", clock)
    voted, changed = at_once(
        lambda: requests.vote(case, "approve", ["Yes."], (), (), bench.official, clock),
        lambda: requests.change_members(case, (), [bench.official], "", cast.custodian, clock),
    )
    assert isinstance(voted, requests.Refused) != isinstance(changed, requests.Refused)
    requests.insist(requests.conclude(case, cast.custodian, clock))
    assert (bench.official in requests.history(made)[-1].actors) == isinstance(changed, requests.Refused)


def test_a_conflict_declared_while_it_is_concluded_is_before_it_or_too_late(clock: FixedClock) -> None:
    bench, cast = enter_bench(), enter_cast()
    made, case = before(bench, cast, clock, bench.everybody)
    all_vote(case, bench.everybody, "approve", clock)
    declared, _ = at_once(
        lambda: requests.declare_conflict(case, "money", bench.official, clock),
        lambda: requests.conclude(case, cast.custodian, clock),
    )
    out = not isinstance(declared, requests.Refused)
    assert out == (bench.official not in requests.history(made)[-1].actors)
    order = [event["type"] for event in told(made)]
    assert ("conflict.declared" in order) == out
    assert order[-1] == "application.decided"


def test_an_application_withdrawn_while_it_is_decided_is_withdrawn_before_the_decision_or_after_it(
    clock: FixedClock,
) -> None:
    bench, cast = enter_bench(), enter_cast()
    made, case = before(bench, cast, clock)
    all_vote(case, bench.three, "approve", clock)
    decided, withdrawn = at_once(
        lambda: requests.conclude(case, cast.custodian, clock),
        lambda: requests.drafting.withdraw(made, "No money.", cast.researcher, clock),
    )
    assert not isinstance(withdrawn, requests.Refused)
    assert requests.application(made).state == "withdrawn"
    events = [step.event for step in requests.history(made)]
    assert events[2:] == (["withdraw"] if isinstance(decided, requests.Refused) else ["approve", "withdraw"])


def test_members_are_named_once(clock: FixedClock) -> None:
    bench, cast = enter_bench(), enter_cast()
    from tests.requests.cast import submitted

    made = submitted(cast, clock)
    requests.insist(requests.check_completeness(made.id, (), cast.custodian, clock))
    outcomes = at_once(*[lambda: requests.allocate(made.id, bench.three, bench.three[0], cast.custodian, clock)] * 3)
    assert sum(isinstance(one, requests.Refused) for one in outcomes) == 2
    assert Case.objects.count() == 1


def test_minutes_approved_at_once_are_published_once(clock: FixedClock) -> None:
    bench, cast = enter_bench(), enter_cast()
    _, case = before(bench, cast, clock)
    meeting = requests.insist(requests.call_meeting(clock.now().date(), [case], cast.custodian, clock))
    requests.insist(requests.open_meeting(meeting, bench.three, cast.custodian, clock))
    requests.insist(requests.close_meeting(meeting, cast.custodian, clock))
    from schoolgate import people, register

    shown = requests.meeting(meeting, people.person(cast.custodian)).text_hash
    outcomes = at_once(
        *[
            lambda member=member: requests.approve_minutes(meeting, shown, member, clock)  # type: ignore[misc]
            for member in bench.three
        ]
    )
    assert sum(one == "published" for one in outcomes) == 1
    assert len(register.events("minutes.published")) == 1
    assert Meeting.objects.get().state == "published"
