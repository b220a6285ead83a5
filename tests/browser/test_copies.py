"""A family's copy and its list as a reader meets them: on a phone, by its rules, and on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from schoolgate import gate, rights
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.rights.packs.models import Pack
from tests.browser.conftest import Visitor
from tests.browser.looks import faults
from tests.rights.packs.test_pack import linked
from tests.world import build

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_a_copy_is_asked_for_and_read_on_a_phone_and_every_page_keeps_the_rules(
    home: Config, clock: FixedClock, settings: Any, visit: Callable[..., Visitor]
) -> None:
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    world = build(home, clock)
    home.dictionary.mkdir(exist_ok=True)
    question = "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex"
    assert isinstance(gate.read(world.agreement, world.person, question, config=home, clock=clock), gate.Handover)
    gate.settle_pending(home, clock)
    link = linked("parent@example.org", home, clock)

    visitor = visit(width=320)
    page = visitor.page
    visitor.go(f"/family/sign-in/?next=/family/child/{link.id}/")
    page.get_by_label("E-mail address").fill("parent@example.org")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="When, in one picture")).to_be_visible()
    broken = faults(visitor)

    page.get_by_role("link", name="Get a copy of everything").click()
    page.get_by_role("button", name="Ask for a copy").click()
    expect(page.get_by_role("heading", name="We are making your copy")).to_be_visible()
    broken += faults(visitor)
    assert rights.packs.make_pack(Pack.objects.get().public_id, config=home, clock=clock)
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("heading", name="Your copy is here")).to_be_visible()
    broken += faults(visitor)
    with page.expect_download() as fetched:
        page.get_by_role("button", name="Fetch it to print").click()
    assert fetched.value.suggested_filename == "copy-of-a-record.pdf"
    page.get_by_role("button", name="Read it on this page").click()
    expect(page.get_by_role("heading", name="What this copy leaves out, and why")).to_be_visible()
    broken += faults(visitor)
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="What is held about your child")).to_be_visible()
    page.emulate_media(media="screen")

    for path in (f"/family/child/{link.id}/told/", f"/family/child/{link.id}/who/{world.agreement}/"):
        visitor.go(path)
        broken += faults(visitor)
    assert not broken
    assert not visitor.strangers
