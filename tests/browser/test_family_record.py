"""A family's pages of its record, of what was changed and of what it need not give, as a reader on a phone meets them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from schoolgate import dictionary
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.browser.conftest import Visitor
from tests.browser.looks import faults
from tests.corrections import scene as scenes
from tests.corrections.scene import made
from tests.rights.packs.test_pack import linked
from tests.web.reading_age import grade

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

HARDEST = 8
"""A grade that a child of 13 reads."""


def hardness(visitor: Visitor) -> float:
    """The grade of the page's own sentences; laws and what others wrote are lists and tables."""
    found = visitor.page.locator("main p.govuk-body").all_inner_texts()
    return grade("\n".join(re.sub(r"\s+", " ", one) for one in found if "." in one))


def test_declining_erasing_the_record_and_its_changes_on_a_phone(
    home: Config, clock: FixedClock, settings: Any, visit: Callable[..., Visitor]
) -> None:
    scene = scenes.begin(home, clock)
    settings.CONFIG, settings.CLOCK = home, scene.clock
    cache.clear()
    home.dictionary.mkdir(exist_ok=True)
    scene.read()
    link = linked("parent@example.org", home, scene.clock)
    made(scene.correct(1, "census_pupil.ethnicity", "WIRI"))
    scene.later(1)
    scene.tend()
    settings.CLOCK = scene.clock

    visitor = visit(width=320)
    page, child = visitor.page, f"/family/child/{link.id}/"
    visitor.go(f"/family/sign-in/?next={child}corrections/")
    page.get_by_label("E-mail address").fill("parent@example.org")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    broken, hard = [], {}

    def looked(name: str) -> None:
        broken.extend(faults(visitor))
        hard[name] = hardness(visitor)

    expect(page.get_by_text("They have not read it yet.")).to_be_visible()
    looked("corrections")
    page.get_by_role("button", name="Show what it was and what it is").click()
    expect(page.get_by_text("White - Irish")).to_be_visible()
    looked("corrections, shown")
    visitor.go(child)
    page.get_by_role("button", name="Show the record").click()
    expect(page.get_by_text("since then “White - Irish”")).to_be_visible()
    looked("record")

    item = dictionary.declinable_items()[0].item
    visitor.go(f"{child}declining/")
    looked("declining")
    visitor.go(f"{child}declining/{item}/")
    looked("decline")
    page.get_by_role("button", name="Yes, I would rather not say").click()
    expect(page.get_by_text("It is recorded.")).to_be_visible()
    visitor.go(f"{child}declining/{item}/take-back/")
    looked("take back")
    page.get_by_role("button", name="Yes, take it back").click()
    expect(page.get_by_text("You took it back.")).to_be_visible()
    visitor.go(f"{child}erasing/")
    looked("erasing")
    assert not broken
    assert not visitor.strangers
    assert {name: round(found, 1) for name, found in hard.items() if found > HARDEST} == {}
