"""Policy: every rule of a read, one by one, and all reasons at once."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.dictionary import lake_tables
from schoolgate.policy import (
    AgreementTerms,
    AreaTerm,
    CohortTerm,
    Decision,
    PersonTerms,
    RowRule,
    ScanRequest,
    consent_needed,
    decide,
)

TODAY = date(2026, 9, 1)
AGREEMENT = AgreementTerms(
    id="A-2026-0001",
    state="active",
    purpose="education-research",
    lawful_basis="UK GDPR Article 6(1)(e)",
    gateway="Education Act 1996 s.537A(5)",
    items=frozenset({"census_pupil.sex", "census_pupil.ethnicity"}),
    years=((2025, 2026),),
    terms=("AUT",),
    cohort=(),
    valid_from=date(2026, 1, 1),
    valid_until=date(2026, 12, 31),
    people=("P-0001",),
)
PERSON = PersonTerms("P-0001", date(2027, 1, 1))
SCAN = ScanRequest("census_pupil", frozenset({"census_pupil.sex", "census_pupil.year", "census_pupil.pupil"}))


def codes(decision: Decision) -> set[str]:
    return {refusal.code for refusal in decision.refusals}


def test_an_approved_item_under_an_agreement_in_force_is_allowed() -> None:
    decision = decide(AGREEMENT, PERSON, [SCAN], TODAY)
    assert decision.allowed
    assert decision.rows.years == ((2025, 2026),)
    assert {ruling.item: ruling.rule for ruling in decision.rulings}["census_pupil.sex"].startswith("approved")


@pytest.mark.parametrize(
    ("agreement", "person", "code"),
    [
        (replace(AGREEMENT, state="ended"), PERSON, "agreement-not-active"),
        (replace(AGREEMENT, state="destroyed"), PERSON, "agreement-not-active"),
        (replace(AGREEMENT, state="approved"), PERSON, "agreement-not-active"),
        (replace(AGREEMENT, state="something new"), PERSON, "agreement-not-active"),
        (replace(AGREEMENT, valid_from=TODAY + timedelta(days=1)), PERSON, "agreement-not-begun"),
        (replace(AGREEMENT, valid_until=TODAY - timedelta(days=1)), PERSON, "agreement-expired"),
        (AGREEMENT, PersonTerms("P-0002", date(2027, 1, 1)), "person-not-named"),
        (AGREEMENT, PersonTerms("P-0001", TODAY - timedelta(days=1)), "accreditation-expired"),
        (AGREEMENT, PersonTerms("P-0001", None), "not-accredited"),
    ],
)
def test_each_standing_rule_refuses_alone(agreement: AgreementTerms, person: PersonTerms, code: str) -> None:
    assert codes(decide(agreement, person, [SCAN], TODAY)) == {code}


def test_the_first_and_the_last_day_of_an_agreement_are_days_of_use() -> None:
    for agreement in (replace(AGREEMENT, valid_from=TODAY), replace(AGREEMENT, valid_until=TODAY)):
        assert decide(agreement, PERSON, [SCAN], TODAY).allowed
    assert decide(AGREEMENT, PersonTerms("P-0001", TODAY), [SCAN], TODAY).allowed


def test_every_item_that_is_not_approved_is_named_with_its_place() -> None:
    scan = ScanRequest(
        "census_pupil",
        frozenset(
            {
                "census_pupil.sex",
                "census_pupil.senprovision",
                "census_pupil.fsmeligible",
                "census_pupil.return_id",
            }
        ),
        {"census_pupil.senprovision": "line 1, column 8"},
    )
    decision = decide(replace(AGREEMENT, state="ended"), PERSON, [scan], TODAY)
    refused = [refusal for refusal in decision.refusals if refusal.code == "item-not-approved"]
    assert len(refused) == 3
    assert "line 1, column 8" in {refusal.where for refusal in refused}
    assert "agreement-not-active" in codes(decision)


_ITEMS = sorted(f"{t.name}.{c.name}" for t in lake_tables() for c in t.columns if c.kind == "item")


@given(approved=st.sets(st.sampled_from(_ITEMS)), asked=st.sets(st.sampled_from(_ITEMS), min_size=1))
def test_a_read_is_allowed_exactly_when_every_item_asked_is_approved(approved: set[str], asked: set[str]) -> None:
    agreement = replace(AGREEMENT, items=frozenset(approved))
    decision = decide(agreement, PERSON, [ScanRequest("census_pupil", frozenset(asked))], TODAY)
    assert decision.allowed == (asked <= approved)
    assert {ruling.item for ruling in decision.rulings} == asked


_DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))
_STATES = st.sampled_from(["active", "approved", "ended", "destroyed", "submitted", "refused", "drafted", "anything"])


@given(
    state=_STATES,
    first=_DAYS,
    last=_DAYS,
    today=_DAYS,
    named=st.booleans(),
    until=st.none() | _DAYS,
    approved=st.sets(st.sampled_from(_ITEMS), max_size=4),
    asked=st.sets(st.sampled_from(_ITEMS), max_size=4),
)
def test_each_rule_speaks_exactly_when_it_is_broken_and_none_hides_another(
    state: str,
    first: date,
    last: date,
    today: date,
    named: bool,
    until: date | None,
    approved: set[str],
    asked: set[str],
) -> None:
    people = ("P-0001",) if named else ("P-0002",)
    agreement = replace(
        AGREEMENT, state=state, valid_from=first, valid_until=last, people=people, items=frozenset(approved)
    )
    decision = decide(agreement, PersonTerms("P-0001", until), [ScanRequest("census_pupil", frozenset(asked))], today)
    expected = {
        "agreement-not-active": state != "active",
        "agreement-not-begun": today < first,
        "agreement-expired": today > last,
        "person-not-named": not named,
        "not-accredited": until is None,
        "accreditation-expired": until is not None and today > until,
        "item-not-approved": bool(asked - approved),
    }
    assert codes(decision) == {code for code, broken in expected.items() if broken}
    assert decision.allowed == (not any(expected.values()))
    assert sum(r.code == "item-not-approved" for r in decision.refusals) == len(asked - approved)
    assert all(refusal.reason and refusal.provision and refusal.remedy for refusal in decision.refusals)


@given(
    scans=st.lists(st.sets(st.sampled_from(_ITEMS), max_size=3), max_size=4),
    approved=st.sets(st.sampled_from(_ITEMS), max_size=6),
    seed=st.randoms(use_true_random=False),
)
def test_a_decision_is_the_same_in_whatever_order_the_scans_come(
    scans: list[set[str]], approved: set[str], seed: random.Random
) -> None:
    agreement = replace(AGREEMENT, items=frozenset(approved))
    asked = [ScanRequest("census_pupil", frozenset(items)) for items in scans]
    decision = decide(agreement, PERSON, asked, TODAY)
    assert decide(agreement, PERSON, seed.sample(asked, len(asked)), TODAY) == decision
    assert decide(agreement, PERSON, [*asked, *asked], TODAY) == decision


@given(
    approved=st.sets(st.sampled_from(_ITEMS)),
    more=st.sets(st.sampled_from(_ITEMS)),
    asked=st.sets(st.sampled_from(_ITEMS)),
)
def test_approving_more_never_refuses_what_was_allowed(approved: set[str], more: set[str], asked: set[str]) -> None:
    scan = [ScanRequest("census_pupil", frozenset(asked))]
    before = decide(replace(AGREEMENT, items=frozenset(approved)), PERSON, scan, TODAY)
    after = decide(replace(AGREEMENT, items=frozenset(approved | more)), PERSON, scan, TODAY)
    assert after.allowed or not before.allowed


@pytest.mark.parametrize(
    ("item", "allowed"),
    [(f"{t.name}.{c.name}", c.kind in ("frame", "pupil")) for t in lake_tables() for c in t.columns],
)
def test_an_agreement_without_items_gives_year_term_and_pseudonym_alone(item: str, allowed: bool) -> None:
    decision = decide(replace(AGREEMENT, items=frozenset()), PERSON, [ScanRequest("x", frozenset({item}))], TODAY)
    assert decision.allowed == allowed


@pytest.mark.parametrize(
    "item",
    [f"{t.name}.{c.name}" for t in lake_tables() for c in t.columns if c.kind == "provenance"]
    + ["census_pupil.surname", "census_pupil", "vault.upn", "", "CENSUS_PUPIL.SEX"],
)
def test_what_is_no_item_cannot_be_approved_even_by_mistake(item: str) -> None:
    agreement = replace(AGREEMENT, items=frozenset({item}))
    assert codes(decide(agreement, PERSON, [ScanRequest("x", frozenset({item}))], TODAY)) == {"item-not-approved"}


def test_the_rows_are_those_of_the_agreement_whatever_is_asked() -> None:
    agreement = replace(AGREEMENT, cohort=(CohortTerm("sex", ("F",)),), terms=(), years=((2020, 2021), (2024, 2024)))
    for scans in ([], [SCAN], [SCAN, SCAN]):
        assert decide(agreement, PERSON, scans, TODAY).rows == RowRule(
            agreement.years, (), agreement.cohort, AreaTerm(), consent_needed(agreement.purpose)
        )
