"""“Your choices”, on a real installation: said and taken back on the page, and heard by the very next question."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

import schoolgate.dictionary
from schoolgate import consent, dictionary, gate, people, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.ids import Pmr
from schoolgate.people.models import Account
from tests.requests import road
from tests.requests.filled import filled
from tests.web import rooms
from tests.web.conftest import PASSWORD
from tests.web.furnished import linked
from tests.world import CHILDREN, World, build

pytestmark = pytest.mark.django_db(transaction=True)

PLAA = "census_pupil.plaa"
CHILD = Pmr(1)
EVERYBODY = "SELECT pupil, sex FROM census_pupil"


@dataclass
class Page:
    """A parent's browser on the choices of one child, and a researcher who asks."""

    browser: Client
    world: World
    config: Config
    clock: FixedClock
    link: int
    account: int

    def get(self, path: str) -> str:
        answer = self.browser.get(f"/family/child/{self.link}/{path}")
        assert answer.status_code == 200, (path, answer.status_code)
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.content.decode()

    def post(self, path: str, **sent: str) -> str:
        answer = self.browser.post(f"/family/child/{self.link}/{path}", sent, follow=True)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content.decode()

    def counted(self, sql: str = EVERYBODY, agreement: str = "") -> int:
        answer = gate.read(
            agreement or self.world.agreement, self.world.person, sql, config=self.config, clock=self.clock
        )
        assert isinstance(answer, gate.Handover), answer
        return answer.table.num_rows

    def button(self, words: str) -> str:
        """Where the first button or link of these words leads."""
        page = self.get("choices/")
        found = re.search(rf'href="/family/child/{self.link}/([^"]*)"[^>]*>{re.escape(words)}', page)
        assert found, words
        return found.group(1)


@pytest.fixture
def choices(home: Config, clock: FixedClock, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Page:
    settings.CONFIG, settings.CLOCK = home, clock
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(schoolgate.dictionary, "open_dictionary", lambda directory: rooms.Items(), raising=False)
    cache.clear()
    world = build(home, clock)
    parent = Account.objects.create_user("parent@example.org", PASSWORD)
    link = linked(parent, CHILDREN[1].upn, home, clock)
    browser = Client()
    browser.force_login(parent)
    return Page(browser, world, home, clock, link.id, int(parent.pk))


def test_each_kind_of_no_is_two_steps_and_so_is_taking_it_back(choices: Page) -> None:
    recipient = requests.get(choices.world.agreement).organisation_id
    assert "Nothing yet." in choices.get("choices/")
    scopes = {
        "purpose/education-research/": "Education research",
        "kind/university/": "Universities",
        f"recipient/{recipient}/": "University of Example (synthetic)",
        "all/everything/": "Every use that you may refuse",
    }
    for path, name in scopes.items():
        assert "The next answer will not contain your child." in choices.get(f"object/{path}")
        assert choices.counted() == 6  # asking to be asked once more changes nothing
        page = choices.post(f"object/{path}")
        assert "Your “no” is recorded. It counts from the next question on." in page
        assert f"<h3>{name}</h3>" in page
        assert "Said on 1 September 2026 by you." in page
        assert choices.counted() == 5
        undo = choices.button("Take my “no” back")
        assert undo == f"withdraw/{path}"
        assert "Do you want to take your “no” back?" in choices.get(undo)
        assert "You took your “no” back" in choices.post(undo)
        assert choices.counted() == 6
    assert "Nothing yet." in choices.get("choices/")


def test_where_a_law_lets_a_use_go_on_the_page_names_it_and_what_can_still_be_done(choices: Page) -> None:
    funding = next(one for one in dictionary.purposes() if one.id == "school-funding")
    asked = choices.get("object/purpose/school-funding/")
    assert funding.provision in asked
    assert "will not contain your child" not in asked
    for way in ("Say no to other uses", "Ask that nobody uses the record for now", "ico.org.uk"):
        assert way in asked
    said = choices.post("object/purpose/school-funding/")
    assert "But a law lets this use go on." in said
    assert "It counts from the next question on." not in said
    assert "the law overrides it" in said
    assert funding.provision in said
    # A no to all, or to who asks, names the uses that go on.
    wider = choices.get("object/all/everything/")
    assert "What goes on by law all the same" in wider
    for purpose in dictionary.purposes():
        own = purpose.id in ("subject-access", "own-pupils")
        assert (f"{purpose.name}: " in wider) == (purpose.statutory_override and not own), purpose.id


def test_what_another_account_and_staff_said_is_shown_as_theirs_and_is_not_this_accounts_to_end(choices: Page) -> None:
    consent.lodge_objection(CHILD, "education-research", actor="account:777", clock=choices.clock)
    consent.restrict(CHILD, reason="unlawful-use", actor="P-0004", clock=choices.clock)
    page = choices.get("choices/")
    assert "Said on 1 September 2026 by somebody else who acts for your child." in page
    assert "Asked for on 1 September 2026 by our staff." in page
    assert "777" not in page
    assert "P-0004" not in page
    assert "Let it be used again" not in page  # what staff placed is not the family's to end
    assert "another person said no" in page
    assert "Take my “no” back" not in page
    refused = choices.browser.post(f"/family/child/{choices.link}/withdraw/purpose/education-research/")
    assert refused.status_code == 409
    assert "Somebody else who may decide for the child said this “no”, so it stays." in refused.content.decode()
    choices.post("stop/unlawful-use/end/")
    assert [one.lodged_by for one in consent.objections_of(CHILD)] == ["account:777"]
    assert [one.reason for one in consent.restrictions_of(CHILD)] == ["unlawful-use"]


def test_where_both_said_no_the_page_says_before_and_after_that_the_childs_no_stays(choices: Page) -> None:
    consent.lodge_objection(CHILD, "education-research", actor="account:777", clock=choices.clock)
    path = "withdraw/purpose/education-research/"
    assert "Somebody else said this “no”, so it stays" in choices.get(path)
    choices.post("object/purpose/education-research/")
    assert "It stays until they take theirs back." in choices.get("choices/")
    assert "So your child stays out of the answers, even when you take your “no” back." in choices.get(path)
    assert "so your child stays out of the answers." in choices.post(path)
    assert choices.counted() == 5
    consent.withdraw_objection(CHILD, "education-research", actor="account:777", clock=choices.clock)
    assert choices.counted() == 6


def test_another_adults_stop_is_shown_and_is_not_this_accounts_to_end(choices: Page) -> None:
    consent.restrict(CHILD, reason="legal-claim", actor="account:777", clock=choices.clock)
    page = choices.get("choices/")
    assert "Another person who may decide for the child asked for this." in page
    assert "Let it be used again" not in page
    assert choices.browser.post(f"/family/child/{choices.link}/stop/legal-claim/end/").status_code == 409
    assert consent.restricted_pupils() == [CHILD]


def test_a_record_is_stopped_for_one_of_the_laws_reasons_and_the_family_ends_it(choices: Page) -> None:
    form = choices.get("stop/")
    assert form.count('type="radio"') == 4
    assert '" checked' not in form
    wrong = choices.post("stop/")
    assert '<a href="#id_reason">Choose a reason</a>' in wrong
    assert 'id="id_reason"' in wrong
    assert "Choose a reason" in choices.post("stop/", reason="because")
    assert choices.counted() == 6
    page = choices.post("stop/", reason="accuracy-contested")
    assert "Nobody uses your child’s record for now." in page
    assert choices.counted() == 5
    lifts_on = date(2026, 9, 1) + consent.NOTICE_BEFORE_LIFTING
    consent.tell_of_lifting(
        CHILD, reason="accuracy-contested", lifts_on=lifts_on, tell=list, actor="P-0004", clock=choices.clock
    )
    assert "We mean to end this on 8 September 2026." in choices.get("choices/")
    choices.post(choices.button("Let it be used again"))
    assert choices.counted() == 6


def test_an_item_that_is_being_checked_stands_on_the_page(choices: Page) -> None:
    consent.dispute_item(CHILD, rooms.LANGUAGE, case="C-1", actor=f"account:{choices.account}", clock=choices.clock)
    assert "nobody is given this fact about your child" in choices.get("choices/")


@pytest.fixture
def asked(choices: Page) -> str:
    """An agreement that may read an item that needs a yes; its number."""
    spec = requests.application(choices.world.agreement).spec
    panel = [one.id for one in people.persons() if one.role == "panel"][:2]
    official = next(one.id for one in people.persons() if one.role == "custodian")
    wider = filled(
        spec.__class__(**{**{n: getattr(spec, n) for n in spec.__dataclass_fields__}, "items": (*spec.items, PLAA)})
    )
    made = requests.insist(requests.submit_application(wider, choices.world.person, choices.clock))
    requests.insist(road.decide(made.id, True, ["It serves pupils."], [], panel, choices.clock))
    return str(requests.insist(road.sign(made.id, official, choices.clock)).id)


def test_a_yes_is_given_on_the_page_for_one_item_use_and_organisation_and_taken_back(choices: Page, asked: str) -> None:
    sql = "SELECT pupil, plaa FROM census_pupil"
    assert choices.counted(sql, asked) == 0
    page = choices.get("choices/")
    assert "University of Example (synthetic) asks for it" in page
    path = choices.button("Read more, and say yes")
    assert path == f"yes/{asked}/{PLAA}/"
    form = choices.get(path)
    assert '" checked' not in form
    assert '<a href="#id_how_long">Choose how long</a>' in choices.post(path)
    assert "Your “yes” is recorded." in choices.post(path, how_long="a-year")
    (given,) = consent.consents_of(CHILD)
    assert given.last_day == date(2026, 9, 1) + timedelta(days=365)
    assert choices.counted(sql, asked) == 1
    page = choices.get("choices/")
    assert "Read more, and say yes" not in page
    assert "It counts until 1 September 2027." in page
    undo = choices.button("Take my “yes” back")
    assert "Do you want to take your “yes” back?" in choices.get(undo)
    assert "You took your “yes” back." in choices.post(undo)
    assert choices.counted(sql, asked) == 0
    assert choices.browser.get(f"/family/child/{choices.link}/{undo}").status_code == 404


def test_a_yes_that_nobody_asks_for_cannot_be_given(choices: Page, asked: str) -> None:
    for path in (
        f"yes/{choices.world.agreement}/{PLAA}/",
        "yes/A-1066-0001/census_pupil.plaa/",
        f"yes/{asked}/census_pupil.sex/",
    ):
        for ask in (choices.browser.get, choices.browser.post):
            assert ask(f"/family/child/{choices.link}/{path}", {"how_long": "a-year"}).status_code == 404
    assert consent.consents_of(CHILD) == ()


WRONG = [
    "object/purpose/nothing/",
    "object/purpose/subject-access/",
    "object/kind/family/",
    "object/kind/warlord/",
    "object/recipient/O-9999/",
    "object/all/something/",
    "object/purpose/everything/",
    "object/weather/rain/",
    "withdraw/purpose/nothing/",
    "withdraw/weather/rain/",
    "stop/because/end/",
]


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_there_is_not_is_a_page_that_is_not_there_and_nothing_changes(choices: Page, method: str) -> None:
    ask: Callable[[str], Any] = getattr(choices.browser, method)
    assert {path: ask(f"/family/child/{choices.link}/{path}").status_code for path in WRONG} == dict.fromkeys(
        WRONG, 404
    )
    assert consent.objections_of(CHILD) == ()
    assert consent.restrictions_of(CHILD) == ()


def test_the_one_organisation_that_is_meant_is_found_by_a_part_of_its_name(choices: Page) -> None:
    found = choices.get("object/?q=of+exam")
    recipient = requests.get(choices.world.agreement).organisation_id
    assert f"object/recipient/{recipient}/" in found
    assert "No organisation of that name" in choices.get("object/?q=<script>alert(1)</script>")
    assert "Found" not in choices.get("object/?q=")


def test_another_familys_choices_are_neither_seen_nor_changed(choices: Page) -> None:
    other = Account.objects.create_user("other@example.org", PASSWORD)
    linked(other, CHILDREN[2].upn, choices.config, choices.clock)
    consent.lodge_objection(CHILD, "education-research", actor=f"account:{choices.account}", clock=choices.clock)
    choices.browser.force_login(other)
    for path in ("choices/", "object/", "stop/", "withdraw/purpose/education-research/", "stop/legal-claim/end/"):
        theirs = choices.browser.get(f"/family/child/{choices.link}/{path}")
        nobodys = choices.browser.get(f"/family/child/424242/{path}")
        assert theirs.status_code == nobodys.status_code == 404, path
        assert theirs.content == nobodys.content
    for path in ("withdraw/purpose/education-research/", "object/all/everything/", "stop/legal-claim/end/"):
        assert choices.browser.post(f"/family/child/{choices.link}/{path}").status_code == 404
    assert [one.purpose_id for one in consent.objections_of(CHILD)] == ["education-research"]
