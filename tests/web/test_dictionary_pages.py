"""The dictionary's pages, read by a parent, and by a journalist who looks for every item."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from schoolgate.dictionary import Dictionary, install, shipped_workbook
from schoolgate.web.public.dictionary import RESULTS
from tests.web import rooms

pytestmark = pytest.mark.django_db


def test_an_item_page_says_why_how_private_and_who_received_it(site: Client) -> None:
    text = site.get(f"/dictionary/{rooms.LANGUAGE}/").content.decode()
    for words in (
        "To fund English teaching.",
        "the law protects it specially",
        "REFU",
        "Polish",
        "A university",
    ):
        assert words in text


def test_an_item_page_names_agreements_that_have_it_before_anything_was_handed_over(
    site: Client, log: rooms.Log
) -> None:
    del log.written[3:]
    page = site.get(f"/dictionary/{rooms.LANGUAGE}/")
    assert [(one.organisation, one.times, one.index) for one in page.context["recipients"]] == [
        ("A university", 0, None)
    ]
    assert "not yet" in page.content.decode()
    log.written.clear()
    assert "Nobody has been given this item" in site.get(f"/dictionary/{rooms.LANGUAGE}/").content.decode()


def test_an_item_page_says_what_is_not_known(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = rooms.Items(why="", law="", description="", identifiability=None, sensitivity=None, may_decline=False)
    monkeypatch.setattr("schoolgate.web.public.sources.open_items", lambda: bare)
    text = site.get(f"/dictionary/{rooms.LANGUAGE}/").content.decode()
    for words in (
        "We know of no published reason for this item.",
        "None is named here.",
        "Nobody has published a description",
        "Nobody has graded this item yet.",
        "not explained in the published lists",
    ):
        assert words in text
    assert "May a family say no?" not in text


@pytest.fixture
def real(site: Client, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Dictionary:
    """The shipped dictionary behind the pages."""
    shipped, _ = install([shipped_workbook()], tmp_path_factory.mktemp("dictionary"))
    monkeypatch.setattr("schoolgate.web.public.sources.open_items", lambda: shipped)
    return shipped


def test_code_sets_are_shown_by_year_with_what_came_and_went(site: Client, real: Dictionary) -> None:
    page = site.get("/dictionary/census_absence.attendancereason/")
    spans = page.context["spans"]
    assert [span.when for span in spans] == [
        "autumn 2024 to autumn 2026",
        "autumn 2020 to summer 2024",
        "autumn 2015 to summer 2020",
    ]
    assert {"C1", "C2", "J1", "K", "Q", "Y1"} <= set(spans[0].added)
    assert spans[0].dropped == ("Y",)
    assert "Autumn 2024 to autumn 2026: 36 possible answers" in page.content.decode()


def test_a_column_of_the_return_leads_to_what_is_kept_of_it(site: Client, real: Dictionary) -> None:
    text = site.get("/dictionary/return.pupilonroll.dob/").content.decode()
    for item in ("yearofbirth", "monthofbirth", "age"):
        assert f'href="/dictionary/census_pupil.{item}/"' in text
    assert "Who has received it" not in text


def test_every_item_whatever_its_name_has_a_page_and_every_collection_a_list(site: Client, real: Dictionary) -> None:
    odd = [item for item in real.items if re.search(r"[^\w.]", item.id)]
    assert len(odd) > 100
    for item in odd[::6] + list(real.items)[::40]:
        page = site.get(reverse("dictionary-item", args=[item.id]))
        assert (page.status_code, page.context["item"]) == (200, item)
    listed = site.get("/dictionary/").context["collections"]
    assert sum(count for _, count, _ in listed) == len(real.items)
    for name, count, address in listed:
        assert site.get(f"/dictionary/{address}").context["found_count"] == count, name


def test_a_search_goes_on_page_by_page_and_says_what_it_understood(site: Client, real: Dictionary) -> None:
    first = site.get("/dictionary/?q=langauge")
    assert "We searched for <strong>language</strong>" in first.content.decode()
    assert first.context["found"][0].id == "census_pupil.language"
    seen, address = [], "?q=school"
    while address:
        page = site.get(f"/dictionary/{address}")
        seen += [item.id for item in page.context["found"]]
        address = page.context["next"]
    assert len(seen) == len(set(seen)) == page.context["found_count"] > RESULTS
    assert "These have some of them" in site.get("/dictionary/?q=language+zebra").content.decode()
    assert "Nothing found" in site.get("/dictionary/?q=zzzzzz").content.decode()
