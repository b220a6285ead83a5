"""An adult who once had a way in, and looks for where a shielded child is now.

A canary school stands in the child's record, in the looks by schools and in an agreement of one area. Every page of a
family is opened before and after the shield, and searched for it: by the adult who had a link, and by the safe adult who
was confirmed since. What a page that is closed answers, and the work done for it, are those of a page that never was.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from schoolgate import desk, dictionary, gate, people, requests, rights
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import insist
from schoolgate.people.models import Account
from schoolgate.rights.packs.making import make_pack
from tests.web.access import patterns
from tests.world import CHILDREN, URN, World, another, build

pytestmark = pytest.mark.django_db

CHILD = CHILDREN[1]
PASSWORD = "correct horse battery"


def canaries() -> set[str]:
    """Whatever names the school or its area."""
    school = dictionary.establishment(URN)
    assert school is not None
    return {school.name, str(URN), school.authority_name, CHILD.upn}


@dataclass
class Place:
    """The world, and who looks; `local` are agreements about one authority's pupils, and about one school's."""

    world: World
    config: Config
    clock: FixedClock
    staff: list[str]
    links: dict[str, int]
    clients: dict[str, Client]
    local: set[str]

    def pages(self, who: str) -> Iterator[tuple[str, int, str]]:
        """Every address below the child's, by GET and by POST: address, status, text with headers."""
        for pattern in patterns():
            route = str(pattern.pattern)
            if not route.startswith("family/") or pattern.name in ("sign-out", "sign-out-everywhere", "child-give-up"):
                continue
            given: dict[str, Any] = {}
            for part in pattern.pattern.converters:
                given[part] = {
                    "link_id": self.links[who], "purpose_id": "education-research",
                }.get(part, 1 if "int" in type(pattern.pattern.converters[part]).__name__.lower() else "R-0")  # fmt: skip
            address = reverse(str(pattern.name), kwargs=given)
            for method in ("get", "post"):
                answer = getattr(self.clients[who], method)(address)
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
                yield f"{method} {address}", answer.status_code, f"{answer.headers}{body.decode('utf-8', 'replace')}"
        yield from self.list_of(who)

    def lines(self, who: str) -> set[str]:
        """Under which agreements the child was read, as this adult is told."""
        account = people.find_account(f"{who}@example.org").id
        (link,) = rights.children(account)
        return {line.agreement_id for line in rights.lines_for(link)}

    def list_of(self, who: str) -> Iterator[tuple[str, int, str]]:
        answer = self.clients[who].get("/family/")
        yield "get /family/", answer.status_code, answer.content.decode()


@pytest.fixture
def place(home: Config, clock: FixedClock, settings: Any) -> Place:
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    world = build(home, clock)
    school = dictionary.establishment(URN)
    assert school is not None
    chosen = requests.CohortCondition("urn", (str(URN),))
    local = {
        another(world, clock, title="Only here", authorities=(school.laestab.authority,)),
        another(world, clock, title="Only these", cohort=(chosen,)),
    }
    ministry = people.find_organisation("Ministry (synthetic)").id
    staff = [people.add_person(ministry, "custodian").id for _ in range(2)]
    for agreement in (world.agreement, *sorted(local)):
        sql = "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex"
        assert isinstance(gate.read(agreement, world.person, sql, config=home, clock=clock), gate.Handover)
    gate.settle_pending(home, clock)
    links, clients = {}, {}
    for who in ("estranged", "safe"):
        account = people.create_account(f"{who}@example.org", PASSWORD)
        code = rights.issue_code(URN, CHILD.upn, school_actor=f"school:{URN}", clock=clock, config=home)
        assert isinstance(code, rights.IssuedCode)
        link = rights.redeem_code(account.id, code.text, clock, config=home)
        assert isinstance(link, rights.ChildLink)
        links[who], clients[who] = link.id, Client()
        clients[who].force_login(Account.objects.get(pk=account.id))
    return Place(world, home, clock, staff, links, clients, local)


def shielded(place: Place) -> None:
    gate.set_shield(CHILD.upn, True, actor=place.staff[0], config=place.config, clock=place.clock)


def found_in(place: Place, who: str) -> list[str]:
    names = canaries()
    return [address for address, _, text in place.pages(who) if any(name in text for name in names)]


def named_in(piece: str) -> list[str]:
    """What of a copy says where."""
    text = b64decode(piece).decode()
    return [name for name in canaries() if name in text]


def family(place: Place, who: str, act: str, clock: FixedClock, **given: Any) -> Any:
    account = people.find_account(f"{who}@example.org").id
    return desk.for_family(act, account, place.links[who], config=place.config, clock=clock, **given)


def a_copy(place: Place, who: str, clock: FixedClock) -> str:
    """A copy of everything, made for this adult."""
    pack = insist(family(place, who, "copy-ask", clock)).id
    assert make_pack(pack, config=place.config, clock=clock)
    return str(pack)


def piece(place: Place, who: str, pack: str, clock: FixedClock) -> Any:
    return family(place, who, "copy-piece", clock, pack=pack, form="json", at=0)


def left_behind(place: Place) -> tuple[str, str]:
    """From before the shield: a copy that names the school, a case in which it is named, a "no" to an authority."""
    school = dictionary.establishment(URN)
    assert school is not None
    here = people.add_organisation(f"{school.authority_name} Council (synthetic)", "local-authority").id
    insist(family(place, "estranged", "object", place.clock, of="recipient", target=here))
    case = insist(
        family(
            place, "safe", "case-challenge", place.clock, item="census_pupil.ethnicity", row="", stands="x",
            should_be="y", wrong_since=None, text="It is wrong.",
        )
    )  # fmt: skip
    asked: dict[str, Any] = {"reference": case, "config": place.config, "clock": place.clock}
    insist(desk.do("recourse-step", place.staff[0], event="ask_source", text=f"{school.name}?", **asked))
    insist(desk.do("recourse-source", place.staff[0], source=school.name, agrees=True, text=f"{URN}: yes", **asked))
    return a_copy(place, "safe", place.clock), case


def test_nothing_of_a_familys_face_says_where_a_shielded_child_is(place: Place, settings: Any) -> None:
    # The search can find: before the shield the record names the school, and the page who asked about one area only.
    assert place.lines("estranged") == {place.world.agreement, *place.local, "A-SAR"}
    record = reverse("child-record", kwargs={"link_id": place.links["estranged"]})
    assert f"post {record}" in found_in(place, "estranged")
    pack, case = left_behind(place)
    assert len(named_in(piece(place, "safe", pack, place.clock))) == len(canaries())
    shielded(place)
    assert found_in(place, "estranged") == []
    settings.CLOCK = FixedClock(place.clock.now() + timedelta(hours=1))
    claim = insist(
        desk.do(
            "paper-open", place.staff[0], config=place.config, clock=settings.CLOCK, upn=CHILD.upn,
            standing="parental-responsibility", evidence={"court-order": ""},
        )
    )  # fmt: skip
    made = insist(
        desk.do(
            "paper-decide", place.staff[1], config=place.config, clock=settings.CLOCK, claim=claim.id, agree=True,
            way="letter", reason="",
        )
    )  # fmt: skip
    entered = place.clients["safe"].post("/family/code/", {"code": made.code})
    assert entered.status_code == 302
    place.links["safe"] = int(entered["Location"].rstrip("/").rpartition("/")[2])
    record = reverse("child-record", kwargs={"link_id": place.links["safe"]})
    shown = place.clients["safe"].post(record).content.decode()
    assert CHILD.forename in shown
    assert found_in(place, "safe") == []
    assert place.lines("safe") == {place.world.agreement, "A-SAR"}
    # What was made or written before the shield says nothing now, whoever may see the child since.
    assert [one.code for one in piece(place, "safe", pack, settings.CLOCK).reasons] == ["pack-gone"]
    fresh = piece(place, "safe", a_copy(place, "safe", settings.CLOCK), settings.CLOCK)
    assert CHILD.forename in b64decode(fresh).decode()
    assert named_in(fresh) == []
    page = place.clients["safe"].get(reverse("case", args=[place.links["safe"], case])).content.decode()
    assert "who sent the fact" in page
    assert not [name for name in canaries() if name in page]
    assert (
        place.clients["estranged"].get(reverse("child", kwargs={"link_id": place.links["estranged"]})).status_code
        == 404
    )


def steps(work: Callable[[], Any]) -> list[str]:
    """The statements that something takes, without what was asked for."""
    with CaptureQueriesContext(connection) as seen:
        work()
    return [re.sub(r"\d+|'[^']*'", "?", one["sql"]) for one in seen]


def test_a_page_that_is_closed_answers_as_one_that_never_was_for_the_same_work(place: Place) -> None:
    """The same statements in the same order, on every page of a child, by whichever method; and the same words."""
    shielded(place)
    own, never = place.links["estranged"], 4_611_686_018_427_387_903
    client = place.clients["estranged"]
    client.get("/family/")
    for pattern in patterns():
        if "link_id" not in pattern.pattern.converters:
            continue
        given = {part: 1 if "int" in type(kind).__name__.lower() else "X-0" for part, kind in
                 pattern.pattern.converters.items()}  # fmt: skip
        for method in ("get", "post"):
            addresses = [reverse(str(pattern.name), kwargs={**given, "link_id": number}) for number in (own, never)]
            answers = [getattr(client, method)(address) for address in addresses]
            said = [one.content.decode().replace(at, "") for one, at in zip(answers, addresses, strict=True)]
            assert answers[0].status_code == answers[1].status_code, pattern.name
            if answers[0].status_code == 404:
                assert said[0] == said[1], pattern.name
            closed, absent = (steps(partial(getattr(client, method), to)) for to in addresses)
            assert closed == absent, (pattern.name, method)
    # The account's list is asked in the same way whether one child is in it or was: as many queries as before.
    after = steps(lambda: client.get("/family/"))
    for who in place.staff:
        gate.set_shield(CHILD.upn, False, actor=who, config=place.config, clock=place.clock)
    assert len(after) == len(steps(lambda: client.get("/family/")))


def test_a_code_that_opens_nothing_today_takes_the_same_steps_as_one_that_never_was(place: Place) -> None:
    made = rights.issue_code(URN, CHILD.upn, school_actor=f"school:{URN}", clock=place.clock, config=place.config)
    assert isinstance(made, rights.IssuedCode)
    shielded(place)
    newcomer = people.create_account("newcomer@example.org", PASSWORD).id

    def tried(code: str) -> list[str]:
        return steps(lambda: rights.redeem_code(newcomer, code, place.clock, config=place.config))

    closed, never = tried(made.text), tried("A" * len(made.text))
    assert closed == never
