"""A family's case on a phone, and staff's: every page by its rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.browser.conftest import Visitor, sign_in
from tests.browser.looks import faults
from tests.rights.cases.scene import PASSWORD, enter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_a_fact_is_said_to_be_wrong_on_a_phone_and_decided_by_two_people(
    home: Config, clock: FixedClock, settings: Any, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    scene = enter(home, clock)
    at = f"/family/child/{scene.link.id}/cases/"

    visitor = visit(width=320)
    page = visitor.page
    visitor.go(f"/family/sign-in/?next={at}")
    page.get_by_label("E-mail address").fill("parent@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="What you asked")).to_be_visible()
    broken = faults(visitor)
    page.get_by_role("link", name="Say that something is wrong").click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    broken += faults(visitor)
    page.get_by_label("Which fact is wrong?").select_option("census_pupil.ethnicity")
    page.get_by_label("What should it say?").fill("Pakistani")
    page.get_by_label("How do you know?").fill("Nobody asked us.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Something is wrong: Ethnic background")).to_be_visible()
    broken += faults(visitor)
    page.get_by_role("link", name="Add a file").click()
    letter = tmp_path / "letter.txt"
    letter.write_text("Our letter.")
    page.get_by_label("Choose a file").set_input_files(letter)
    broken += faults(visitor)
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("link", name="letter.txt")).to_be_visible()
    visitor.go(f"{at}ask/")
    broken += faults(visitor)

    (line,) = scene.family("case-list")
    office = visit()
    sign_in(office, scene.custodian)
    for path in ("/custodian/recourse/", f"/custodian/recourse/{line.reference}/"):
        office.go(path)
        broken += faults(office)
    scene.heard(line.reference)
    office.go(f"/custodian/recourse/{line.reference}/step/decide/")
    broken += faults(office)
    office.page.get_by_label("What is decided?").select_option("refused")
    office.page.get_by_label("Why?").fill("The school has a form.")
    office.page.get_by_label("Which rule does it rest on?").fill("Article 16")
    office.page.get_by_role("button", name="Decide").click()
    expect(office.page.get_by_text("The family is told.")).to_be_visible()

    visitor.go(f"{at}{line.reference}/")
    broken += faults(visitor)
    page.get_by_role("link", name="Read the letter").click()
    expect(page.get_by_role("heading", name="Our decision")).to_be_visible()
    broken += faults(visitor)

    watching = visit()
    sign_in(watching, scene.overseer)
    watching.go("/oversight/recourse/")
    broken += faults(watching)
    assert not broken
    assert not [*visitor.strangers, *office.strangers, *watching.strangers]
