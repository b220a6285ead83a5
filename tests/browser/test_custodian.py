"""Deciding in a real browser: without scripts, at every width, and for everyone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.browser.conftest import Visitor, sign_in
from tests.browser.looks import faults
from tests.requests.bench import all_vote, before, enter_bench
from tests.requests.cast import enter_cast, submitted

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _site(home: Config, clock: FixedClock, settings: Any) -> None:
    settings.CONFIG = home
    settings.CLOCK = clock


def culprit(visitor: Visitor) -> str:
    """What sticks out furthest to the right."""
    return str(
        visitor.page.evaluate(
            "[...document.querySelectorAll('main *')].filter(e => !e.closest('.sg-scroll, details:not([open])'))"
            ".map(e => [e.getBoundingClientRect().right, e.outerHTML.slice(0, 120)]).sort((a, b) => b[0] - a[0])[0]"
        )
    )


def test_a_member_votes_without_scripts_and_an_error_leads_to_its_field(
    visit: Callable[..., Visitor], clock: FixedClock
) -> None:
    bench, cast = enter_bench(), enter_cast()
    made, case = before(bench, cast, clock)
    visitor = visit(script=False, width=390)
    page = visitor.page
    sign_in(visitor, bench.three[0])
    page.get_by_role("link", name=f"{case}: {made}").click()
    page.get_by_role("link", name="Vote", exact=True).click()
    page.get_by_role("button", name="Vote", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Choose how you vote")
    page.get_by_role("link", name="Choose how you vote").click()
    expect(page.locator("#id_choice_0")).to_be_focused()
    page.get_by_label("Approve", exact=True).check()
    page.get_by_label("Why?").fill("It helps children.")
    page.get_by_label("Under which conditions?").fill("row-budget: many")
    page.get_by_role("button", name="Vote", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("needs a whole number")
    page.get_by_label("Under which conditions?").fill("row-budget: 500")
    page.get_by_label("FSM", exact=False).first.select_option("refuse")
    page.get_by_role("button", name="Vote", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Your vote is kept")
    vote = requests.case(case, people.person(bench.three[0])).own
    assert vote is not None
    assert (vote.choice, vote.reasons, vote.conditions) == ("approve", ("It helps children.",), ("row-budget: 500",))
    assert [one.decision for one in vote.items] == ["refuse"]
    assert visitor.strangers == []


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_of_deciding_passes_axe_and_fits_the_screen(
    visit: Callable[..., Visitor], clock: FixedClock, width: int
) -> None:
    bench, cast = enter_bench(), enter_cast()
    fresh = submitted(cast, clock).id
    made, case = before(bench, cast, clock)
    _, other = before(bench, cast, clock)
    all_vote(case, bench.three, "approve", clock)
    meeting = requests.insist(requests.call_meeting(clock.now().date(), [case], cast.custodian, clock))
    called = requests.insist(requests.call_meeting(clock.now().date(), [other], cast.custodian, clock))
    requests.insist(requests.open_meeting(meeting, bench.three, cast.custodian, clock))
    requests.insist(requests.conclude(case, cast.custodian, clock))
    requests.insist(requests.close_meeting(meeting, cast.custodian, clock))
    office = (
        "/custodian/",
        f"/custodian/application/{fresh}/",
        f"/custodian/application/{fresh}/check/",
        f"/custodian/application/{fresh}/hurry/",
        f"/custodian/application/{made}/",
        f"/custodian/application/{made}/comment/",
        f"/custodian/case/{case}/",
        f"/custodian/case/{other}/members/",
        f"/custodian/case/{other}/conclude/",
        "/custodian/meetings/call/",
        f"/custodian/meetings/{called}/",
        f"/custodian/meetings/{called}/open/",
        f"/custodian/meetings/{meeting}/correct/",
    )
    member = (
        "/custodian/",
        f"/custodian/case/{other}/vote/",
        f"/custodian/case/{other}/conflict/",
        f"/custodian/meetings/{meeting}/",
        f"/custodian/meetings/{meeting}/approve/",
    )
    broken: list[str] = []
    for person, pages in ((cast.custodian, office), (bench.three[0], member)):
        visitor = visit(width=width)
        sign_in(visitor, person)
        for address in pages:
            visitor.go(address)
            expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
            broken += faults(visitor)
        assert visitor.strangers == []
        assert visitor.complaints == []
    assert broken == []
