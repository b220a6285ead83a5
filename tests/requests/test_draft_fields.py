"""Each field of an application is checked, older applications load, and every field has its page."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from schoolgate import requests
from schoolgate.clock import FixedClock
from schoolgate.requests import drafting
from schoolgate.requests.drafting.check import text_problem
from schoolgate.requests.panel.rules import lawful_problems
from schoolgate.requests.stored import from_json, to_json
from tests.requests.cast import Cast, a_spec, codes, signed
from tests.requests.drafts import begun, values_of

WRONG: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    ("a kind that is none", {"kind_of_request": "fishing"}, ("kind-unknown", "kind_of_request")),
    (
        "a police purpose dressed as research",
        {"kind_of_request": "research", "purpose": "crime-investigation"},
        ("kind-purpose", "kind_of_request"),
    ),
    ("an interest that is none", {"commercial_interest": "some"}, ("commercial-unknown", "commercial_interest")),
    (
        "a sale without a seller",
        {"commercial_interest": "direct", "commercial_detail": ""},
        ("field-missing", "commercial_detail"),
    ),
    ("nothing said of funders", {"funders": ("none",) * 21}, ("too-many", "funders")),
    (
        "a processor without a country",
        {"processors": (requests.Processor("Example", "keeps it", "Leeds"),)},
        ("field-missing", "processors, number 1"),
    ),
    (
        "a link without a joiner",
        {"linkage": (requests.Linkage("tax data", "by name"),)},
        ("field-missing", "linkage, number 1"),
    ),
    (
        "destroyed before it is used",
        {"retention_until": date(2027, 1, 1)},
        ("retention-order", "retention_until"),
    ),
    ("an approval of tomorrow", {"ethics_date": date(2026, 9, 2)}, ("not-yet", "ethics_date")),
    ("an assessment of tomorrow", {"dpia_date": date(2026, 9, 2)}, ("not-yet", "dpia_date")),
    ("a pupil's number", {"conflicts": "My own child A123456789012"}, ("text", "conflicts")),
    (
        "a pupil's number in a row",
        {"processors": (requests.Processor("A123456789012", "a", "b", "England"),)},
        ("text", "processors, number 1"),
    ),
]


@pytest.mark.parametrize(("what", "changes", "expected"), WRONG, ids=[row[0] for row in WRONG])
def test_each_further_field_is_checked(
    what: str, changes: dict[str, Any], expected: tuple[str, str], cast: Cast, clock: FixedClock
) -> None:
    spec = a_spec(cast)
    values = {"retention_until": None, **changes} if "retention_until" in changes else changes
    assert expected in codes(requests.submit_application(replace(spec, **values), cast.researcher, clock))


def test_each_item_needs_a_reason_and_why_less_will_not_do(cast: Cast, clock: FixedClock) -> None:
    half = (requests.ItemReason("census_pupil.sex", "Needed for this study."),)
    outcome = requests.submit_application(replace(a_spec(cast), item_reasons=half), cast.researcher, clock)
    assert codes(outcome) == {
        ("field-missing", "item_reasons, census_pupil.sex"),
        ("field-missing", "item_reasons, census_pupil.fsmeligible"),
    }
    assert isinstance(outcome, requests.Refused)
    assert len(outcome.reasons) == 3


def test_an_open_question_keeps_an_application_back_and_an_unknown_one_is_named(cast: Cast, clock: FixedClock) -> None:
    spec = replace(a_spec(cast), answers=(requests.Answer("why-not", "Because."),))
    assert codes(requests.submit_application(spec, cast.researcher, clock)) == {
        ("question-unknown", "answers, why-not"),
        ("question-open", "answers, find-again"),
        ("question-open", "answers, sensitive"),
    }


def test_what_no_panel_could_approve_is_said_beforehand_and_taken_in_all_the_same(
    cast: Cast, clock: FixedClock
) -> None:
    spec = a_spec(cast, gateway="None that we know of")
    assert [one.code for one in drafting.advice(spec).lawful] == ["gateway-missing"]
    assert drafting.advice(a_spec(cast)).lawful == ()
    assert requests.insist(requests.submit_application(spec, cast.researcher, clock)).state == "submitted"


def test_an_application_stored_before_these_fields_still_loads_and_says_what_is_missing(
    cast: Cast, clock: FixedClock
) -> None:
    kept = to_json(a_spec(cast))
    old = {name: kept[name] for name in ("title", "organisation", "people", "purpose", "purpose_plain", "lawful_basis",
           "special_category_basis", "gateway", "items", "years", "terms", "cohort", "valid_from", "valid_until",
           "processed_at", "country", "publish_queries")}  # fmt: skip
    spec = from_json(old)
    assert (spec.title, spec.harm, spec.retention_until) == (a_spec(cast).title, "", None)
    missing = {where for _, where in codes(requests.submit_application(spec, cast.researcher, clock))}
    assert {"harm", "retention_until", "item_reasons, census_pupil.sex"} <= missing


def test_every_field_of_the_form_is_on_one_page_and_can_be_told_apart_in_a_difference(cast: Cast) -> None:
    on_pages = [field.name for section in drafting.SECTIONS for field in section.fields]
    assert sorted([*on_pages, "organisation", "unread"]) == sorted(
        field.name for field in fields(requests.ApplicationSpec)
    )
    spec = a_spec(cast)
    for section in drafting.SECTIONS:
        assert set(values_of(spec, section)) == {field.name for field in section.fields}
        for field in section.fields:
            assert isinstance(drafting.lines(field.name, spec), tuple)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"funders": tuple("€" * 1_900 + str(number) for number in range(9))}, "funders"),
        ({"schools": ("100000",) * 2_000, "gateway": "€" * 1_900}, "schools"),
    ],
)
def test_what_no_entry_of_the_register_could_hold_is_said_and_does_not_break_the_handing_in(
    changes: dict[str, Any], where: str, cast: Cast, clock: FixedClock
) -> None:
    assert ("too-long-in-public", where) in codes(
        requests.submit_application(a_spec(cast, **changes), cast.researcher, clock)
    )


def test_the_longest_that_is_taken_can_be_approved_and_signed(cast: Cast, clock: FixedClock) -> None:
    texts = ("purpose_plain", "public_benefit", "gateway", "processed_at", "transfer_safeguard")
    long = dict.fromkeys(texts, "€" * 1900)
    long["gateway"] = "Education Act 1996 s.537A(5)" + "€" * 1_500
    assert signed(cast, clock, **long, funders=("x" * 2_000,) * 5).id


def test_nobody_begins_more_drafts_than_they_can_write(
    cast: Cast, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schoolgate.requests.drafting.write.MOST_DRAFTS", 2)
    for _ in range(2):
        begun(cast, clock)
    assert codes(drafting.start(cast.researcher, clock)) == {("too-many", "actor")}
    assert begun(cast, clock, cast.colleague).authors == (cast.colleague,)


def test_what_cannot_be_seen_is_said_with_the_place_where_it_stands() -> None:
    assert text_problem("Fine\nwith a\ttab") == ""
    said = text_problem("We count days missed in each year\u200b group.")
    assert "after “We count days missed in each year”" in said
    assert "at its beginning" in text_problem("\ufeffWe count")


def test_who_earns_by_data_says_why_nobody_would_this_time(cast: Cast, clock: FixedClock) -> None:
    change = {"commercial": "direct"}
    requests.insist(requests.organisation_changed(cast.university.id, change, "It sells.", cast.custodian, clock))
    refused = requests.submit_application(a_spec(cast), cast.researcher, clock)
    assert codes(refused) == {("commercial-otherwise", "commercial_detail")}
    said = a_spec(cast, commercial_detail="The study is free for all, and no product uses it.")
    assert isinstance(requests.submit_application(said, cast.researcher, clock), requests.Application)


@pytest.mark.parametrize("reason", ["x", "n/a", "Needed.", "see above"])
def test_a_reason_that_says_nothing_is_none(reason: str, cast: Cast, clock: FixedClock) -> None:
    said = "Boys and girls miss school for different causes."
    for why, less in ((reason, said), (said, reason)):
        reasons = (requests.ItemReason("census_pupil.sex", why, less),)
        spec = a_spec(cast, items=("census_pupil.sex",), item_reasons=reasons)
        outcome = requests.submit_application(spec, cast.researcher, clock)
        assert codes(outcome) == {("reason-too-short", "item_reasons, census_pupil.sex")}


def test_one_reason_for_many_items_is_seen_by_the_panel(cast: Cast) -> None:
    items = ("census_pupil.sex", "census_pupil.age", "census_pupil.la", "census_pupil.urn")
    whys = ("We need it.", "we  need it.", "We need it.", "The school sets the timetable.")
    reasons = tuple(requests.ItemReason(item, why, "It is too coarse.") for item, why in zip(items, whys, strict=True))
    assert drafting.advice(a_spec(cast, items=items, item_reasons=reasons)).repeated == items[:3]
    assert drafting.advice(a_spec(cast)).repeated == ()


def test_a_processor_abroad_needs_what_protects_the_data_there(cast: Cast) -> None:
    def lawful(country: str, **more: Any) -> list[tuple[str, str]]:
        one = requests.Processor("Example Cloud (synthetic)", "keeps it", "Somewhere", country)
        return [(no.code, no.where) for no in drafting.advice(a_spec(cast, processors=(one, one), **more)).lawful]

    assert lawful("United Kingdom") == []
    assert lawful("France") == []
    assert lawful("Russia") == [("country-unprotected", "processors")]
    assert lawful("Atlantis") == [("country-unprotected", "processors")]
    assert lawful("Russia", transfer_safeguard="An international data transfer agreement of 2026") == []


def test_a_condition_on_the_country_holds_for_processors_too(cast: Cast) -> None:
    def wrong(country: str) -> list[tuple[str, str]]:
        one = requests.Processor("Example Cloud (synthetic)", "keeps it", "Somewhere", country)
        spec = a_spec(cast, processors=(one,))
        found = lawful_problems(spec, [requests.Condition("only-in", "United Kingdom")])
        return [(no.code, no.where) for no in found]

    assert wrong("United Kingdom") == []
    assert wrong("France") == [("country-not-allowed", "processors")]


def test_days_and_what_pupils_are_chosen_by_are_shown_in_words(cast: Cast) -> None:
    chosen = requests.CohortCondition("ncyearactual", ("7", "8"))
    spec = replace(a_spec(cast), valid_from=date(2026, 9, 1), cohort=(chosen,))
    assert drafting.lines("valid_from", spec) == ("1 September 2026",)
    assert drafting.lines("cohort", spec) == ("Year group (ncyearactual): 7, 8",)
