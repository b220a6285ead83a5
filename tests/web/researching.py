"""What the tests of the researcher's pages share: who is there, who is signed in, what a browser sends."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from schoolgate import requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.requests import drafting
from schoolgate.web.researcher import rows
from tests.requests.cast import Cast, enter_cast
from tests.web.staff import sign_in_as


@pytest.fixture
def desk_ready(home: Config, clock: FixedClock, settings: Any) -> None:
    settings.CONFIG, settings.CLOCK = home, clock


@pytest.fixture
def cast(desk_ready: None) -> Cast:
    return enter_cast()


@pytest.fixture
def author(cast: Cast, client: Client) -> Client:
    sign_in_as(client, cast.researcher)
    return client


def other(person_id: str) -> Client:
    client = Client()
    sign_in_as(client, person_id)
    return client


def text_of(page: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode()))


def without_token(page: Any) -> str:
    """A page without what differs each time: the token of the bar's sign-out form."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.content.decode())


def form_of(section: drafting.Section, spec: requests.ApplicationSpec, **more: Any) -> dict[str, Any]:
    """What a browser sends for a page filled in like `spec`."""
    return {**rows.stored(section, spec), "revision": "0", "then": "next", **more}
