"""Pages about adults who do not agree, and about coming in: a decision of two, leave for a code, own words for a child."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from schoolgate import consent, declining, gate, people, requests, rights
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.ids import Pmr
from schoolgate.people.models import Account
from schoolgate.records.vault import Vault
from schoolgate.rights.models import ChildLink as LinkRow
from tests.web.staff import PASSWORD, sign_in_as
from tests.world import CHILDREN, URN, load_children

pytestmark = pytest.mark.django_db

UPN = CHILDREN[1].upn


@pytest.fixture
def places(home: Config, clock: FixedClock, settings: Any) -> Config:
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    load_children(home, clock)
    requests.ensure_built_in(clock)
    return home


def code(places: Config, clock: FixedClock, standing: str = "parental-responsibility") -> str:
    made = rights.issue_code(URN, UPN, school_actor=f"school:{URN}", standing=standing, clock=clock, config=places)
    assert isinstance(made, rights.IssuedCode), made
    return made.text


def family(email: str) -> tuple[Client, int]:
    account = people.create_account(email, PASSWORD)
    client = Client()
    client.post("/family/sign-in/", {"email": email, "password": PASSWORD})
    return client, account.id


def test_staff_end_a_no_of_another_by_two_and_each_wrong_entry_is_said(places: Config, clock: FixedClock) -> None:
    ministry = people.add_organisation("Ministry (synthetic)", "custodian").id
    one, two = Client(), Client()
    for client in (one, two):
        sign_in_as(client, people.add_person(ministry, "custodian").id)
    consent.lodge_objection(Pmr(1), "education-research", actor="account:777", clock=clock)
    at = "/custodian/papers/nos/"
    assert "Enter the pupil’s number" in one.post(at).content.decode()
    shown = one.post(at, {"upn": UPN}).content.decode()
    assert "No to: Education research" in shown
    assert "777" not in shown
    (number,) = re.findall(r'name="number" value="(\d+)"', shown)
    sent = {"upn": UPN, "number": number, "ground": "court-order", "reason": "Order of 1 September."}
    assert "A no of somebody else ends on a ground." in one.post(at, {**sent, "ground": ""}).content.decode()
    assert "Whoever ends a no says what was decided." in one.post(at, {**sent, "reason": ""}).content.decode()
    assert "It ends when a colleague agrees." in one.post(at, sent, follow=True).content.decode()
    assert "you were the first" in one.post(at, sent).content.decode()
    assert "A court decided this question" in two.post(at, {"upn": UPN}).content.decode()
    assert "It has ended." in two.post(at, sent, follow=True).content.decode()
    assert consent.objections_of(Pmr(1)) == ()
    assert "Nobody said no to anything." in two.post(at, {"upn": UPN}).content.decode()


def test_a_young_person_lets_in_who_has_only_a_code_and_ends_it_on_the_same_page(
    places: Config, clock: FixedClock
) -> None:
    Vault(places).update({Pmr(1): replace(CHILDREN[1], dob="2012-03-11")})
    young, own = family("young@example.org")
    young.post("/family/code/", {"code": code(places, clock, "pupil")})
    adult, account = family("adult@example.org")
    letter = code(places, clock)
    assert "does not fit" in adult.post("/family/code/", {"code": letter}).content.decode()
    at = f"/family/child/{rights.children(own)[0].id}/adults/"
    page = young.get(at).content.decode()
    assert "It does not work unless you let them look." in page
    (other,) = re.findall(r'name="other" value="(-\d+)"', page)
    assert "They can look." in young.post(at, {"other": other, "given": "yes"}, follow=True).content.decode()
    assert "It will let them look." in young.get(at).content.decode()
    assert adult.post("/family/code/", {"code": letter}).status_code == 302
    (link,) = rights.children(account)
    child = f"/family/child/{link.id}"
    cases = adult.get(f"{child}/cases/").content.decode()
    assert "is the young person’s to do" in cases
    for page in (cases, adult.get(f"{child}/").content.decode(), adult.post(f"{child}/record/").content.decode()):
        assert f"{child}/cases/ask/" not in page
        assert f"{child}/cases/wrong/" not in page
    asked = adult.post(f"{child}/cases/ask/", {"kind": "access-question", "text": "Who has it?"}).content.decode()
    assert "Your standing does not let you ask for this." in asked
    young.post(at, {"other": str(link.id), "given": "no"})
    assert adult.get(f"/family/child/{link.id}/").status_code == 404
    for wrong in ("--1", "-", "1-", "٣", "9" * 19, f"-{'9' * 19}", "x"):
        assert young.post(at, {"other": wrong, "given": "yes"}).status_code == 302
    assert rights.children(account) == ()


def test_an_account_tells_its_children_apart_by_its_own_words(places: Config, clock: FixedClock) -> None:
    parent, account = family("parent@example.org")
    parent.post("/family/code/", {"code": code(places, clock)})
    (link,) = rights.children(account)
    assert "Child 1" in parent.get("/family/").content.decode()
    at = f"/family/child/{link.id}/label/"
    assert "Use at most 40 characters" in parent.post(at, {"label": "x" * 41}).content.decode()
    shown = parent.post(at, {"label": "<b>the older one</b>"}, follow=True).content.decode()
    assert "&lt;b&gt;the older one&lt;/b&gt;" in shown
    assert "Child 1" not in shown
    assert "the older one" in parent.get(f"/family/child/{link.id}/").content.decode()
    stranger, _ = family("stranger@example.org")
    assert stranger.get(at).status_code == stranger.post(at, {"label": "mine"}).status_code == 404
    assert "Child 1" in parent.post(at, {"label": ""}, follow=True).content.decode()


def test_who_signs_in_without_an_address_gives_one_for_letters(places: Config, clock: FixedClock) -> None:
    account = people.create_held_account("0123456789abcdef")
    link = rights.redeem_code(account.id, code(places, clock), clock, config=places)
    assert isinstance(link, rights.ChildLink)
    client, at = Client(), f"/family/child/{link.id}/told/"
    client.force_login(Account.objects.get(pk=account.id))
    page = client.get(at).content.decode()
    assert "no-sign-in.invalid" not in page
    assert "Your e-mail address" in page
    missing = client.post(at, {"every": "weekly", "address": ""})
    assert missing.status_code == 409
    assert "This account has no e-mail address." in missing.content.decode()
    sent = client.post(at, {"every": "weekly", "address": "typed@example.org"}, follow=True).content.decode()
    assert "We have sent you an e-mail." in sent


def test_the_page_of_a_protected_child_says_that_lines_are_held_back_and_how_to_ask(
    places: Config, clock: FixedClock, settings: Any
) -> None:
    parent, account = family("parent@example.org")
    parent.post("/family/code/", {"code": code(places, clock)})
    (link,) = rights.children(account)
    assert "held-back" not in parent.get(f"/family/child/{link.id}/").content.decode()
    ministry = people.add_organisation("Ministry (synthetic)", "custodian").id
    official = people.add_person(ministry, "custodian").id
    gate.set_shield(UPN, True, actor=official, config=places, clock=clock)
    settings.CLOCK = FixedClock(clock.now() + timedelta(hours=1))
    from schoolgate.rights.models import ChildLink

    ChildLink.objects.filter(public_id=link.id).update(confirmed_at=settings.CLOCK.now())  # as two people do
    page = parent.get(f"/family/child/{link.id}/").content.decode()
    assert "This is written here whether or not there is such a line." in page
    assert f"/family/child/{link.id}/cases/ask/" in page


def test_each_adults_word_about_an_item_is_their_own(places: Config, clock: FixedClock) -> None:
    mother, mothers = family("mother@example.org")
    father, _ = family("father@example.org")
    links = {}
    for client in (mother, father):
        client.post("/family/code/", {"code": code(places, clock)})
        (links[client],) = re.findall(r"/family/child/(\d+)/", client.get("/family/").content.decode())[:1]

    def at(client: Client, end: str = "") -> str:
        return f"/family/child/{links[client]}/declining/{end}"

    item, upn = "census_pupil.ethnicity", UPN
    assert "It is recorded." in mother.post(at(mother, f"{item}/"), follow=True).content.decode()
    shown = father.get(at(father)).content.decode()
    assert "Somebody else who may decide for your child said on 1 September 2026" in shown
    assert at(father, f"{item}/take-back/") not in shown  # no way that leads to a refusal
    refused = father.post(at(father, f"{item}/take-back/"))
    assert refused.status_code == 409
    assert "Somebody else who may decide for the child would rather not tell" in refused.content.decode()
    assert declining.declined_by_upn([upn], places)

    assert "It is recorded." in father.post(at(father, f"{item}/"), follow=True).content.decode()
    assert "Somebody else who may decide for your child said so, too." in father.get(at(father)).content.decode()
    taken_back = mother.post(at(mother, f"{item}/take-back/"), follow=True).content.decode()
    assert "Somebody else would rather not tell either" in taken_back
    assert declining.declined_by_upn([upn], places)  # as long as one of them says so
    last = father.post(at(father, f"{item}/take-back/"), follow=True).content.decode()
    assert "The school may send it again." in last
    assert not declining.declined_by_upn([upn], places)

    # Who no longer acts for the child holds nobody back: all that comes of it is that the school asks again.
    mother.post(at(mother, f"{item}/"))
    (gone,) = rights.children(mothers, config=places, clock=clock)
    rights.end_link(gone, clock=clock)
    assert at(father, f"{item}/take-back/") in father.get(at(father)).content.decode()
    assert (
        "The school may send it again." in father.post(at(father, f"{item}/take-back/"), follow=True).content.decode()
    )
    assert not declining.declined_by_upn([upn], places)


def test_the_young_person_takes_back_what_any_adult_declined(places: Config, clock: FixedClock) -> None:
    item, pupil = "census_pupil.ethnicity", Pmr(1)
    for account in (1, 2):
        gate.decline_item(pupil, item, actor=f"account:{account}", config=places, clock=clock)
    link = rights.ChildLink(id=7, account_id=9, since=clock.now(), standing="pupil", may=frozenset({"see", "manage"}))
    LinkRow.objects.create(public_id=7, account_id=9, pupil=pupil, standing="pupil", since=clock.now())
    LinkRow.objects.create(public_id=8, account_id=1, pupil=pupil, since=clock.now())
    (one,) = rights.declined(link)
    assert (one.own, one.others, one.can_end) == (False, True, True)
    assert rights.withdraw_declined(link, item, config=places, clock=clock) is True
    assert declining.declined_of(pupil) == ()
