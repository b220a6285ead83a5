"""What an organisation is, and that no change of it is silent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import transaction

from schoolgate import people, register
from schoolgate.clock import FixedClock
from schoolgate.errors import SchoolgateError
from schoolgate.people.models import OrganisationEntry

pytestmark = pytest.mark.django_db

DETAILS = {
    "owner": "Synthetic Holdings",
    "business": "Courses for adults",
    "commercial": "indirect",
    "funders": "Synthetic Fund; Second Synthetic Fund;",
    "register": "companies-house",
    "number": "01234567",
}


def a_company(name: str = "Synthetic Learning Ltd", **details: str) -> people.OrganisationView:
    return people.add_organisation(name, "company", details={**DETAILS, **details})


def change(one: people.OrganisationView, clock: FixedClock, **changes: str) -> people.OrganisationChange:
    return people.change_organisation(one.id, changes=changes, reason="They told us.", actor="P-0009", clock=clock)


def told(subject: str) -> list[dict[str, object]]:
    return [dict(event.body) for event in reversed(list(register.events(subject=subject, limit=100)))]


def test_everything_that_is_entered_is_kept_and_stands_in_the_history() -> None:
    made = a_company()
    assert (made.owner, made.commercial, made.number) == ("Synthetic Holdings", "indirect", "01234567")
    assert made.funders == ("Synthetic Fund", "Second Synthetic Fund")
    facts = {one.fact: one.after for one in people.organisation_history(made.id)}
    assert facts == {
        **DETAILS,
        "funders": "Synthetic Fund; Second Synthetic Fund",
        "name": made.name,
        "kind": "company",
        "country": "United Kingdom",
    }


@pytest.mark.parametrize("fact", sorted(people.FACTS))
def test_every_fact_can_change_with_a_reason_and_some_open_the_agreements_again(fact: str, clock: FixedClock) -> None:
    made = a_company()
    new = {
        "kind": "charity", "commercial": "direct", "register": "abroad", "number": "07654321",
    }.get(fact, "Something else")  # fmt: skip
    changed = change(made, clock, **{fact: new})
    assert [(one.fact, one.after) for one in changed.what] == [(fact, new)]
    assert changed.organisation == people.organisation(made.id)
    assert changed.reopens is (fact in people.REOPENS)
    last = people.organisation_history(made.id)[-1]
    assert (last.fact, last.after, last.reason, last.actor, last.at) == (
        fact, new, "They told us.", "P-0009", clock.now(),
    )  # fmt: skip
    events = told(made.id)
    assert len(events) == (1 if fact in people.REOPENS else 0)
    assert (changed.log_index is not None) is (fact in people.REOPENS)


def test_a_new_name_is_public_with_the_old_one_and_both_lead_to_the_organisation(clock: FixedClock) -> None:
    made = a_company()
    changed = change(made, clock, name="Quick Checks Ltd", business="Age checks for shops")
    assert changed.organisation.former_names == ("Synthetic Learning Ltd",)
    (event,) = told(made.id)
    assert (event["organisation"], event["former_name"]) == ("Quick Checks Ltd", "Synthetic Learning Ltd")
    assert event["changed"] == ["name", "business"]
    assert event["before"] == ["Synthetic Learning Ltd", "Courses for adults"]
    assert people.known_names(made.id) == ("Quick Checks Ltd", "Synthetic Learning Ltd")
    back = change(made, clock, name="Synthetic Learning Ltd")
    assert back.organisation.former_names == ("Quick Checks Ltd",)


def test_nobody_takes_a_name_that_another_had_without_being_told(clock: FixedClock) -> None:
    made = a_company()
    change(made, clock, name="Quick Checks Ltd")
    with pytest.raises(SchoolgateError, match=f"looks like that of {made.id}"):
        people.add_organisation("Synthetic Learning", "company")


def test_a_name_or_number_that_is_anothers_is_refused_whatever_is_said(clock: FixedClock) -> None:
    first, second = a_company(), a_company("Second Synthetic Ltd", number="07654321")
    with pytest.raises(SchoolgateError, match=f"that of {first.id}"):
        change(second, clock, number="01234567")
    for said in (True, False):
        with pytest.raises(SchoolgateError):
            people.change_organisation(
                second.id,
                changes={"name": first.name},
                reason="A new name.",
                actor="",
                clock=clock,
                alike_is_another=said,
            )
    with pytest.raises(SchoolgateError, match="that of"):
        a_company("Third Synthetic Ltd")
    assert told(second.id) == []


@pytest.mark.parametrize(
    ("changes", "reason", "code"),
    [
        ({"name": "New"}, "", "reason-missing"),
        ({"name": "New"}, "  ", "reason-missing"),
        ({"name": ""}, "Why", "text"),
        ({"name": "Synthetic Learning Ltd"}, "Why", "unchanged"),
        ({}, "Why", "unchanged"),
        ({"verified_on": "2026-01-01"}, "Why", "fact"),
        ({"kind": "friend"}, "Why", "kind"),
        ({"kind": "family"}, "Why", "built-in"),
        ({"commercial": "much"}, "Why", "kind"),
        ({"number": "12"}, "Why", "register-number"),
        ({"register": ""}, "Why", "register"),
        ({"name": "A1234567890123 Ltd"}, "Why", "event-identity"),
        ({"name": "New"}, "About pupil A123456789012", "event-identity"),
    ],
)
def test_what_is_no_change_changes_nothing(changes: dict[str, str], reason: str, code: str, clock: FixedClock) -> None:
    made = a_company()
    if code == "event-identity":
        changes = {key: value.replace("A1234567890123", "A123456789012") for key, value in changes.items()}
    lines = OrganisationEntry.objects.count()
    with pytest.raises(SchoolgateError) as refused:
        people.change_organisation(made.id, changes=changes, reason=reason, actor="", clock=clock)
    assert refused.value.code == code
    assert people.organisation(made.id) == made
    assert OrganisationEntry.objects.count() == lines
    assert told(made.id) == []


@pytest.mark.parametrize(
    ("register_", "good", "bad"),
    [
        ("companies-house", "SC123456", "1234567"),
        ("companies-house", "IP12345R", "sc123456"),
        ("charity-commission", "1234567", "SC012345"),
        ("charity-scotland", "SC012345", "012345"),
        ("charity-northern-ireland", "NIC100001", "NI1"),
        ("ukprn", "10001234", "20001234"),
        ("ror", "01abcde99", "01abcde9i"),
        ("abroad", "HRB 12 / 3", "x" * 41),
        ("statute", "", "two\nlines"),
    ],
)
def test_a_number_has_the_shape_of_its_register(register_: str, good: str, bad: str) -> None:
    assert a_company("First Synthetic Ltd", register=register_, number=good).number == good
    with pytest.raises(SchoolgateError):
        a_company("Second Synthetic Ltd", register=register_, number=bad)


def test_the_custodian_makes_sure_of_an_organisation_and_a_new_identity_needs_it_again(clock: FixedClock) -> None:
    made = a_company()
    today = clock.now().date()
    assert not people.is_verified(made.id, today)
    sure = people.verify_organisation(made.id, "Companies House, seen with its director.", actor="P-1", clock=clock)
    assert (sure.organisation.verified_on, sure.reopens) == (today, False)
    assert people.is_verified(made.id, today)
    assert people.is_verified(made.id, today + timedelta(days=365))
    assert not people.is_verified(made.id, today + timedelta(days=366))
    assert not people.is_verified(made.id, today - timedelta(days=1))
    change(made, clock, business="Age checks")
    assert people.is_verified(made.id, today)
    assert change(made, clock, owner="Somebody else").organisation.verified_on is None
    assert [one.fact for one in people.organisation_history(made.id)][-3:] == ["verified", "business", "owner"]


def test_a_merger_keeps_both_histories_and_ends_what_is_entered_under_the_old_one(clock: FixedClock) -> None:
    old, new = a_company(), a_company("Second Synthetic Ltd", number="07654321")
    person = people.add_person(old.id, "researcher", accredited_until=date(2030, 1, 1))
    merged = people.merge_organisations(old.id, new.id, reason="Bought.", actor="P-0009", clock=clock)
    assert merged.reopens
    assert people.organisation(old.id).merged_into == new.id
    (event,) = told(old.id)
    assert (event["organisation"], event["into"], event["into_id"]) == (old.name, new.name, new.id)
    assert people.known_names(new.id) == (new.name, old.name)
    assert people.known_names(old.id) == (old.name,)
    gone = people.person(person.id)
    assert (gone.organisation_id, gone.left_on, gone.accredited_until) == (old.id, clock.now().date(), None)
    assert people.person_history(person.id)[-1].reason == f"The organisation became part of {new.id}."
    assert [one.fact for one in people.organisation_history(new.id)][-1] == "merged"
    with pytest.raises(SchoolgateError, match=f"Enter the person at {new.id}"):
        people.add_person(old.id, "researcher")
    refusals: list[Callable[[], object]] = [
        lambda: change(old, clock, name="Again"),
        lambda: people.merge_organisations(old.id, new.id, reason="Twice.", actor="", clock=clock),
        lambda: people.merge_organisations(new.id, old.id, reason="Round.", actor="", clock=clock),
        lambda: people.verify_organisation(old.id, "Seen.", actor="", clock=clock),
    ]
    for no in refusals:
        with pytest.raises(SchoolgateError) as refused:
            no()
        assert refused.value.code == "organisation-merged"
    with pytest.raises(SchoolgateError, match="part of itself"):
        people.merge_organisations(new.id, new.id, reason="Odd.", actor="", clock=clock)


def test_a_change_is_undone_with_the_callers_transaction(clock: FixedClock) -> None:
    made = a_company()

    @transaction.atomic
    def more_than_this() -> None:
        change(made, clock, name="Quick Checks Ltd")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        more_than_this()
    assert people.organisation(made.id) == made
    assert told(made.id) == []


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '=HYPERLINK("x")', "+1", "-2", "@SUM(A1)"])
def test_markup_and_formulas_stand_in_the_register_as_text(name: str, clock: FixedClock) -> None:
    made = a_company()
    change(made, clock, name=name, business=name)
    (event,) = told(made.id)
    assert event["organisation"] == name
    assert people.organisation(made.id).business == name


def test_the_built_in_organisation_of_families_cannot_be_changed(clock: FixedClock) -> None:
    family = people.add_organisation("Your own family", "family")
    with pytest.raises(SchoolgateError) as refused:
        change(family, clock, name="Anybody")
    assert refused.value.code == "built-in"
