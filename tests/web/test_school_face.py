"""The school's face and the custodian's paper route, through the pages; and who is asked again before a grave act."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from schoolgate import people, requests, rights
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.people.models import Account
from tests.web.staff import PASSWORD, sign_in_as
from tests.world import CHILDREN, OTHER_URN, URN, load_children

pytestmark = pytest.mark.django_db

UPN = CHILDREN[1].upn
LETTER = re.compile(r"By the letter with the number ([0-9A-F]{6})\.")
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


@pytest.fixture
def office(home: Config, clock: FixedClock, settings: Any) -> Client:
    """A school's office, signed in; the custodian has set the school."""
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    load_children(home, clock)
    requests.ensure_built_in(clock)
    account = people.create_account("office@example.org", PASSWORD, role="school")
    people.set_school(account.id, URN)
    client = Client()
    client.force_login(Account.objects.get(pk=account.id))
    return client


def a_family(email: str = "parent@example.org") -> tuple[Client, int]:
    account = people.create_account(email, PASSWORD)
    client = Client()
    client.post("/family/sign-in/", {"email": email, "password": PASSWORD})
    return client, account.id


def letter(office: Client, standing: str = "parental-responsibility") -> str:
    page = office.post("/school/", {"upn": UPN, "standing": standing})
    assert page.headers["Cache-Control"] == "no-store"
    text = page.content.decode()
    (code,) = CODE.findall(text)
    assert UPN not in text  # a letter that is lost names nobody
    assert CHILDREN[1].surname not in text
    return str(code)


def test_a_letter_opens_the_page_for_one_adult_and_the_office_sees_and_ends_it(office: Client) -> None:
    code = letter(office, "carer")
    open_now = office.post("/school/looking/", {"upn": UPN}).content.decode()
    assert "somebody who has care of the child" in open_now
    assert code not in open_now
    (number,) = LETTER.findall(open_now)
    family, account = a_family()
    assert family.post("/family/code/", {"code": code}).status_code == 302
    assert family.post("/family/code/", {"code": code}).status_code == 200  # once
    (link,) = rights.children(account)
    open_now = office.post("/school/looking/", {"upn": UPN}).content.decode()
    assert "parent@example.org" not in open_now  # for whom, never whose account
    # Two adults of one standing are told apart by the letters: a court's order is about one of them.
    second = office.post("/school/", {"upn": UPN, "standing": "carer"}).content.decode()
    (other,) = re.findall(r"Write the letter’s number, ([0-9A-F]{6}),", second)
    listed = LETTER.findall(office.post("/school/looking/", {"upn": UPN}).content.decode())
    assert sorted(listed) == sorted([number, other])
    ended = office.post(
        "/school/looking/end/", {"upn": UPN, "way": f"link-{link.id}", "by_order": "yes"}, follow=True
    ).content.decode()
    assert "It has ended, at once." in ended
    assert family.get(f"/family/child/{link.id}/").status_code == 404
    again = family.post("/family/code/", {"code": letter(office)})
    assert "This code does not fit" in again.content.decode()


def test_an_office_reaches_its_own_pupils_and_no_others(office: Client) -> None:
    told = set()
    for upn in (CHILDREN[5].upn, "A000000000000", "nonsense"):  # the first is at another school
        page = office.post("/school/", {"upn": upn, "standing": "carer"})
        told.add(re.sub(re.escape(upn), "", re.sub(r"csrfmiddlewaretoken[^>]*", "", page.content.decode())))
        assert "This is not a pupil on this school’s roll" in page.content.decode().replace("&#x27;", "’").replace(
            "'", "’"
        )
    assert len(told) == 1
    other = people.create_account("other-office@example.org", PASSWORD, role="school")
    people.set_school(other.id, OTHER_URN)
    client = Client()
    client.force_login(Account.objects.get(pk=other.id))
    assert not CODE.search(client.post("/school/", {"upn": UPN, "standing": "carer"}).content.decode())


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Enter the pupil’s number"),
        ({"upn": UPN}, "Choose who it is for"),
        ({"upn": UPN, "standing": "deputy"}, "Choose who it is for"),
        ({"upn": UPN, "standing": "pupil"}, "not old enough to take over"),
        ({"upn": "9" * 30, "standing": "carer"}, "A pupil’s number has 13 letters and digits"),
    ],
)
def test_what_is_missing_is_said_at_its_field(sent: dict[str, str], said: str, office: Client) -> None:
    page = office.post("/school/", sent).content.decode()
    assert said in page
    assert "There is a problem" in page
    assert not CODE.search(page)


def test_an_account_without_a_school_and_an_account_of_a_family_give_nothing_out(office: Client) -> None:
    account = people.create_account("new-office@example.org", PASSWORD, role="school")
    client = Client()
    client.force_login(Account.objects.get(pk=account.id))
    assert "No school is set for this account" in client.get("/school/").content.decode()
    family, _ = a_family()
    assert family.get("/school/").status_code == 403
    assert Client().get("/school/").status_code == 302


def test_papers_are_checked_by_two_people_and_then_a_letter_goes_out(office: Client) -> None:
    ministry = people.add_organisation("Ministry (synthetic)", "custodian").id
    first, second = (people.add_person(ministry, "custodian").id for _ in range(2))
    one, two = Client(), Client()
    sign_in_as(one, first)
    sign_in_as(two, second)
    wrong = one.post("/custodian/papers/enter/", {"upn": UPN, "standing": "carer"}).content.decode()
    assert "Tick what you have seen" in wrong
    entered = {"upn": UPN, "standing": "parental-responsibility", "evidence": ["birth-certificate", "passport"]}
    assert one.post("/custodian/papers/enter/", entered).status_code == 302
    assert "You looked first." in one.get("/custodian/papers/").content.decode()
    (address,) = set(re.findall(r"/custodian/papers/\d+/", two.get("/custodian/papers/").content.decode()))
    yes = {"agree": "yes", "way": "letter", "reason": ""}
    assert "Two people look at the papers" in one.post(address, yes).content.decode()
    made = two.post(address, yes)
    (code,) = CODE.findall(made.content.decode())
    assert made.headers["Cache-Control"] == "no-store"
    family, account = a_family()
    assert family.post("/family/code/", {"code": code}).status_code == 302
    (link,) = rights.children(account)
    assert link.confirmed_at is not None
    looks = family.get(f"/family/child/{link.id}/").content.decode()
    assert "Staff of the custodian looked for your child’s record" in looks
    shown = two.post("/custodian/papers/looking/", {"upn": UPN}).content.decode()
    assert "An account that can look" in shown
    ended = two.post("/custodian/papers/looking/", {"upn": UPN, "way": f"link-{link.id}"}, follow=True)
    assert "It has ended, at once." in ended.content.decode()
    assert family.get(f"/family/child/{link.id}/").status_code == 404


def test_a_session_that_was_proved_long_ago_is_asked_again_before_what_cannot_be_taken_back(
    office: Client, settings: Any, clock: FixedClock
) -> None:
    family, account = a_family()
    family.post("/family/code/", {"code": letter(office)})
    (link,) = rights.children(account)
    address = f"/family/child/{link.id}/give-up/"
    assert family.get(address).status_code == 200
    settings.CLOCK = FixedClock(clock.now() + timedelta(minutes=16))
    for answer in (family.get(address), family.post(address)):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/family/sign-in/?")
    assert rights.children(account) == (link,)
    before = family.session.session_key
    family.post("/family/sign-in/", {"email": "parent@example.org", "password": PASSWORD})
    assert family.session.session_key != before  # a session that somebody fixed or stole is another one now
    assert family.post(address).status_code == 302
    assert rights.children(account) == ()


def test_signing_out_everywhere_ends_the_thiefs_session_too(office: Client) -> None:
    family, _ = a_family()
    thief = Client()
    thief.cookies.update(family.cookies)
    assert "Your children" in thief.get("/family/").content.decode()
    family.post("/family/account/sign-out-everywhere/")
    for one in (thief, family):
        assert "Your children" not in one.get("/family/").content.decode()
