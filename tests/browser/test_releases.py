"""Extracts in a real browser: the whole way without scripts, and every page for everyone at every width."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest
from playwright.sync_api import expect

from schoolgate import gate
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import insist
from schoolgate.requests.drafting.reach import all_questions
from schoolgate.requests.terms import Answer
from tests.browser.conftest import Visitor, sign_in
from tests.browser.looks import faults
from tests.gate.extracts import SQL, WHY, YES, Scene
from tests.gate.lookups import LookupScene, stranger, wanted
from tests.world import another

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _site(home: Config, clock: FixedClock, settings: Any) -> None:
    settings.CONFIG = home
    settings.CLOCK = clock


def test_an_extract_goes_the_whole_way_without_scripts(
    visit: Callable[..., Visitor], home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    scene = Scene.build(home, clock)
    recipient, office = visit(script=False, width=390), visit(script=False)
    sign_in(recipient, scene.world.person)
    recipient.go("/releases/")
    page = recipient.page
    page.get_by_role("link", name="Ask for an extract").click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why the safe setting will not do")
    page.get_by_label("Agreement", exact=True).fill(scene.world.agreement)
    page.get_by_label("Your query").fill(SQL)
    page.get_by_label("Why can you not work in the safe setting?").fill(WHY)
    page.get_by_label("Your public key").fill(str(scene.key.to_public()))
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Your order is in the register")
    address = page.url.removeprefix(recipient.home)

    sign_in(office, scene.custodian)
    office.go(address)
    office.page.get_by_label("May the data leave?").select_option("yes")
    office.page.get_by_label("Why?").fill(YES)
    office.page.get_by_role("button", name="Decide in public").click()
    expect(office.page.get_by_role("alert")).to_contain_text("Your decision is in the register")

    recipient.go(address)
    with page.expect_download() as coming:
        page.get_by_role("button", name="Fetch the sealed file").click()
    coming.value.save_as(tmp_path / "sealed.age")
    plain = pyrage.decrypt((tmp_path / "sealed.age").read_bytes(), [scene.key])
    recipient.go(address)
    page.get_by_label("Fingerprint of the opened file").fill(hashlib.sha256(plain).hexdigest())
    page.get_by_role("button", name="Sign in public").click()
    expect(page.get_by_role("alert")).to_contain_text("Your signature is in the register")
    assert recipient.strangers == office.strangers == []
    assert recipient.complaints == office.complaints == []


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_passes_axe_and_fits_the_screen(
    visit: Callable[..., Visitor], home: Config, clock: FixedClock, width: int
) -> None:
    scene = LookupScene.of("verification", home, clock, per_day=1)
    other = another(scene.world, clock)  # where people are looked up, no file leaves
    waiting, fetched = insist(scene.order(agreement_id=other)).id, scene.ready(agreement_id=other)
    scene.fetch(fetched)
    scene.verify(stranger())
    scene.verify(stranger())
    assert gate.stops(scene.custodian)
    stop = f"/releases/stop/{scene.world.agreement}/"
    extracts = [f"/releases/extract/{order}/" for order in (waiting, fetched)]
    for person, own in ((scene.world.person, "/releases/ask/"), (scene.custodian, "/releases/delay/")):
        visitor = visit(width=width)
        sign_in(visitor, person)
        for address in ("/releases/", "/releases/lookups/", own, stop, *extracts):
            visitor.go(address)
            assert faults(visitor) == []
        visitor.go(own)
        visitor.page.get_by_role("button", name="Send").click()
        assert faults(visitor) == []


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize(
    ("kind", "form", "button"), [("matching", "list", "Send the list"), ("verification", "claim", "Ask")]
)
def test_the_pages_of_look_ups_pass_axe_and_fit_the_screen(
    visit: Callable[..., Visitor], home: Config, clock: FixedClock, kind: str, form: str, button: str, width: int
) -> None:
    scene = LookupScene.of(kind, home, clock)
    for child in (1, 2):
        assert isinstance(
            scene.match(wanted(child)) if kind == "matching" else scene.verify(wanted(child)),
            gate.ListAnswer | gate.Verified,
        )
    visitor = visit(width=width)
    sign_in(visitor, scene.world.person)
    for address in ("/releases/lookups/", f"/releases/lookups/{scene.world.agreement}/{form}/"):
        visitor.go(address)
        assert faults(visitor) == []
    visitor.page.get_by_role("button", name=button, exact=True).click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    assert faults(visitor) == []


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_where_look_ups_are_recorded_passes_axe_and_keeps_what_was_typed(
    visit: Callable[..., Visitor], home: Config, clock: FixedClock, width: int
) -> None:
    answers = tuple(Answer(one.id, "A synthetic answer, long enough to be one.") for one in all_questions())
    scene = Scene.build(home, clock, kind_of_request="matching", answers=answers)
    visitor = visit(width=width)
    sign_in(visitor, scene.custodian)
    page = visitor.page
    visitor.go("/releases/lookups/")
    assert faults(visitor) == []
    page.get_by_role("link", name="Record the look-ups of").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Look-ups of")
    assert faults(visitor) == []
    page.get_by_label("to keep a child safe").check()
    page.get_by_label("How many people a day, at most?").fill("200")
    page.get_by_label("How many people in thirty days, at most?").fill("100")
    page.get_by_role("button", name="Record in public").click()
    expect(page.get_by_role("alert")).to_contain_text("no more than a month")
    assert faults(visitor) == []
    expect(page.get_by_label("to keep a child safe")).to_be_checked()
    page.get_by_label("How many people a day, at most?").fill("10")
    page.get_by_role("button", name="Record in public").click()
    expect(page.get_by_role("alert")).to_contain_text("It is in the register")
    assert visitor.strangers == []
    assert visitor.complaints == []
