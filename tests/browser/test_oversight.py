"""The overseer's day in a real browser, without scripts: what changed, what is late, a question, and its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from schoolgate import oversight, people, register
from schoolgate.config import Config
from schoolgate.errors import insist
from tests.browser.conftest import Visitor, sign_in
from tests.browser.looks import faults
from tests.oversight import told
from tests.requests.cast import Cast, approved, enter_cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOW = told.at("2026-10-03")


@pytest.fixture
def cast(home: Config, settings: Any) -> Cast:
    """A request that was approved, a life of others before it, a statement, a finding that is late."""
    settings.CONFIG = replace(home)
    settings.CLOCK = NOW
    cache.clear()
    told.a_life()
    made = enter_cast()
    insist(oversight.publish_statement("2026-Q3", home, NOW))
    finding = insist(oversight.record_finding("Audit", "There is no record.", "urgent", made.custodian, NOW))
    due = NOW.now().date().replace(day=20)
    insist(oversight.set_action(finding.number, "Make it.", "operator", due, made.custodian, NOW))
    approved(made, NOW)
    register.publish(NOW, home)
    return made


def overseer() -> str:
    return people.add_person(people.add_organisation("Regulator (synthetic)", "regulator").id, "overseer").id


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_passes_axe_and_fits_the_screen(cast: Cast, visit: Callable[..., Visitor], width: int) -> None:
    visitor = visit(width=width)
    sign_in(visitor, overseer())
    application = "/oversight/requests/APP-2026-0001/"
    broken: list[str] = []
    for address in (
        "/oversight/", "/oversight/requests/", application, "/oversight/meetings/", "/oversight/figures/",
        "/oversight/machinery/", "/oversight/ask/", "/oversight/entries/query.refused/", "/figures/", "/statements/",
        "/statements/2026-Q3/", "/questions/", "/findings/", "/processing/",
    ):  # fmt: skip
        visitor.go(address)
        assert visitor.page.url.endswith(address)  # nobody was sent away to sign in
        broken += faults(visitor)
    assert broken == []
    assert visitor.strangers == []
    assert visitor.complaints == []


def test_an_overseer_looks_notes_it_asks_and_reads_the_answer(cast: Cast, visit: Callable[..., Visitor]) -> None:
    watching = visit(script=False)
    sign_in(watching, overseer())
    page = watching.page
    expect(page.get_by_role("heading", name="What changed since you last looked")).to_be_visible()
    expect(page.get_by_text("You have not looked before.").first).to_be_visible()
    page.get_by_role("button", name="Note that I have looked").click()
    expect(page.get_by_text("Noted.").first).to_be_visible()
    page.get_by_role("link", name="Requests", exact=True).click()
    page.get_by_role("link", name="APP-2026-0001").click()
    expect(page.get_by_text("Clear public benefit.").first).to_be_visible()
    page.get_by_role("link", name="Ask about it").click()
    expect(page.get_by_label("What is it about?")).to_have_value("APP-2026-0001")
    page.get_by_role("button", name="Ask in public").click()
    expect(page.get_by_role("alert").get_by_text("Write your question")).to_be_visible()
    page.get_by_label("Your question").fill("Why was this approved?")
    page.get_by_role("button", name="Ask in public").click()
    expect(page.get_by_text("Q-2026-0001 is in the register").first).to_be_visible()

    answering = visit(script=False)
    sign_in(answering, cast.custodian)
    answering.go("/custodian/questions/")
    answering.page.get_by_role("link", name="Answer Q-2026-0001").click()
    answering.page.get_by_label("Your answer").fill("Because of its public benefit.")
    answering.page.get_by_role("button", name="Answer in public").click()
    expect(answering.page.get_by_text("Your answer is in the register.").first).to_be_visible()

    anybody = visit(script=False)
    anybody.go("/questions/")
    expect(anybody.page.get_by_text("Because of its public benefit.").first).to_be_visible()
    anybody.page.get_by_role("link", name="How well the data is kept").click()
    expect(anybody.page.get_by_text("schoolgate oversight metrics").first).to_be_visible()


def test_the_custodian_s_forms_pass_axe(cast: Cast, visit: Callable[..., Visitor]) -> None:
    insist(oversight.ask("Why?", "", None, overseer(), NOW))
    visitor = visit()
    sign_in(visitor, cast.custodian)
    broken: list[str] = []
    for address in ("/custodian/questions/", "/custodian/questions/Q-2026-0001/", "/custodian/findings/",
                    "/custodian/findings/F-2026-0001/", "/custodian/actions/AC-2026-0001/"):  # fmt: skip
        visitor.go(address)
        broken += faults(visitor)
        button = visitor.page.locator("main form button")
        if button.count():
            button.first.click()  # empty: the errors are part of the page
            broken += faults(visitor)
    assert broken == []
