"""How far a request reaches, what must then be asked, and what less would do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate import dictionary, requests
from schoolgate.requests.drafting.reach import all_questions, alternatives, kinds, questions, reach, reach_of, tiers

ITEMS = sorted(
    column.item_id for table in dictionary.lake_tables() for column in table.columns if column.kind == "item"
)
items = st.lists(st.sampled_from([*ITEMS, "census_pupil.year", "no_table.no_item"]), max_size=25, unique=True)
KINDS = st.sampled_from(["", *kinds()])


def test_every_item_of_the_lake_has_an_alternative_and_nothing_else_has() -> None:
    assert sorted(alternatives()) == ITEMS


@pytest.mark.parametrize("item", ITEMS)
def test_an_alternative_is_another_item_no_more_identifying_or_a_coarser_form(item: str) -> None:
    for one in alternatives()[item]:
        assert bool(one.other) != bool(one.coarser), one
        assert one.words
        assert one.why.endswith(".")
        if one.other:
            assert one.other != item
            assert tiers()[one.other][0] >= tiers()[item][0] or tiers()[one.other][1] >= tiers()[item][1], one


def test_every_item_has_a_level_and_a_letter() -> None:
    assert sorted(tiers()) == ITEMS
    assert all(1 <= level <= 5 and letter in "ABCDE" for level, letter in tiers().values())


def test_nothing_asked_for_reaches_nowhere() -> None:
    assert (reach(()).identifiability, reach(()).sensitivity) == (5, "E")


def test_the_reach_names_the_items_that_make_it() -> None:
    found = reach(("census_pupil.sex", "census_pupil.plaa", "census_pupil.ethnicity"))
    assert (found.identifiability, found.identifying) == (3, ("census_pupil.plaa",))
    assert (found.sensitivity, found.sensitive) == ("B", ("census_pupil.plaa",))


@pytest.mark.parametrize("kind", ["matching", "verification", "law-enforcement"])
def test_who_sends_names_reaches_as_far_as_a_name(kind: str) -> None:
    assert reach(("census_pupil.sex",), kind).identifiability == 1


@given(asked=items, more=items, kind=KINDS)
def test_asking_for_more_never_lowers_the_reach(asked: list[str], more: list[str], kind: str) -> None:
    before, after = reach(asked, kind), reach([*asked, *more], kind)
    assert after.identifiability <= before.identifiability
    assert after.sensitivity <= before.sensitivity


@given(asked=items, more=items, kind=KINDS, years=st.lists(st.tuples(st.integers(1996, 2030), st.integers(1996, 2030))))
def test_asking_for_more_never_takes_a_question_away(
    asked: list[str], more: list[str], kind: str, years: list[tuple[int, int]]
) -> None:
    spec = requests.ApplicationSpec(kind_of_request=kind, items=tuple(asked), years=tuple(years[:1]))
    further = replace(spec, items=tuple(asked + more), years=tuple(years))
    assert set(questions(spec)) <= set(questions(further))


@pytest.mark.parametrize("kind", [one for one in kinds() if one != "research"])
def test_a_request_that_is_not_research_has_questions_of_its_own(kind: str) -> None:
    own = {one.id for one in questions(requests.ApplicationSpec(kind_of_request=kind))}
    assert len(own) >= 3
    assert own - {one.id for one in questions(requests.ApplicationSpec(kind_of_request="research"))}


def test_every_question_says_why_and_by_what_and_can_arise() -> None:
    ids = [one.id for one in all_questions()]
    assert len(set(ids)) == len(ids)
    for one in all_questions():
        assert "?" in one.words
        assert one.why
        assert one.provision
        assert one.when
        assert set(one.when.get("kinds", ())) <= set(kinds())
        together = {item for part in one.when.get("items_together", ()) for item in part}
        assert set(one.when.get("items", ())) | together <= set(ITEMS)


def test_where_it_is_done_raises_questions_too() -> None:
    here = requests.ApplicationSpec(country="England")
    assert questions(here) == ()
    away = replace(here, processors=(requests.Processor("Example (synthetic)", country="Elbonia"),))
    assert {one.id for one in questions(away)} == {"processors-why", "abroad-why"}
    joined = replace(here, linkage=(requests.Linkage("tax data"),), deceased=True)
    assert {one.id for one in questions(joined)} == {"linkage-more", "deceased-why"}


def test_what_pupils_are_chosen_by_counts_as_asked_for() -> None:
    plain = requests.ApplicationSpec(items=("census_pupil.sex",), kind_of_request="research")
    chosen = replace(plain, cohort=(requests.CohortCondition("plaa", ("A",)),))
    assert (reach_of(plain).identifiability, reach_of(plain).sensitivity) == (5, "E")
    assert (reach_of(chosen).identifiability, reach_of(chosen).sensitivity) == (3, "B")
    assert "most-sensitive" in {one.id for one in questions(chosen)}
    unknown = replace(plain, cohort=(requests.CohortCondition("no_column", ("A",)),))
    assert reach_of(unknown) == reach_of(plain)


@pytest.mark.parametrize("school", ["census_pupil.urn", "census_sen_need.urn", "census_exclusion.urn"])
@pytest.mark.parametrize("age", ["census_pupil.monthofbirth", "census_pupil.yearofbirth", "census_pupil.age"])
def test_the_school_with_any_age_is_asked_about_whichever_table_names_the_school(school: str, age: str) -> None:
    spec = requests.ApplicationSpec(items=(school, age))
    assert "school-and-child" in {one.id for one in questions(spec)}
    for one in (school, age):
        assert "school-and-child" not in {part.id for part in questions(replace(spec, items=(one,)))}
