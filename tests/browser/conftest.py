"""Real Chromium in front of the real site; every request it makes is written down."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.chromium import PATIENCE_MS
from tests.web.conftest import families, log, site
from tests.web.staff import PASSWORD, account_of

__all__ = ["families", "log", "site"]  # the faces' tests and these share their stand-in rooms

# Playwright's synchronous interface runs an event loop in the test's thread; Django would then refuse the
# test's own database calls, which happen strictly between page actions.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@dataclass
class Visitor:
    """One person's browser.

    Attributes:
        asked: the address of every request the pages made.
        scripts: whether the window runs scripts.
        complaints: what the browser's console complained of (a blocked script, a missing file).
    """

    page: Page
    context: BrowserContext
    home: str
    scripts: bool = True
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, address: str) -> None:
        """Open a page of the site."""
        self.page.goto(self.home + address)

    @property
    def strangers(self) -> list[str]:
        """Requests to anywhere but the site."""
        return [url for url in self.asked if not url.startswith((self.home, "data:"))]


def sign_in(visitor: Visitor, person: str) -> None:
    """Sign in at the page, as a person on the staff of an organisation, and wait until the site let them in."""
    page = visitor.page
    visitor.go("/sign-in/")
    page.get_by_label("E-mail address").fill(account_of(person).email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_url(f"{visitor.home}/sign-in/")


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Callable[..., Visitor]]:
    """Opens a browser window: `visit(script=False, width=390)`."""
    opened: list[BrowserContext] = []

    def open_window(*, script: bool = True, width: int = 1280) -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, locale="en-GB"
        )
        opened.append(context)
        visitor = Visitor(context.new_page(), context, live_server.url, script)
        visitor.page.set_default_timeout(PATIENCE_MS)
        visitor.page.on("request", lambda request: visitor.asked.append(request.url))
        visitor.page.on(
            "console",
            lambda message: visitor.complaints.append(message.text) if message.type == "error" else None,
        )
        return visitor

    yield open_window
    for context in opened:
        context.close()
