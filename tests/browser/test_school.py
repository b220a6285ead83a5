"""A school's office on a phone and at a desk: every page by its rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from schoolgate import people
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.browser.conftest import Visitor
from tests.browser.looks import faults
from tests.rights.cases.scene import PASSWORD, enter_world
from tests.world import CHILDREN, URN

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_a_school_answers_for_what_it_sent_and_enters_papers(
    home: Config, clock: FixedClock, settings: Any, visit: Callable[..., Visitor]
) -> None:
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    scene = enter_world(home, clock)
    people.set_school(people.create_account("office@example.org", PASSWORD, role="school").id, URN)
    reference = scene.challenged()
    scene.staff("recourse-look", reference=reference)
    scene.step(reference, "ask_source", "Please look at your form.")

    visitor = visit(width=320)
    page = visitor.page
    visitor.go("/sign-in/?next=/school/questions/")
    page.get_by_label("E-mail address").fill("office@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Answer for what you sent")).to_be_visible()
    broken = faults(visitor)
    page.get_by_role("link", name="Ethnic background").click()
    page.get_by_role("button", name="See which pupil it is").click()
    expect(page.get_by_text(CHILDREN[1].upn)).to_be_visible()
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    broken += faults(visitor)
    page.get_by_label("What do you say?").select_option("right")
    page.get_by_label("Why?").fill("Our form says so.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_text("Your answer is kept.")).to_be_visible()

    page.get_by_role("link", name="Get what to put right").click()
    broken += faults(visitor)
    page.get_by_role("button", name="Get what families declined").click()
    expect(page.get_by_text("There is nothing to send or to put right.")).to_be_visible()

    page.get_by_role("link", name="Enter papers").click()
    page.get_by_label("The pupil’s number").fill(CHILDREN[1].upn)
    page.get_by_label("What is the person to the child?").select_option("carer")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("It waits for the custodian.")).to_be_visible()
    broken += faults(visitor)
    assert not broken
    assert not visitor.strangers
