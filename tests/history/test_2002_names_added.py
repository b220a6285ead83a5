"""2002: names were added to pupil returns that had been nameless, with a promise: technical staff, statistics alone.

Here the promise is policy. A name is in no table a query can read; an application for it is not taken in; a new item
of the census is held and read by nobody until families had a notice of it and its days are over; and what was given
for one purpose is read under no other.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from schoolgate import dictionary, gate, notices, people, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.history import scene
from tests.requests.filled import filled
from tests.world import CHILDREN, World, build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(home: Config, clock: FixedClock) -> World:
    return build(home, clock)


def on(day: date) -> FixedClock:
    return FixedClock(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


@pytest.mark.parametrize("column", ["surname", "forename", "dob", "postcode", "upn"])
def test_nobody_reads_a_name_with_a_query_and_the_attempt_is_public(
    column: str, world: World, home: Config, clock: FixedClock
) -> None:
    answer = gate.read(world.agreement, world.person, f"SELECT {column} FROM census_pupil", config=home, clock=clock)
    assert "unknown-item" in scene.refused(answer)
    assert scene.told("query.refused")[-1]["agreement"] == world.agreement
    assert scene.told("release.begun") == []
    assert CHILDREN[1].surname.encode() not in b"".join(
        path.read_bytes() for path in home.log.rglob("*") if path.is_file()
    )


def test_an_application_for_names_is_not_taken_in(world: World, clock: FixedClock) -> None:
    spec = requests.application(world.agreement).spec
    outcome = requests.submit_application(
        filled(replace(spec, items=("census_pupil.sex", "identity.surname"))), world.person, clock
    )
    assert isinstance(outcome, requests.Refused)
    assert "items" in " ".join(reason.where for reason in outcome.reasons)


def test_a_new_item_is_held_and_read_by_nobody_until_its_notice_is_over(
    world: World, home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = dictionary.told_from_the_start() - {"census_pupil.age"}  # as names were in 2001: not yet collected
    monkeypatch.setattr(dictionary, "told_from_the_start", lambda: began)
    sql = "SELECT age, count(*) AS n FROM census_pupil GROUP BY age"

    def read(day: date) -> object:
        return gate.read(world.agreement, world.person, sql, config=home, clock=on(day))

    assert scene.refused(read(date(2026, 9, 1))) == {"item-not-told"}
    notice = requests.insist(notices.publish("Schools now send the age", scene.custodian(), clock=on(date(2026, 9, 1))))
    assert notice.told_day == date(2026, 9, 1)
    (entry,) = [one for one in scene.told("notice.published") if one["subject"] == notice.number]
    assert entry["items"] == ["census_pupil.age"]  # the same day, for everybody
    assert scene.refused(read(date(2026, 10, 2))) == {"item-not-told"}
    assert isinstance(read(date(2026, 10, 3)), gate.Handover)
    scene.whole(home)


def test_what_was_promised_for_one_purpose_is_used_for_no_other(world: World, home: Config, clock: FixedClock) -> None:
    """A purpose is the agreement's own; nothing in an amendment, an extension or a read can name another."""
    assert isinstance(gate.read(world.agreement, world.person, scene.SEX, config=home, clock=clock), gate.Handover)
    purpose = requests.get(world.agreement).purpose
    assert {one["purpose"] for one in scene.told("release.begun")} == {purpose}
    with pytest.raises(TypeError):
        requests.propose(
            world.agreement, "amend", purpose="immigration-enforcement", reasons=["It is there."],
            actor=scene.custodian(), clock=clock,
        )  # type: ignore[call-arg]  # fmt: skip
    technical = people.add_person(people.person(scene.custodian()).organisation_id, "custodian").id
    assert "person-not-named" in scene.refused(
        gate.read(world.agreement, technical, scene.SEX, config=home, clock=clock)
    )
