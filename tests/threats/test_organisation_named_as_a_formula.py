"""An organisation whose name is markup or a formula: pages escape it, tables for spreadsheets do not run it."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from schoolgate import people, register, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.requests.cast import Cast, enter_cast, signed
from tests.web.staff import sign_in_as

pytestmark = pytest.mark.django_db(transaction=True)

FORMULA = '=HYPERLINK("https://example.org","<script>alert(1)</script>")'
STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet run a cell (OWASP, CSV injection)."""


@pytest.fixture
def cast() -> Cast:
    return enter_cast()


@pytest.fixture
def site(home: Config, clock: FixedClock, settings: Any, client: Client, cast: Cast) -> Client:
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    changes = {"name": FORMULA, "owner": FORMULA, "business": "@SUM(A1:A9)"}
    people.change_organisation(
        cast.university.id, changes=changes, reason="+1 is the new name", actor=cast.custodian, clock=clock
    )
    agreement = signed(cast, clock)
    assert requests.get(agreement.id).organisation_name == FORMULA
    register.publish(clock, home)
    return client


def overseer(site: Client) -> None:
    home = people.add_organisation("Regulator (synthetic)", "regulator").id
    sign_in_as(site, people.add_person(home, "overseer", accredited_until=date(2030, 1, 1)).id)


@pytest.mark.parametrize(
    "address",
    ["/register/search.csv", "/oversight/requests/?as=csv", "/oversight/entries/organisation.changed/?as=csv"],
)
def test_no_cell_of_a_table_begins_as_a_formula(address: str, site: Client) -> None:
    overseer(site)
    text = site.get(address).getvalue().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    cells = [cell for row in rows for cell in row]
    assert any("HYPERLINK" in cell for cell in cells), "the name is in the table"
    assert [cell for cell in cells if cell.startswith(STARTS)] == []


def test_pages_that_name_it_escape_it(site: Client, cast: Cast) -> None:
    overseer(site)
    newest = register.events(type="organisation.changed")[0].index
    for address in (
        "/register/", "/register/search/", f"/register/{newest}/", "/register/agreement/A-2026-0001/",
        "/oversight/requests/", "/agreements/", "/agreements/A-2026-0001/", "/custodian/organisations/",
        f"/custodian/organisations/{cast.university.id}/",
    ):  # fmt: skip
        answer = site.get(address)
        assert answer.status_code == 200, address
        text = answer.content.decode()
        assert "HYPERLINK" in text, address
        assert "<script" not in text, address


def test_what_machines_read_carries_the_name_as_it_is(site: Client) -> None:
    told = json.loads(site.get("/register/search.json").getvalue())
    assert FORMULA in json.dumps(told, ensure_ascii=False).replace('\\"', '"')
