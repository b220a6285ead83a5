"""Always: "once stored, never deleted"; people of forty and over are still held, and copies lie wherever they were sent.

Here what was given out has a last day; the agreement ends by itself; destruction is certified in public with a witness,
or it is overdue in public, holds up every other request of the organisation, and reaches the overseer unasked. What the
custodian keeps itself has a last day for each item, with its reason; nothing erases it by itself yet, so that what is
past its day is named to everybody that same day.
"""

from __future__ import annotations

import html
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from schoolgate import dictionary, gate, oversight, register, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.history import scene
from tests.requests import road
from tests.requests.filled import filled
from tests.web.staff import signed_in
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(home: Config, clock: FixedClock) -> World:
    return build(home, clock)


def noon(day: date) -> FixedClock:
    return FixedClock(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def ended(world: World, home: Config, clock: FixedClock) -> tuple[date, date]:
    """Read, and let the last day pass: the day it ended on, and the last day by which all must be gone."""
    assert isinstance(gate.read(world.agreement, world.person, scene.SEX, config=home, clock=clock), gate.Handover)
    over = requests.get(world.agreement).valid_until + timedelta(days=1)
    assert requests.expire_due(noon(over - timedelta(days=1))) == ()
    assert requests.expire_due(noon(over)) == (world.agreement,)  # nobody had to remember
    (ending,) = requests.overdue(date(2099, 1, 1))
    return over, ending.due


def test_an_agreement_ends_by_itself_and_reads_nothing_more(world: World, home: Config, clock: FixedClock) -> None:
    over, _ = ended(world, home, clock)
    assert scene.refused(gate.read(world.agreement, world.person, scene.SEX, config=home, clock=noon(over)))
    assert scene.told("agreement.ended")[-1]["reason"] == "Its last day is past."


def test_what_is_not_destroyed_in_time_is_public_and_holds_up_everything_else(
    world: World, home: Config, clock: FixedClock, settings: Any
) -> None:
    _, due = ended(world, home, clock)
    assert requests.note_overdue(noon(due)) == ()
    late = noon(due + timedelta(days=1))
    assert [one.agreement_id for one in requests.note_overdue(late)] == [world.agreement]
    (entry,) = scene.told("destruction.overdue")
    assert (entry["agreement"], entry["due"]) == (world.agreement, due.isoformat())
    spec = replace(
        requests.application(world.agreement).spec, valid_from=due, valid_until=due + timedelta(days=200),
        retention_until=due + timedelta(days=230), title="Another request",
    )  # fmt: skip
    asked = requests.insist(requests.submit_application(filled(spec), world.person, late))
    assert "destruction-overdue" in scene.refused(road.decide(asked.id, True, ["Good."], [], scene.panel(), late))
    client = scene.public(late, home, settings)
    signed_in(client, "overseer")
    assert "Is data destroyed when its time is over? overdue: 1" in scene.page(client, "/oversight/")


def test_a_certificate_with_a_witness_ends_it_in_public(world: World, home: Config, clock: FixedClock) -> None:
    over, due = ended(world, home, clock)
    witness = scene.custodian()
    done = road.destroyed(
        world.agreement, "key-destroyed: the laptop's key was erased.", world.person, witness, noon(over)
    )
    assert requests.insist(done).state == "destroyed"
    (entry,) = scene.told("destruction.certified")
    assert entry["witnessed_by"]
    assert requests.overdue(due + timedelta(days=400)) == ()
    quarter = f"{over.year}-Q{(over.month + 2) // 3}"
    assert scene.figures(quarter)["destruction", "certified"] == "1"
    assert scene.figures(quarter)["destruction", "overdue"] == "0"


def test_each_item_of_the_store_has_a_last_day_and_somebody_of_forty_is_not_held_in_silence(
    world: World, home: Config, clock: FixedClock, settings: Any
) -> None:
    rules = oversight.kept_until()
    facts = {column.item_id for table in dictionary.lake_tables() for column in table.columns if column.kind == "item"}
    assert facts | {one.id for one in dictionary.identity_items()} <= set(rules)
    assert all(rule.why and rule.source for rule in rules.values())
    with transaction.atomic():
        loaded = {"year": 2026, "term": "AUT", "schools": 2, "snapshot": 1}
        register.append_event("term.loaded", "2026 AUT", loaded, clock.now())
    client = scene.public(clock, home, settings)
    said = scene.page(client, "/processing/")
    assert all(rule.in_words in html.unescape(said) for rule in set(rules.values()))
    assert "should have gone by" not in said
    past = max(rule.last_day(2026) for rule in rules.values()) + timedelta(days=1)
    client = scene.public(noon(past), home, settings)
    assert "Names, numbers and date of birth, sealed apart, from the censuses of" in scene.page(client, "/processing/")
