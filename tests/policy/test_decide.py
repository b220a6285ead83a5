"""Policy: every rule of a read, one by one, and all reasons at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.dictionary import lake_tables
from schoolgate.policy import AgreementTerms, Decision, PersonTerms, ScanRequest, decide

TODAY = date(2026, 9, 1)
AGREEMENT = AgreementTerms(
    id="A-2026-0001",
    state="active",
    purpose="education-research",
    lawful_basis="UK GDPR Article 6(1)(e)",
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
