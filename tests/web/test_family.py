"""The family's pages."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, get_resolver

import schoolgate.web
from schoolgate.errors import SchoolgateError
from schoolgate.people.models import Account
from schoolgate.web.family.throttle import TRIES
from tests.web import rooms
from tests.web.conftest import PASSWORD
from tests.web.reading_age import grade

pytestmark = pytest.mark.django_db

CHILD_PAGES = (
    "/",
    "/choices/",
    "/object/purpose/education-research/",
    "/withdraw/purpose/education-research/",
    "/stop/",
    "/proof/R1/",
)
SAMPLES = {
    "link_id": 1, "release_id": "R1", "purpose_id": "education-research", "index": 0,
    "of": "purpose", "target": "education-research", "reason": "legal-claim", "agreement_id": "A-2026-0001",
    "item": "census_pupil.plaa", "recipient": "O-0001", "passkey_id": 1, "form": "pdf",
    "case_ref": "RC-2222-2222", "file_number": 1, "letter_number": 1, "step": "withdraw",
}  # fmt: skip


def family_addresses() -> list[str]:
    """Every address below /family/, from the urlconf itself."""
    addresses = []
    for pattern in get_resolver().url_patterns:
        assert isinstance(pattern, URLPattern)
        route = str(pattern.pattern)
        for name, value in SAMPLES.items():
            for kind in ("int", "str", "slug", "path"):
                route = route.replace(f"<{kind}:{name}>", str(value))
        if route.startswith("family/"):
            addresses.append("/" + route)
    return addresses


def test_every_post_without_a_token_is_refused_and_changes_nothing(
    signed_in: Client, parent: Account, families: rooms.Families
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(parent)
    addresses = family_addresses()
    assert len(addresses) > 9
    for address in addresses:
        page = strict.post(address, {"code": "GOOD", "email": "a@example.org", "password": PASSWORD})
        assert page.status_code in (403, 405), address
        if page.status_code == 403:
            assert "send the form again" in page.content.decode()
    assert families.looked == 0
    assert len(families.children(parent.pk)) == 1


def test_nothing_that_changes_or_reads_the_record_answers_to_a_get(signed_in: Client, families: rooms.Families) -> None:
    assert signed_in.get("/family/child/1/record/").headers["Location"] == "/family/child/1/"
    assert families.looked == 0
    assert signed_in.get("/family/sign-out/").headers["Location"] == "/family/"
    assert signed_in.get("/family/child/1/").status_code == 200


def test_a_session_that_ran_out_leads_back_to_the_childs_page_and_never_to_a_blank_one(
    site: Client, parent: Account, families: rooms.Families
) -> None:
    """Signing in leads on by GET; the button is then pressed again, so that no look happens unasked."""
    families.link(parent.pk, 1)
    away = site.post("/family/child/1/record/", follow=True)
    (_, _), (sign_in, _) = away.redirect_chain
    assert sign_in == "/family/sign-in/?next=/family/child/1/"
    who = {"email": parent.email, "password": PASSWORD, "next": "/family/child/1/"}
    assert site.post("/family/sign-in/", who, follow=True).status_code == 200
    assert families.looked == 0
    site.logout()
    assert site.post("/family/sign-out/").headers["Location"] == "/family/"


def test_closing_the_browser_ends_the_session_and_so_do_two_hours(site: Client, parent: Account) -> None:
    site.post("/family/sign-in/", {"email": parent.email, "password": PASSWORD})
    assert site.cookies["sessionid"]["expires"] == ""
    assert site.cookies["sessionid"]["max-age"] == ""
    assert site.session.get_expiry_age() == settings.SESSION_COOKIE_AGE == 7200


@pytest.mark.parametrize("address", ["/family/", "/family/sign-in/", "/family/child/1/", "/family/code/"])
def test_no_page_of_a_family_stays_in_a_cache(signed_in: Client, address: str) -> None:
    assert signed_in.get(address).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("page", CHILD_PAGES)
def test_a_stranger_is_sent_to_sign_in(site: Client, page: str) -> None:
    answer = site.get(f"/family/child/1{page}")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/family/sign-in/")


@pytest.mark.parametrize("page", CHILD_PAGES)
def test_another_accounts_child_looks_like_a_child_that_does_not_exist(signed_in: Client, page: str) -> None:
    other = Account.objects.create_user("other@example.org", PASSWORD)
    signed_in.force_login(other)
    theirs = signed_in.get(f"/family/child/1{page}")
    nobodys = signed_in.get(f"/family/child/424242{page}")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content
    assert signed_in.post("/family/child/1/record/").status_code == 404
    assert signed_in.post("/family/child/1/object/purpose/education-research/").status_code == 404


def test_a_parent_makes_an_account_signs_in_and_enters_the_code(site: Client) -> None:
    who = {"email": "New@example.org", "password": PASSWORD}
    made = site.post("/family/create-account/", who, follow=True)
    assert "Now sign in" in made.content.decode()
    assert "have not added a child" in site.post("/family/sign-in/", who, follow=True).content.decode()
    page = site.post("/family/code/", {"code": "GOOD"}, follow=True)
    assert page.redirect_chain[-1][0] == "/family/child/7/"
    assert "The code fits" in page.content.decode()


def test_a_wrong_code_shows_the_rooms_answer_beside_the_field_and_at_the_top(signed_in: Client) -> None:
    text = signed_in.post("/family/code/", {"code": "BAD"}).content.decode()
    assert text.count("This code does not work. Ask the school for a new one.") == 2
    assert 'href="#id_code"' in text
    assert 'aria-describedby="id_code-hint id_code-error"' in text
    assert "<title>Error:" in text


def test_making_an_account_does_not_tell_whether_the_address_has_one(site: Client, parent: Account) -> None:
    known = site.post("/family/create-account/", {"email": parent.email, "password": "another long password"})
    unknown = site.post("/family/create-account/", {"email": "no@example.org", "password": "another long password"})
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )
    parent.refresh_from_db()
    assert parent.check_password(PASSWORD)


def test_unknown_address_wrong_password_and_too_many_tries_get_the_same_answer(site: Client, parent: Account) -> None:
    def said(email: str, password: str) -> list[str]:
        page = site.post("/family/sign-in/", {"email": email, "password": password})
        return list(page.context["form"].non_field_errors())

    wrong = said(parent.email, "wrong password")
    assert said("nobody@example.org", "wrong password") == wrong
    for _ in range(TRIES):
        said(parent.email, "wrong password")
    assert said(parent.email, PASSWORD) == wrong


def test_a_page_to_return_to_after_signing_in_must_be_ours(site: Client, parent: Account) -> None:
    who = {"email": parent.email, "password": PASSWORD}
    away = site.post("/family/sign-in/", {**who, "next": "//elsewhere.example/x"})
    assert away.headers["Location"] == "/family/"
    here = site.post("/family/sign-in/", {**who, "next": "/family/code/"})
    assert here.headers["Location"] == "/family/code/"


def test_the_childs_page_says_who_why_what_by_which_law_since_until_and_where(signed_in: Client) -> None:
    text = signed_in.get("/family/child/1/").content.decode()
    for words in (
        "A university",
        "To learn about reading.",
        "First language",
        "Article 6(1)(e)",
        "1 September 2026",
        "31 August 2027",
        "Leeds, United Kingdom",
        "/family/child/1/proof/R1/",
        "/register/0/",
    ):
        assert words in text


def test_a_release_that_is_being_worked_out_says_so_and_offers_no_proof(
    signed_in: Client, families: rooms.Families
) -> None:
    families.lines[:] = [rooms.a_line(state="being worked out")]
    text = signed_in.get("/family/child/1/").content.decode()
    assert "being worked out" in text
    assert "/proof/" not in text


def test_the_proof_of_a_line_is_a_json_file(signed_in: Client) -> None:
    proof = signed_in.get("/family/child/1/proof/R1/")
    assert json.loads(proof.content)["schoolgate"] == "family-proof/1"
    assert proof.headers["Content-Disposition"] == 'attachment; filename="proof-R1.json"'
    assert signed_in.get("/family/child/1/proof/R2/").status_code == 404


def test_the_record_is_shown_in_words_and_as_text(signed_in: Client, families: rooms.Families) -> None:
    text = signed_in.post("/family/child/1/record/").content.decode()
    assert "Last name" in text
    assert "Spring 2026" in text
    assert "Polish" in text
    assert "<script>alert" not in text
    assert families.looked == 1


def test_a_record_that_is_closed_looks_like_a_page_that_is_not_there(
    signed_in: Client, families: rooms.Families, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child may be kept from the very person who looks: nothing on the page may say so."""

    def closed(*_: object, **__: object) -> None:
        raise SchoolgateError("Access by families is not open.", code="subject-access-closed")

    elsewhere = signed_in.post("/family/child/99/record/")
    monkeypatch.setattr("schoolgate.rights.my_record", closed)
    page = signed_in.post("/family/child/1/record/")
    assert (page.status_code, elsewhere.status_code) == (404, 404)
    hidden = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
    assert hidden.sub("", page.content.decode()) == hidden.sub("", elsewhere.content.decode())


def test_signing_out_ends_the_session(signed_in: Client) -> None:
    signed_in.post("/family/sign-out/")
    assert signed_in.get("/family/child/1/").status_code == 302


def test_a_question_that_failed_is_shown_as_one_that_may_have_told_something(
    signed_in: Client, families: rooms.Families
) -> None:
    """docs/decisions/0005: it counts as exposure, and the page does not pretend that data was handed over."""
    line = rooms.a_line()
    families.lines[:] = [line]
    line.releases[0].delivered = True
    assert "no answer is on record" not in signed_in.get("/family/child/1/").content.decode()
    line.releases[0].delivered = False
    assert "no answer is on record as handed over" in signed_in.get("/family/child/1/").content.decode()


def test_each_time_says_how_many_of_the_items_it_took(signed_in: Client, families: rooms.Families) -> None:
    line = rooms.a_line(items=(rooms.LANGUAGE, "census_absence.sessions"))
    line.releases[0].items = (rooms.LANGUAGE,)
    families.lines[:] = [line]
    text = signed_in.get("/family/child/1/").content.decode()
    assert "1 of these items" in text
    assert "Pupils in the School Census:" in text
    assert "Absence by reason:" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"agreement_state": "destroyed"}, "They have signed that they destroyed it."),
        ({"agreement_state": "ended", "standing": "ended; not certified"}, "ended; not certified"),
        ({"agreement_state": "active", "until": date(2026, 8, 31)}, "time is up"),
    ],
)
def test_the_end_of_an_agreement_is_shown_as_it_is(
    signed_in: Client, families: rooms.Families, changes: dict[str, Any], words: str
) -> None:
    families.lines[:] = [rooms.a_line(agreement_state="active")]
    assert words not in signed_in.get("/family/child/1/").content.decode()
    families.lines[:] = [rooms.a_line(**changes)]
    assert words in signed_in.get("/family/child/1/").content.decode()


def test_looks_stand_apart_and_say_who_looked(signed_in: Client, families: rooms.Families) -> None:
    look = rooms.a_line(purpose_id="subject-access", organisation="Own")
    families.lines[:] = [look]
    for looked, words in (
        ("you", "You looked at the record."),
        ("another account", "Somebody else with a code for your child looked at the record."),
        ("school", "Example School looked for your child on its roll, or at what it sent about your child."),
        ("", "A family or a school looked at one child’s record."),
    ):
        look.releases[0].looked, look.releases[0].school = looked, "Example School"
        text = signed_in.get("/family/child/1/").content.decode()
        assert words in text
        assert "Nobody but your family and your school." in text
        assert "It can close the page for everybody" in text
    families.lines.append(rooms.a_line())
    text = signed_in.get("/family/child/1/").content.decode()
    assert text.index("A university") < text.index("Looks by your family and your school")
    assert "Nobody but" not in text


def test_the_newest_five_times_are_shown_and_all_of_them_on_a_page_of_their_own(
    signed_in: Client, families: rooms.Families
) -> None:
    line = rooms.a_line(agreement_id="A-2026-0001")
    line.releases = line.releases * 57
    families.lines[:] = [line]
    text = signed_in.get("/family/child/1/").content.decode()
    assert text.count("/proof/R1/") == 5
    assert "/family/child/1/who/A-2026-0001/" in text
    first = signed_in.get("/family/child/1/who/A-2026-0001/").content.decode()
    assert (first.count("/proof/R1/"), "?from=50" in first, "Newer times" in first) == (50, True, False)
    rest = signed_in.get("/family/child/1/who/A-2026-0001/?from=50").content.decode()
    assert (rest.count("/proof/R1/"), "?from=0" in rest, "Times before" in rest) == (7, True, False)
    assert signed_in.get("/family/child/1/who/A-2026-0001/?from=x").content.decode().count("/proof/R1/") == 50
    assert signed_in.get("/family/child/1/who/A-2026-0001/?from=57").status_code == 404
    assert signed_in.get("/family/child/1/who/A-2026-0002/").status_code == 404


def test_of_many_organisations_the_latest_are_shown_in_full_and_the_others_in_a_table(
    signed_in: Client, families: rooms.Families
) -> None:
    families.lines[:] = [rooms.a_line(agreement_id=f"A-{n}", organisation=f"University {n}") for n in range(9)]
    text = signed_in.get("/family/child/1/").content.decode()
    assert text.count('<article class="sg-card"') == 6
    for number in range(9):
        assert f"University {number}" in text
    assert "/family/child/1/who/A-8/" in text


def test_whoever_finds_a_mistake_is_led_to_where_it_is_put_right(signed_in: Client) -> None:
    for text in (
        signed_in.get("/family/child/1/").content.decode(),
        signed_in.post("/family/child/1/record/").content.decode(),
    ):
        assert "you have a right to have it put right" in text
        assert "Say that something is wrong" in text


def test_the_words_of_a_familys_pages_can_be_read_at_eleven() -> None:
    place = Path(schoolgate.web.__file__).parent / "templates" / "schoolgate" / "family"
    texts: list[str] = []
    for file in place.glob("*.html"):
        text = file.read_text(encoding="utf-8")
        texts += re.findall(r'{% translate "(.*?)" %}', text)
        texts += [re.sub(r"{{.*?}}", "it", part) for part in re.findall(r"{% blocktranslate[^%]*%}(.*?){%", text, re.S)]
    texts = [text for text in texts if len(text.split()) >= 5]
    assert len(texts) > 50
    assert grade("\n".join(texts)) < 6  # grade 6 is read at eleven
    assert [text for text in texts if grade(text) > 8] == []


def test_a_file_that_left_and_a_question_by_name_are_not_said_to_be_without_either(
    signed_in: Client, families: rooms.Families
) -> None:
    line = rooms.a_line()
    families.lines[:] = [line]
    answered = signed_in.get("/family/child/1/").content.decode()
    assert "No names." in answered
    assert "take away" not in answered
    line.releases[0].way = "extract"
    left = signed_in.get("/family/child/1/").content.decode()
    assert "A file with these facts was made for them to take away." in left
    assert "a file was made for them" in left
    line.releases[0].way = "look-up"
    named = signed_in.get("/family/child/1/").content.decode()
    assert "They knew a child by name or number, asked us, and were told of your child." in named
    assert "No names." not in named


def test_a_family_is_told_which_facts_it_need_not_give_and_where_to_say_so(signed_in: Client) -> None:
    text = signed_in.get("/family/child/1/").content.decode()
    assert "/family/child/1/declining/" in text
    assert "<li>Ethnic background</li>" in text
    assert "<li>Nationality</li>" not in text  # asked no longer


def test_whoever_forgot_the_password_is_told_what_to_do(site: Client) -> None:
    assert "Ask the school for a new code" in site.get("/family/sign-in/").content.decode()
