"""What is wrong with an application is said at once, by field, and nothing is recorded."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from schoolgate.errors import SchoolgateError
from schoolgate.requests.drafting import further
from schoolgate.requests.drafting.check import LONGEST, text_problem
from schoolgate.requests.models import Request
from tests.requests import road
from tests.requests.cast import Cast, a_spec, codes, submitted, told

Cohort = requests.CohortCondition

WRONG: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    ("an unknown item", {"items": ("census_pupil.shoesize",)}, ("item-unknown", "items, number 1")),
    (
        "an item that says how a record came in",
        {"items": ("census_pupil.sex", "census_pupil.return_id")},
        ("item-never-given", "items, number 2"),
    ),
    (
        "ethnic origin without an Article 9 basis",
        {"items": ("census_pupil.ethnicity",)},
        ("special-category-basis", "special_category_basis"),
    ),
    *(
        (
            f"{item} without an Article 9 basis",
            {"items": (f"census_pupil.{item}",)},
            ("special-category-basis", "special_category_basis"),
        )
        for item in ("senunitindicator", "resourcedprovisionindicator", "topupfunding")
    ),
    (
        "pupils chosen by ethnic origin without an Article 9 basis",
        {"cohort": (requests.CohortCondition("ethnicity", ("AIND",)),)},
        ("special-category-basis", "special_category_basis"),
    ),
    ("a first day of old", {"valid_from": date(1, 1, 1)}, ("date-range", "valid_from")),
    ("keeping for ever", {"retention_until": date(9999, 12, 31)}, ("date-range", "retention_until")),
    ("a day of old", {"ethics_date": date(1, 1, 1)}, ("date-range", "ethics_date")),
    ("an unknown purpose", {"purpose": "world-domination"}, ("purpose-unknown", "purpose")),
    ("a family's own purpose", {"purpose": "subject-access"}, ("purpose-reserved", "purpose")),
    ("an end before the start", {"valid_until": date(2026, 8, 31)}, ("end-before-start", "valid_until")),
    (
        "an end that is past",
        {"valid_from": date(2025, 1, 1), "valid_until": date(2026, 8, 31)},
        ("already-over", "valid_until"),
    ),
    ("no people", {"people": ()}, ("field-missing", "people")),
    ("an unknown person", {"people": ("P-9999",)}, ("person-unknown", "people, number 1")),
    ("an unknown organisation", {"organisation": "Nobody"}, ("organisation-unknown", "organisation")),
    ("years in the wrong order", {"years": ((2026, 2024),)}, ("years-order", "years, number 1")),
    ("years before the collection", {"years": ((1066, 2024),)}, ("years-range", "years, number 1")),
    ("a term that is none", {"terms": ("WINTER",)}, ("term-unknown", "terms")),
    (
        "a cohort on an unknown column",
        {"cohort": (Cohort("haircolour", ("red",)),)},
        ("cohort-column-unknown", "cohort, number 1"),
    ),
    (
        "a cohort on a column that says how a record came in",
        {"cohort": (Cohort("return_id", ("1",)),)},
        ("cohort-column-unknown", "cohort, number 1"),
    ),
    (
        "a cohort on the pupil itself",
        {"cohort": (Cohort("pupil", ("1",)),)},
        ("cohort-column-unknown", "cohort, number 1"),
    ),
    ("a cohort that nobody meets", {"cohort": (Cohort("sex", ()),)}, ("cohort-empty", "cohort, number 1")),
    (
        "a cohort value that is no number",
        {"cohort": (Cohort("age", ("x",)),)},
        ("cohort-value", "cohort, number 1"),
    ),
    ("a control character", {"title": "bell \x07"}, ("text", "title")),
    ("text that turns the reading round", {"purpose_plain": "a \u202e b"}, ("text", "purpose_plain")),
    ("a text without end", {"purpose_plain": "x" * (LONGEST + 1)}, ("text", "purpose_plain")),
]


@pytest.mark.parametrize(("what", "changes", "expected"), WRONG, ids=[what for what, _, _ in WRONG])
def test_it_is_refused_with_its_reason_and_place(
    what: str, changes: dict[str, Any], expected: tuple[str, str], cast: Cast, clock: FixedClock
) -> None:
    outcome = requests.submit_application(a_spec(cast, **changes), cast.researcher, clock)
    assert codes(outcome) == {expected}
    assert not Request.objects.exists()
    assert told("APP-2026-0001") == []


def test_an_empty_form_names_every_missing_field(cast: Cast, clock: FixedClock) -> None:
    outcome = requests.submit_application(requests.ApplicationSpec(), cast.researcher, clock)
    assert codes(outcome) == {
        ("field-missing", field)
        for field in [
            "title",
            "organisation",
            "people",
            "purpose",
            "purpose_plain",
            "lawful_basis",
            "gateway",
            "items",
            "years",
            "valid_from",
            "valid_until",
            "processed_at",
            "country",
            "kind_of_request",
            "commercial_interest",
            "funders",
            "public_benefit",
            "harm",
            "harm_prevention",
            "retention_until",
            "retention_why",
            "destruction",
            "publication_plan",
            "ethics_body",
            "dpia_date",
            "dpia_summary",
            "dpia_reference",
            "conflicts",
        ]
    }


def test_all_reasons_come_together(cast: Cast, clock: FixedClock) -> None:
    changes: dict[str, Any] = {}
    expected = set()
    for what in ("an unknown item", "an unknown purpose", "an end before the start", "no people"):
        wrong = next(row for row in WRONG if row[0] == what)
        changes |= wrong[1]
        expected.add(wrong[2])
    outcome = requests.submit_application(a_spec(cast, title="", **changes), cast.custodian, clock)
    assert codes(outcome) == expected | {
        ("field-missing", "title"),
        ("not-your-decision", ""),
        ("not-your-organisation", "organisation"),
    }


def test_only_accredited_researchers_of_the_organisation_can_be_named(cast: Cast, clock: FixedClock) -> None:
    lapsed = people.add_person(cast.university.id, "researcher", accredited_until=date(2026, 8, 31)).id
    never = people.add_person(cast.university.id, "researcher").id
    named = (cast.researcher, cast.seller, cast.insider, lapsed, never, cast.researcher)
    assert codes(requests.submit_application(a_spec(cast, people=named), cast.researcher, clock)) == {
        ("person-elsewhere", "people, number 2"),
        ("person-role", "people, number 3"),
        ("not-accredited", "people, number 3"),
        ("accreditation-expired", "people, number 4"),
        ("not-accredited", "people, number 5"),
        ("person-twice", "people, number 6"),
    }


def test_an_applicant_cannot_apply_for_another_organisation(cast: Cast, clock: FixedClock) -> None:
    outcome = requests.submit_application(a_spec(cast), cast.seller, clock)
    assert codes(outcome) == {("not-your-organisation", "organisation")}


INERT = [
    "<script>alert('x')</script>",
    '=HYPERLINK("https://example.org","click")',
    "+1+cmd|' /C calc'!A0",
    "{{ config }} {% load x %} ${x} %s",
    "Robert'); DROP TABLE requests_request;--",
    "[bold red]markup[/]",
]


@pytest.mark.parametrize("text", INERT)
def test_markup_and_formulas_are_kept_as_the_text_they_are(text: str, cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock, title=text, purpose_plain=text, processed_at=text)
    assert requests.application(made.id).spec.purpose_plain == text
    (received,) = told(made.id)
    assert received["purpose_plain"] == text
    requests.insist(road.decide(made.id, True, [text], [text], cast.panel, clock))
    assert requests.application(made.id).reasons == (text,)
    assert requests.application(made.id).conditions[0].plain == text


@given(text=st.text(max_size=40))
def test_a_text_is_refused_only_for_what_cannot_be_shown(text: str) -> None:
    import unicodedata

    strange = any(unicodedata.category(c)[0] == "C" and c not in "\n\t" for c in text)
    assert bool(text_problem(text)) is strange


def test_what_is_stored_is_what_was_asked(cast: Cast, clock: FixedClock) -> None:
    spec = a_spec(cast, terms=("AUT", "SPR"), publish_queries=False)
    made = requests.insist(requests.submit_application(spec, cast.researcher, clock))
    assert made.spec == spec
    assert requests.applications() == (made,)


PURPOSE_OF = {
    "commercial-product": "commercial-product",
    "education-research": "education-research",
    "interior-matching": "immigration-enforcement",
    "police-request": "crime-investigation",
}


def a_body(name: str) -> str:
    """The person who asks in an example, of the organisation it names."""
    kind = {"police-request": "police", "interior-matching": "government-department"}[name]
    home = people.add_organisation(requests.read_application(requests.example(name)).organisation, kind)
    return people.add_person(home.id, "researcher", accredited_until=date(2029, 12, 31)).id


@pytest.mark.parametrize("name", requests.examples())
def test_each_example_is_taken_in(name: str, cast: Cast, clock: FixedClock) -> None:
    text = requests.example(name)
    actor = {"commercial-product": cast.seller, "education-research": cast.researcher}.get(name) or a_body(name)
    spec = requests.read_application(text, people=(actor,))
    assert spec.unread == ()
    made = requests.insist(requests.submit_application(spec, actor, clock))
    assert made.spec.purpose == PURPOSE_OF[name]


@pytest.mark.parametrize(("name", "without"), [("police-request", "gateway-missing"), ("interior-matching", "gateway")])
def test_police_and_interior_ministry_are_taken_in_in_public_and_cannot_be_approved(
    name: str, without: str, cast: Cast, clock: FixedClock
) -> None:
    actor = a_body(name)
    spec = requests.read_application(requests.example(name), people=(actor,))
    made = requests.insist(requests.submit_application(spec, actor, clock))
    (received,) = told(made.id)
    assert received["request_kind"] == spec.kind_of_request
    yes = road.decide(made.id, True, ["Because they asked."], [], cast.panel, clock)
    assert any(code.startswith(without) for code, _ in codes(yes))
    no = requests.insist(road.decide(made.id, False, ["No power reaches it."], [], cast.panel, clock))
    assert no.state == "refused"


def test_there_are_an_example_that_can_be_approved_and_some_that_are_refused(cast: Cast, clock: FixedClock) -> None:
    assert requests.examples() == tuple(sorted(PURPOSE_OF))
    spec = requests.read_application(requests.example("commercial-product"), people=(cast.seller,))
    made = requests.insist(requests.submit_application(spec, cast.seller, clock))
    no = requests.insist(road.decide(made.id, False, ["No power to share reaches a product."], [], cast.panel, clock))
    assert no.state == "refused"
    outcome = road.sign(made.id, cast.custodian, clock)
    assert codes(outcome) == {("not-possible-now", "")}
    with pytest.raises(SchoolgateError, match="no such example"):
        requests.example("../../etc/passwd")


def test_the_form_says_which_field_has_the_wrong_shape_and_reads_the_rest(cast: Cast, clock: FixedClock) -> None:
    spec = requests.read_application(
        """
        title = 7
        organisation = "University of Example (synthetic)"
        people = "P-0001"
        items = [1]
        years = ["2024"]
        valid_from = "2026-09-01"
        valid_until = 2028-08-31T00:00:00
        publish_queries = "yes"
        purpse = "education-research"
        cohort = [{column = "sex"}]
        """
    )
    assert {refusal.where for refusal in spec.unread} == {
        "title", "people", "items", "years", "valid_from", "valid_until", "publish_queries", "purpse",
        "cohort",
    }  # fmt: skip
    assert "Did you mean purpose?" in str(spec.unread)
    missing = {
        where
        for code, where in codes(requests.submit_application(spec, cast.researcher, clock))
        if code == "field-missing"
    }
    old = {"purpose", "purpose_plain", "lawful_basis", "gateway", "processed_at", "country"}
    assert missing == old | set(further.REQUIRED) | {"ethics_body"}


@pytest.mark.parametrize("text", ["title = ", "= 3", "a = 1\na = 2", "x = [" * 5_000])
def test_a_file_that_is_not_toml_is_refused_and_none_of_it_is_repeated(text: str) -> None:
    with pytest.raises(SchoolgateError) as refused:
        requests.read_application(f"secret = 'Jane'\n{text}")
    assert refused.value.code == "form-toml"
    assert "Jane" not in str(refused.value)


def test_a_form_without_end_is_refused() -> None:
    with pytest.raises(SchoolgateError, match="at most"):
        requests.read_application("#" * 200_001)


@given(text=st.text(max_size=200))
def test_no_text_makes_the_reader_fail_in_another_way(text: str) -> None:
    with suppress(SchoolgateError):
        requests.read_application(text)


def test_a_single_year_and_a_span_are_both_years() -> None:
    assert requests.read_application("years = [2024, [2025, 2026]]").years == ((2024, 2024), (2025, 2026))


def test_access_by_families_is_built_in_once(cast: Cast, clock: FixedClock) -> None:
    built = requests.ensure_built_in(clock)
    assert requests.ensure_built_in(clock) == built == requests.get("A-SAR")
    assert (built.state, built.built_in, built.purpose) == ("active", True, "subject-access")
    assert "census_pupil.ethnicity" in built.items
    assert "census_pupil.return_id" not in built.items
    assert len(told("A-SAR")) == 1
    assert requests.applications() == ()
    assert requests.agreements() == (built,)


def test_the_built_in_agreement_can_be_neither_ended_nor_certified_destroyed(cast: Cast, clock: FixedClock) -> None:
    requests.ensure_built_in(clock)
    assert ("built-in", "") in codes(requests.end("A-SAR", "Tired of it.", cast.custodian, clock))
    assert requests.get("A-SAR").state == "active"


def test_of_somebody_elsewhere_nothing_is_told_but_that(cast: Cast, clock: FixedClock) -> None:
    people.set_accreditation(cast.seller, date(2026, 1, 1))
    named = (cast.researcher, cast.seller)
    outcome = requests.submit_application(a_spec(cast, people=named), cast.researcher, clock)
    assert codes(outcome) == {("person-elsewhere", "people, number 2")}
    people.close_person(cast.seller, reason="Left.")
    again = requests.submit_application(a_spec(cast, people=named), cast.researcher, clock)
    assert again == outcome
