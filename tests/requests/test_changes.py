"""What can be asked for beyond items and years, what no panel can approve, and changes of an agreement in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schoolgate import dictionary, people, register, requests
from schoolgate.clock import FixedClock
from schoolgate.requests.agreement.changes import amend
from schoolgate.requests.models import Notice, Version
from tests.requests import road
from tests.requests.cast import Cast, a_spec, codes, signed

pytestmark = pytest.mark.django_db


def submitted(cast: Cast, clock: FixedClock, **changes: Any) -> requests.Application:
    return requests.insist(requests.submit_application(a_spec(cast, **changes), cast.researcher, clock))


def approved(
    cast: Cast, clock: FixedClock, *conditions: str, **changes: Any
) -> requests.Application | requests.Refused:
    made = submitted(cast, clock, **changes)
    return road.decide(made.id, True, ["Yes."], conditions, cast.panel, clock)


def in_force(cast: Cast, clock: FixedClock, *conditions: str, **changes: Any) -> requests.Agreement:
    made = requests.insist(approved(cast, clock, *conditions, **changes))
    return requests.insist(road.sign(made.id, cast.custodian, clock))


def test_places_safeguard_and_the_dead_are_in_the_agreement_and_in_public(cast: Cast, clock: FixedClock) -> None:
    agreement = in_force(
        cast,
        clock,
        authorities=("202",),
        regions=("E12000002",),
        schools=("100008",),
        country="Japan",
        transfer_safeguard="The UK's transfer agreement of 2022",
        deceased=True,
    )
    assert (agreement.authorities, agreement.regions, agreement.schools) == (("202",), ("E12000002",), ("100008",))
    assert agreement.deceased
    body = register.events("agreement.signed")[0].body
    assert body["areas"] == ["authority 202", "region E12000002", "school 100008"]
    assert (body["transfer_safeguard"], body["deceased"]) == (agreement.transfer_safeguard, "yes")
    assert requests.get(agreement.id) == agreement


def test_an_agreement_of_an_earlier_release_is_as_it_was(cast: Cast, clock: FixedClock) -> None:
    from schoolgate.requests.models import Request

    agreement = in_force(cast, clock)
    row = Request.objects.get(agreement_id=agreement.id)
    row.spec = {
        key: value
        for key, value in row.spec.items()
        if key not in ("authorities", "regions", "schools", "transfer_safeguard", "deceased")
    }
    row.save()
    assert requests.get(agreement.id) == agreement
    assert (agreement.notice_days, agreement.additions, agreement.deceased) == (0, (), False)


@pytest.mark.parametrize(
    "places",
    [
        {"authorities": ("20",)},
        {"regions": ("Atlantis",)},
        {"schools": ("1",)},
        {"schools": ("²",)},
        {"regions": ("x" * 3000,)},
    ],
)
def test_a_place_that_is_not_is_refused(places: Mapping[str, Any], cast: Cast, clock: FixedClock) -> None:
    refused = requests.submit_application(a_spec(cast, **places), cast.researcher, clock)
    (field,) = places
    assert ("place-unknown", f"{field}, number 1") in codes(refused)


@pytest.mark.parametrize(
    ("changes", "conditions", "code"),
    [
        ({"lawful_basis": "UK GDPR Article 6(1)(f)"}, (), "basis-cannot-carry"),
        ({"lawful_basis": "legitimate interests"}, (), "basis-cannot-carry"),
        ({"gateway": "None stated"}, (), "gateway-missing"),
        ({"country": "United States of America"}, (), "country-unprotected"),
        ({"country": "Atlantis"}, (), "country-unprotected"),
        ({}, ("only-in: Ireland, France",), "country-not-allowed"),
        ({}, ("only-in: United Kingdom", "only-in: France"), "country-not-allowed"),
        ({}, ("not-together: census_pupil.sex, census_pupil.urn",), "condition"),
        ({}, ("not-together: census_pupil.sex",), "condition"),
        ({}, ("aggregate-only: 2",), "condition"),
        ({}, ("aggregate-only: ten",), "condition"),
        ({}, ("row-budget: 0",), "condition"),
        ({}, ("query-budget: -1",), "condition"),
        ({}, ("notice: 999",), "condition"),
        ({}, ("notice: ٣٠",), "condition"),
    ],
)
def test_what_no_panel_can_approve_is_taken_in_and_stays_submitted(
    changes: Mapping[str, Any], conditions: tuple[str, ...], code: str, cast: Cast, clock: FixedClock
) -> None:
    refused = approved(cast, clock, *conditions, **changes)
    assert code in {found for found, _ in codes(refused)}
    (application,) = requests.applications()
    assert application.state == "submitted"
    requests.insist(road.decide(application.id, False, ["No."], [], cast.panel, clock))


@pytest.mark.parametrize("purpose", [purpose.id for purpose in dictionary.purposes()])
def test_a_purpose_families_were_not_told_of_waits_whatever_the_panel_says(
    purpose: str, cast: Cast, clock: FixedClock
) -> None:
    found = dictionary.find_purpose(purpose)
    assert found is not None
    if not (found.bases and found.gateways) or purpose in ("subject-access", "own-pupils"):
        return
    basis = f"UK GDPR Article 6(1)({found.bases[-1]})"
    agreement = in_force(
        cast, clock, "notice: 1", purpose=purpose, lawful_basis=basis, gateway=f"{found.gateways[0]} of the court"
    )
    assert agreement.notice_days == max(found.notice_days, 1) >= (1 if found.told else 31)
    assert register.events("agreement.signed")[0].body["notice_days"] == agreement.notice_days


def test_of_two_conditions_on_one_matter_the_stricter_counts() -> None:
    held = requests.enforced(
        [
            requests.Condition.parse(text)
            for text in (
                "aggregate-only: 5", "aggregate-only: 10", "row-budget: 9", "row-budget: 7", "query-budget: 3",
                "only-in: Ireland, France", "only-in: France", "notice: 2", "notice: 60", "no-pseudonym",
                "not-together: a, b", "not-together: b ,c", "no-linkage",
            )
        ]
    )  # fmt: skip
    assert held == requests.Enforced(10, 7, 3, (("a", "b"), ("b", "c")), False, False, ("France",), 60)
    assert requests.enforced([]) == requests.Enforced()
    apart = [requests.Condition("only-in", "Ireland"), requests.Condition("only-in", "France")]
    assert requests.enforced(apart).only_in == ("nowhere",)


KINDS = sorted(requests.ENFORCED)


@settings(deadline=None)
@given(
    chosen=st.lists(st.tuples(st.sampled_from(KINDS), st.integers(3, 300)), max_size=6),
    more=st.tuples(st.sampled_from(KINDS), st.integers(3, 300)),
)
def test_another_condition_never_loosens(chosen: list[tuple[str, int]], more: tuple[str, int]) -> None:
    def made(kind: str, number: int) -> requests.Condition:
        places = {
            "only-in": "France" if number % 2 else "France, Ireland",
            "not-together": f"a, b{number}",
            "coarser-item": f"a, b{number}",
        }
        wants = "{detail}" in requests.CONDITION_KINDS[kind]
        return requests.Condition(kind, places.get(kind, str(number)) if wants else "")

    before = requests.enforced([made(*one) for one in chosen])
    after = requests.enforced([made(*one) for one in [*chosen, more]])
    assert after.minimum_cell >= before.minimum_cell
    assert after.notice_days >= before.notice_days
    for budget in ("row_budget", "query_budget"):
        old, new = getattr(before, budget), getattr(after, budget)
        assert old is None or (new is not None and new <= old)
    assert set(before.not_together) <= set(after.not_together)
    assert after.pseudonyms <= before.pseudonyms
    assert after.setting_only >= before.setting_only
    assert not before.only_in or (after.only_in and set(after.only_in) <= {*before.only_in, "nowhere"})


def test_the_panel_adds_and_the_custodian_tells_families(cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    amended = requests.insist(
        amend(
            agreement.id,
            items=["census_pupil.age"],
            added=[cast.colleague],
            reasons=["It serves pupils."],
            panel=cast.panel,
            clock=clock,
        )
    )
    assert amended.items == agreement.items
    assert amended.people == agreement.people
    added = requests.Addition(("census_pupil.age",), (cast.colleague,), 31, None, signed=False, version=2)
    assert amended.additions == (added,)
    body = register.events("agreement.amended")[0].body
    assert (body["items"], body["people_count"], body["notice_days"]) == (["census_pupil.age"], 2, 31)
    assert cast.colleague not in str(body)
    signed_by_both = requests.insist(road.sign(agreement.id, cast.custodian, clock))
    assert signed_by_both.additions == (replace(added, signed=True),)
    told = requests.insist(requests.give_notice(agreement.id, "One item more.", cast.custodian, clock))
    assert told.additions[0].notice_published == date(2026, 9, 1)
    assert requests.agreements() == (told,)
    # In British Summer Time it is tomorrow already.
    late = FixedClock(clock.now() + timedelta(hours=14, minutes=30))
    requests.insist(amend(agreement.id, items=["census_pupil.la"], reasons=["More."], panel=cast.panel, clock=late))
    requests.insist(road.sign(agreement.id, cast.custodian, late))
    told = requests.insist(requests.give_notice(agreement.id, "Another.", cast.custodian, late))
    assert [one.notice_published for one in told.additions] == [date(2026, 9, 1), date(2026, 9, 2)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"items": []}, "nothing-added"),
        ({"items": ["census_pupil.shoesize"]}, "item-unknown"),
        ({"items": ["census_pupil.return_id"]}, "item-never-given"),
        ({"items": ["census_pupil.ethnicity"]}, "special-category-basis"),
        ({"items": ["census_pupil.sex"]}, "already-agreed"),
        ({"added": ["P-9999"]}, "person-unknown"),
        ({"added": ["researcher"]}, "already-agreed"),
        ({"added": ["seller"]}, "person-elsewhere"),
        ({"added": ["custodian"]}, "person-role"),
        ({"reasons": []}, "reason-missing"),
        ({"panel": ["one"]}, "panel-too-small"),
        ({"panel": ["insider"]}, "own-organisation"),
    ],
)
def test_an_addition_is_checked_as_an_application_is(
    changes: Mapping[str, Any], code: str, cast: Cast, clock: FixedClock
) -> None:
    agreement = signed(cast, clock)
    panels = {"one": cast.panel[:1], "insider": (cast.insider, cast.panel[0])}
    given: dict[str, Any] = {"items": ["census_pupil.age"], "reasons": ["Yes."], "panel": cast.panel, **changes}
    if changes.get("panel"):
        given["panel"] = panels[changes["panel"][0]]
    if "added" in changes:
        given["added"] = [getattr(cast, who, who) for who in changes["added"]]
    before = register.log_size()
    refused = amend(agreement.id, clock=clock, **given)
    assert code in {found for found, _ in codes(refused)}
    assert requests.get(agreement.id) == agreement
    assert register.log_size() == before
    assert not Version.objects.exclude(kind="agreement").exists()


def test_neither_is_done_to_the_agreement_that_is_built_in(cast: Cast, clock: FixedClock) -> None:
    requests.ensure_built_in(clock)
    built_in = requests.SUBJECT_ACCESS
    people.person(cast.custodian)
    for refused in (
        amend(built_in, items=["census_pupil.age"], reasons=["Yes."], panel=cast.panel, clock=clock),
        requests.give_notice(built_in, "What is new.", cast.custodian, clock),
    ):
        assert "built-in" in {found for found, _ in codes(refused)}
    assert not Notice.objects.exists()
