"""Somebody at the site's pages, where the gate is a process of its own: opens a page, sends its last form, reads on."""

from __future__ import annotations

import re
from urllib.parse import urlencode
from urllib.request import Request

from tests.serve.test_site import Browser

PASSWORD = "correct horse battery"


def token(page: str) -> str:
    """The token of a page's last form."""
    return re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[-1]


def asked(browser: Browser, path: str, data: bytes, kind: str = "application/x-www-form-urlencoded") -> str:
    """Send what a form holds, and read the page that follows."""
    sent = Request(browser.address + path, data, headers={"Referer": browser.address + path, "Content-Type": kind})
    return str(browser.opener.open(sent, timeout=60).read().decode())


def send(browser: Browser, form: str, to: str = "", **fields: object) -> str:
    """Open a page and send its last form, to the page itself unless said."""
    held = {**fields, "csrfmiddlewaretoken": token(browser.get(form))}
    return asked(browser, to or form, urlencode(held, doseq=True).encode())


def signed_in(address: str, email: str) -> Browser:
    """A browser in which this account has signed in."""
    browser = Browser(address)
    send(browser, "/sign-in/", email=email, password=PASSWORD)
    return browser
