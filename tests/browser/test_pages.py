"""The pages in a real browser: for everyone, without scripts, without telling anyone else."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.looks import faults
from tests.web import rooms

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery"
PUBLIC = (
    "/",
    "/register/",
    "/register/?show=releases",
    "/register/3/",
    "/check/",
    f"/register/agreement/{rooms.AGREEMENT}/",
    "/dictionary/",
    "/dictionary/?q=language",
    f"/dictionary/{rooms.LANGUAGE}/",
    "/family/",
    "/family/sign-in/",
    "/family/create-account/",
    "/nowhere/",
)


def sign_up(visitor: Visitor, email: str) -> None:
    """Make an account and sign in, as a parent would."""
    page = visitor.page
    visitor.go("/family/")
    page.get_by_role("link", name="Create an account").click()
    for button in ("Create account", "Sign in"):
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("password", exact=False).fill(PASSWORD)
        page.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your children")


@pytest.mark.parametrize("width", [320, 1280])
def test_every_public_page_passes_axe_fits_the_screen_and_asks_no_other_site(
    site: Client, visit: Callable[..., Visitor], width: int
) -> None:
    visitor = visit(width=width)
    broken: list[str] = []
    for address in PUBLIC:
        visitor.go(address)
        broken += faults(visitor)
    assert broken == []
    assert visitor.strangers == []
    assert [text for text in visitor.complaints if "404" not in text] == []


def test_every_page_of_a_family_passes_axe(
    site: Client, families: rooms.Families, visit: Callable[..., Visitor]
) -> None:
    families.lines[:] = [rooms.a_line(state="being worked out", release_id="R2"), rooms.a_line()]
    visitor = visit(width=390)
    page = visitor.page
    broken: list[str] = []

    def look() -> None:
        broken.extend(faults(visitor))

    sign_up(visitor, "axe@example.org")
    look()
    visitor.go("/family/code/")
    look()
    page.get_by_label("The code from your school").fill("BAD")
    page.get_by_role("button", name="Continue").click()
    look()
    page.get_by_label("The code from your school").fill("GOOD")
    page.get_by_role("button", name="Continue").click()
    look()
    page.get_by_role("link", name="See and change your choices").click()
    look()
    page.get_by_role("link", name="Say no to this – Research about education").click()
    look()
    page.get_by_role("button", name="Yes, I say no to this use").click()
    look()
    page.get_by_role("link", name="Take my “no” back").click()
    look()
    page.get_by_role("link", name="Back to your choices").click()
    page.get_by_role("link", name="Ask for this").click()
    look()
    page.get_by_role("button", name="Let nobody use it for now").click()
    look()
    page.get_by_role("link", name="Back to your choices").click()
    page.get_by_role("link", name="Say no to one organisation").click()
    look()
    visitor.go("/family/child/7/")
    page.get_by_role("button", name="Show the record").click()
    look()
    assert broken == []
    assert visitor.strangers == []
    assert visitor.complaints == []


@pytest.mark.parametrize("script", [False, True])
def test_a_parent_goes_all_the_way_with_and_without_javascript(
    site: Client, families: rooms.Families, visit: Callable[..., Visitor], script: bool
) -> None:
    families.lines[:] = [rooms.a_line()]
    visitor = visit(script=script)
    page = visitor.page
    sign_up(visitor, "parent@example.org")
    page.get_by_role("link", name="Enter a code").click()
    page.get_by_label("The code from your school").fill("GOOD")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your child’s page")
    expect(page.get_by_text("To learn about reading.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="download the proof").click()
    with open(download.value.path(), encoding="utf-8") as file:
        assert json.load(file)["schoolgate"] == "family-proof/1"
    page.get_by_role("link", name="See and change your choices").click()
    page.get_by_role("link", name="Say no to this – Research about education").click()
    page.get_by_role("button", name="Yes, I say no to this use").click()
    expect(page.get_by_text("The next answer will not contain your child.")).to_be_visible()
    page.get_by_role("link", name="Take my “no” back").click()
    page.get_by_role("button", name="Yes, take it back").click()
    expect(page.get_by_text("You took your “no” back.")).to_be_visible()
    visitor.go("/family/child/7/")
    page.get_by_role("button", name="Show the record").click()
    expect(page.get_by_text("Polish")).to_be_visible()
    visitor.go("/family/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_load_state("networkidle")  # the back button finds no page while Chromium swaps two
    page.go_back()
    visitor.go("/family/child/7/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert visitor.strangers == []


def test_the_whole_way_to_the_code_can_be_gone_with_the_keyboard(site: Client, visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.page
    visitor.go("/family/sign-in/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#id_email")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_role("link").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_email")).to_be_focused()


def test_the_pages_are_styled_also_when_the_govuk_stylesheet_is_not_built(
    site: Client, visit: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schoolgate.web.templatetags.schoolgate._stylesheets", lambda: ("schoolgate/schoolgate.css",))
    visitor = visit(width=320)
    broken: list[str] = []
    for address in PUBLIC:
        visitor.go(address)
        broken += faults(visitor)
    assert broken == []
    assert not any("govuk-frontend" in url for url in visitor.asked)


def test_hostile_text_in_the_register_runs_nothing(site: Client, log: rooms.Log, visit: Callable[..., Visitor]) -> None:
    number = log.write(
        "release.begun", "R9", agreement=rooms.AGREEMENT, organisation=rooms.HOSTILE, items=[rooms.LANGUAGE]
    )
    visitor = visit()
    dialogs: list[str] = []
    visitor.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for address in ("/", "/register/", f"/register/{number}/", f"/dictionary/{rooms.LANGUAGE}/"):
        visitor.go(address)
    assert dialogs == []
    assert visitor.complaints == []
