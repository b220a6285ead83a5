"""Regions, countries, what can carry a purpose, and the items that need a yes."""

from __future__ import annotations

from collections import Counter

import pytest

from schoolgate.dictionary import (
    HOME,
    UNTOLD_NOTICE_DAYS,
    authority_name,
    basis_letter,
    consent_only_items,
    countries,
    country,
    establishments,
    find_purpose,
    find_region,
    gateway_reaches,
    lake_tables,
    purposes,
    regions,
    same_country,
)


def test_every_school_lies_in_exactly_one_of_nine_regions() -> None:
    held = Counter(number for region in regions() for number in region.authorities)
    assert len(regions()) == 9
    assert set(held.values()) == {1}
    assert all(authority_name(number) for number in held)
    assert {str(school.laestab)[:3] for school in establishments()} <= set(held)


@pytest.mark.parametrize(
    ("text", "found"),
    [("London", "E12000007"), (" north west ", "E12000002"), ("E12000008", "E12000008"), ("Kent", "")],
)
def test_a_region_is_found_by_code_or_name(text: str, found: str) -> None:
    region = find_region(text)
    assert (region.id if region else "") == found


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("United Kingdom", "home"), ("  united   kingdom ", "home"), ("Scotland", "home"), ("France", "all"),
        ("Switzerland", "all"), ("Japan", "some"), ("USA", "some"), ("South Korea", "some"), ("Atlantis", None), ("", None),
    ],
)  # fmt: skip
def test_a_country_is_covered_by_adequacy_regulations_as_far_as_they_say(name: str, covered: str | None) -> None:
    found = country(name)
    assert (found.covered if found else None) == covered


def test_every_country_has_its_source_and_one_is_home() -> None:
    assert all(one.source for one in countries())
    assert [one.name for one in countries() if one.covered == "home"] == [HOME]
    assert {one.covered for one in countries()} == {"home", "all", "some"}
    # The thirty states of the European Economic Area are among them.
    assert sum("an EEA state" in one.source for one in countries()) == 30


def test_two_names_of_one_country_are_one() -> None:
    assert same_country("UK", "united kingdom")
    assert same_country("atlantis", " Atlantis ")
    assert not same_country("Ireland", "Northern Ireland")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("UK GDPR Article 6(1)(e): a task in the public interest", "e"), ("Article 6 (1) (c)", "c"), ("6(1)(ea)", "ea"),
        ("Article 6(1)(e) or 6(1)(f)", ""), ("public task", ""), ("Article 9(2)(j)", ""), ("Article 6(1)(g)", ""),
        ("6(1)(e) and again 6(1)(e)", "e"), ("", ""),
    ],
)  # fmt: skip
def test_a_basis_is_the_one_letter_a_text_names(text: str, letter: str) -> None:
    assert basis_letter(text) == letter


def test_a_purpose_without_a_basis_or_a_power_is_carried_by_nothing() -> None:
    for purpose in purposes():
        assert set(purpose.bases) <= set("abcdef")
        assert bool(purpose.gateways) == bool(purpose.carried_by)
        assert purpose.notice_days == (0 if purpose.told else UNTOLD_NOTICE_DAYS)
        assert not gateway_reaches(purpose, "None stated")
    commercial = find_purpose("commercial-product")
    assert commercial is not None
    assert (commercial.bases, commercial.gateways) == ((), ())


def test_an_item_that_needs_a_yes_is_an_item_of_the_lake_and_says_why() -> None:
    items = {column.item_id for table in lake_tables() for column in table.columns if column.kind == "item"}
    assert {one.item for one in consent_only_items()} <= items
    assert all(one.why and one.source for one in consent_only_items())
