"""Accreditation with its history, leaving, one human being in two organisations, and what ties whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from schoolgate import people
from schoolgate.clock import FixedClock
from schoolgate.errors import SchoolgateError
from schoolgate.people.models import Account

pytestmark = pytest.mark.django_db

UNTIL = date(2030, 1, 1)


def an_organisation(name: str, kind: str = "university", **details: str) -> people.OrganisationView:
    return people.add_organisation(f"{name} (synthetic)", kind, details=details)


def an_account(email: str = "who@example.org") -> int:
    return int(Account.objects.create_user(email, "correct horse battery", role="researcher").pk)


def test_an_accreditation_keeps_its_whole_history(clock: FixedClock) -> None:
    person = people.add_person(an_organisation("North").id, "researcher", clock=clock)
    steps = [
        (date(2027, 1, 1), "accredited", "Took the course."),
        (date(2028, 1, 1), "renewed", "Took it again."),
        (date(2027, 6, 1), "shortened", "Leaves in summer."),
        (None, "withdrawn", "Broke the rules."),
    ]
    for until, _, reason in steps:
        people.set_accreditation(person.id, until, reason=reason, actor="P-0009", clock=clock)
    people.set_accreditation(person.id, None, reason="Nothing new.", clock=clock)
    history = people.person_history(person.id)
    assert history[0].what == "entered"
    assert [(one.until, one.what, one.reason) for one in history[1:]] == steps
    assert {one.actor for one in history[1:]} == {"P-0009"}
    assert {one.at for one in history} == {clock.now()}


def test_who_leaves_is_kept_on_record_and_does_nothing_more(clock: FixedClock) -> None:
    home = an_organisation("North")
    person = people.add_person(home.id, "researcher", accredited_until=UNTIL)
    account = an_account()
    people.hold_person(person.id, account)
    with pytest.raises(SchoolgateError, match="reason"):
        people.close_person(person.id, reason=" ")
    gone = people.close_person(person.id, reason="Took another post.", actor="P-0009", clock=clock)
    assert (gone.left_on, gone.accredited_until) == (clock.now().date(), None)
    assert not gone.accredited_on(clock.now().date())
    assert people.held_persons(account) == ()
    assert people.organisations_of(account) == ()
    assert people.persons(home.id) == (gone,)
    assert people.person_history(person.id)[-1].what == "left"
    refusals: list[Callable[[], object]] = [
        lambda: people.close_person(person.id, reason="Again."),
        lambda: people.set_accreditation(person.id, UNTIL),
        lambda: people.hold_person(person.id, account),
    ]
    for no in refusals:
        with pytest.raises(SchoolgateError) as refused:
            no()
        assert refused.value.code == "left"


def test_one_human_being_in_two_organisations_is_found_by_the_account() -> None:
    north, south = an_organisation("North"), an_organisation("South", "company")
    here, there = people.add_person(north.id, "panel"), people.add_person(south.id, "researcher")
    assert not people.same_human(here.id, there.id)
    assert people.conflicts(here.id, south.id) == ()
    account = an_account()
    for one in (here, there):
        people.hold_person(one.id, account)
    assert people.same_human(here.id, there.id)
    assert people.same_human(here.id, here.id)
    assert people.organisations_of(account) == (north, south)
    assert people.conflicts(here.id, north.id) == ("belongs to North (synthetic)",)
    (tie,) = people.conflicts(here.id, south.id)
    assert tie == f"is the same human being as {there.id} of South (synthetic)"


def test_leaving_does_not_wash_a_conflict_away(clock: FixedClock) -> None:
    north, south = an_organisation("North"), an_organisation("South", "company")
    here, there = people.add_person(north.id, "panel"), people.add_person(south.id, "researcher")
    account = an_account()
    for one in (here, there):
        people.hold_person(one.id, account)
    people.close_person(there.id, reason="Left.", clock=clock)
    (tie,) = people.conflicts(here.id, south.id)
    assert f"who was of South (synthetic) until {clock.now().date()}" in tie


def test_a_declared_interest_counts_until_it_ends(clock: FixedClock) -> None:
    north, south = an_organisation("North"), an_organisation("South", "company")
    person = people.add_person(north.id, "panel")
    made = people.declare_interest(person.id, south.id, "owns shares", actor=person.id, clock=clock)
    assert people.conflicts(person.id, south.id) == ("declared an interest in South (synthetic): owns shares",)
    assert people.interests(person.id) == (made,)
    ended = people.end_interest(made.id, actor=person.id, clock=clock)
    assert ended.ended_on == clock.now().date()
    assert people.conflicts(person.id, south.id) == ()
    assert people.interests(person.id) == (ended,)
    with pytest.raises(SchoolgateError, match="still stands"):
        people.end_interest(made.id, clock=clock)
    with pytest.raises(SchoolgateError, match="still stands"):
        people.end_interest("I-x", clock=clock)


def test_an_interest_needs_words_and_another_organisation() -> None:
    north = an_organisation("North")
    person = people.add_person(north.id, "panel")
    for organisation, what in ((north.id, "works there"), (an_organisation("South").id, " ")):
        with pytest.raises(SchoolgateError):
            people.declare_interest(person.id, organisation, what)
    assert people.interests(person.id) == ()


def test_an_interest_of_the_other_person_of_the_same_account_counts() -> None:
    north, south, west = an_organisation("North"), an_organisation("South"), an_organisation("West", "company")
    here, there = people.add_person(north.id, "panel"), people.add_person(south.id, "researcher")
    account = an_account()
    for one in (here, there):
        people.hold_person(one.id, account)
    people.declare_interest(there.id, west.id, "advises it")
    assert people.conflicts(here.id, west.id) == ("declared an interest in West (synthetic): advises it",)


def test_a_merger_ties_whoever_was_tied_to_either(clock: FixedClock) -> None:
    old, new, other = an_organisation("Old", "company"), an_organisation("New", "company"), an_organisation("Other")
    of_old, of_new = people.add_person(old.id, "panel"), people.add_person(new.id, "panel")
    declared = people.add_person(other.id, "panel")
    people.declare_interest(declared.id, old.id, "owns shares")
    people.merge_organisations(old.id, new.id, reason="Bought.", actor="", clock=clock)
    for organisation in (old.id, new.id):
        assert people.conflicts(of_old.id, organisation) == ("belongs to Old (synthetic)",)
        assert people.conflicts(of_new.id, organisation) == ("belongs to New (synthetic)",)
        assert people.conflicts(declared.id, organisation) == ("declared an interest in Old (synthetic): owns shares",)


def test_owning_and_paying_tie_and_the_custodians_own_money_does_not(clock: FixedClock) -> None:
    ministry = an_organisation("Ministry", "custodian")
    fund, group = an_organisation("Fund", "charity"), an_organisation("Group", "company")
    asked = an_organisation(
        "Asker", "company", owner="GROUP (Synthetic) Ltd", funders="Fund (synthetic); Ministry (synthetic)"
    )
    below = an_organisation("Below", "company", owner="Asker (synthetic)", funders="Asker (synthetic)")
    member = {one.name: people.add_person(one.id, "panel").id for one in (ministry, fund, group, below)}
    assert people.conflicts(member[ministry.name], asked.id) == ()
    assert people.conflicts(member[fund.name], asked.id) == ("belongs to Fund (synthetic), which pays for it",)
    assert people.conflicts(member[group.name], asked.id) == ("belongs to Group (synthetic), which owns it",)
    assert people.conflicts(member[below.name], asked.id) == (
        "belongs to Below (synthetic), which it owns",
        "belongs to Below (synthetic), which it pays for",
    )


def test_a_tie_is_found_under_a_former_name(clock: FixedClock) -> None:
    group = an_organisation("Group", "company")
    asked = an_organisation("Asker", "company", owner="Group (synthetic)")
    member = people.add_person(group.id, "panel")
    people.change_organisation(
        group.id, changes={"name": "Fresh Start (synthetic)"}, reason="Renamed.", actor="", clock=clock
    )
    assert people.conflicts(member.id, asked.id) == ("belongs to Fresh Start (synthetic), which owns it",)


def test_nobody_unknown_has_a_conflict() -> None:
    home = an_organisation("North")
    person = people.add_person(home.id, "panel")
    with pytest.raises(people.UnknownPerson):
        people.conflicts("P-9999", home.id)
    with pytest.raises(people.UnknownOrganisation):
        people.conflicts(person.id, "O-9999")
    with pytest.raises(people.UnknownPerson):
        people.same_human(person.id, "P-9999")
