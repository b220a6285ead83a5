"""A parent adds a passkey and comes back with it alone; an answer counts once; without it the password still does.

Chromium's own virtual authenticator stands for the parent's phone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import expect

from schoolgate import people
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.people.models import Passkey
from tests.browser.conftest import Visitor
from tests.browser.looks import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery"
EMAIL = "parent@example.org"


def with_password(visitor: Visitor, path: str) -> None:
    page = visitor.page
    visitor.go(path)
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Your children")).to_be_visible()


def test_a_parent_comes_back_with_a_passkey_alone(
    visit: Callable[..., Visitor], home: Config, clock: FixedClock, settings: Any
) -> None:
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    people.create_account(EMAIL, PASSWORD)
    visitor = visit()
    page = visitor.page
    device = visitor.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    with_password(visitor, "/family/sign-in/")
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("link", name="Add a passkey").click()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_visible()
    assert faults(visitor) == []
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    assert faults(visitor) == []
    page.goto(f"{visitor.home}/family/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Sign in with a passkey").click()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()
    assert faults(visitor) == []
    with page.expect_request(lambda one: one.method == "POST") as sent:
        page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Your children")).to_be_visible()
    # The very same answer, sent again: from another browser, and by whoever saw it, it signs nobody in.
    answer = parse_qs(sent.value.post_data or "")["answer"][0]
    thief = Client()
    thief.get("/family/sign-in/passkey/", SERVER_NAME="localhost")
    refused = thief.post("/family/sign-in/passkey/", {"answer": answer}, SERVER_NAME="localhost")
    assert "This passkey did not work." in refused.content.decode()
    assert "_auth_user_id" not in thief.session
    # No script but the site's own ran, and the browser's policy had nothing to complain of.
    assert visitor.strangers == []
    assert visitor.complaints == []
    # Signing out everywhere ends this session, too; a passkey that is removed lets nobody in.
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    Passkey.objects.all().delete()
    page.goto(f"{visitor.home}/family/sign-in/passkey/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("This passkey did not work.")).to_be_visible()


def test_without_scripts_the_password_does_as_before(
    visit: Callable[..., Visitor], home: Config, clock: FixedClock, settings: Any
) -> None:
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    people.create_account(EMAIL, PASSWORD)
    visitor = visit(script=False)
    visitor.go("/family/sign-in/passkey/")
    expect(visitor.page.get_by_text("your browser runs none")).to_be_visible()
    with_password(visitor, "/family/sign-in/")
