"""Following the register by e-mail: anything a search is narrowed to, after a yes, without carrying anybody's words."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from schoolgate import post, published
from schoolgate.clock import FixedClock
from schoolgate.post.letters import send_due
from tests.published import logs
from tests.web.test_register_pages import pages

__all__ = ["pages"]

pytestmark = pytest.mark.django_db


def test_somebody_follows_a_search_says_yes_hears_of_it_and_leaves_with_one_click(
    pages: Client, clock: FixedClock, settings: Any
) -> None:
    asked_for = pages.post("/register/follow/?kind=company", {"email": "synthetic.reader@example.org"})
    assert "Look at your e-mail" in asked_for.content.decode()
    send_due(clock)
    link = re.search(r"(/letters/confirm/[^/]+/)", str(mail.outbox[0].body))
    assert link is not None
    assert "Do you want these letters?" in pages.get(link.group(1)).content.decode()
    assert post.topics("register?") == ()  # opening the page is not saying yes
    assert "You said yes" in pages.post(link.group(1)).content.decode()
    published.tell_followers(clock)
    logs.asked(3, logs.COMPANY, kind="company")
    published.refresh()
    later = FixedClock(clock.now() + timedelta(days=1))
    assert published.tell_followers(later) == 1
    mail.outbox.clear()
    send_due(later)
    (letter,) = mail.outbox
    way_out = str(letter.message()["List-Unsubscribe"]).strip("<>").removeprefix(post.site_address())
    assert "Stop these letters?" in pages.get(way_out).content.decode()
    strict = Client(enforce_csrf_checks=True)  # a mail program has no cookie and no session (RFC 8058, 3.1)
    left = strict.post(way_out, {"List-Unsubscribe": "One-Click"})
    assert left.status_code == 200
    assert left.cookies == {}
    assert post.topics("register?") == ()
    assert strict.post("/letters/leave/forged/").status_code == 404


def test_the_letter_that_asks_carries_nobodys_own_words_and_nothing_made_up_is_followed(
    pages: Client, clock: FixedClock
) -> None:
    words = "Your child is in danger, call 07700 900123 or see evil.example"
    page = pages.post(f"/register/follow/?kind=company&words={words}", {"email": "synthetic.reader@example.org"})
    assert "Look at your e-mail" in page.content.decode()
    send_due(clock)
    (letter,) = mail.outbox
    assert "07700" not in letter.body
    assert "evil" not in letter.body
    assert "Companies, with certain words in it" in letter.body
    link = re.search(r"(/letters/confirm/[^/]+/)", str(letter.body))
    assert link is not None
    assert "07700 900123" in pages.get(link.group(1)).content.decode()  # on our own page, before the yes
    for made_up in ("kind=evil.example", "purpose=call-me", "organisation=nobody", "item=evil.example", "case=A-9",
                    "area=region+evil.example", "area=call+07700"):  # fmt: skip
        assert pages.get(f"/register/follow/?{made_up}").status_code == 404, made_up


@pytest.mark.parametrize(
    "query",
    ["kind=company", f"item={logs.SEX}", "organisation=university-of-example-synthetic", "words=school",
     "purpose=education-research", "area=region+E12000007", "area=authority+202", "case=A-2026-0001"],
)  # fmt: skip
def test_each_thing_a_search_is_narrowed_to_can_be_followed(pages: Client, query: str) -> None:
    answer = pages.post(f"/register/follow/?{query}", {"email": "synthetic.reader@example.org"})
    assert "Look at your e-mail" in answer.content.decode()


def test_the_form_for_following_offers_kinds_organisations_items_words_and_every_place(pages: Client) -> None:
    text = pages.get("/register/follow/").content.decode()
    for field in ("words", "kind", "organisation_name", "item_name", "purpose", "area"):
        assert f'name="{field}"' in text
        assert f'for="{field}"' in text
    assert '<option value="authority 202">Camden</option>' in text
    assert '<optgroup label="London">' in text
    chosen = pages.get("/register/follow/?organisation_name=example&item_name=first+language&kind=company")
    told = " ".join(chosen.content.decode().split())
    assert "Which one do you mean?" in told
    address = f"?organisation=university-of-example-synthetic&amp;item={logs.SEX}&amp;kind=company"
    assert f'href="{address}">{logs.UNIVERSITY}</a>' in told
    moved = pages.get("/register/follow/?organisation_name=university")
    assert (moved.status_code, moved.headers["Location"]) == (
        302, "/register/follow/?organisation=university-of-example-synthetic",
    )  # fmt: skip
    kept = pages.get("/register/follow/?area=authority+202").content.decode()
    assert '<option value="authority 202" selected>Camden</option>' in kept


def test_the_same_is_said_to_whoever_asks_and_a_wrong_address_is_named_at_its_field(pages: Client) -> None:
    first = pages.post("/register/follow/", {"email": "synthetic.reader@example.org"}).content
    assert pages.post("/register/follow/", {"email": "synthetic.reader@example.org"}).content == first
    wrong = pages.post("/register/follow/", {"email": "nobody"})
    text = wrong.content.decode()
    assert 'href="#id_email"' in text
    assert "Enter an e-mail address, like name@example.com." in text
    assert pages.get("/letters/confirm/none/").status_code == 404
    codes = [pages.post("/register/follow/", {"email": f"s{n}@example.org"}).content for n in range(20)]
    assert b"You asked many times" in codes[-1]
