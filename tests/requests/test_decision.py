"""The decision: nobody decides alone, nor on their own organisation, nor without a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from tests.requests import road
from tests.requests.cast import Cast, codes, submitted, told


def test_no_function_of_the_room_takes_a_decision_from_a_list_of_names() -> None:
    """One operator who types two names decides alone; every yes and no is a vote of whoever signed in as the member."""
    for name in ("decide", "amend", "extend", "resume", "reaffirm"):
        assert not hasattr(requests, name)


def test_a_member_of_the_applicants_own_organisation_is_refused(cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock)
    for approve in (True, False):
        outcome = road.decide(made.id, approve, ["A friend."], [], [*cast.panel, cast.insider], clock)
        assert codes(outcome) == {("own-organisation", "members, number 3")}
    assert requests.application(made.id).state == "submitted"


def test_a_decision_is_made_once(cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock)
    requests.insist(road.decide(made.id, False, ["No benefit."], [], cast.panel, clock))
    for approve in (True, False):
        again = road.decide(made.id, approve, ["Changed our minds."], [], cast.panel, clock)
        assert codes(again) == {("not-possible-now", "")}
    assert requests.application(made.id).reasons == ("No benefit.",)


def test_a_refusal_is_in_the_register_with_its_reasons(cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock)
    requests.insist(road.decide(made.id, False, ["No benefit.", "Too much."], [], cast.panel, clock))
    *_, decided = told(made.id)
    assert decided["outcome"] == "refused"
    assert decided["reasons"] == ["No benefit.", "Too much."]
    assert requests.agreements() == ()


def test_a_refusal_has_no_conditions(cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock)
    outcome = road.decide(made.id, False, ["No."], ["no-linkage"], cast.panel, clock)
    assert codes(outcome) == {("condition", "conditions")}


def test_an_approval_that_leaves_no_item_is_none(cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock)
    nothing_left = [f"without-item: {item}" for item in made.spec.items]
    outcome = road.decide(made.id, True, ["Yes."], nothing_left, cast.panel, clock)
    assert codes(outcome) == {("condition", "conditions")}


@pytest.mark.parametrize(
    "condition",
    [
        "small-numbers: few",
        "without-item: census_pupil.la",
        "coarser-item: census_pupil.la, census_pupil.sex",
        "coarser-item: census_pupil.sex, census_pupil.la",
        "not-together: census_pupil.sex, census_pupil.urn",
    ],
)
def test_a_condition_that_cannot_be_one_is_said_at_the_vote(condition: str, cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock)
    outcome = road.decide(made.id, True, ["Yes."], [condition], cast.panel, clock)
    assert codes(outcome) == {("condition", "conditions, number 1")}


def test_an_unknown_member_is_said_to_be_unknown(cast: Cast, clock: FixedClock) -> None:
    with pytest.raises(people.UnknownPerson):
        road.decide(submitted(cast, clock).id, True, ["Yes."], [], [cast.panel[0], "P-9999"], clock)


def test_reasons_that_no_entry_of_the_log_could_hold_are_refused(cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock)
    outcome = road.decide(made.id, True, ["\U0001f600" * 1_999] * 2, [], cast.panel, clock)
    assert codes(outcome) == {("text", "reasons")}
    assert requests.application(made.id).state == "submitted"


@pytest.mark.parametrize("kind", requests.CONDITION_KINDS)
def test_each_kind_of_condition_is_a_plain_sentence(kind: str) -> None:
    wants = "{detail}" in requests.CONDITION_KINDS[kind]
    detail = "10, 11" if kind in ("not-together", "coarser-item") else "10"
    condition = requests.Condition(kind, detail if wants else "")
    assert condition.problem == ""
    assert "{" not in condition.plain
    assert requests.Condition(kind, "" if wants else "10").problem != ""
    if kind != "other":
        assert requests.Condition.parse(f"{kind}: {detail}" if wants else kind) == condition


@given(text=st.text(max_size=80))
def test_a_conditions_text_is_shown_as_it_was_written_never_read_as_a_template(text: str) -> None:
    assert requests.Condition("other", text).plain == text
    assert text in requests.Condition("publish-results", text).plain
