"""At the vote and after: what counts, item by item, conditions, concluded, and the queue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schoolgate import register, requests
from schoolgate.clock import FixedClock
from schoolgate.requests.panel.models import CaseVote
from tests.requests.bench import Bench, all_vote, before, enter_bench
from tests.requests.cast import Cast, a_spec, codes, submitted, told

pytestmark = pytest.mark.django_db

ItemVote = requests.ItemVote


@pytest.fixture
def bench(db: None) -> Bench:
    return enter_bench()


# Votes


def test_a_changed_vote_is_a_new_row_and_the_last_counts(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made, case = before(bench, cast, clock)
    all_vote(case, bench.three, "refuse", clock)
    all_vote(case, bench.three, "approve", clock)
    assert CaseVote.objects.count() == 6
    assert requests.insist(requests.conclude(case, bench.independent[0], clock)) == "approved"
    assert told(made)[-1]["reasons"] == ["approve because."]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"choice": "maybe"}, ("choice", "choice")),
        ({"reasons": [" "]}, ("reason-missing", "reasons")),
        ({"reasons": []}, ("reason-missing", "reasons")),
        ({"reasons": ["\u202eevil"]}, ("text", "reasons")),
        ({"reasons": ["x" * 1_999] * 6}, ("text", "reasons")),
        ({"choice": "refuse", "conditions": ["no-linkage"]}, ("condition", "conditions")),
        ({"choice": "refuse", "items": [ItemVote("census_pupil.sex", "refuse")]}, ("item", "items")),
        ({"conditions": ["row-budget: many"]}, ("condition", "conditions, number 1")),
        ({"items": [ItemVote("census_pupil.la", "refuse")]}, ("item", "items, number 1")),
        ({"items": [ItemVote("census_pupil.sex", "hide")]}, ("item", "items, number 1")),
        ({"items": [ItemVote("census_pupil.sex", "refuse")] * 2}, ("item", "items, number 2")),
        ({"items": [ItemVote("census_pupil.sex", "coarser", "census_pupil.la")]}, ("alternative", "items, number 1")),
        ({"items": [ItemVote("census_pupil.sex", "refuse", "words")]}, ("alternative", "items, number 1")),
        ({"actor": "seller"}, ("not-named", "actor")),
    ],
)
def test_a_vote_that_does_not_count_is_told_why_and_not_kept(
    given: dict[str, Any], code: tuple[str, str], bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    _, case = before(bench, cast, clock)
    vote = {"choice": "approve", "reasons": ["Yes."], "items": (), "conditions": (), "actor": bench.lay[0], **given}
    vote["actor"] = getattr(cast, vote["actor"], vote["actor"])
    assert code in codes(requests.vote(case, clock=clock, **vote))
    assert not CaseVote.objects.exists()


def test_nobody_can_vote_for_what_no_panel_can_approve(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made, case = before(bench, cast, clock, lawful_basis="UK GDPR Article 6(1)(f)")
    refused = requests.vote(case, "approve", ["Yes."], (), (), bench.lay[0], clock)
    assert ("basis-cannot-carry", "lawful_basis") in codes(refused)
    all_vote(case, bench.three, "refuse", clock)
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "refused"
    assert requests.application(made).state == "refused"


# Decisions


def test_the_decision_is_in_public_with_votes_by_seat_reasons_conditions_and_items(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made, case = before(
        bench, cast, clock, items=("census_pupil.sex", "census_pupil.fsmeligible", "census_pupil.monthofbirth")
    )
    for member in bench.three:
        said = (
            ItemVote("census_pupil.monthofbirth", "coarser", "census_pupil.age"),
            ItemVote("census_pupil.sex", "refuse"),
        )
        requests.insist(
            requests.vote(case, "approve", ["It helps."], said, ["row-budget: 500", "Be kind."], member, clock)
        )
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "approved"
    *_, event = told(made)
    assert event["outcome"] == "approved"
    assert event["reasons"] == ["It helps."]
    assert event["votes"] == ["approve: 1 official, 1 independent, 1 lay"]
    assert event["items"] == [
        "census_pupil.monthofbirth: only census_pupil.age is given", "census_pupil.sex: not given",
    ]  # fmt: skip
    assert event["conditions"][:2] == ["At most 500 rows may be taken in all.", "Be kind."]
    assert not any(member in str(event) for member in bench.three)
    # What the gate holds to: the coarse item came in, the fine one and the refused one are out.
    from schoolgate.requests.stored import approved_items

    application = requests.application(made)
    assert approved_items(application.spec, application.conditions) == {"census_pupil.fsmeligible", "census_pupil.age"}
    assert set(requests.history(made)[-1].actors) == set(bench.three)


def test_a_coarser_form_that_is_no_item_stands_in_words_and_left_out_is_out(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made, case = before(bench, cast, clock)
    for member in bench.three:
        said = (
            ItemVote("census_pupil.fsmeligible", "coarser", "area-rate"),
            ItemVote("census_pupil.sex", "coarser", "left-out"),
        )
        requests.insist(requests.vote(case, "approve", ["It helps."], said, (), member, clock))
    requests.insist(requests.conclude(case, cast.custodian, clock))
    plain = [one.plain for one in requests.application(made).conditions]
    assert "The item census_pupil.sex was asked for and is not given." in plain
    assert any("In place of census_pupil.fsmeligible only this" in one for one in plain)


def test_a_condition_of_one_member_who_approves_holds(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made, case = before(bench, cast, clock)
    first, *others = bench.three
    requests.insist(requests.vote(case, "approve", ["Yes."], (), ["setting-output"], first, clock))
    all_vote(case, others, "approve", clock)
    requests.insist(requests.conclude(case, cast.custodian, clock))
    assert [one.kind for one in requests.application(made).conditions] == ["setting-output"]


def test_conditions_that_no_country_meets_together_are_said_when_it_is_concluded(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made, case = before(bench, cast, clock)
    for member, place in zip(bench.three, ("United Kingdom", "United Kingdom, France", "United Kingdom"), strict=True):
        requests.insist(requests.vote(case, "approve", ["Yes."], (), [f"only-in: {place}"], member, clock))
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "approved"
    assert requests.application(made).state == "approved"


def test_more_votes_for_changes_send_it_back_with_their_reasons(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made, case = before(bench, cast, clock)
    first, *others = bench.three
    all_vote(case, [first], "refuse", clock)
    all_vote(case, others, "changes", clock)
    assert requests.insist(requests.conclude(case, cast.custodian, clock)) == "returned"
    assert requests.application(made).state == "returned"
    assert told(made)[-1]["reasons"] == ["changes because."]


def test_nothing_is_concluded_before_the_votes_are_enough_nor_by_a_stranger(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    made, case = before(bench, cast, clock)
    all_vote(case, bench.three[:2], "approve", clock)
    refused = requests.conclude(case, cast.custodian, clock)
    assert isinstance(refused, requests.Refused)
    assert {one.code for one in refused.reasons} == {"not-decided"}
    assert any("1 of the members have not voted" in one.reason for one in refused.reasons)
    for stranger in (bench.lay[1], cast.researcher):
        assert isinstance(requests.conclude(case, stranger, clock), requests.Refused)
    assert requests.application(made).state == "in_review"


def test_a_decision_is_made_once_and_a_vote_after_it_is_told_so(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    made, case = before(bench, cast, clock)
    all_vote(case, bench.three, "refuse", clock)
    requests.insist(requests.conclude(case, cast.custodian, clock))
    assert codes(requests.conclude(case, cast.custodian, clock)) == {("not-possible-now", "")}
    assert codes(requests.vote(case, "approve", ["Yes."], (), (), bench.lay[0], clock)) == {("not-possible-now", "")}
    assert requests.application(made).reasons == ("refuse because.",)


def test_the_queue_says_what_waits_for_whom_since_when_and_what_is_late(
    bench: Bench, cast: Cast, clock: FixedClock
) -> None:
    waiting = submitted(cast, clock)
    made, case = before(bench, cast, clock)
    today = clock.now().date()
    found = {one.id: one for one in requests.queue(today + timedelta(days=10))}
    assert (found[waiting.id].who, found[waiting.id].days, found[waiting.id].late) == ("custodian", 10, False)
    assert (found[made].who, found[made].cases) == ("panel", (case,))
    late = {one.id: one.late for one in requests.queue(today + timedelta(days=11))}
    assert late == {waiting.id: True, made: False}
    all_vote(case, bench.three, "refuse", clock)
    requests.insist(requests.conclude(case, cast.custodian, clock))
    assert made not in {one.id for one in requests.queue(today)}


def test_an_application_of_a_company_needs_more_members(bench: Bench, cast: Cast, clock: FixedClock) -> None:
    spec = a_spec(cast, organisation=cast.company.id, people=(cast.seller,))
    made = requests.insist(requests.submit_application(spec, cast.seller, clock))
    requests.insist(requests.check_completeness(made.id, (), cast.custodian, clock))
    refused = requests.allocate(made.id, bench.three, bench.three[0], cast.custodian, clock)
    assert codes(refused) == {("panel-too-small", "members")}
    requests.insist(requests.allocate(made.id, bench.everybody, bench.three[0], cast.custodian, clock))
    assert "A company asks" in register.events("application.allocated")[0].body["risk_reasons"][0]
