"""Papers at a school's counter: two people look, the school learns nothing of the child, every state is walked."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from schoolgate import desk, gate, people, requests, rights
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refused, insist
from schoolgate.people.models import Account
from schoolgate.rights import papers
from schoolgate.rights.models import PaperClaim
from tests.web.staff import PASSWORD, sign_in_as
from tests.world import CHILDREN, OTHER_URN, URN, load_children

pytestmark = pytest.mark.django_db

UPN = CHILDREN[1].upn
AT = "/school/papers/"
SHOWN = {"standing": "carer", "evidence": ["birth-certificate", "passport"]}


class Counter:
    """A school's counter, and two people of the custodian's."""

    def __init__(self, config: Config, clock: FixedClock) -> None:
        self.config, self.clock = config, clock
        ministry = people.add_organisation("Ministry (synthetic)", "custodian").id
        self.staff = people.add_person(ministry, "custodian").id
        self.accounts = {}
        for urn in (URN, OTHER_URN):
            self.accounts[urn] = people.create_account(f"office-{urn}@example.org", PASSWORD, role="school").id
            people.set_school(self.accounts[urn], urn)

    def browser(self, urn: int = URN) -> Client:
        client = Client()
        client.force_login(Account.objects.get(pk=self.accounts[urn]))
        return client

    def enter(self, upn: str = UPN, urn: int = URN) -> rights.SchoolPaper:
        evidence = dict.fromkeys(SHOWN["evidence"], "")
        made = desk.for_school(
            "school-paper-open", self.accounts[urn], config=self.config, clock=self.clock,
            upn=upn, standing="carer", evidence=evidence,
        )  # fmt: skip
        assert isinstance(made, rights.SchoolPaper), made
        return made

    def decide(self, claim: int, agree: bool) -> Any:
        given = {"claim": claim, "agree": agree, "way": "letter", "reason": "" if agree else "They do not fit."}
        return desk.do("paper-decide", self.staff, config=self.config, clock=self.clock, **given)

    def back(self, claim: int, urn: int = URN) -> Any:
        return desk.for_school(
            "school-paper-back", self.accounts[urn], config=self.config, clock=self.clock, claim=claim
        )

    def state(self, claim: int) -> str:
        row = PaperClaim.objects.get(public_id=claim)
        return papers._state(row)


@pytest.fixture
def counter(home: Config, clock: FixedClock, settings: Any) -> Counter:
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    load_children(home, clock)
    requests.ensure_built_in(clock)
    return Counter(home, clock)


def test_the_school_enters_what_it_saw_and_the_custodian_looks_again(counter: Counter) -> None:
    office = counter.browser()
    page = office.post(AT, {"upn": UPN, **SHOWN}, follow=True).content.decode()
    (reference,) = set(re.findall(r"PC-\d{4}-\d{4}", page))
    assert "Give this number to the person" in page
    assert "It waits for the custodian." in page
    for part in (UPN, CHILDREN[1].forename, CHILDREN[1].surname):
        assert part not in page  # of the child there is nothing, not even what was typed
    staff = Client()
    sign_in_as(staff, counter.staff)
    waiting = staff.get("/custodian/papers/").content.decode()
    assert reference in waiting
    assert f"school:{URN}" in waiting
    (address,) = set(re.findall(r"/custodian/papers/\d+/", waiting))
    made = staff.post(address, {"agree": "yes", "way": "letter", "reason": ""}).content.decode()
    assert re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", made)
    assert "It is dealt with." in office.get(AT).content.decode()


def test_the_answer_is_the_same_whether_or_not_the_child_is_there(counter: Counter) -> None:
    """A pupil of its own, of another school, a shielded one, nobody's number, and no number at all."""
    gate.set_shield(CHILDREN[0].upn, True, actor=counter.staff, config=counter.config, clock=counter.clock)
    office, told = counter.browser(), set()
    for upn in (UPN, CHILDREN[5].upn, CHILDREN[0].upn, "A000000000000", "nonsense"):
        page = office.post(AT, {"upn": upn, **SHOWN}, follow=True)
        text = re.sub(r"PC-\d{4}-\d{4}|csrfmiddlewaretoken[^>]*|papers/\d+/", "", page.content.decode())
        told.add((page.status_code, text[: text.index("What you wrote down")]))
        for row in PaperClaim.objects.filter(outcome=""):
            assert counter.back(row.public_id) is True  # a claim that fits none is taken back like any other
    assert len(told) == 1
    # The custodian sees that it fits none, and cannot say yes to it.
    lost = counter.enter("A000000000000")
    staff = Client()
    sign_in_as(staff, counter.staff)
    assert "No one record fits the number" in staff.get("/custodian/papers/").content.decode()
    refused = counter.decide(lost.id, True)
    assert isinstance(refused, Refused)
    assert {one.code for one in refused.reasons} == {"no-one-record"}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"standing": "carer", "evidence": ["passport"]}, "Enter the pupil’s number"),
        ({"upn": UPN, "evidence": ["passport"]}, "Choose one"),
        ({"upn": UPN, "standing": "carer"}, "Tick what you have seen"),
        ({"upn": UPN, "standing": "carer", "evidence": ["a-cheque"]}, "Tick what is in the list"),
        ({"upn": "9" * 30, **SHOWN}, "A pupil’s number has 13 letters and digits"),
    ],
)
def test_what_is_missing_is_said_at_its_field(sent: dict[str, Any], said: str, counter: Counter) -> None:
    assert said in counter.browser().post(AT, sent).content.decode()
    assert not PaperClaim.objects.exists()


def test_every_move_of_a_claim_is_taken_and_no_other(counter: Counter) -> None:
    """The table is walked through the real acts: from each state, every event by who may, and by who may not."""
    ways = {"waits": UPN, "unmatched": "A000000000000"}
    taken = {("shown", "enter", "waits"), ("shown", "enter_unmatched", "unmatched")}
    acts = {
        "confirm": lambda claim: counter.decide(claim, True),
        "refuse": lambda claim: counter.decide(claim, False),
        "withdraw": counter.back,
    }
    for state, upn in ways.items():
        for event, act in acts.items():
            claim = counter.enter(upn).id
            assert counter.state(claim) == state
            role = "school" if event == "withdraw" else "custodian"
            may = not hasattr(rights.PAPER.move(state, event, role), "code")
            assert isinstance(act(claim), Refused) is not may
            if may:
                taken.add((state, event, counter.state(claim)))
            over = counter.state(claim)
            for again in acts.values() if may else ():
                assert isinstance(again(claim), Refused)  # what is over stays over
                assert counter.state(claim) == over
    assert taken == {(move.source, move.event, move.target) for move in rights.PAPER.moves}


def test_another_schools_claim_is_not_there_and_a_school_has_so_many_at_once(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = counter.enter().id
    outcomes = [counter.back(one, OTHER_URN) for one in (claim, 12345)]
    assert isinstance(outcomes[0], Refused)
    assert outcomes[0] == outcomes[1]
    assert "PC-" not in counter.browser(OTHER_URN).get(AT).content.decode()
    monkeypatch.setattr(papers, "MOST_WAITING", 1)
    assert "wait already" in counter.browser().post(AT, {"upn": UPN, **SHOWN}).content.decode()
    insist(counter.back(claim))
    assert counter.enter().waits
