"""The register's pages in a real browser: for everyone, with a keyboard, without scripts, without telling anyone else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.browser.conftest import Visitor
from tests.browser.looks import faults
from tests.published import logs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    "/register/",
    "/register/search/",
    "/register/search/?words=school&status=ended",
    "/register/search/?words=zebra",
    "/register/search/?imported=yes",
    "/register/search/?organisation_name=synthetic&item_name=nothing",
    "/register/agreement/A-2026-0001/",
    "/register/request/APP-2026-0002/",
    "/register/request/H-0001/",
    "/register/agreement/A-SAR/",
    "/register/organisation/university-of-example-synthetic/",
    "/register/organisation/example-home-scores-ltd-synthetic/",
    f"/register/item/{logs.SEX}/",
    "/register/pictures/",
    "/register/follow/",
    "/letters/leave/none/",
    "/letters/confirm/none/",
)


@pytest.fixture
def filled(home: Config, clock: FixedClock, settings: Any) -> None:
    """A log with a whole life, a refusal and a share from an old list."""
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    logs.a_whole_life()
    refused = logs.asked(2, logs.COMPANY, kind="company", purpose_plain="To sell scores.", items=[logs.ETHNICITY])
    logs.decided(refused, "refused", reasons=["No benefit to pupils."])
    logs.looks_of_families("2026-09-02T09:00:00Z")
    logs.merged(logs.COMPANY, logs.UNIVERSITY)
    logs.write(
        "share.imported", "H-0001", organisation=logs.UNIVERSITY, title="An old share", purpose_plain="Long ago.",
        data_sets=["KS2"], identifiability="2", safe_setting="No", gateway="s.537A", valid_from="2014-09-01",
        stated_status="Closed", source_sha256="cd" * 32, source_row=7,
    )  # fmt: skip


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_of_the_register_passes_axe_fits_the_screen_and_asks_no_other_site(
    filled: None, visit: Callable[..., Visitor], width: int
) -> None:
    visitor = visit(width=width)
    broken: list[str] = []
    for address in PAGES:
        visitor.go(address)
        broken += faults(visitor)
    assert broken == []
    assert visitor.strangers == []
    assert [text for text in visitor.complaints if "404" not in text] == []


@pytest.mark.parametrize("script", [False, True])
def test_somebody_searches_opens_an_agreement_and_reads_who_has_the_item(
    filled: None, visit: Callable[..., Visitor], script: bool
) -> None:
    visitor = visit(script=script)
    page = visitor.page
    visitor.go("/register/")
    page.get_by_role("link", name="Search 3 requests and agreements").click()
    page.get_by_label("Words").fill("misses school")
    page.get_by_label("How it stands").select_option(label="data not destroyed in time")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="1 request or agreement")).to_be_visible()
    expect(page).to_have_url(re.compile("words=misses\\+school"))
    page.get_by_role("link", name="(A-2026-0001)").click()
    expect(page.get_by_text("It had to be destroyed by 1 February 2027")).to_be_visible()
    page.get_by_role("link", name="University of Example (synthetic)").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("University of Example (synthetic)")
    expect(page.get_by_role("heading", name="Not destroyed in time", exact=True)).to_be_visible()
    visitor.go("/register/pictures/")
    drawn = page.locator("img.sg-picture").first
    expect(drawn).to_be_visible()
    assert drawn.evaluate("image => image.complete && image.naturalWidth > 0")
    assert visitor.complaints == []


def test_somebody_follows_one_organisation_by_its_name(filled: None, visit: Callable[..., Visitor]) -> None:
    visitor = visit(width=390)
    page = visitor.page
    visitor.go("/register/follow/")
    page.get_by_text("Hear about something else").click()
    page.get_by_label("Name of an organisation").fill("synthetic")
    page.get_by_label("Whose pupils").select_option(label="Camden")
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_text("Which one do you mean?")).to_be_visible()
    assert faults(visitor) == []
    page.get_by_role("link", name="Example Home Scores Ltd (synthetic)").click()
    expect(page.get_by_text("Example Home Scores Ltd (synthetic), Camden")).to_be_visible()
    expect(page).to_have_url(re.compile("organisation=example-home-scores-ltd-synthetic&area=authority\\+202$"))
    assert faults(visitor) == []


def test_a_mistake_in_the_address_is_said_where_the_keyboard_is(filled: None, visit: Callable[..., Visitor]) -> None:
    visitor = visit(width=390)
    page = visitor.page
    visitor.go("/register/follow/?kind=company")
    page.get_by_label("Your e-mail address").fill("nobody")
    page.get_by_role("button", name="Send me a letter to say yes to").click()
    assert faults(visitor) == []
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.locator("#id_email")).to_be_focused()
    page.get_by_label("Your e-mail address").fill("synthetic.reader@example.org")
    page.get_by_role("button", name="Send me a letter to say yes to").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look at your e-mail")
    assert faults(visitor) == []
