"""The custodian's directory of organisations and persons, and declaring one's interests."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.requests.cast import Cast, enter_cast, signed
from tests.web.reading_age import grade
from tests.web.staff import account_of, sign_in_as

pytestmark = pytest.mark.django_db(transaction=True)

ORGANISATIONS = "/custodian/organisations/"
HOSTILE = '<script>alert(1)</script> & =HYPERLINK("x")'


@pytest.fixture
def cast() -> Cast:
    return enter_cast()


@pytest.fixture
def face(client: Client, home: Config, clock: FixedClock, settings: Any, cast: Cast) -> Client:
    """The custodian's browser, in front of the real rooms."""
    settings.CONFIG, settings.CLOCK = home, clock
    sign_in_as(client, cast.custodian)
    return client


def facts(one: people.OrganisationView, **changes: str) -> dict[str, str]:
    """What the form of a change holds when it is opened, with changes."""
    now = {fact: getattr(one, fact) for fact in people.FACTS} | {"funders": "; ".join(one.funders)}
    return {**now, "reason": "They told us.", **changes}


def test_an_organisation_is_entered_made_sure_of_and_found_by_its_name(face: Client, cast: Cast) -> None:
    given = {"name": "Synthetic Learning Ltd", "kind": "company", "country": "France", "commercial": "direct"}
    made = face.post(f"{ORGANISATIONS}enter/", {**given, "business": "Courses\r\nfor adults"})
    address = made.headers["Location"]
    text = face.get(address).content.decode()
    for part in ("Synthetic Learning Ltd is entered", "Courses for adults", "France", "not yet", cast.custodian):
        assert part in text
    face.post(f"{address}verify/", {"how": "Its entry at the register."})
    assert "Its entry at the register." in face.get(address).content.decode()
    found = face.get(ORGANISATIONS, {"name": "learning"}).content.decode()
    assert "1 organisation." in found
    assert f'href="{address}"' in found
    assert "No organisation has such a name" in face.get(ORGANISATIONS, {"name": "nothing"}).content.decode()


def test_a_look_alike_is_said_in_the_form_and_entered_when_one_looked(face: Client, cast: Cast) -> None:
    given = {"name": cast.company.name.upper(), "kind": "company", "country": "France"}
    text = face.post(f"{ORGANISATIONS}enter/", given).content.decode()
    assert f"looks like that of {cast.company.id}" in text
    assert "<title>Error:" in text
    assert face.post(f"{ORGANISATIONS}enter/", {**given, "alike_is_another": "on"}).status_code == 302


def test_a_new_owner_says_which_agreements_were_opened_again(face: Client, cast: Cast, clock: FixedClock) -> None:
    agreement = signed(cast, clock)
    address = f"{ORGANISATIONS}{cast.university.id}/"
    same = face.post(f"{address}change/", facts(cast.university)).content.decode()
    assert "Nothing of this is new." in same
    text = face.post(f"{address}change/", facts(cast.university, owner="Holdings"), follow=True).content.decode()
    assert f"not in use any more: {agreement.id}" in text
    assert "They told us." in text
    assert requests.get(agreement.id).state == "reopened"


def test_a_merger_is_recorded_and_closes_what_could_be_changed(face: Client, cast: Cast) -> None:
    address = f"{ORGANISATIONS}{cast.company.id}/"
    wrong = face.post(f"{address}merge/", {"into": "O-9999", "reason": "Bought."}).content.decode()
    assert "There is no such organisation." in wrong
    text = face.post(
        f"{address}merge/", {"into": cast.university.id, "reason": "Bought."}, follow=True
    ).content.decode()
    assert "became part of another" in text
    assert f'href="{address}change/"' not in text


def test_a_person_is_entered_accredited_withdrawn_linked_and_leaves(face: Client, cast: Cast) -> None:
    made = face.post(
        f"{ORGANISATIONS}{cast.university.id}/person/", {"role": "panel", "seat": "lay", "reason": "Chosen."}
    )
    address = made.headers["Location"]
    person = address.split("/")[-2]
    account = account_of(cast.panel[0])
    steps: list[tuple[str, dict[str, str], str]] = [
        ("accredit", {"until": "2030-01-31", "reason": "Took the course."}, "31 January 2030"),
        ("withdraw", {"reason": "Broke the rules."}, "Broke the rules."),
        ("interest", {"organisation_id": cast.company.id, "what": "shares"}, "shares"),
        ("account", {"email": account.email}, "an account acts as this person"),
        ("leave", {"reason": "Moved on."}, "Left on"),
    ]
    for what, given, said in steps:
        assert face.get(f"{address}{what}/").status_code == 200
        text = face.post(f"{address}{what}/", given, follow=True).content.decode()
        assert said in text, what
    assert people.same_human(person, cast.panel[0])
    assert people.person(person).left_on is not None
    last = face.post(f"{address}accredit/", {"until": "2031-01-31", "reason": "Again."}).content.decode()
    assert "has left the organisation" in last
    assert f'href="{address}accredit/"' not in face.get(address).content.decode()


def test_an_interest_is_ended_by_the_custodian_and_counts_no_more(face: Client, cast: Cast) -> None:
    member = cast.panel[0]
    tie = people.declare_interest(member, cast.company.id, "shares")
    address = f"/custodian/persons/{member}/interests/{tie.id}/"
    assert address in face.get(f"/custodian/persons/{member}/").content.decode()
    assert "It ended" in face.get(address).content.decode()
    assert "ended on 1 September 2026" in face.post(address, {}, follow=True).content.decode()
    assert people.conflicts(member, cast.company.id) == ()
    assert face.post(address, {}).status_code == 404
    other = people.declare_interest(cast.colleague, cast.company.id, "shares")
    assert face.post(f"/custodian/persons/{member}/interests/{other.id}/", {}).status_code == 404


@pytest.mark.parametrize("role", ["researcher", "panel", "custodian"])
def test_everybody_declares_their_own_interests_and_sees_them(role: str, face: Client, cast: Cast) -> None:
    own = {"researcher": cast.researcher, "panel": cast.panel[0], "custodian": cast.custodian}[role]
    sign_in_as(face, own)
    text = face.post(
        "/interests/",
        {"organisation_id": cast.company.id, "what": HOSTILE, "person_id": cast.colleague, "person": cast.colleague},
        follow=True,
    ).content.decode()
    assert "Your interest is recorded." in text
    assert "<script>" not in text
    (tie,) = people.interests(own)
    assert tie.what == HOSTILE
    assert people.interests(cast.colleague) == ()
    wrong = face.post("/interests/", {"organisation_id": "O-9999", "what": "shares"}).content.decode()
    assert "There is no such organisation." in wrong
    assert "It is your own" not in wrong


def test_what_is_missing_is_said_beside_the_field_and_at_the_top(face: Client, cast: Cast) -> None:
    text = face.post(f"{ORGANISATIONS}enter/", {}).content.decode()
    for said, field in (
        ("Enter its legal name", "name"),
        ("Choose what kind", "kind"),
        ("Enter its country", "country"),
    ):
        assert text.count(said) == 2
        assert f'href="#id_{field}"' in text
    late = face.post(f"/custodian/persons/{cast.colleague}/accredit/", {"until": "31/12/2030", "reason": ""})
    assert "Enter a day like 2028-12-31" in late.content.decode()
    assert people.person(cast.colleague).accredited_until == date(2029, 12, 31)


def test_no_name_becomes_markup(face: Client, cast: Cast) -> None:
    given = {"name": HOSTILE, "kind": "company", "country": HOSTILE, "owner": HOSTILE, "business": HOSTILE}
    address = face.post(f"{ORGANISATIONS}enter/", given).headers["Location"]
    one = people.organisation(address.split("/")[-2])
    face.post(f"{address}change/", facts(one, owner="Another", reason=HOSTILE))
    face.post(f"{address}verify/", {"how": HOSTILE})
    person = people.add_person(one.id, "researcher", reason=HOSTILE).id
    pages = ("", "change/", "merge/", "verify/", "person/")
    for page in (ORGANISATIONS, *(f"{address}{page}" for page in pages), f"/custodian/persons/{person}/"):
        text = face.get(page).content.decode()
        assert "&lt;script&gt;alert(1)" in text, page
        assert "<script" not in text, page


@pytest.mark.parametrize("page", ["", "O-9999/", "O-9999/change/", "O-1'--/", "x/verify/", "O-9999/person/"])
def test_what_does_not_exist_is_not_found(page: str, face: Client) -> None:
    assert face.get(f"{ORGANISATIONS}{page}").status_code == (404 if page else 200)
    assert face.get(f"/custodian/persons/{page or 'P-9999/'}").status_code == 404


def test_others_read_it_and_change_nothing(face: Client, cast: Cast) -> None:
    one, persons = people.organisation(cast.company.id), people.persons()
    overseer = people.add_person(people.add_organisation("Regulator (synthetic)", "regulator").id, "overseer").id
    for reader in (cast.panel[0], overseer):
        sign_in_as(face, reader)
        text = face.get(f"{ORGANISATIONS}{one.id}/").content.decode()
        assert one.name in text
        assert f"{ORGANISATIONS}{one.id}/change/" not in text
        for page in ("change", "merge", "verify", "person"):
            assert face.post(f"{ORGANISATIONS}{one.id}/{page}/", facts(one, owner="Me")).status_code == 403
        assert face.post(f"/custodian/persons/{cast.seller}/leave/", {"reason": "Go."}).status_code == 403
    sign_in_as(face, cast.seller)
    assert face.get(f"{ORGANISATIONS}{one.id}/").status_code == 403
    assert people.organisation(one.id) == one
    assert [one for one in people.persons() if one.left_on] == [one for one in persons if one.left_on]


def test_many_organisations_come_page_by_page(face: Client, cast: Cast) -> None:
    for number in range(60):
        people.add_organisation(f"Bulk {chr(97 + number % 26)}{number // 26} Trust", "charity", alike_is_another=True)
    text = face.get(ORGANISATIONS, {"name": "bulk"}).content.decode()
    assert "60 organisations." in text
    assert "?name=bulk&amp;page=2" in text
    assert "page=3" not in face.get(ORGANISATIONS, {"name": "bulk", "page": "2"}).content.decode()
    for odd in ("0", "-1", "x", "99999999", "\u0663"):
        assert face.get(ORGANISATIONS, {"page": odd}).status_code == 200


@pytest.mark.parametrize("page", ["enter/", "", "{}/change/", "{}/merge/", "{}/verify/", "{}/person/"])
def test_the_pages_are_easy_to_read_and_stay_in_no_cache(page: str, face: Client, cast: Cast) -> None:
    answer = face.get(ORGANISATIONS + page.format(cast.university.id))
    assert answer.headers["Cache-Control"] == "no-store"
    assert grade(answer.content.decode()) <= 8
