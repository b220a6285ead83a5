"""Two accounts, or two clicks, at the same moment."""

from __future__ import annotations

import pytest

from schoolgate import consent, register, rights
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.requests.at_once import at_once
from tests.rights.house import CHILD, UPN, URN, enter_house

pytestmark = pytest.mark.django_db(transaction=True)

RULES = rights.ClaimRules(tries_of_account=10_000, tries_in_all=10_000)


def test_of_two_accounts_that_use_a_code_at_once_one_gets_the_child(home: Config, clock: FixedClock) -> None:
    house = enter_house(home, clock)
    code = house.issue().text
    answers = at_once(
        lambda: house.redeem(house.parent, code, rules=RULES),
        lambda: house.redeem(house.stranger, code, rules=RULES),
    )
    assert sum(isinstance(answer, rights.ChildLink) for answer in answers) == 1
    assert len(rights.children(house.parent)) + len(rights.children(house.stranger)) == 1


def test_one_account_that_uses_two_codes_of_a_child_at_once_has_one_link(home: Config, clock: FixedClock) -> None:
    house = enter_house(home, clock)
    first, second = house.issue().text, house.issue().text
    answers = at_once(
        lambda: house.redeem(house.parent, first, rules=RULES),
        lambda: house.redeem(house.parent, second, rules=RULES),
    )
    assert answers[0] == answers[1]
    assert rights.children(house.parent) == (answers[0],)


def test_two_parents_who_say_no_at_once_each_have_their_own_and_the_child_is_counted_once(
    home: Config, clock: FixedClock
) -> None:
    house = enter_house(home, clock)
    links = [house.link(house.parent), house.link(house.stranger)]
    said = at_once(
        lambda: rights.object_to(links[0], "education-research", clock=clock),
        lambda: rights.object_to(links[1], "education-research", clock=clock),
    )
    assert {one.lodged_by for one in said} == {f"account:{link.account_id}" for link in links}
    assert consent.objecting_pupils(consent.Use(("education-research",))) == [CHILD]
    told = [one.body["objecting"] for one in register.events(type="objection.totals", limit=10)]
    assert told == ["fewer than 10"] * 2


def test_a_parent_who_says_no_twice_at_once_makes_one_objection_and_one_entry(home: Config, clock: FixedClock) -> None:
    house = enter_house(home, clock)
    link = house.link(house.parent)
    said = at_once(*[lambda: rights.object_to(link, "education-research", clock=clock)] * 2)
    assert said[0] == said[1]
    assert len(register.events(type="objection.totals", limit=10)) == 1


def test_tries_made_at_the_same_moment_count_one_another(home: Config, clock: FixedClock) -> None:
    house = enter_house(home, clock)
    home.keyring()  # the key's file is there before the race
    rules = rights.ClaimRules(tries_of_account=3)
    answers = at_once(*[lambda: house.redeem(house.parent, "wrong", rules=rules)] * 6)
    codes = [answer.code for answer in answers if not isinstance(answer, rights.ChildLink)]
    assert codes.count("code-does-not-fit") <= 3


@pytest.mark.parametrize("number", range(8))
def test_a_code_that_is_used_while_the_school_closes_the_page_opens_nothing_for_long(
    home: Config, clock: FixedClock, number: int
) -> None:
    """Whichever of the two is first, no link is left when both are done."""
    house = enter_house(home, clock)
    code = house.issue().text

    def close() -> object:
        return rights.revoke_access(
            URN, UPN, school_actor=f"school:{URN}", clock=clock, config=house.config, gate=house.gate
        )

    jobs = [lambda: house.redeem(house.parent, code, rules=RULES), close]
    at_once(*(jobs if number % 2 else reversed(jobs)))
    assert rights.children(house.parent) == ()
