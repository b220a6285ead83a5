"""What changed between two notices, and what of it must be told before it begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schoolgate import notices
from schoolgate.notices import differ
from schoolgate.notices.differ import Change, facets
from schoolgate.policy.collected import TOLD_OF_CHANGE, TOLD_OF_ITEM, ChangeFacts, CollectedFacts
from schoolgate.policy.table import ALLOWED, NOT_APPLICABLE, REFUSED, apply, fitting
from schoolgate.policy.terms import Notice
from tests.notices.pictures import FUNDING, HELP, NATION, RESEARCH, STATISTICS, TODAY, picture, use


def said(before: notices.Picture, now: notices.Picture) -> list[tuple[str, str, bool]]:
    return [(one.what, one.value, one.needs_notice) for one in notices.changes(before, now)]


def test_nothing_changed_is_nothing_to_tell_whatever_the_day() -> None:
    assert said(NATION, replace(NATION, day="2026-11-29")) == []


def test_a_second_use_of_a_known_kind_purpose_country_and_items_is_no_change() -> None:
    assert said(NATION, picture(*NATION.uses, use(agreement="A-2026-0009", who="Another University (synthetic)"))) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"kind": "police"}, [("kind", "police", True)]),
        ({"country": "Norway"}, [("country", "Norway", True)]),
        ({"purpose": "immigration-enforcement"}, [("purpose", "immigration-enforcement", True)]),
        ({"purpose": "safeguarding"}, [("purpose", "safeguarding", False)]),  # a law lets it begin at once
        ({"purpose": "safeguarding", "first_use": "waits"}, [("purpose", "safeguarding", True)]),
        ({"processors": (("Disk Store", "Norway"),)}, [("country", "Norway", True)]),
        ({"kind": "charity"}, [("use", "charity|education-research", True)]),
        ({"items": ("census_pupil.boarder",)}, [("given", "education-research|census_pupil.boarder", True)]),
        ({"coming": ("census_pupil.boarder",)}, [("given", "education-research|census_pupil.boarder", True)]),
    ],
)
def test_a_new_purpose_kind_country_combination_or_item_must_be_told(
    changed: dict[str, object], expected: list[tuple[str, str, bool]]
) -> None:
    now = picture(*NATION.uses, use(agreement="A-2026-0009", **changed))
    assert said(NATION, now) == expected
    assert notices.changes(NATION, now)[0].agreements == ("A-2026-0009",)


def test_what_is_over_is_said_and_waits_for_nothing() -> None:
    found = said(NATION, picture(RESEARCH, STATISTICS, FUNDING))
    assert found == [
        ("purpose", "school-improvement", False),
        ("kind", "charity", False),
        ("ended", "A-2026-0004", False),
    ]
    held = picture(RESEARCH, STATISTICS, FUNDING, replace(HELP, standing="held"))
    assert said(NATION, held) == found


def test_a_fact_that_schools_are_asked_anew_must_be_told_and_one_that_is_dropped_is_said() -> None:
    first, second, third = (picture(on=day) for day in (date(2015, 9, 1), date(2016, 9, 1), date(2018, 9, 1)))
    came = {value for what, value, needs in said(first, second) if what == "asked" and needs}
    assert {"nationality", "country-of-birth", "english"} <= came
    went = {value for what, value, needs in said(second, third) if what == "dropped" and not needs}
    assert {"nationality", "country-of-birth", "english"} <= went


def test_the_words_of_a_change_are_plain() -> None:
    words = {
        Change("purpose", "official-statistics"): "For the first time it is used for: Official statistics.",
        Change("kind", "company"): "For the first time it is used by a company.",
        Change("use", "company|education-research"): "For the first time a company uses it for: Education research.",
        Change("given", "education-research|census_pupil.ethnicity"): (
            "For the first time this is given for Education research: Ethnic background."
        ),
        Change("asked", "nationality"): "For the first time schools are asked: Nationality.",
        Change("dropped", "nationality", is_new=False): "No longer collected: Nationality.",
        Change("kind", "company", is_new=False): "It is no longer used by a company.",
        Change("ended", "A-2026-0001", is_new=False): "An agreement is over: A-2026-0001.",
    }
    assert {change: notices.change_words(change) for change in words} == words


SOME = st.lists(
    st.builds(
        use,
        agreement=st.from_regex(r"A-2026-000[0-9]", fullmatch=True),
        kind=st.sampled_from(["university", "company", "charity"]),
        purpose=st.sampled_from(["education-research", "official-statistics"]),
        country=st.sampled_from(["United Kingdom", "Norway"]),
        items=st.lists(st.sampled_from(["census_pupil.age", "census_pupil.sex"]), unique=True, max_size=2).map(tuple),
    ),
    max_size=5,
    unique_by=lambda one: one.agreement,
)


@settings(max_examples=150, deadline=None)
@given(SOME, SOME)
def test_whoever_has_no_new_facet_has_no_change_to_wait_for_and_the_others_have(
    before: list[notices.Use], now: list[notices.Use]
) -> None:
    """No use slips through: an agreement with a facet that nobody had before comes with a change that needs notice."""
    old = {facet for one in before for facet in facets(one)}
    found = notices.changes(picture(*before), picture(*now))
    waiting = {agreement for change in found if change.needs_notice for agreement in change.agreements}
    assert waiting == {one.agreement for one in now if not old.issuperset(facets(one))}


@settings(max_examples=100, deadline=None)
@given(SOME, SOME)
def test_what_is_new_one_way_is_gone_the_other_way(before: list[notices.Use], now: list[notices.Use]) -> None:
    there, back = (
        {(one.what, one.value) for one in notices.changes(a, b) if one.is_new is new and one.what != differ.ENDED}
        for a, b, new in ((picture(*before), picture(*now), True), (picture(*now), picture(*before), False))
    )
    assert there == back


def test_the_difference_view_has_before_and_now() -> None:
    now = picture(*NATION.uses, use(agreement="A-2026-0009", kind="police"))
    (kinds,) = [side for side in notices.sides(NATION, now) if side.what == "kind"]
    assert (kinds.added, kinds.gone) == (("police",), ())
    heading, before, after, added, gone = notices.side_words(kinds)
    assert (heading, added, gone) == ("Who uses it", ("a police force",), ())
    assert set(after) - set(before) == {"a police force"}


DAYS = [None, Notice(31, None), *(Notice(31, date(2026, 10, day)) for day in (27, 28, 29)), Notice(0, date.min)]


def test_the_two_rules_have_exactly_one_case_for_everything_and_refuse_a_missing_notice() -> None:
    for notice in DAYS:
        item = CollectedFacts("census_pupil.age", notice, TODAY)
        assert len(fitting(TOLD_OF_ITEM, item)) == 1
        change = ChangeFacts({} if notice is None else {"use by a company": notice}, TODAY)
        assert len(fitting(TOLD_OF_CHANGE, change)) == 1
    verdicts = [apply(TOLD_OF_ITEM, CollectedFacts("i", notice, TODAY))[0].verdict for notice in DAYS]
    # Told on 27 October: 31 full days end on 27 November; the 28th is free.
    assert verdicts == [NOT_APPLICABLE, REFUSED, ALLOWED, REFUSED, REFUSED, ALLOWED]
    never_with_no_days = ChangeFacts({"use by a company": Notice(0, None)}, TODAY)
    assert apply(TOLD_OF_CHANGE, never_with_no_days)[0].verdict == REFUSED
