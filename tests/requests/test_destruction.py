"""A destruction is certified by two: who did it states it, and who saw it says so themselves."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from schoolgate.requests.agreement.clocks import witness_days
from tests.requests import road
from tests.requests.cast import Cast, codes, signed, told
from tests.requests.test_agreement_ending import DAY, due_of, late_one, letters
from tests.web.staff import account_of


def _ended(cast: Cast, clock: FixedClock) -> str:
    agreement = signed(cast, clock)
    return requests.insist(requests.end(agreement.id, "Done.", cast.custodian, clock)).id


def test_nothing_is_certified_before_who_saw_it_has_said_so(cast: Cast, clock: FixedClock) -> None:
    agreement_id = _ended(cast, clock)
    account = account_of(cast.witness)
    requests.insist(requests.state_destruction(agreement_id, "Gone.", cast.researcher, cast.witness, clock))
    assert requests.get(agreement_id).state == "ended"
    assert [one["type"] for one in told(agreement_id)][-1] == "destruction.stated"
    assert [one.agreement_id for one in requests.endings()] == [agreement_id]
    assert [one["to"] for one in letters()] == [account.email]
    for other in (cast.custodian, cast.researcher):
        assert isinstance(requests.witness_destruction(agreement_id, True, other, clock), requests.Refused)
    done = requests.insist(requests.witness_destruction(agreement_id, True, cast.witness, clock))
    assert done.state == "destroyed"
    last = requests.history(agreement_id)[-1]
    assert (last.event, set(last.actors)) == ("certify_destruction", {cast.researcher, cast.witness})
    assert cast.witness not in str(told(agreement_id))


def test_a_witness_who_saw_nothing_says_so_in_public_and_the_data_counts_as_there(
    cast: Cast, clock: FixedClock
) -> None:
    agreement_id = _ended(cast, clock)
    requests.insist(requests.state_destruction(agreement_id, "Gone.", cast.researcher, cast.witness, clock))
    silent = requests.witness_destruction(agreement_id, False, cast.witness, clock)
    assert codes(silent) == {("reason-missing", "reason")}
    requests.insist(
        requests.witness_destruction(agreement_id, False, cast.witness, clock, reason="Nobody showed me anything.")
    )
    event = told(agreement_id)[-1]
    assert (event["type"], event["reason"]) == ("destruction.denied", "Nobody showed me anything.")
    assert requests.certificate(agreement_id) is None
    again = requests.witness_destruction(agreement_id, True, cast.witness, clock)
    assert codes(again) == {("not-stated", "")}
    requests.insist(road.destroyed(agreement_id, "Now it is.", cast.researcher, cast.witness, clock))


@pytest.mark.parametrize("who", ["left", "tied", "early"])
def test_who_left_or_is_tied_to_the_recipient_is_no_witness_and_nothing_is_gone_before_it_was_given(
    who: str, cast: Cast, clock: FixedClock
) -> None:
    agreement_id = _ended(cast, clock)
    given: dict[str, Any] = {}
    if who == "left":
        people.close_person(cast.witness, reason="Retired.", actor=cast.custodian, clock=clock)
    if who == "tied":
        people.declare_interest(cast.witness, cast.university.id, "worked there")
    if who == "early":
        given = {"destroyed_on": date(2026, 8, 30), "last_release": date(2026, 8, 31)}
    refused = requests.state_destruction(agreement_id, "Gone.", cast.researcher, cast.witness, clock, **given)
    assert codes(refused) == {("released-later", "destroyed_on") if who == "early" else ("witness", "witness")}


def test_what_was_stated_in_time_waits_some_days_for_its_witness_and_not_for_ever(
    cast: Cast, clock: FixedClock
) -> None:
    agreement_id = _ended(cast, clock)
    due = due_of(agreement_id)
    requests.insist(requests.state_destruction(agreement_id, "Gone.", cast.researcher, cast.witness, clock))
    assert requests.overdue(due + witness_days() * DAY) == ()
    assert [one.agreement_id for one in requests.overdue(due + (witness_days() + 1) * DAY)] == [agreement_id]


def test_what_is_stated_too_late_is_overdue_until_it_is_seen(cast: Cast, clock: FixedClock) -> None:
    agreement_id, late = late_one(cast, clock)
    requests.insist(requests.state_destruction(agreement_id, "Gone.", cast.researcher, cast.witness, late))
    assert [one.agreement_id for one in requests.overdue(late.now().date())] == [agreement_id]
    requests.insist(requests.witness_destruction(agreement_id, True, cast.witness, late))
    assert requests.overdue(late.now().date()) == ()
