"""Trying to use a change before its notice's days are over: by a sale, a second notice, an end, the clock."""

from __future__ import annotations

from datetime import date

import pytest

from schoolgate import notices, people, requests
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.requests.agreement import standing
from schoolgate.requests.asked import Processor
from tests.notices.scene import Moving, agreed, custodian, of_role, publish, refused
from tests.requests import road
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(home: Config, clock: Moving) -> World:
    """A university that reads, and a first notice that told of it."""
    made = build(home, clock)
    publish(clock, "The first notice")
    return made


def test_a_university_that_a_company_bought_reads_only_when_families_were_told_of_a_company(
    world: World, home: Config, clock: Moving
) -> None:
    university = people.person(world.person).organisation_id
    assert refused(world, home, clock) == set()
    requests.insist(requests.organisation_changed(university, {"kind": "company"}, "It was sold.", custodian(), clock))
    requests.insist(
        standing.reaffirm(world.agreement, reasons=["It goes on."], panel=of_role("panel")[:2], clock=clock)
    )
    assert refused(world, home, clock) == {"agreement-not-active", "change-awaits-notice"}
    requests.insist(road.sign(world.agreement, custodian(), clock))
    assert refused(world, home, clock) == {"change-awaits-notice"}
    (pictured,) = notices.take_picture(clock).uses
    assert (pictured.kind, pictured.first_use) == ("company", "waits")
    publish(clock, "A company bought it")
    clock.on(date(2026, 10, 2))
    assert refused(world, home, clock) == {"change-awaits-notice"}
    clock.on(date(2026, 10, 3))
    assert refused(world, home, clock) == set()


def test_a_second_notice_neither_shortens_nor_begins_anew_the_days_of_the_first(
    world: World, home: Config, clock: Moving
) -> None:
    charity = agreed(world, clock, kind="charity")
    publish(clock, "A charity", days=60)  # the first day of use is 1 November
    clock.on(date(2026, 9, 10))
    council = agreed(world, clock, kind="local-authority")
    publish(clock, "A council")  # 12 October
    for day, waiting in ((11, [True, True]), (12, [True, False])):
        clock.on(date(2026, 10, day))
        expected = [{"change-awaits-notice"} if one else set() for one in waiting]
        assert [refused(one, home, clock) for one in (charity, council)] == expected
    clock.on(date(2026, 10, 31))
    assert refused(charity, home, clock) == {"change-awaits-notice"}
    clock.on(date(2026, 11, 1))
    assert [refused(one, home, clock) for one in (charity, council)] == [set(), set()]


def test_a_processor_in_another_country_waits_until_families_were_told_of_that_country(
    world: World, home: Config, clock: Moving
) -> None:
    norway = Processor("Disk Store (synthetic)", "keeps the disks", "Oslo", "Norway")
    abroad = agreed(world, clock, processors=(norway,))
    assert refused(abroad, home, clock) == {"change-awaits-notice"}
    publish(clock, "A store in Norway")
    clock.on(date(2026, 10, 3))
    assert refused(abroad, home, clock) == set()


def test_a_clock_set_back_opens_nothing_and_publishes_nothing(world: World, home: Config, clock: Moving) -> None:
    charity = agreed(world, clock, kind="charity")
    clock.on(date(2026, 7, 1))
    with pytest.raises(SchoolgateError) as backwards:  # days that began two months ago would be over today
        publish(clock, "A charity")
    assert backwards.value.code == "clock-backwards"
    clock.on(date(2026, 9, 1))
    assert refused(charity, home, clock) == {"change-awaits-notice"}
    publish(clock, "A charity")
    clock.on(date(2026, 8, 1))
    with pytest.raises(SchoolgateError):
        refused(charity, home, clock)  # not even a refusal can be written down
    clock.on(date(2026, 10, 2))
    assert refused(charity, home, clock) == {"change-awaits-notice"}
