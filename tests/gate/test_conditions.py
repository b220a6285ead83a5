"""What the panel sets and the law asks, as a read meets it: budgets, aggregates, places, notice, days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schoolgate import gate, ledger, notices, people, register, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.gate import service
from schoolgate.gate.terms.ruling import rule_on
from schoolgate.policy import HANDED_OVER, IN_THE_SETTING
from tests.requests import road
from tests.world import ITEMS, OTHER_URN, URN, World, build

pytestmark = pytest.mark.django_db(transaction=True)

COUNTED = "SELECT count(*) AS n FROM census_pupil"
RECORDS = "SELECT pupil, sex FROM census_pupil"


@pytest.fixture
def world(home: Config, clock: FixedClock) -> World:
    return build(home, clock)


def of_role(role: str) -> list[str]:
    return [person.id for person in people.persons() if person.role == role]


def agreed(world: World, clock: FixedClock, conditions: Sequence[str] = (), **changes: Any) -> World:
    """Another agreement in the same world, under conditions."""
    spec = replace(requests.application(world.agreement).spec, **changes)
    made = requests.insist(requests.submit_application(spec, world.person, clock))
    requests.insist(road.decide(made.id, True, ["It serves pupils."], conditions, of_role("panel"), clock))
    signed = requests.insist(road.sign(made.id, of_role("custodian")[0], clock))
    return replace(world, agreement=signed.id)


def ask(world: World, sql: str, home: Config, clock: FixedClock, **how: Any) -> gate.Handover | gate.RefusedQuery:
    return gate.read(world.agreement, world.person, sql, config=home, clock=clock, **how)


def codes(answer: gate.Handover | gate.RefusedQuery) -> set[str]:
    return {reason.code for reason in answer.reasons} if isinstance(answer, gate.RefusedQuery) else set()


def test_reads_and_rows_are_counted_and_refusals_cost_nothing(world: World, home: Config, clock: FixedClock) -> None:
    limited = agreed(world, clock, ["query-budget: 3", "row-budget: 9"])
    assert codes(ask(limited, "SELECT fsmeligible FROM census_pupil", home, clock)) == {"item-not-approved"}
    assert ledger.spent(limited.agreement) == ledger.Spent(0, 0)
    assert codes(ask(limited, RECORDS, home, clock)) == set()
    assert ledger.spent(limited.agreement) == ledger.Spent(1, 6)
    # A result larger than what is left is not handed over; that it ran counts as a read, and as one row.
    too_many = ask(limited, RECORDS, home, clock)
    assert isinstance(too_many, gate.RefusedQuery)
    assert (codes(too_many), too_many.exposed) == ({"too-many-rows"}, True)
    assert codes(ask(limited, "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex", home, clock)) == set()
    assert ledger.spent(limited.agreement) == ledger.Spent(3, 9)
    assert codes(ask(limited, COUNTED, home, clock)) == {"query-budget-spent", "row-budget-spent"}
    assert ledger.spent(limited.agreement) == ledger.Spent(3, 9)
    assert codes(ask(world, COUNTED, home, clock)) == set()


@pytest.mark.parametrize(
    ("budget", "sql", "left"),
    [("query-budget: 1", COUNTED, "query-budget-spent"), ("row-budget: 6", RECORDS, "row-budget-spent")],
)
@pytest.mark.parametrize("at", ["checked", "run"])
def test_two_reads_at_once_cannot_both_take_what_is_left(
    at: str, budget: str, sql: str, left: str, world: World, home: Config, clock: FixedClock
) -> None:
    limited = agreed(world, clock, [budget])
    inside: list[gate.Handover | gate.RefusedQuery] = []

    def meanwhile(step: str) -> None:
        if step == at and not inside:
            inside.append(ask(limited, sql, home, clock))

    outer = ask(limited, sql, home, clock, step=meanwhile)
    assert codes(inside[0]) == set()
    assert codes(outer) == {left}
    assert len(ledger.releases(limited.agreement)) == 1


def test_under_aggregates_alone_small_groups_are_withheld_and_records_refused(
    world: World, home: Config, clock: FixedClock
) -> None:
    counting = agreed(world, clock, ["aggregate-only: 4"])
    answer = ask(counting, "SELECT ethnicity, count(*) AS n FROM census_pupil GROUP BY ethnicity", home, clock)
    assert isinstance(answer, gate.Handover), answer
    assert answer.table.to_pylist() == [{"ethnicity": "WBRI", "n": 4}]  # the two others are withheld
    event = register.event(answer.log_index).body
    assert "HAVING" not in event["query"]
    assert "census_pupil.pupil" in event["items"]
    gate.settle_pending(home, clock)
    assert ledger.release(answer.release_id).member_count == 6
    assert codes(ask(counting, RECORDS, home, clock)) == {"not-aggregate"}
    assert codes(ask(counting, "SELECT max(age) AS m FROM census_pupil", home, clock)) == {"not-aggregate"}


def test_other_conditions_of_the_panel_are_held_to(world: World, home: Config, clock: FixedClock) -> None:
    apart = agreed(world, clock, ["not-together: census_pupil.urn, census_pupil.ethnicity"])
    assert codes(ask(apart, "SELECT urn, sex FROM census_pupil", home, clock)) == set()
    both = "SELECT a.urn FROM census_pupil a JOIN census_pupil b ON a.pupil = b.pupil WHERE b.ethnicity = 'WBRI'"
    assert codes(ask(apart, both, home, clock)) == {"items-not-together"}
    # Nor in two queries: records of each kind under the same pseudonyms could be joined outside.
    for item in ("urn", "ethnicity"):
        assert codes(ask(apart, f"SELECT pupil, {item} FROM census_pupil", home, clock)) == {"pseudonym-not-given"}
    without = agreed(world, clock, ["no-pseudonym"])
    assert codes(ask(without, RECORDS, home, clock)) == {"pseudonym-not-given"}
    assert codes(ask(apart, "SELECT count(DISTINCT pupil) AS n FROM census_pupil", home, clock)) == set()
    inside = agreed(world, clock, ["setting-output"])
    left = service.read(inside.agreement, inside.person, COUNTED, config=home, clock=clock, output=HANDED_OVER)
    assert codes(left) == {"setting-only"}
    answer = service.read(inside.agreement, inside.person, COUNTED, config=home, clock=clock, output=IN_THE_SETTING)
    assert isinstance(answer, gate.Handover)


@pytest.mark.parametrize(
    ("places", "pupils"),
    [
        ({"schools": (str(OTHER_URN),)}, 1),
        ({"schools": (str(URN), str(OTHER_URN))}, 6),
        ({"authorities": ("202",)}, 6),
        ({"authorities": ("203",)}, 0),
        ({"regions": ("E12000007",)}, 6),
        ({"regions": ("North West",), "schools": (str(OTHER_URN),)}, 1),
    ],
)
def test_an_agreement_about_places_reaches_their_pupils_alone(
    places: dict[str, Any], pupils: int, world: World, home: Config, clock: FixedClock
) -> None:
    local = agreed(world, clock, **places)
    answer = ask(local, "SELECT count(DISTINCT pupil) AS n FROM census_pupil", home, clock)
    assert isinstance(answer, gate.Handover), answer
    assert answer.table.to_pylist() == [{"n": pupils}]
    gate.settle_pending(home, clock)
    assert ledger.release(answer.release_id).member_count == pupils


def test_a_notice_and_its_days_come_before_the_first_use(world: World, home: Config, clock: FixedClock) -> None:
    waiting = agreed(world, clock, ["notice: 10"])
    assert codes(ask(waiting, COUNTED, home, clock)) == {"notice-not-published"}
    requests.insist(notices.publish("A new study.", of_role("custodian")[0], clock=clock))
    event = register.events("notice.published")[0].body
    assert (event["agreement"], event["notice_days"]) == (waiting.agreement, 10)
    assert codes(ask(waiting, COUNTED, home, FixedClock(clock.now() + timedelta(days=10)))) == {"notice-not-over"}
    assert codes(ask(waiting, COUNTED, home, FixedClock(clock.now() + timedelta(days=11)))) == set()


def test_what_an_amendment_adds_waits_and_the_rest_goes_on(world: World, home: Config, clock: FixedClock) -> None:
    home_id = people.person(world.person).organisation_id
    colleague = people.add_person(home_id, "researcher", accredited_until=date(2030, 1, 1)).id
    panel, official = of_role("panel"), of_role("custodian")[0]
    added = "census_pupil.fsmeligible"
    amended = requests.insist(
        road.amend(
            world.agreement, items=[added], added=[colleague], reasons=["It serves pupils."], panel=panel, clock=clock
        )
    )
    assert added not in amended.items
    sql = f"SELECT count(*) AS n FROM census_pupil WHERE {added.partition('.')[2]}"
    theirs = replace(world, person=colleague)
    assert codes(ask(world, COUNTED, home, clock)) == set()
    assert codes(ask(world, sql, home, clock)) == {"item-awaits-notice"}
    assert codes(ask(theirs, COUNTED, home, clock)) == {"person-awaits-notice"}
    requests.insist(notices.publish("One item and one person more.", official, clock=clock))
    assert register.events("notice.published")[0].body["items"] == [added]
    for days, waits in ((31, True), (32, False)):
        then = FixedClock(clock.now() + timedelta(days=days))
        assert codes(ask(world, sql, home, then)) == ({"item-awaits-notice"} if waits else set())
        assert codes(ask(theirs, COUNTED, home, then)) == ({"person-awaits-notice"} if waits else set())
    # A second amendment is not covered by the notice that came before it.
    requests.insist(
        road.amend(
            world.agreement,
            items=["census_pupil.phase"],
            reasons=["More."],
            panel=panel,
            clock=FixedClock(clock.now() + timedelta(days=33)),
        )
    )
    late = FixedClock(clock.now() + timedelta(days=400))
    assert codes(ask(world, "SELECT count(*) AS n FROM census_pupil WHERE phase = 'PS'", home, late)) == {
        "item-awaits-notice",
        "item-not-told",  # the notice before had told what education research is given
    }


DAYS = [
    # In summer the custodian's day ends at 23:00 UTC, in winter at midnight; both changes of the clock are Sundays.
    (date(2026, 9, 10), datetime(2026, 9, 10, 22, 59, 59, tzinfo=UTC), True),
    (date(2026, 9, 10), datetime(2026, 9, 10, 23, 0, 0, tzinfo=UTC), False),
    (date(2026, 10, 24), datetime(2026, 10, 24, 23, 0, 0, tzinfo=UTC), False),
    (date(2026, 10, 25), datetime(2026, 10, 25, 0, 59, 0, tzinfo=UTC), True),
    (date(2026, 10, 25), datetime(2026, 10, 25, 23, 59, 59, tzinfo=UTC), True),
    (date(2026, 10, 25), datetime(2026, 10, 26, 0, 0, 0, tzinfo=UTC), False),
    (date(2027, 3, 27), datetime(2027, 3, 27, 23, 59, 59, tzinfo=UTC), True),
    (date(2027, 3, 28), datetime(2027, 3, 28, 22, 59, 59, tzinfo=UTC), True),
    (date(2027, 3, 28), datetime(2027, 3, 28, 23, 0, 0, tzinfo=UTC), False),
]


def test_a_last_day_ends_at_the_custodians_midnight_in_summer_in_winter_and_when_the_clock_changes(
    world: World, home: Config, clock: FixedClock
) -> None:
    for last, now, allowed in DAYS:
        at = FixedClock(now)
        people.set_accreditation(world.person, last)
        explained = gate.explain(world.agreement, world.person, COUNTED, clock=at)
        assert {r.code for r in explained.refusals} == (set() if allowed else {"accreditation-expired"}), (last, now)
        people.set_accreditation(world.person, date(2030, 1, 1))
        terms = replace(requests.get(world.agreement), valid_until=last)
        decision = rule_on(terms, world.person, (), at)
        assert decision.allowed == allowed
        terms = replace(requests.get(world.agreement), valid_from=last + timedelta(days=1))
        assert rule_on(terms, world.person, (), at).allowed == (not allowed)


def test_an_accreditation_that_lapses_at_midnight_while_the_query_runs_stops_it(
    world: World, home: Config, clock: FixedClock
) -> None:
    class Running:
        """A clock that passes midnight when the query has run."""

        moment = datetime(2026, 9, 10, 22, 59, 59, tzinfo=UTC)

        def now(self) -> datetime:
            return self.moment

    running = Running()
    people.set_accreditation(world.person, date(2026, 9, 10))

    def pass_midnight(step: str) -> None:
        if step == "run":
            running.moment = datetime(2026, 9, 10, 23, 0, 1, tzinfo=UTC)

    answer = gate.read(world.agreement, world.person, COUNTED, config=home, clock=running, step=pass_midnight)
    assert codes(answer) == {"accreditation-expired"}
    assert ledger.releases() == ()


def test_a_region_that_is_no_more_covers_nobody(world: World, clock: FixedClock) -> None:
    terms = replace(requests.get(world.agreement), regions=("E99999999",))
    area = rule_on(terms, world.person, (), clock).rows.area
    assert area
    assert set(area.authorities) == {"000"}


def test_a_reader_from_an_organisation_abroad_is_refused(world: World, home: Config, clock: FixedClock) -> None:
    abroad = people.add_organisation("University of Elsewhere (synthetic)", "university", "Canada")
    reader = people.add_person(abroad.id, "researcher", accredited_until=date(2030, 1, 1))
    terms = requests.get(world.agreement)
    named = replace(terms, people=(reader.id,))
    found = {refusal.code for refusal in rule_on(named, reader.id, (), clock).refusals}
    assert found == {"person-abroad"}
    there = replace(named, country="Canada", transfer_safeguard="The UK's transfer agreement")
    assert rule_on(there, reader.id, (), clock).allowed


def test_explaining_says_what_every_rule_says_and_records_nothing(
    world: World, home: Config, clock: FixedClock
) -> None:
    before = register.log_size()
    sql = "SELECT a.sex, b.sessions, fsmeligible FROM census_pupil a JOIN census_absence b ON a.pupil = b.pupil"
    explained = gate.explain(world.agreement, world.person, sql, clock=clock)
    assert {ruling.item: ruling.allowed for ruling in explained.rulings} == {
        "census_pupil.sex": True,
        "census_pupil.pupil": True,
        "census_absence.sessions": True,
        "census_absence.pupil": True,
        "census_pupil.fsmeligible": False,
    }
    assert {r.code for r in explained.refusals} == {"item-not-approved"}
    verdicts = {ruling.rule: ruling.verdict for ruling in explained.table}
    assert verdicts["accredited"] == verdicts["lawful-basis"] == "allowed"
    assert verdicts["notice"] == verdicts["query-budget"] == "not applicable"
    assert register.log_size() == before
    assert set(ITEMS) <= requests.get(world.agreement).items
