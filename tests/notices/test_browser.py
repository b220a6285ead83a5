"""The notices in a real browser: readable by everybody, on a small screen, and on one sheet of paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from schoolgate import notices
from schoolgate.config import Config
from tests.browser.conftest import Visitor, visit
from tests.browser.looks import faults
from tests.notices.scene import Moving, agreed, custodian, publish
from tests.web.staff import PASSWORD, account_of
from tests.world import build

__all__ = ["visit"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

A4 = (595, 842)
"""Points: 210 by 297 millimetres."""


@pytest.fixture
def published(home: Config, clock: Moving, settings: Any, monkeypatch: pytest.MonkeyPatch) -> notices.Published:
    """A small nation: three kinds of recipients, two notices."""
    settings.CONFIG, settings.CLOCK = home, clock
    monkeypatch.setattr("schoolgate.web.notices.now._taken", None)
    world = build(home, clock)
    publish(clock, "The first notice")
    agreed(world, clock, kind="charity")
    agreed(world, clock, kind="local-authority", purpose="school-improvement")
    return publish(clock, "Charities and councils may use it")


def pages_of(pdf: bytes) -> tuple[int, tuple[int, int]]:
    """How many pages a PDF has, and how large the first is in points."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([0-9.]+)\s+([0-9.]+)\s*\]", pdf)
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)), (round(float(boxes[0][0])), round(float(boxes[0][1])))


@pytest.mark.parametrize("width", [320, 1280])
def test_the_public_pages_pass_axe_and_fit_the_screen(
    published: notices.Published, visit: Callable[..., Visitor], width: int
) -> None:
    visitor, broken = visit(width=width), []
    keys = ("nation", "ages-5-7", "ages-12-15", "school-100008", "census-spring")
    addresses = [
        "/notices/", "/notices/school/?q=argyle", "/notices/subscribe/", "/notices/versions/",
        f"/notices/versions/{published.number}/", "/notices/nation/print/", "/notices/nation/more/",
        "/notices/nation/all/", *(f"/notices/{key}/" for key in keys),
    ]  # fmt: skip
    for address in addresses:
        visitor.go(address)
        broken += faults(visitor)
    assert broken == []
    assert visitor.strangers == []
    assert visitor.complaints == []


@pytest.mark.parametrize(
    "key", [*(whom.key for whom in notices.standard()), "school-100008", "school-100008-ages-8-11"]
)
def test_a_notice_for_book_bags_is_one_sheet_in_black_and_white_and_large(
    published: notices.Published, visit: Callable[..., Visitor], key: str
) -> None:
    visitor = visit()
    visitor.go(f"/notices/{key}/print/")
    pages, size = pages_of(visitor.page.pdf(prefer_css_page_size=True))
    assert pages == 1
    assert all(abs(one - other) <= 1 for one, other in zip(size, A4, strict=True))
    visitor.page.emulate_media(media="print")
    expect(visitor.page.locator(".sheet-only-screen")).to_be_hidden()
    colours, sizes = visitor.page.evaluate(
        """() => { const all = [...document.querySelectorAll('.sheet *')].filter(e => e.innerText.trim());
        return [[...new Set(all.map(e => getComputedStyle(e).color))],
                all.map(e => parseFloat(getComputedStyle(e).fontSize))] }"""
    )
    assert colours == ["rgb(0, 0, 0)"]
    assert min(sizes) >= 16  # 12 points, the least the RNIB calls clear print


def test_the_custodian_publishes_without_a_script_and_every_page_passes_axe(
    published: notices.Published, visit: Callable[..., Visitor]
) -> None:
    person = custodian()
    account_of(person, "office@custodian.example")
    visitor = visit(script=False)
    page = visitor.page
    visitor.go("/custodian/notices/")
    page.get_by_label("E-mail address").fill("office@custodian.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("What the notice is about").fill("")
    page.get_by_role("button", name="Publish the notice").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_text("Say what the notice is about")
    page.get_by_label("What the notice is about").fill("Nothing new this term")
    page.get_by_role("button", name="Publish the notice").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who was told")
    assert notices.notices(1)[0].title == "Nothing new this term"


def test_the_custodian_s_pages_pass_axe(published: notices.Published, visit: Callable[..., Visitor]) -> None:
    account_of(custodian(), "office@custodian.example")
    visitor, broken = visit(width=390), []
    visitor.go("/custodian/notices/")
    visitor.page.get_by_label("E-mail address").fill("office@custodian.example")
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Sign in").click()
    visitor.page.get_by_role("heading", name="Notices to families").wait_for()
    for address in ("", "preview/nation/", "preview/ages-5-7/", f"{published.number}/"):
        visitor.go(f"/custodian/notices/{address}")
        broken += faults(visitor)
    assert broken == []
