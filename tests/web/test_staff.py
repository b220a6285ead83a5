"""Signing in to ask, decide, keep or watch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from typer.testing import CliRunner

from schoolgate import people
from schoolgate.cli.app import app
from schoolgate.people.models import Account
from schoolgate.web.acting import FACES, acting_person, only_for
from schoolgate.web.family.throttle import TRIES
from tests.web.reading_age import grade
from tests.web.staff import PASSWORD, account_of, sign_in_as, signed_in

pytestmark = pytest.mark.django_db


def a_person(role: str = "researcher", name: str = "University of Example (synthetic)") -> people.PersonView:
    known = [one for one in people.organisations() if one.name == name]
    home = known[0] if known else people.add_organisation(name, "university")
    return people.add_person(home.id, role)


def post(site: Client, person: people.PersonView, **more: str) -> Any:
    account = account_of(person.id)
    return site.post("/sign-in/", {"email": account.email, "password": PASSWORD, **more})


@pytest.mark.parametrize("role", sorted(people.PERSON_ROLES))
def test_who_signs_in_comes_to_the_start_of_their_own_work(site: Client, role: str) -> None:
    answer = post(site, a_person(role))
    assert (answer.status_code, answer.headers["Location"]) == (302, FACES[role])
    assert site.get("/sign-in/").headers["Location"] == FACES[role]


def test_unknown_wrong_and_too_often_get_the_same_answer(site: Client) -> None:
    account = account_of(a_person().id)

    def said(email: str, password: str) -> list[str]:
        return list(site.post("/sign-in/", {"email": email, "password": password}).context["form"].non_field_errors())

    unknown, wrong = said("nobody@example.org", PASSWORD), said(account.email, "wrong")
    for _ in range(TRIES):
        said(account.email, "wrong")
    assert unknown == wrong == said(account.email, PASSWORD)
    assert len(unknown) == 1
    assert "_auth_user_id" not in site.session


def test_tries_are_counted_together_with_the_familys_door(site: Client) -> None:
    account = account_of(a_person().id)
    for _ in range(TRIES):
        site.post("/family/sign-in/", {"email": account.email, "password": "wrong"})
    assert site.post("/sign-in/", {"email": account.email, "password": PASSWORD}).status_code == 200


def test_one_goes_on_to_where_one_was_going_and_never_to_another_site(site: Client) -> None:
    person = a_person()
    assert post(site, person, next="/research/?page=2").headers["Location"] == "/research/?page=2"
    site.logout()
    others = ("https://example.org/", "//example.org", "javascript:alert(1)", "/\\example.org")
    for elsewhere in (*others, "register", "some words"):  # nor to what is no address at all
        assert post(site, person, next=elsewhere).headers["Location"] == "/research/"
        site.logout()


def test_an_account_with_several_persons_chooses_one_and_can_change(site: Client) -> None:
    here, there = a_person(), a_person("panel", "Second Synthetic Trust")
    account = account_of(here.id)
    people.hold_person(there.id, int(account.pk))
    assert post(site, here, next="/research/").headers["Location"] == "/sign-in/as/?next=%2Fresearch%2F"
    page = site.get("/sign-in/as/?next=%2Fresearch%2F").content.decode()
    assert here.id in page
    assert "Second Synthetic Trust" in page
    assert "checked" not in page  # nobody is chosen for you
    chosen = site.post("/sign-in/as/", {"person": there.id})
    assert chosen.headers["Location"] == "/custodian/"
    assert site.session["acting-as"] == there.id
    assert site.post("/sign-in/as/", {"person": here.id, "next": "/research/"}).headers["Location"] == "/research/"
    again = site.get("/sign-in/as/").content.decode()
    assert f'Researcher, University of Example (synthetic) <span class="sg-acting__id">({here.id})' in again


@pytest.mark.parametrize("wanted", ["", "P-9999", "nonsense", "<script>"])
def test_nobody_acts_as_a_person_that_is_not_theirs(site: Client, wanted: str) -> None:
    other = a_person("custodian", "Third Synthetic Trust")
    account_of(other.id)
    sign_in_as(site, a_person().id)
    for person in (wanted, other.id):
        page = site.post("/sign-in/as/", {"person": person})
        assert page.status_code == 200
        assert "<title>Error:" in page.content.decode()
        assert 'href="#id_person"' in page.content.decode()
    assert site.session["acting-as"] != other.id


def test_an_account_without_a_person_is_told_what_to_do(site: Client) -> None:
    Account.objects.create_user("new@example.org", PASSWORD, role="researcher")
    text = site.post("/sign-in/", {"email": "new@example.org", "password": PASSWORD}).content.decode()
    assert "Ask the custodian to link it" in text
    assert site.get("/sign-in/as/").headers["Location"] == "/sign-in/"


def test_a_family_that_comes_to_this_door_is_led_to_its_own(site: Client, parent: Account) -> None:
    answer = site.post("/sign-in/", {"email": parent.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/family/"


def test_signing_out_needs_the_button_and_ends_it(site: Client) -> None:
    signed_in(site, "custodian")
    site.get("/sign-out/")
    assert "_auth_user_id" in site.session
    assert site.post("/sign-out/").headers["Location"] == "/"
    assert "_auth_user_id" not in site.session
    assert site.post("/sign-out/").headers["Location"] == "/"


def test_these_pages_stay_in_no_cache_and_are_refused_without_a_token(site: Client) -> None:
    person = signed_in(site, "researcher")
    assert "no-store" in site.get("/sign-in/as/").headers["Cache-Control"]
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(account_of(person.id))
    for address in ("/sign-in/", "/sign-in/as/", "/sign-out/"):
        assert strict.post(address, {"person": person.id}).status_code == 403


def test_public_pages_do_not_say_who_is_signed_in(site: Client) -> None:
    before = site.get("/register/").content
    signed_in(site, "researcher")
    assert site.get("/register/").content == before


def test_the_sign_in_page_is_easy_to_read(site: Client) -> None:
    assert grade(site.get("/sign-in/").content.decode()) <= 8


def a_page(*roles: str) -> Callable[..., HttpResponse]:
    @only_for(*roles)
    def page(request: HttpRequest, person: people.PersonView) -> HttpResponse:
        return HttpResponse(person.id)

    return page


def test_a_person_taken_from_an_account_acts_no_longer(site: Client, rf: RequestFactory) -> None:
    here, there = a_person(), a_person("researcher", "Second Synthetic Trust")
    account = account_of(here.id)
    people.hold_person(there.id, int(account.pk))
    request = rf.get("/research/")
    request.user = account
    sign_in_as(site, there.id)
    request.session = site.session
    assert acting_person(request) == people.person(there.id)
    Account.objects.update(is_active=False)
    assert acting_person(request) is None
    answer = a_page("researcher")(request)
    assert answer.headers["Location"] == "/sign-in/?next=%2Fresearch%2F"


def test_the_command_links_an_account_to_a_person(site: Client) -> None:
    run = CliRunner().invoke
    person = a_person()
    made = run(app, ["people", "account", "add", "who@example.org", "--role", "researcher", "--password", PASSWORD])
    assert made.exit_code == 0, made.output
    linked = run(app, ["people", "person", "hold", person.id, "--account", "Who@example.org"])
    assert "can sign in at /sign-in/" in linked.output
    assert (
        site.post("/sign-in/", {"email": "who@example.org", "password": PASSWORD}).headers["Location"] == "/research/"
    )
    missing = run(app, ["people", "person", "hold", person.id, "--account", "no@example.org"])
    assert "no account with this e-mail" in str(missing.exception or missing.output)
