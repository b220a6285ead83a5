"""2016 to 2018: nationality and country of birth were collected; parents were not told that they could decline.

Here the notice is made from what each census asks: the two facts appear as new, each says that a family need not give
it, in words a child reads too; when they are dropped the notice says so; and a family's no counts from the next read.
"""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from schoolgate import (
    collect,
    consent,
    declining,
    dictionary,
    gate,
    ledger,
    notices,
    oversight,
    people,
    register,
    requests,
    rights,
)
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.gate.erasing.past import replace_past
from schoolgate.people.models import Account
from tests.collect.paper import paper, pupil
from tests.history import scene
from tests.world import CHILDREN, URN, World, build

pytestmark = pytest.mark.django_db(transaction=True)

FACTS = ("nationality", "country-of-birth")


def on(day: date) -> notices.Picture:
    return notices.Picture(day=day.isoformat(), uses=(), facts=notices.facts_on(day))


def asked(day: date) -> dict[str, notices.Fact]:
    return {fact.id: fact for fact in notices.facts_on(day) if not fact.last}


def test_a_notice_before_the_first_census_tells_of_both_as_new_and_that_nobody_has_to_give_them() -> None:
    before, after = date(2015, 9, 1), date(2016, 7, 1)  # the census that asks them first is in October
    assert not set(FACTS) & set(asked(before))
    assert set(FACTS) <= set(asked(after))
    assert all(asked(after)[fact].may_decline for fact in FACTS)
    found = notices.changes(on(before), on(after))
    new = {change.value for change in found if change.is_new}
    assert set(FACTS) <= new
    assert all(change.needs_notice for change in found if change.value in FACTS)


@pytest.mark.parametrize("ages", ["", "8-11", "12-15"])
def test_parents_and_children_read_what_they_need_not_give(ages: str) -> None:
    text = notices.compose(on(date(2016, 10, 1)), notices.audience(ages=ages), site="https://pupils.example").whole
    assert "ationality" in text
    assert any(words in text for words in ("do not have to give", "need not give", "may say no", "decline"))


def test_when_they_are_dropped_the_notice_says_that_they_are_asked_no_longer() -> None:
    later = {fact.id: fact.last for fact in notices.facts_on(date(2019, 1, 1))}
    assert later["nationality"] == later["country-of-birth"] == "summer 2018"
    gone = {change.value for change in notices.changes(on(date(2018, 5, 1)), on(date(2019, 1, 1))) if not change.is_new}
    assert set(FACTS) <= gone


def test_neither_is_in_the_lake_so_nobody_reads_what_was_dropped(home: Config, clock: FixedClock) -> None:
    world = build(home, clock)
    held = {column.census_column.lower() for table in dictionary.lake_tables() for column in table.columns}
    assert not held & {"nationality", "countryofbirth"}
    answer = gate.read(world.agreement, world.person, "SELECT nationality FROM census_pupil", config=home, clock=clock)
    assert "unknown-item" in scene.refused(answer)


def test_what_was_asked_then_lies_in_the_returns_alone_and_past_its_day_everybody_is_told(
    home: Config, clock: FixedClock, settings: Any
) -> None:
    build(home, clock)
    rule = oversight.kept_until()["return.nationality"]
    assert rule.last_day(2018) == date(2024, 12, 31)
    with transaction.atomic():
        loaded = {"year": 2018, "term": "SPR", "schools": 2, "snapshot": 1}
        register.append_event("term.loaded", "2018 SPR", loaded, clock.now())
    said = scene.page(scene.public(clock, home, settings), "/processing/")
    assert "Nationality, as the school sent it (6 years)" in said
    assert f"{rule.holds}, from the censuses of 2018: it should have gone by 31 December 2024." in said


def test_a_family_s_no_counts_from_the_very_next_read(home: Config, clock: FixedClock) -> None:
    world: World = build(home, clock)
    purpose = requests.get(world.agreement).purpose
    consent.lodge_objection(world.pmrs[2], purpose, actor="family:1", clock=clock)
    answer = gate.read(world.agreement, world.person, scene.SEX, config=home, clock=clock)
    assert isinstance(answer, gate.Handover)
    gate.settle_pending(home, clock)
    assert ledger.release(answer.release_id).member_count == 5
    assert scene.family(world.pmrs[2], home) == []
    assert scene.figures("2026-Q3")["objections", f"pupils kept out of {purpose}"] == "fewer than 10"


def test_a_family_declines_on_its_page_and_the_old_returns_lose_what_they_said(
    home: Config, clock: FixedClock, settings: Any
) -> None:
    settings.CONFIG, settings.CLOCK = home, clock
    build(home, clock)
    said = "<Nationalities><Nationality>AFG</Nationality></Nationalities>"
    sent = collect.submit(
        io.BytesIO(paper(pupil(UPN=CHILDREN[2].upn, extra=said), Term="SPR", Year="2017", ReferenceDate="2017-01-19")),
        clock=clock, config=home, actor="school",
    )  # fmt: skip
    code = rights.issue_code(URN, CHILDREN[2].upn, school_actor="school:100008", clock=clock, config=home)
    assert not isinstance(code, Refusal)
    account = people.create_account("parent@example.com", "three words that differ")
    link = rights.redeem_code(account.id, code.text, clock, config=home)
    assert not isinstance(link, Refusal)
    browser = Client()
    browser.force_login(Account.objects.get(pk=account.id))
    page = f"/family/child/{link.id}/declining/"
    assert "Facts that were asked for once" in browser.get(page).content.decode()
    asked_once_more = browser.get(f"{page}return.nationality/")
    assert "REF" in asked_once_more.content.decode()
    assert "no-store" in asked_once_more.headers["Cache-Control"]
    assert collect.mentions(sent.return_id, [b"AFG"], home)  # looking changes nothing
    assert browser.post(f"{page}return.nationality/").status_code == 302
    assert browser.get(f"{page}census_pupil.sex/").status_code == 404  # what the law makes a school send
    replace_past.func(config=home, clock=clock)
    assert collect.mentions(sent.return_id, [b"<Nationality>REF</Nationality>"], home)
    assert not collect.mentions(sent.return_id, [b"AFG"], home)
    assert "rather not tell" in browser.get(page).content.decode()
    assert browser.post(f"{page}return.nationality/take-back/").status_code == 302
    assert declining.declined_by_upn([CHILDREN[2].upn], home) == {}
