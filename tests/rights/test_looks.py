"""How often a family may look at its child's record in a day: often, and not without end."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from schoolgate import desk, register, rights
from schoolgate.clock import FixedClock
from schoolgate.errors import SchoolgateError, insist
from schoolgate.people.models import Account
from tests.rights.test_standing import Home, home_of

pytestmark = pytest.mark.django_db
__all__ = ["home_of"]

A_DAY = rights.looks_a_day()


def look(home: Home, link: rights.ChildLink) -> None:
    assert rights.my_record(link, clock=home.clock, config=home.config).tables


def test_who_has_looked_often_enough_today_looks_again_tomorrow_and_leaves_no_entry(home_of: Home) -> None:
    link, other = home_of.link(0), home_of.link(1)
    for _ in range(A_DAY):
        look(home_of, link)
    written = register.log_size()
    for _ in range(3):
        with pytest.raises(SchoolgateError) as no:
            look(home_of, link)
        assert (no.value.code, no.value.hint) == ("looks-today", "Look again tomorrow.")
    assert register.log_size() == written
    (line,) = rights.lines_for(link)
    assert sum(one.looked == "you" for one in line.releases) == A_DAY  # what was refused is no read
    look(home_of, other)  # each account has its own
    home_of.clock = FixedClock(home_of.clock.now() + timedelta(days=1))
    look(home_of, link)


def test_a_copy_of_everything_is_made_however_often_was_looked(home_of: Home) -> None:
    link = home_of.link(0)
    for _ in range(A_DAY):
        look(home_of, link)
    here: dict[str, Any] = {"config": home_of.config, "clock": home_of.clock}
    pack = insist(desk.for_family("copy-ask", link.account_id, link.id, **here))
    assert rights.packs.make_pack(pack.id, **here) is True
    piece = desk.for_family("copy-piece", link.account_id, link.id, **here, pack=pack.id, form="json", at=0)
    assert base64.b64decode(piece).startswith(b"{")


def test_the_pages_say_so_plainly(home_of: Home) -> None:
    link, client = home_of.link(0), Client()
    client.force_login(Account.objects.get(pk=link.account_id))
    pages = [f"/family/child/{link.id}/record/", f"/family/child/{link.id}/corrections/"]
    for _ in range(A_DAY):
        assert client.post(pages[0]).status_code == 200
    for page in pages:
        told = client.post(page, follow=True)
        assert told.redirect_chain == [(f"/family/child/{link.id}/", 302)]
        said = told.content.decode()
        assert f"You looked at the record {A_DAY} times today, and that is the most. Look again tomorrow." in said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"a_day": "often"}, "is not understood"),
        ({"a_day": 0}, "every day"),
        ({"source": " "}, "a source says how often"),
        ({"source": None}, "is not understood"),
    ],
)
def test_a_number_that_is_none_or_has_no_source_is_an_error_when_it_is_read(changed: dict[str, Any], said: str) -> None:
    held = {"a_day": 20, "source": "A law", **changed}
    text = "[looks]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in held.items() if value is not None)
    with pytest.raises(SchoolgateError, match=said):
        rights.read_looks(text)
    assert rights.read_looks('[looks]\na_day = 7\nsource = "A law"') == 7
