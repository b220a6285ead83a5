"""Somebody who asks for data in one organisation and decides about it, or watches over it, in another."""

from __future__ import annotations

import pytest

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from schoolgate.errors import SchoolgateError
from schoolgate.people.models import Account
from tests.requests.cast import Cast, enter_cast, submitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return enter_cast()


def one_account(*persons: str) -> None:
    account = int(Account.objects.create_user("who@example.org", "correct horse battery", role="panel").pk)
    for person in persons:
        people.hold_person(person, account)


def name_for_it(cast: Cast, clock: FixedClock) -> requests.Refused:
    application = submitted(cast, clock)
    requests.insist(requests.check_completeness(application.id, (), cast.custodian, clock))
    outcome = requests.allocate(application.id, tuple(cast.panel), cast.panel[0], cast.custodian, clock)
    assert isinstance(outcome, requests.Refused), outcome
    return outcome


def tied(outcome: requests.Refused, person: str) -> bool:
    return any(reason.code == "conflict" and reason.reason.startswith(person) for reason in outcome.reasons)


def test_a_member_without_a_tie_is_not_held_to_have_one(cast: Cast, clock: FixedClock) -> None:
    one_account(cast.panel[0])
    assert not tied(name_for_it(cast, clock), cast.panel[0])


@pytest.mark.parametrize("left", [False, True])
def test_a_member_who_is_also_of_the_applicants_organisation_is_not_named(
    left: bool, cast: Cast, clock: FixedClock
) -> None:
    one_account(cast.panel[0], cast.colleague)
    if left:
        people.close_person(cast.colleague, reason="Left last week.", clock=clock)
    assert tied(name_for_it(cast, clock), cast.panel[0])


def test_a_member_whose_other_self_declared_an_interest_is_not_named(cast: Cast, clock: FixedClock) -> None:
    one_account(cast.panel[0], cast.seller)
    people.declare_interest(cast.seller, cast.university.id, "sells it courses", clock=clock)
    assert tied(name_for_it(cast, clock), cast.panel[0])


def test_a_member_of_what_the_applicant_became_part_of_is_not_named(cast: Cast, clock: FixedClock) -> None:
    buyer = people.person(cast.panel[0]).organisation_id
    people.change_organisation(
        cast.university.id,
        changes={"owner": people.organisation(buyer).name},
        reason="Bought.",
        actor=cast.custodian,
        clock=clock,
    )
    assert tied(name_for_it(cast, clock), cast.panel[0])


def test_two_accounts_are_two_human_beings_to_the_rules_and_one_person_has_one_account(cast: Cast) -> None:
    """What cannot be seen is said: an account is proof of one human being, two accounts are no proof of two."""
    one_account(cast.panel[0])
    other = int(Account.objects.create_user("other@example.org", "correct horse battery", role="researcher").pk)
    people.hold_person(cast.colleague, other)
    assert not people.same_human(cast.panel[0], cast.colleague)
    with pytest.raises(SchoolgateError, match="Another account acts as this person"):
        people.hold_person(cast.panel[0], other)
