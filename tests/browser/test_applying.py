"""A researcher applies in a real browser: page by page, with a file, checked, handed in, and changed when it comes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from schoolgate import requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.people import person
from schoolgate.requests import drafting
from tests.browser.conftest import Visitor, sign_in
from tests.browser.looks import faults
from tests.requests.attachments import GOOD
from tests.requests.cast import Cast, enter_cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(home: Config, clock: FixedClock, settings: Any) -> Cast:
    settings.CONFIG, settings.CLOCK = home, clock
    return enter_cast()


def onward(page: Page) -> None:
    page.get_by_role("button", name="Save and continue").click()


def a_date(page: Page, legend: str, day: str, month: str, year: str) -> None:
    group = page.get_by_role("group", name=legend)
    for label, text in (("Day", day), ("Month", month), ("Year", year)):
        group.get_by_label(label).fill(text)


def fill_in(page: Page, cast: Cast, look: Callable[[], None]) -> None:
    """Every page of the form, as somebody would who reads the labels."""
    look()
    page.get_by_label("Research or statistics").check()
    page.get_by_label("No. Nobody earns money by it").check()
    page.get_by_label("Who pays for it?").fill("none")
    onward(page)
    look()
    page.get_by_label(cast.researcher).check()
    onward(page)
    look()
    page.get_by_label("A short name").fill("Who misses school <b>and why</b>")
    page.get_by_label("Purpose", exact=True).select_option(label="Education research")
    page.get_by_label("Say in plain words what you want to do and why").fill(drafting.GOOD_EXAMPLE)
    page.get_by_role("button", name="Save and look again").click()
    expect(page.locator("#readability")).to_contain_text("Most parents will understand it.")
    look()
    onward(page)
    page.get_by_label("What does the public gain?").fill("Schools learn where help is missing.")
    page.get_by_label("Who could be harmed, and how?").fill("A child could be recognised.")
    page.get_by_label("How do you prevent that?").fill("Only numbers leave the safe setting.")
    onward(page)
    expect(page.get_by_text("Your purpose is: Education research.")).to_be_visible()
    look()
    page.get_by_label("(e) a task in the public interest").check()
    page.get_by_label("No item needs one").check()
    page.get_by_label("The power to share, with its provision").fill("Education Act 1996 s.537A(5)")
    onward(page)
    look()
    page.get_by_role("checkbox", name="Sex", exact=True).check()
    page.get_by_role("checkbox", name="Age", exact=True).check()
    onward(page)
    look()
    for control in page.get_by_label("What do you need it for?").all():
        control.fill("It is what we study.")
    for control in page.get_by_label("Why will something less identifying not do?").all():
        control.fill("It would not show it.")
    onward(page)
    look()
    page.get_by_label("Which years?").fill("2024 to 2026")
    page.get_by_label("Autumn").check()
    page.get_by_label("Which pupils?").fill("ncyearactual: 7, 8")
    onward(page)
    look()
    page.get_by_label("With what data, and whose is it?").fill("Bus times of the council")
    page.get_by_label("How: by which items or references?").fill("By local authority")
    page.get_by_label("Who joins them?").fill("We do")
    page.get_by_role("button", name="Save and add another").click()
    expect(page.get_by_role("group", name="Other data, number 2")).to_be_visible()
    onward(page)
    look()
    page.get_by_label("Where would the data be used?").fill("The safe setting")
    page.get_by_label("In which country is that?").fill("United Kingdom")
    onward(page)
    look()
    a_date(page, "First day of use", "1", "9", "2026")
    a_date(page, "Last day of use", "31", "13", "2028")
    onward(page)
    expect(page.get_by_role("alert")).to_contain_text("Enter a real date")
    look()
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.locator("#f-valid_until")).to_be_focused()
    a_date(page, "Last day of use", "31", "8", "2028")
    a_date(page, "The day by which everything is destroyed", "31", "8", "2029")
    page.get_by_label("Why do you keep it until then?").fill("So that others can check it.")
    page.get_by_label("How will you destroy it?").fill("Erased, backups too.")
    onward(page)
    page.get_by_label("What will you publish, where and when?").fill("An open article within a year.")
    onward(page)
    look()
    page.get_by_label("Who gave ethics approval?").fill("Committee of Example (synthetic)")
    page.get_by_label("Its reference").fill("EX-1")
    a_date(page, "Its date", "2", "3", "2026")
    a_date(page, "Date of the data protection impact assessment", "1", "4", "2026")
    page.get_by_label("What does it find, in a few sentences?").fill("The risk is low.")
    page.get_by_label("Where is it?").fill("dpia.pdf")
    onward(page)
    page.get_by_label("Does anybody involved have an interest").fill("none")
    onward(page)
    look()
    page.get_by_label("What can be learned about a child from the joined data").fill("Nothing more.")
    onward(page)


@pytest.mark.parametrize(("script", "width"), [(True, 1280), (False, 390)], ids=["axe", "no script, narrow"])
def test_a_researcher_applies_without_help_and_every_page_passes_axe(
    script: bool, width: int, cast: Cast, clock: FixedClock, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    visitor = visit(script=script, width=width)  # axe needs a script; the pages have none
    page = visitor.page
    broken: list[str] = []

    def look() -> None:
        broken.extend(faults(visitor))

    sign_in(visitor, cast.researcher)
    look()
    page.get_by_role("button", name="Begin an application").click()
    look()
    page.get_by_role("link", name="Your organisation").click()
    fill_in(page, cast, look)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    expect(page.get_by_role("alert")).to_contain_text("No attachment has this name.")
    look()
    page.get_by_role("alert").get_by_role("link").click()
    page.get_by_role("link", name="Attach a file").click()
    (tmp_path / "dpia.pdf").write_bytes(GOOD["plan.pdf"])
    (tmp_path / "not.png").write_bytes(GOOD["plan.pdf"])
    page.get_by_label("Attach a file").set_input_files(tmp_path / "not.png")
    page.get_by_role("button", name="Attach", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("It is called .png")
    look()
    page.get_by_label("Attach a file").set_input_files(tmp_path / "dpia.pdf")
    page.get_by_role("button", name="Attach", exact=True).click()
    expect(page.get_by_text("“dpia.pdf” is attached.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="dpia.pdf").click()
    assert Path(download.value.path()).read_bytes() == GOOD["plan.pdf"]
    page.get_by_role("navigation", name="Where you are").get_by_role("link").last.click()
    look()
    page.get_by_role("link", name="Check your answers").click()
    look()
    page.get_by_role("button", name="Hand in the application").click()
    expect(page.get_by_text("Application APP-2026-0001 is in.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who misses school <b>and why</b>")
    look()
    made = requests.application("APP-2026-0001")
    assert made.spec.linkage == (requests.Linkage("Bus times of the council", "By local authority", "We do"),)
    assert made.spec.cohort == (requests.CohortCondition("ncyearactual", ("7", "8")),)

    requests.insist(requests.return_application(made.id, ["Say which buses."], cast.custodian, clock))
    requests.insist(drafting.comment(made.id, "linkage", "Which buses?", True, cast.custodian, clock))
    visitor.go("/research/")
    look()
    page.get_by_role("link", name=re.compile("Who misses school")).first.click()
    page.get_by_role("link", name="Linking with other data").click()
    expect(page.get_by_text("Which buses?")).to_be_visible()
    page.get_by_role("button", name="Settle this comment").click()
    page.get_by_label("With what data, and whose is it?").first.fill("School bus times of the council")
    page.get_by_role("button", name="Save and come back later").click()
    page.get_by_role("link", name="Check your answers").click()
    page.get_by_role("button", name="Hand in the new version").click()
    page.get_by_role("link", name="what changed since version 1").click()
    expect(page.locator("ins")).to_contain_text("School bus times of the council")
    look()
    assert [one.number for one in drafting.find(made.id, person(cast.researcher)).versions] == [1, 2]
    assert broken == []
    assert visitor.strangers == []
    assert visitor.complaints == []


def test_two_people_write_at_once_in_two_browsers(cast: Cast, clock: FixedClock, visit: Callable[..., Visitor]) -> None:
    draft = requests.insist(drafting.start(cast.researcher, clock))
    requests.insist(drafting.add_author(draft.id, cast.colleague, cast.researcher, clock))
    one, two = visit(script=False), visit()
    for visitor, who in ((one, cast.researcher), (two, cast.colleague)):
        sign_in(visitor, who)
        visitor.go(f"/research/draft/{draft.id}/page/conflicts/")
    box = "Does anybody involved have an interest"
    one.page.get_by_label(box).fill("One of us sits on a board.")
    two.page.get_by_label(box).fill("none")
    onward(one.page)
    onward(two.page)
    expect(two.page.get_by_role("alert")).to_contain_text("One of us sits on a board.")
    expect(two.page.get_by_label(box)).to_have_value("none")
    assert faults(two) == []
    onward(two.page)
    assert drafting.find(draft.id, person(cast.researcher)).spec.conflicts == "none"
