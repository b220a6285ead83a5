"""The pages about notices: for everybody, for families who want to be told, for the custodian."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from lxml import etree

from schoolgate import notices, people, post, register, requests
from schoolgate.config import Config
from schoolgate.notices import telling
from schoolgate.post.models import Letter
from tests.notices.scene import Moving, agreed, custodian, publish
from tests.requests import road
from tests.web.staff import sign_in_as, signed_in
from tests.world import World, build

pytestmark = pytest.mark.django_db

STANDARD = [whom.key for whom in notices.standard()]


@pytest.fixture
def world(home: Config, clock: Moving, settings: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    settings.CONFIG, settings.CLOCK = home, clock
    monkeypatch.setattr("schoolgate.web.notices.now._taken", None)
    cache.clear()
    return build(home, clock)


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return " ".join(etree.tostring(etree.HTML(response.content), method="text", encoding="unicode").split())


@pytest.mark.parametrize("key", [*STANDARD, "school-100008", "school-100008-ages-8-11"])
def test_every_notice_has_a_page_for_each_layer_a_sheet_and_a_plain_text(
    world: World, client: Client, key: str
) -> None:
    for address in ("", "more/", "all/", "print/", "text/"):
        assert client.get(f"/notices/{key}/{address}").status_code == 200, address


@pytest.mark.parametrize(
    "key", ["nowhere", "ages-1-2", "census-winter", "school-000001", "school-100008-ages-16-18", "nation/none"]
)
def test_what_there_is_no_notice_for_is_not_found(world: World, client: Client, key: str) -> None:
    assert client.get(f"/notices/{key}/").status_code == 404
    assert client.get("/notices/nation/all/?page=2").status_code == 404
    assert client.get("/notices/versions/N-2026-0009/").status_code == 404


def test_an_address_that_an_applicant_wrote_is_no_link_in_the_ministry_s_notice(
    world: World, client: Client, clock: Moving
) -> None:
    said = "See https://sign-in.evil.example/family/ <b>now</b>, or http://127.0.0.1:8000.evil.example/."
    agreed(world, clock, kind="charity", purpose_plain=said)
    page = client.get("/notices/nation/all/").content.decode()
    assert "See https://sign-in.evil.example/family/ &lt;b&gt;now&lt;/b&gt;, or http://127.0.0.1:8000.evil" in page
    links = re.findall(r'href="(http[^"]*)"', page + client.get("/notices/nation/").content.decode())
    assert {"http://127.0.0.1:8000/family/", "https://ico.org.uk/make-a-complaint/"} <= set(links)
    assert not [one for one in links if "evil" in one]
    assert "https://www.gov.uk/contact-dfe" in links  # without the full stop behind it


def test_the_notice_is_made_from_the_agreements_in_force_at_that_moment(
    world: World, client: Client, clock: Moving
) -> None:
    assert "1 organisation may use some of it" in text_of(client.get("/notices/nation/"))
    agreed(world, clock, kind="charity")
    page = text_of(client.get("/notices/nation/"))
    assert "2 organisations may use some of it" in page
    assert "1 charity and 1 university" in page
    requests.insist(requests.end(world.agreement, "It is over.", custodian(), clock))
    page = text_of(client.get("/notices/nation/"))
    assert "They are: 1 charity." in page
    everything = text_of(client.get("/notices/nation/all/"))
    assert "Over, and not yet destroyed" in everything
    assert world.agreement in everything


def test_a_school_s_notice_leaves_out_what_is_only_about_others(world: World, client: Client, clock: Moving) -> None:
    agreed(world, clock, kind="charity", schools=("100009",))
    assert "They are: 1 university." in text_of(client.get("/notices/school-100008/"))
    assert "1 charity and 1 university" in text_of(client.get("/notices/school-100009/"))
    assert "Argyle Primary School" in text_of(client.get("/notices/school-100008/"))


def test_a_school_is_found_by_number_and_by_words(world: World, client: Client) -> None:
    assert client.get("/notices/school/?q=100008").headers["Location"] == "/notices/school-100008/"
    page = client.get("/notices/school/?q=argyle+camden")
    assert b"/notices/school-100008/" in page.content
    assert "No school was found" in text_of(client.get("/notices/school/?q=zzzzqqqq"))
    assert client.get("/notices/school/?q=%3Cscript%3E").content.count(b"<script") == 0


def test_a_published_notice_shows_before_and_now_whom_it_told_and_its_texts(
    world: World, client: Client, clock: Moving
) -> None:
    publish(clock, "The first notice")
    agreed(world, clock, kind="charity")
    told = publish(clock, "Charities may use it")
    page = client.get(f"/notices/versions/{told.number}/")
    words = text_of(page)
    assert "For the first time it is used by a charity." in words
    assert "uses it for" not in words  # a new kind says it all
    assert b"<ins>a charity</ins>" in page.content
    assert "3 October 2026" in words
    assert "Schools by e-mail: fewer than 10" in words
    for key, _language, digest in told.texts:
        kept = client.get(f"/notices/versions/{told.number}/{key}/")
        assert hashlib.sha256(kept.content).hexdigest() == digest
    event = register.event(told.log_index)
    assert sorted(event.body["texts"]) == [f"{k} {language} {d}" for k, language, d in told.texts]
    assert event.body["picture_hash"] == told.picture_sha256
    first = client.get("/notices/versions/N-2026-0001/nation/").content.decode()
    assert "1 charity" not in first  # a version stays as it was
    assert "1 charity" in client.get(f"/notices/versions/{told.number}/school-100008/").content.decode()


def test_the_feed_is_atom_and_harmless(world: World, client: Client, clock: Moving) -> None:
    told = publish(clock, "Sums & <b>tables</b>")
    response = client.get("/notices/feed/")
    feed = etree.fromstring(response.content)
    space = {"a": "http://www.w3.org/2005/Atom"}
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert feed.xpath("string(a:entry/a:title)", namespaces=space) == "Sums & <b>tables</b>"
    assert feed.xpath("string(a:entry/a:id)", namespaces=space).endswith(f"/notices/versions/{told.number}/")
    assert [len(feed.xpath(f"a:{name}", namespaces=space)) for name in ("id", "updated", "title")] == [1, 1, 1]
    assert b"<b>" not in client.get("/notices/").content


def test_a_family_asks_to_be_told_and_must_say_yes_from_its_letter_box(world: World, client: Client) -> None:
    answer = client.post("/notices/subscribe/", {"email": "parent@home.example", "school": "100008"})
    assert "Look into your e-mail" in text_of(answer)
    assert Letter.objects.count() == 1
    assert post.topics("notices") == ()
    wrong = client.post("/notices/subscribe/", {"email": "nobody", "school": "1"})
    assert "There is a problem" in text_of(wrong)
    assert wrong.content.count(b"govuk-error-message") == 2


def test_the_custodian_sees_what_waits_previews_and_publishes(world: World, client: Client, clock: Moving) -> None:
    waiting = agreed(world, clock, ["notice: 31"], kind="charity")
    sign_in_as(client, custodian())
    page = client.get("/custodian/notices/")
    assert waiting.agreement in text_of(page)
    preview = text_of(client.get("/custodian/notices/preview/ages-8-11/"))
    assert "How hard it is to read: grade" in preview
    seen = re.search(rb'name="seen" value="([0-9a-f]{64})"', page.content)
    assert seen is not None
    given = {"title": "Charities may use it", "days": "40", "seen": seen[1].decode()}
    few = client.post("/custodian/notices/", {**given, "days": "10"})
    assert "Families have at least 31 days" in text_of(few)
    done = client.post("/custodian/notices/", given, follow=True)
    assert "The notice is published" in text_of(done)
    assert requests.get(waiting.agreement).notice_published == date(2026, 9, 1)
    (told,) = notices.notices()
    assert (told.days, told.agreements) == (40, (waiting.agreement,))


def test_what_changed_since_it_was_looked_at_is_not_published(world: World, client: Client, clock: Moving) -> None:
    sign_in_as(client, custodian())
    seen = notices.draft(clock).seen
    agreed(world, clock, ["notice: 31"], kind="charity")
    answer = client.post("/custodian/notices/", {"title": "New", "days": "31", "seen": seen})
    assert "changed since you looked" in text_of(answer)
    assert notices.notices() == ()


@pytest.mark.parametrize("role", ["researcher", "panel"])
def test_nobody_but_the_custodian_publishes(world: World, client: Client, clock: Moving, role: str) -> None:
    publish(clock)
    person = signed_in(client, role)
    assert client.get("/custodian/notices/").status_code == 403
    assert client.get("/custodian/notices/N-2026-0001/").status_code == 403
    outcome = notices.publish("Mine", person.id, clock=clock)
    assert isinstance(outcome, requests.Refused)
    assert outcome.reasons[0].code == "not-your-decision"
    client.logout()
    assert client.get("/custodian/notices/").status_code == 302


def test_who_was_told_is_for_the_custodian_and_the_overseer(world: World, client: Client, clock: Moving) -> None:
    school = people.create_account("office@school.example", "correct horse battery", role="school")
    publish(clock)
    for role in ("custodian", "overseer"):
        signed_in(client, role)
        page = client.get("/custodian/notices/N-2026-0001/")
        assert f"School’s account {school.id}" in text_of(page)
        assert b"office@" not in page.content
    assert client.get("/custodian/notices/N-2026-0009/").status_code == 404


def test_an_agreement_s_page_says_the_day_that_the_gate_holds_to(
    world: World, client: Client, clock: Moving, home: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the day that follows from the publishing, when telling took longer; and what is new about it waits too."""
    publish(clock, "The first notice")
    waiting = agreed(world, clock, ["notice: 31"])
    charity = agreed(world, clock, kind="charity")
    panel = [one.id for one in people.persons() if one.role == "panel"][:2]
    added = {"items": ["census_pupil.boarder"], "reasons": ["More."], "panel": panel, "clock": clock}
    requests.insist(road.amend(world.agreement, **added))  # type: ignore[arg-type]

    def said(agreement: str) -> str:
        return text_of(client.get(f"/register/agreement/{agreement}/"))

    for one in (waiting, charity):
        assert "Until then nothing may be used." in said(one.agreement)
    assert "Until then it may not be used." in said(world.agreement)
    monkeypatch.setattr(telling, "PORTION", 1)
    for number in range(3):
        people.create_account(f"office{number}@school.example", "correct horse battery", role="school")
    publish(clock, "What is new")  # and the letters are still being written
    for one in (waiting, charity):
        assert "Until then nothing may be used." in said(one.agreement)
    assert "Until then it may not be used." in said(world.agreement)
    clock.on(date(2026, 9, 8))
    telling.tell_notices.call(config=home, clock=clock)
    for one in (waiting, charity):
        assert "Nothing is used before 10 October 2026." in said(one.agreement)
    assert "It may be used from 10 October 2026." in said(world.agreement)
