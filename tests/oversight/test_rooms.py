"""Figures from the log beside what the real rooms hold: nothing raises a false alarm, nothing is counted otherwise."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from schoolgate import gate, notices, oversight, people, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import insist
from schoolgate.requests.agreement.standing import resume
from tests.notices.scene import Moving, agreed, custodian, publish, refused
from tests.requests import road
from tests.requests.bench import Bench, all_vote, enter_bench
from tests.requests.cast import Cast, enter_cast, signed, submitted
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)

BOARDERS = "SELECT boarder, count(*) AS n FROM census_pupil GROUP BY boarder"


def figures(quarter: str) -> dict[tuple[str, str], str]:
    found = oversight.compute(oversight.from_database(), oversight.quarter(quarter))
    return {(one.metric.id, row.of): row.value for one in found for row in one.rows}


def alarms(quarter: str) -> list[tuple[str, str]]:
    found = oversight.compute(oversight.from_database(), oversight.quarter(quarter))
    return [(one.metric.id, row.of) for one in found for row in one.rows if row.is_alarm]


def on(day: date) -> FixedClock:
    return FixedClock(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def test_a_use_that_waited_for_its_notice_is_counted_as_one_that_did(home: Config) -> None:
    clock = Moving()
    world: World = build(home, clock)  # type: ignore[arg-type]  # it stands as a clock does
    waiting = agreed(world, clock, ["notice: 31"])
    assert refused(waiting, home, clock) == {"notice-not-published"}
    insist(notices.publish("What is new", custodian(), clock=clock))
    insist(
        road.amend(
            world.agreement, items=["census_pupil.boarder"], reasons=["Boarders."],
            panel=[one.id for one in people.persons() if one.role == "panel"][:2], clock=clock,
        )
    )  # fmt: skip
    publish(clock, "Boarding")
    clock.on(date(2026, 10, 2))
    assert refused(waiting, home, clock) == {"notice-not-over"}
    clock.on(date(2026, 10, 3))
    assert refused(waiting, home, clock) == set()
    assert refused(world, home, clock, BOARDERS) == set()
    assert refused(world, home, clock) == set()  # of items that no notice was needed for
    gate.settle_pending(home, clock)
    found = figures("2026-Q4")
    assert found["notices", "reads that had to wait for a notice, and did"] == "2"
    assert found["notices", "reads before their notice was over"] == "0"
    assert found["refused-queries", "reason: notice-not-over"] == "1"
    assert figures("2026-Q3")["notices", "notices published"] == "2"
    assert alarms("2026-Q4") == []
    assert oversight.compare(oversight.from_database()).undeclared == ()


def states(quarter: str) -> dict[str, int]:
    known = figures(quarter)
    return {of: int(value) for (metric, of), value in known.items() if metric == "agreements"}


def test_agreements_stand_in_the_log_as_they_stand_in_their_room(db: None, clock: FixedClock) -> None:
    cast = enter_cast()
    made = [signed(cast, clock) for _ in range(4)]
    insist(requests.suspend(made[0].id, "A complaint.", cast.custodian, clock))
    insist(requests.end(made[1].id, "It is over.", cast.custodian, clock))
    insist(requests.suspend(made[2].id, "A question.", cast.custodian, clock))
    insist(resume(made[2].id, reasons=["Answered."], panel=list(cast.panel), clock=clock))

    def held() -> dict[str, int]:
        return dict(Counter(one.state for one in requests.agreements() if not one.built_in))

    assert states("2026-Q3") == held() == {"active": 2, "ended": 1, "suspended": 1}
    insist(
        requests.organisation_changed(
            cast.university.id, {"owner": "Betting Group (synthetic)"}, "Bought.", cast.custodian, clock
        )
    )
    assert states("2026-Q3") == held()
    assert held()["reopened"] >= 2


@pytest.fixture
def bench(db: None) -> Bench:
    return enter_bench()


def hurried(bench: Bench, cast: Cast, clock: FixedClock) -> str:
    made = submitted(cast, clock)
    two = (bench.independent[0], bench.official)
    case = insist(requests.allocate_in_emergency(made.id, two, "A child is missing.", cast.custodian, clock))
    all_vote(case, two, "approve", clock)
    insist(requests.conclude(case, cast.custodian, clock))
    return insist(road.sign(made.id, cast.custodian, clock)).id


@pytest.mark.parametrize(("after", "row"), [(3, "reviewed in time"), (15, "reviewed late")])
def test_an_emergency_is_in_time_when_the_panel_looked_by_its_day(
    after: int, row: str, bench: Bench, clock: FixedClock
) -> None:
    cast = enter_cast()
    agreement = hurried(bench, cast, clock)
    assert figures("2026-Q3")["emergencies", "not reviewed, and overdue"] == "1"  # on the quarter's last day
    then = FixedClock(clock.now() + timedelta(days=after))
    case = insist(
        requests.propose(agreement, "review-emergency", reasons=["Looked at."], actor=cast.custodian, clock=then)
    )
    insist(requests.allocate_proposal(case, bench.three, bench.independent[0], cast.custodian, then))
    all_vote(case, bench.three, "approve", then)
    insist(requests.conclude(case, cast.custodian, then))
    found = figures("2026-Q3")
    assert found["emergencies", row] == "1"
    assert found["emergencies", "approved in an emergency"] == "1"
