"""Signing in to work with the data, and the custodian's directory, in a real browser without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from schoolgate import people
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.browser.conftest import Visitor, sign_in
from tests.browser.looks import faults
from tests.requests.cast import Cast, enter_cast
from tests.web.staff import account_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(home: Config, clock: FixedClock, settings: Any) -> Cast:
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    return enter_cast()


def test_somebody_of_two_organisations_chooses_for_whom_they_act_and_changes_it(
    cast: Cast, visit: Callable[..., Visitor]
) -> None:
    people.hold_person(cast.panel[0], int(account_of(cast.researcher).pk))
    visitor = visit(script=False)
    sign_in(visitor, cast.researcher)
    page = visitor.page
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Choose for whom you act").click()
    page.get_by_label(f"Researcher, University of Example (synthetic) ({cast.researcher})").check()
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile("/research/"))
    expect(page.get_by_text(f"({cast.researcher})")).to_be_visible()
    page.get_by_role("link", name="Act for somebody else").click()
    page.get_by_label(f"Panel member, Example Trust (synthetic) ({cast.panel[0]})").check()
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile("/custodian/"))
    page.get_by_role("button", name="Sign out").click()
    visitor.go("/custodian/")
    expect(page).to_have_url(re.compile("/sign-in/"))


def test_the_custodian_enters_an_organisation_and_records_that_it_changed(
    cast: Cast, visit: Callable[..., Visitor]
) -> None:
    visitor = visit(script=False)
    sign_in(visitor, cast.custodian)
    page = visitor.page
    page.get_by_role("link", name="Organisations", exact=True).click()
    page.get_by_role("link", name="Enter an organisation").click()
    page.get_by_label("Legal name").fill("EXAMPLE HOME SCORES LIMITED (synthetic)")
    page.get_by_label("Kind of organisation").select_option("company")
    page.get_by_role("button", name="Enter it").click()
    expect(page.get_by_role("alert").get_by_text(f"looks like that of {cast.company.id}")).to_be_visible()
    page.get_by_label("I looked at names that look alike").check()
    page.get_by_role("button", name="Enter it").click()
    page.get_by_role("link", name="Something changed").click()
    page.get_by_label("Who owns or controls it").fill("Synthetic Holdings")
    page.get_by_label("Why").fill("Sold.")
    page.get_by_label("I looked at names that look alike").check()
    page.get_by_role("button", name="Record the change").click()
    expect(page.get_by_text("The change is recorded.").first).to_be_visible()
    expect(page.get_by_role("cell", name="Synthetic Holdings")).to_be_visible()


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_passes_axe_and_fits_the_screen(cast: Cast, visit: Callable[..., Visitor], width: int) -> None:
    people.hold_person(cast.witness, int(account_of(cast.custodian).pk))
    people.declare_interest(cast.colleague, cast.company.id, "owns shares")
    tie = people.interests(cast.colleague)[0]
    visitor = visit(width=width)
    sign_in(visitor, cast.custodian)
    visitor.page.get_by_label(cast.custodian).check()
    visitor.page.get_by_role("button", name="Continue").click()
    organisation, person = f"/custodian/organisations/{cast.university.id}/", f"/custodian/persons/{cast.colleague}/"
    broken: list[str] = []
    for address in (
        "/sign-in/as/", "/interests/", "/custodian/organisations/", "/custodian/organisations/enter/", organisation,
        *(f"{organisation}{page}/" for page in ("change", "merge", "verify", "person")), person,
        *(f"{person}{page}/" for page in ("accredit", "withdraw", "leave", "account", "interest")),
        f"{person}interests/{tie.id}/",
    ):  # fmt: skip
        visitor.go(address)
        assert visitor.page.url.endswith(address)
        broken += faults(visitor)
        button = visitor.page.locator("main form[method=post] button")
        if button.count() and address not in ("/sign-in/as/", f"{person}interests/{tie.id}/"):
            button.first.click()  # empty: the errors are part of the page
            broken += faults(visitor)
    visitor.page.get_by_role("button", name="Sign out").click()
    expect(visitor.page.get_by_role("button", name="Sign out")).to_be_hidden()
    visitor.go("/sign-in/")
    broken += faults(visitor)
    assert broken == []
    assert visitor.strangers == []
    assert visitor.complaints == []
