"""The pages of extracts, stops and delays: each side does its own part, nobody another's, without JavaScript."""

from __future__ import annotations

import hashlib
import html
import json
import re
from typing import Any

import pyrage
import pytest
from django.core.cache import cache
from django.test import Client

from schoolgate import gate, people
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import insist
from schoolgate.web.releases.pages import _STANDS
from tests.gate.extracts import SQL, WHY, YES, Scene
from tests.gate.lookups import LookupScene, stranger
from tests.web.reading_age import grade
from tests.web.staff import sign_in_as, signed_in
from tests.world import CHILDREN

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(home: Config, clock: FixedClock, settings: Any, client: Client) -> Client:
    settings.CONFIG = home
    settings.CLOCK = clock
    cache.clear()
    return client


def page(site: Client, address: str, code: int = 200) -> str:
    answer = site.get(address)
    assert answer.status_code == code, (address, answer.status_code)
    return html.unescape(" ".join(answer.content.decode().split()))


def sent(site: Client, address: str, **given: str) -> str:
    answer = site.post(address, given, follow=True)
    assert answer.status_code == 200, (address, answer.status_code)
    return html.unescape(" ".join(answer.content.decode().split()))


def test_an_extract_goes_the_whole_way_over_the_pages(site: Client, home: Config, clock: FixedClock) -> None:
    scene = Scene.build(home, clock)
    sign_in_as(site, scene.world.person)
    asked = {"agreement": scene.world.agreement, "sql": SQL, "reason": WHY, "form": ".csv"}
    assert "This is not a public key of age" in sent(site, "/releases/ask/", **asked, recipient_key="age1x")
    assert "Your order is in the register" in sent(
        site, "/releases/ask/", **asked, recipient_key=str(scene.key.to_public())
    )
    (order,) = gate.extracts(scene.world.person, clock)
    address = f"/releases/extract/{order.id}/"
    assert "Fetch the file" not in page(site, address)
    assert site.post(f"{address}decide/", {"approve": "yes", "reason": YES}).status_code == 403

    sign_in_as(site, scene.custodian)
    assert "Decide in public" in page(site, address)
    assert "A reason has" in sent(site, f"{address}decide/", approve="yes", reason="ok")
    assert "Your decision is in the register" in sent(site, f"{address}decide/", approve="yes", reason=YES)
    assert site.post(f"{address}fetch/").status_code == 403

    sign_in_as(site, scene.world.person)
    assert "Fetch the sealed file" in page(site, address)
    answer = site.post(f"{address}fetch/")
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{order.id}.csv.age"'
    assert int(answer.headers["Content-Length"]) == len(data)
    plain = pyrage.decrypt(data, [scene.key])
    receipt = site.get(f"{address}receipt/")
    assert receipt.headers["Content-Type"].startswith("application/json")
    assert json.loads(receipt.content)["files"] == {f"{order.id}.csv.age": hashlib.sha256(data).hexdigest()}
    assert "Keep the receipt" in page(site, address)
    assert "This is not the SHA-256" in sent(site, f"{address}sign/", opened_sha256="0" * 64)
    said = sent(site, f"{address}sign/", opened_sha256=hashlib.sha256(plain).hexdigest())
    assert "Your signature is in the register" in said
    assert "It was opened and signed for" in said


def test_a_fourth_download_says_why_not(site: Client, home: Config, clock: FixedClock) -> None:
    scene = Scene.build(home, clock)
    order = scene.ready()
    sign_in_as(site, scene.world.person)
    for _ in range(3):
        b"".join(site.post(f"/releases/extract/{order}/fetch/").streaming_content)  # type: ignore[attr-defined]
    assert "It was fetched 3 times" in sent(site, f"/releases/extract/{order}/fetch/")
    done = sent(site, f"/releases/extract/{order}/report/", kind="key-lost", said="<b>A new phone</b>, no backup.")
    assert "It was reported instead of signed for" in done
    assert "A new phone" not in done
    sign_in_as(site, scene.custodian)
    raw = site.get(f"/releases/extract/{order}/").content.decode()
    assert "key-lost: &lt;b&gt;A new phone" in raw


def test_what_the_recipient_sees_when_it_is_too_late(
    site: Client, home: Config, clock: FixedClock, settings: Any
) -> None:
    scene = Scene.build(home, clock)
    unfetched, fetched = scene.ready(), scene.ready()
    scene.fetch(fetched)
    sign_in_as(site, scene.world.person)
    assert "The sealed file waits to be fetched" in page(site, f"/releases/extract/{unfetched}/")
    scene.later(days=15)
    settings.CLOCK = scene.clock  # past the last day; the hourly job has not come by yet
    for order in (unfetched, fetched):
        shown = page(site, f"/releases/extract/{order}/")
        assert "The last day to fetch it is past" in shown
        assert "Fetch the sealed file" not in shown
    scene.tend()
    shown = page(site, f"/releases/extract/{unfetched}/")
    assert "the file was deleted" in shown
    assert "ask anew" in shown
    assert "Sign in public" not in shown  # nobody fetched it, nobody owes for it
    assert "Sign in public" in page(site, f"/releases/extract/{fetched}/")
    assert "too late to fetch" in page(site, "/releases/")


def test_each_state_of_an_extract_has_words() -> None:
    assert set(_STANDS) == {gate.EXTRACT.start, *(move.target for move in gate.EXTRACT.moves)}


def test_a_machine_that_keeps_nothing_in_says_so(site: Client, home: Config, clock: FixedClock) -> None:
    scene = Scene.build(home, clock)
    sign_in_as(site, scene.world.person)
    assert home.gate is None
    assert "counts as inside the setting" in page(site, "/releases/")


def test_a_rivals_extract_answers_as_one_that_does_not_exist(site: Client, home: Config, clock: FixedClock) -> None:
    scene = Scene.build(home, clock)
    order = insist(scene.order()).id
    signed_in(site, "researcher", people.add_organisation("Rival (synthetic)", "company").id)
    missing = TOKEN.sub("", page(site, "/releases/extract/X-0000000000000000/", 404))
    assert TOKEN.sub("", page(site, f"/releases/extract/{order}/", 404)) == missing
    assert site.get(f"/releases/extract/{order}/receipt/").status_code == 404
    for part in ("fetch", "sign", "report"):
        assert site.post(f"/releases/extract/{order}/{part}/").status_code == 404
    assert order not in page(site, "/releases/")


def test_what_was_typed_is_shown_as_text(site: Client, home: Config, clock: FixedClock) -> None:
    scene = Scene.build(home, clock)
    order = insist(scene.order(reason="<script>alert(1)</script> because of our machines")).id
    sign_in_as(site, scene.custodian)
    for address in ("/releases/", f"/releases/extract/{order}/"):
        raw = site.get(address).content.decode()
        assert "<script>" not in raw
        assert "&lt;script&gt;" in raw


def test_a_stop_is_answered_by_one_side_and_lifted_by_the_other(site: Client, home: Config, clock: FixedClock) -> None:
    scene = LookupScene.of("verification", home, clock, per_day=1)
    for _ in range(2):
        scene.verify(stranger())
    address = f"/releases/stop/{scene.world.agreement}/"
    sign_in_as(site, scene.custodian)
    assert "has not answered yet" in sent(site, address, reason="It was one question too many, no more.")
    sign_in_as(site, scene.world.person)
    assert "More than the 1 look-ups a day" in page(site, address)
    sent(site, address, answer="Two families came on one day, and both asked us.")
    sign_in_as(site, scene.custodian)
    assert "Two families came" in page(site, address)
    assert "It is in the register" in sent(site, address, reason="It was one question too many, no more.")
    signed_in(site, "overseer")  # reads question, answer and why it may go on, without asking
    said = page(site, "/releases/")
    assert "Two families came" in said
    assert "It was one question too many" in said
    signed_in(site, "researcher", people.add_organisation("Rival (synthetic)", "company").id)
    assert page(site, address, 404)


def test_a_delay_is_set_and_ended_and_never_shows_the_child(site: Client, home: Config, clock: FixedClock) -> None:
    scene = Scene.build(home, clock)
    sign_in_as(site, scene.custodian)
    given = {
        "upn": CHILDREN[1].upn, "agreement": scene.world.agreement, "provision": "Children Act 1989 s.47",
        "reason": "The police say that the family would move the child.",
    }  # fmt: skip
    assert "A delay ends between today" in sent(site, "/releases/delay/", **given, until="2027-09-01")
    said = sent(site, "/releases/delay/", **given, until="2026-10-01")
    assert "It ends by itself" in said
    assert CHILDREN[1].upn not in said
    signed_in(site, "overseer")
    assert "Children Act 1989" in page(site, "/releases/")
    (delay,) = gate.delays(scene.custodian, clock=clock)
    assert site.post(f"/releases/delay/{delay.id}/end/").status_code == 403
    sign_in_as(site, scene.custodian)
    assert "The delay ended" in sent(site, f"/releases/delay/{delay.id}/end/")
    sign_in_as(site, scene.world.person)
    assert "told later" not in page(site, "/releases/")


@pytest.mark.parametrize("address", ["/releases/", "/releases/ask/", "/releases/delay/", "/releases/stop/A-1/"])
def test_nobody_signed_in_is_asked_to_sign_in(site: Client, address: str) -> None:
    answer = site.get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/?next=")


def test_the_words_are_plain(site: Client, home: Config, clock: FixedClock) -> None:
    scene = Scene.build(home, clock)
    order = scene.ready()
    waiting = insist(scene.order()).id
    sentences: list[str] = []
    for person in (scene.world.person, scene.custodian):
        sign_in_as(site, person)
        for address in ("/releases/", f"/releases/extract/{order}/", f"/releases/extract/{waiting}/"):
            main = page(site, address).split("<main", 1)[1].split("</main>")[0]
            sentences += re.findall(r'<p class="govuk-body">([^<]+[.:])</p>', main)
    assert len(sentences) >= 4
    assert grade(" ".join(dict.fromkeys(sentences))) <= 8
