"""Reading and signing an agreement in a real browser: without scripts, at every width, and for everyone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from schoolgate import requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.browser.conftest import Visitor
from tests.browser.looks import faults
from tests.browser.test_custodian import sign_in
from tests.requests import road
from tests.requests.cast import approved, enter_cast, signed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _site(home: Config, clock: FixedClock, settings: Any) -> None:
    settings.CONFIG = home
    settings.CLOCK = clock


def test_both_sides_sign_without_scripts(visit: Callable[..., Visitor], clock: FixedClock) -> None:
    cast = enter_cast()
    made = approved(cast, clock)
    for who, said in ((cast.researcher, "signed by the organisation"), (cast.custodian, "in force")):
        visitor = visit(script=False, width=390)
        page = visitor.page
        sign_in(visitor, who)
        visitor.go("/agreements/")
        page.get_by_role("link", name=made.id, exact=True).click()
        page.get_by_role("link", name="Read and sign").click()
        page.get_by_role("button", name="Sign", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("Tick the box")
        page.get_by_label("I have read this text").check()
        page.get_by_role("button", name="Sign", exact=True).click()
        expect(page.get_by_text(said, exact=True)).to_be_visible()
        assert visitor.strangers == []
    assert requests.application(made.id).state == "active"


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_of_an_agreement_passes_axe_and_fits_the_screen(
    visit: Callable[..., Visitor], clock: FixedClock, width: int, settings: Any
) -> None:
    cast = enter_cast()
    waits, live, over = approved(cast, clock), signed(cast, clock), signed(cast, clock)
    requests.insist(road.amend(live.id, items=["census_pupil.age"], reasons=["Needed."], panel=cast.panel, clock=clock))
    requests.insist(requests.end(over.id, "Done.", cast.custodian, clock))
    settings.CLOCK = FixedClock(clock.now() + timedelta(days=90))  # so that its destruction is overdue
    visitor = visit(width=width)
    sign_in(visitor, cast.researcher)
    broken: list[str] = []
    for address in (
        "", f"{waits.id}/", f"{waits.id}/sign/", f"{live.id}/", f"{live.id}/version/2/", f"{live.id}/compare/1/2/",
        f"{live.id}/end/", f"{over.id}/destroyed/",
    ):  # fmt: skip
        visitor.go(f"/agreements/{address}")
        broken += faults(visitor)
    visitor.page.get_by_role("button", name="State that the data was destroyed").click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    broken += faults(visitor)
    requests.insist(requests.state_destruction(over.id, "Every disk.", cast.researcher, cast.witness, settings.CLOCK))
    witness = visit(width=width)
    sign_in(witness, cast.witness)
    for address in (f"{over.id}/", f"{over.id}/witness/"):
        witness.go(f"/agreements/{address}")
        broken += faults(witness)
    assert broken == []
    assert visitor.strangers == []
