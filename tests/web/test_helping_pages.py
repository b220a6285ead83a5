"""The pages on which staff serve who has no computer, post letters, restrict a record and hold a fact back."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from schoolgate import consent, gate, people, rights
from schoolgate.clock import FixedClock
from schoolgate.desk.standing import standing
from schoolgate.gate.withholding import withheld_of
from schoolgate.people.models import Account
from schoolgate.rights.cases.models import Case, CaseStep
from schoolgate.rights.helping import words
from schoolgate.rights.models import ChildLink
from tests.rights.test_standing import UPN, Home, home_of
from tests.web.reading_age import grade
from tests.web.staff import sign_in_as
from tests.world import CHILDREN

__all__ = ["home_of"]

pytestmark = pytest.mark.django_db


class Desk:
    """A person of staff in a browser."""

    def __init__(self, person: str) -> None:
        self.client = Client()
        sign_in_as(self.client, person)

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return text(answer)

    def post(self, path: str, status: int = 200, /, **given: Any) -> str:
        answer = self.client.post(path, given, follow=True)
        assert answer.status_code == status, (path, answer.status_code)
        self.at = answer.redirect_chain[-1][0] if answer.redirect_chain else path
        return text(answer)


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


@pytest.fixture
def staff(home_of: Home) -> list[Desk]:
    cache.clear()
    return [Desk(person) for person in home_of.staff]


def test_staff_serve_a_person_and_a_colleague_posts_the_letter(home_of: Home, staff: list[Desk]) -> None:
    link = home_of.confirmed(way="held").link_id
    one, other = staff
    begin = "/custodian/behalf/"
    assert "Enter the number" in one.post(begin)
    wrong = one.post(begin, link=link, channel="telephone", how="photo-document")
    assert "Nobody is identified in this way there." in wrong
    assert "Staff look after no such link." in one.post(begin, link=4711, channel="counter", how="photo-document")
    page = one.post(begin, link=link, channel="counter", how="photo-document")
    here = one.at
    assert "Reached us at the counter. Known because a passport or driving licence was shown." in page
    assert {CHILDREN[1].forename, CHILDREN[1].surname, UPN} & set(re.split(r"\W+", page)) == set()
    assert "Take a “no” back" not in page  # there is none
    act = f"{here}{link}/no/"
    assert "Say why you do this" in one.post(act, to="purpose:education-research")
    done = one.post(act, to="purpose:education-research", reason="Asked at the counter.")
    assert "The letter about it waits to be posted by a colleague." in done
    assert "Take a “no” back" in done
    (no,) = consent.objections_of(home_of.pupil)
    assert no.purpose_id == "education-research"
    for what in ("no-more", "stop", "copy", "case", "wrong", "decline", "give-up"):
        assert "Why do you do this?" in one.get(f"{here}{link}/{what}/")
    for gone in (f"{here}{link}/fly/", f"{here}4711/no/", f"{begin}4711/"):
        one.get(gone, 404)
    other.get(here, 404)  # who identified the person acts
    assert "by you" in one.get("/custodian/letters/")
    (letter,) = set(re.findall(r"/custodian/letters/\d+/", other.get("/custodian/letters/")))
    assert "Asked at the counter." in other.get(letter)
    assert "Who acted for a family does not post the letter about it." in one.post(f"{letter}posted/", 409)
    assert "There is no copy to print." in other.post(f"{letter}copy/", 409)
    assert "It is noted that you posted it." in other.post(f"{letter}posted/")
    assert "No letter waits." in other.get("/custodian/letters/")
    # The family reads it on its page, were it to sign in; another adult reads that something was done, and not why.
    parent = Client()
    own = home_of.link(0)
    parent.force_login(Account.objects.get(pk=own.account_id))
    seen = text(parent.get(f"/family/child/{own.id}/"))
    assert "for somebody else who acts for this child, staff said no to a use." in seen
    assert "Asked at the counter." not in seen


def test_a_record_is_restricted_announced_and_used_again_on_the_page(home_of: Home, staff: list[Desk]) -> None:
    one, path = staff[0], "/custodian/restrictions/"
    assert "Enter the pupil’s number" in one.post(path, doing="look")
    assert "is used as the law and the family’s choices allow" in one.post(path, upn=UPN, doing="look")
    assert "Choose a ground" in one.post(path, upn=UPN, doing="restrict")
    assert "Nobody uses the record" in one.post(path, upn=UPN, doing="restrict", reason="legal-claim")
    shown = one.post(path, upn=UPN, doing="look")
    assert "The family was not told that it ends." in shown
    assert 'value="lift"' not in shown  # no button before the family was told
    assert "Enter the day on which it will end" in one.post(path, upn=UPN, doing="announce", reason="legal-claim")
    asked = {"upn": UPN, "doing": "announce", "reason": "legal-claim"}
    assert "Name a day at least 7 days from today" in one.post(path, **asked, lifts_on="2/9/2026")
    assert "was not told in time" in one.post(path, upn=UPN, doing="lift", reason="legal-claim")
    assert "0 by e-mail, 1 on paper" in one.post(path, **asked, lifts_on="20/9/2026")
    assert "The family was told that it ends on 20 September 2026." in one.post(path, upn=UPN, doing="look")
    assert consent.restricted_pupils() == [home_of.pupil]


def test_a_fact_is_held_back_on_the_pages_and_the_overseer_sees_counts(home_of: Home, staff: list[Desk]) -> None:
    one, other = staff
    path = "/custodian/held-back/"
    assert "Choose the fact" in one.post(f"{path}propose/")
    given = {
        "upn": UPN, "item": "census_pupil.ethnicity", "rule": "serious-harm", "professional": "A. Psychologist",
        "reason": "Seeing it would be likely to cause serious harm.", "until": "31/12/2026",
    }  # fmt: skip
    assert "Nothing is held back until a colleague agrees." in one.post(f"{path}propose/", **given)
    assert 'value="agree"' not in one.get(path)
    page = other.get(path)
    assert "A. Psychologist" in page
    assert UPN not in page
    assert "you proposed it" in one.post(path, 409, number="W-0001", step="agree")
    one.post(path, 404, number="W-0001", step="fly")
    assert "Done." in other.post(path, number="W-0001", step="agree")
    assert withheld_of(home_of.pupil, home_of.clock) == (("serious-harm", "census_pupil.ethnicity"),)
    regulator = people.add_organisation("Regulator (synthetic)", "regulator").id
    overseer = Desk(people.add_person(regulator, "overseer").id)
    seen = overseer.get("/oversight/families/")
    assert re.search(r"Held back today</dt><dd[^>]*>1</dd>", seen)
    gate.set_death(UPN, home_of.clock.now().date(), actor=home_of.staff[0], config=home_of.config, clock=home_of.clock)
    assert re.search(r"Deaths that one person spoke of</dt><dd[^>]*>1</dd>", overseer.get("/oversight/families/"))
    assert "0 late, 0 late soon." in seen
    for secret in ("A. Psychologist", "ethnicity", UPN):
        assert secret not in seen
    overseer.get(path, 403)


def test_what_is_late_soon_is_on_the_overseers_first_page_before_it_is_late(home_of: Home) -> None:
    link = home_of.link(0)
    asked = rights.packs.ask_for_pack(link, home_of.clock)
    assert isinstance(asked, rights.packs.PackView)

    def seen(day: date) -> tuple[int, int]:
        found = standing(FixedClock(home_of.clock.now() + (day - home_of.clock.now().date())))
        return found.late, found.late_soon

    assert seen(asked.due - timedelta(days=20)) == (0, 0)
    assert seen(asked.due - timedelta(days=3)) == (0, 1)
    assert seen(asked.due) == (0, 1)
    assert seen(asked.due + timedelta(days=1)) == (1, 0)
    assert ChildLink.objects.count() == 1


def test_letters_are_in_words_that_a_worried_parent_reads(home_of: Home) -> None:
    said = {
        "object": {"of": "purpose", "target": "education-research"}, "stop": {"reason": "legal-claim"},
        "decline": {"item": "census_pupil.ethnicity"}, "case-say": {"reference": "RC-7K3M-Q9PT"},
        "case-challenge": {"item": "census_pupil.ethnicity"},
    }  # fmt: skip
    for act in sorted(rights.helping.ACTS):
        given = {"act": act, **said.get(act.removesuffix("-no-more"), {})}
        letter = words.acted(
            4711, given, "Asked by telephone.", "by telephone", "a number was read out", date(2026, 9, 1), "https://x"
        )
        assert grade(letter) < 9, act
    for step in words.STEPS:
        given = {"act": "case-say", "event": step, **said["case-say"]}
        letter = words.acted(
            4711, given, "Asked.", "by telephone", "a number was read out", date(2026, 9, 1), "https://x"
        )
        assert grade(letter) < 9, step
    assert grade(words.lifting("A claim in court.", date(2026, 9, 20), 0, "https://x")) < 9
    subject, mail = words.lifting_mail(date(2026, 9, 20), "https://x")
    assert grade(f"{subject}. {mail}") < 9


def test_a_letter_about_a_case_is_saved_and_said_to_be_posted_on_a_day(home_of: Home, staff: list[Desk]) -> None:
    link = home_of.confirmed(way="held").link_id
    one, other = staff
    first, second = home_of.staff
    letters = "/custodian/letters/"
    assert "No letter about a case waits." in one.get(letters)
    one.post("/custodian/behalf/", link=link, channel="counter", how="photo-document")
    asked = {"kind": "erasure", "text": "It was never to be kept.", "reason": "Asked at the counter."}
    one.post(f"{one.at}{link}/case/", **asked)
    case = Case.objects.get().reference
    page = other.get(f"/custodian/recourse/{case}/")
    assert "This family is told on paper: each letter has to be posted." in page
    decided = {"outcome": "refused", "text": "The law wants it kept.", "provision": "Article 17(3)(b)"}
    done = other.post(f"/custodian/recourse/{case}/step/decide/", **decided)
    assert "Done. The family is told on paper: look at the letters to be posted." in done
    assert "This letter waits to be posted." in done
    waits = one.get(letters)
    (path,) = set(re.findall(r"/custodian/letters/case/[\w-]+/\d+/", waits))
    assert path.startswith(f"{letters}case/{case}/")
    for told in ("We decided", str(link), "3 September 2026", "1 October 2026"):  # two working days; the month by law
        assert told in waits
    shown = one.get(path)
    assert "The law wants it kept." not in shown  # no word of it before it is opened, which is noted
    assert {CHILDREN[1].forename, CHILDREN[1].surname, UPN} & set(re.split(r"\W+", waits + shown)) == set()
    saved = one.client.get(f"{path}pdf/")
    assert (saved.status_code, saved.headers["Content-Type"]) == (200, "application/pdf")
    assert saved.content.startswith(b"%PDF-")
    assert 'attachment; filename="' in saved.headers["Content-Disposition"]
    assert [step.actor for step in CaseStep.objects.filter(event="read_case")] == [second, first]
    assert "Enter the day on which you posted it" in one.post(path)
    assert "Write the day like 27/3/2027" in one.post(path, posted_on="soon")
    assert "This day is still to come." in one.post(path, posted_on="2/9/2026")
    assert "The letter was not written yet on this day." in one.post(path, posted_on="31/8/2026")
    assert "It is noted that you posted it." in one.post(path, posted_on="1/9/2026")
    assert "No letter about a case waits." in one.get(letters)
    for gone in (path, f"{path}pdf/", f"{letters}case/RC-2222-2222/2/", f"{letters}case/RC-2222-2222/2/pdf/"):
        one.get(gone, 404)
    posted = other.get(f"/custodian/recourse/{case}/")
    assert f"We posted this letter on 1 September 2026. · {first}" in posted
    # The family reads the day on its page, were it to sign in, and no number of anybody's.
    parent = Client()
    parent.force_login(Account.objects.get(pk=ChildLink.objects.get(public_id=link).account_id))
    theirs = text(parent.get(f"/family/child/{link}/cases/{case}/"))
    assert "We posted this letter on 1 September 2026." in theirs
    assert first not in theirs
    regulator = people.add_organisation("Regulator (synthetic)", "regulator").id
    overseer = Desk(people.add_person(regulator, "overseer").id)
    assert re.search(
        r"Posted in the last 91 days</dt><dd[^>]*>1, of these 0 late</dd>", overseer.get("/oversight/families/")
    )
    overseer.get(letters, 403)
