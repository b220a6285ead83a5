"""Children who are shielded, pupils who have died, and items that need a yes: as a read meets them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from schoolgate import consent, gate, ledger, notices, people, register, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.ids import Pmr, Urn
from tests.requests import road
from tests.world import CHILDREN, URN, World, build

pytestmark = pytest.mark.django_db(transaction=True)

EVERYBODY = "SELECT pupil, sex FROM census_pupil"
PLAA = "census_pupil.plaa"


@pytest.fixture
def world(home: Config, clock: FixedClock) -> World:
    return build(home, clock)


def custodian() -> str:
    return next(person.id for person in people.persons() if person.role == "custodian")


def colleague() -> str:
    """Another person of the custodian."""
    return people.add_person(people.person(custodian()).organisation_id, "custodian").id


def rows(world: World, sql: str, home: Config, clock: FixedClock) -> list[dict[str, Any]]:
    answer = gate.read(world.agreement, world.person, sql, config=home, clock=clock)
    assert isinstance(answer, gate.Handover), answer
    return list(answer.table.to_pylist())


def exposed(home: Config, clock: FixedClock) -> set[int]:
    """The pupils of the last release."""
    gate.settle_pending(home, clock)
    last = ledger.releases()[-1].release_id
    return {p for p in range(6) if last in {line.release_id for line in ledger.who_has(Pmr(p))}}


def test_a_shielded_child_is_in_no_query_and_nobody_is_told_how_many_there_are(
    world: World, home: Config, clock: FixedClock
) -> None:
    upn = CHILDREN[2].upn
    before = register.log_size()
    assert gate.set_shield(upn, True, actor=custodian(), config=home, clock=clock) is True
    assert gate.set_shield(upn, True, actor=custodian(), config=home, clock=clock) is False
    # The public sees two looks at a record, as it sees those of families; in the child's answer they are staff's.
    written = register.events_from(before, 100)
    assert {one.type for one in written} == {"release.begun", "release.settled", "release.delivered"}
    assert "shield" not in repr([one.body for one in written])
    assert [one.looked for one in gate.exposures_of(Pmr(2), config=home)][-2:] == ["custodian", "custodian"]
    assert len(rows(world, EVERYBODY, home, clock)) == 5
    assert exposed(home, clock) == {0, 1, 3, 4, 5}
    said = gate.explain(world.agreement, world.person, EVERYBODY, clock=clock).row_rules
    assert "left out: pupils whose record is restricted or kept apart for their safety" in said
    assert gate.set_shield(upn, False, actor=custodian(), config=home, clock=clock) is False
    rows(world, EVERYBODY, home, clock)
    assert exposed(home, clock) == {0, 1, 3, 4, 5}  # one person alone does not bring a child back
    assert gate.set_shield(upn, False, actor=colleague(), config=home, clock=clock) is True
    assert gate.explain(world.agreement, world.person, EVERYBODY, clock=clock).row_rules == said
    assert len(rows(world, EVERYBODY, home, clock)) == 6


def test_a_shield_holds_against_purposes_that_override_objections_too(home: Config, clock: FixedClock) -> None:
    world = build(
        home,
        clock,
        kind_of_request="operational",
        purpose="school-funding",
        lawful_basis="UK GDPR Article 6(1)(c)",
        gateway="Education Act 1996 s.537A",
    )
    consent.lodge_objection(Pmr(1), "school-funding", actor="account:1", clock=clock)
    consent.shield(Pmr(2), actor="custodian", clock=clock)
    rows(world, EVERYBODY, home, clock)
    assert exposed(home, clock) == {0, 1, 3, 4, 5}


def test_a_school_cannot_find_a_shielded_child_and_cannot_tell_that_it_is_shielded(
    world: World, home: Config, clock: FixedClock
) -> None:
    def asked(upn: str) -> object:
        return gate.find_own_pupil(Urn(URN), upn, f"school:{URN}", config=home, clock=clock)

    upn = CHILDREN[2].upn
    assert asked(upn) == Pmr(2)
    consent.shield(Pmr(2), actor="custodian", clock=clock)
    nobodys = CHILDREN[2].upn[:4] + "X"
    hidden, unknown = asked(upn), asked(nobodys)
    assert isinstance(hidden, Refusal)
    assert hidden == unknown
    first, second = register.events("query.refused", limit=2)
    assert {k: v for k, v in first.body.items() if k != "at"} == {k: v for k, v in second.body.items() if k != "at"}


def test_a_shielded_childs_page_is_closed_in_the_words_of_a_page_closed_to_all(
    world: World, home: Config, clock: FixedClock
) -> None:
    assert gate.subject_access(Pmr(2), "account:1", config=home, clock=clock).identity
    before = ledger.releases()
    consent.shield(Pmr(2), actor="custodian", clock=clock)
    with pytest.raises(SchoolgateError) as closed:
        gate.subject_access(Pmr(2), "account:1", config=home, clock=clock)
    assert str(closed.value) == "Access by families is not open."
    assert ledger.releases() == before
    assert gate.subject_access(Pmr(3), "account:1", config=home, clock=clock).identity


def test_pupils_who_have_died_are_left_out_unless_the_agreement_covers_them(home: Config, clock: FixedClock) -> None:
    world = build(home, clock)
    upn, two = CHILDREN[4].upn, (custodian(), colleague())
    said = [gate.set_death(upn, date(2026, 8, 1), actor=who, config=home, clock=clock) for who in two]
    assert said == [False, True]
    assert consent.death_of(Pmr(4)) == date(2026, 8, 1)
    rows(world, EVERYBODY, home, clock)
    assert exposed(home, clock) == {0, 1, 2, 3, 5}
    # The family's own page stays as it was.
    assert gate.subject_access(Pmr(4), "account:1", config=home, clock=clock).identity
    said = [gate.set_death(upn, None, actor=who, config=home, clock=clock) for who in two]
    assert said == [False, True]
    assert len(rows(world, EVERYBODY, home, clock)) == 6


def test_an_agreement_that_says_so_covers_pupils_who_have_died(home: Config, clock: FixedClock) -> None:
    world = build(home, clock, deceased=True)
    for who in (custodian(), colleague()):
        consent.record_death(Pmr(4), date(2026, 8, 1), actor=who, clock=clock)
    assert len(rows(world, EVERYBODY, home, clock)) == 6
    assert "yes" in {event.body.get("deceased") for event in register.events("agreement.signed")}


@pytest.mark.parametrize("who", ["researcher", "panel"])
def test_only_the_custodian_protects(who: str, world: World, home: Config, clock: FixedClock) -> None:
    actor = next(person.id for person in people.persons() if person.role == who)
    for answer in (
        gate.set_shield(CHILDREN[1].upn, True, actor=actor, config=home, clock=clock),
        gate.set_shield(CHILDREN[1].upn, False, actor=actor, config=home, clock=clock),
        gate.set_death(CHILDREN[1].upn, date(2026, 1, 1), actor=actor, config=home, clock=clock),
    ):
        assert isinstance(answer, Refusal)
        assert answer.code == "not-your-decision"
    assert consent.shielded_pupils() == consent.deceased_pupils() == []


@pytest.fixture
def wanting_plaa(home: Config, clock: FixedClock) -> World:
    """An agreement that may read an item that needs a yes."""
    world = build(home, clock)
    row = requests.get(world.agreement)
    assert PLAA not in row.items
    panel = [person.id for person in people.persons() if person.role == "panel"]
    requests.insist(
        road.amend(world.agreement, items=[PLAA], reasons=["The study needs it."], panel=panel, clock=clock)
    )
    requests.insist(notices.publish("One item more.", custodian(), clock=clock))
    return world


def a_month_later(clock: FixedClock) -> FixedClock:
    return FixedClock(clock.now() + timedelta(days=32))


def say_yes(world: World, pupil: int, clock: FixedClock, **changes: Any) -> None:
    given: dict[str, Any] = {
        "item": PLAA,
        "purpose_id": "education-research",
        "recipient": requests.get(world.agreement).organisation_id,
        "last_day": date(2027, 9, 1),
        "actor": "account:1",
        "clock": clock,
    }
    consent.give_consent(Pmr(pupil), **{**given, **changes})


USES_OF_THE_ITEM = [
    "SELECT pupil, plaa FROM census_pupil",
    "SELECT count(*) AS n FROM census_pupil WHERE plaa = 'A' OR plaa IS NULL",
    "SELECT count(*) AS n FROM census_pupil p JOIN census_absence a ON a.pupil = p.pupil AND coalesce(p.plaa, 'N') <> 'A'",
    "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex, plaa",
    "SELECT sex FROM census_pupil ORDER BY max(plaa) OVER (), sex",
    "WITH v AS (SELECT pupil, plaa AS x FROM census_pupil) SELECT count(*) AS n FROM v WHERE x IS NULL",
]


@pytest.mark.parametrize("sql", USES_OF_THE_ITEM)
def test_whoever_said_nothing_is_in_no_scan_that_reads_the_item_even_in_a_condition(
    sql: str, wanting_plaa: World, home: Config, clock: FixedClock
) -> None:
    later = a_month_later(clock)
    answer = gate.read(wanting_plaa.agreement, wanting_plaa.person, sql, config=home, clock=later)
    assert isinstance(answer, gate.Handover), answer
    gate.settle_pending(home, later)
    record = ledger.releases()[-1]
    for items, members in zip(record.scans, ledger.members(record.release_id), strict=True):
        assert bool(members) == (PLAA not in items)


def test_a_yes_lets_in_that_child_alone_and_other_scans_are_not_confined(
    wanting_plaa: World, home: Config, clock: FixedClock
) -> None:
    later = a_month_later(clock)
    say_yes(wanting_plaa, 3, later)
    sql = "SELECT count(DISTINCT a.pupil) AS everybody, count(DISTINCT b.pupil) AS said FROM census_pupil a LEFT JOIN census_pupil b ON b.pupil = a.pupil AND b.plaa IS NULL"
    (row,) = rows(wanting_plaa, sql, home, later)
    assert (row["everybody"], row["said"]) == (6, 1)
    gate.settle_pending(home, later)
    record = ledger.releases()[-1]
    sizes = {
        PLAA in items: set(members)
        for items, members in zip(record.scans, ledger.members(record.release_id), strict=True)
    }
    assert sizes == {False: {0, 1, 2, 3, 4, 5}, True: {3}}


WITHOUT: list[Callable[[World, FixedClock], None]] = [
    lambda world, clock: say_yes(world, 3, clock, purpose_id="official-statistics"),
    lambda world, clock: say_yes(world, 3, clock, recipient=people.add_organisation("Another one", "university").id),
    lambda world, clock: say_yes(
        world, 3, FixedClock(clock.now() - timedelta(days=20)), last_day=clock.now().date() - timedelta(days=1)
    ),
]


@pytest.mark.parametrize("instead", WITHOUT, ids=["another purpose", "another recipient", "over yesterday"])
def test_a_yes_to_something_else_is_none(
    instead: Callable[[World, FixedClock], None], wanting_plaa: World, home: Config, clock: FixedClock
) -> None:
    later = a_month_later(clock)
    instead(wanting_plaa, later)
    assert rows(wanting_plaa, "SELECT pupil, plaa FROM census_pupil", home, later) == []


def test_a_yes_holds_on_its_last_day_and_can_be_taken_back(
    wanting_plaa: World, home: Config, clock: FixedClock
) -> None:
    later = a_month_later(clock)
    sql = "SELECT pupil, plaa FROM census_pupil"
    say_yes(wanting_plaa, 3, later, last_day=later.now().date())
    assert len(rows(wanting_plaa, sql, home, later)) == 1
    recipient = requests.get(wanting_plaa.agreement).organisation_id
    assert consent.withdraw_consent(
        Pmr(3), item=PLAA, purpose_id="education-research", recipient=recipient, actor="account:1", clock=later
    )
    assert rows(wanting_plaa, sql, home, later) == []


CHANGES: list[Callable[[World, FixedClock], object]] = [
    lambda world, clock: consent.shield(Pmr(3), actor="custodian", clock=clock),
    lambda world, clock: [
        consent.record_death(Pmr(3), date(2026, 1, 1), actor=who, clock=clock) for who in (custodian(), colleague())
    ],
    lambda world, clock: consent.withdraw_consent(
        Pmr(3), item=PLAA, purpose_id="education-research",
        recipient=requests.get(world.agreement).organisation_id, actor="account:1", clock=clock,
    ),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=["shield", "death", "withdrawal"])
@pytest.mark.parametrize("at", ["checked", "run"])
def test_what_is_recorded_while_a_read_runs_is_honoured_by_it(
    at: str, change: Callable[[World, FixedClock], object], wanting_plaa: World, home: Config, clock: FixedClock
) -> None:
    later = a_month_later(clock)
    say_yes(wanting_plaa, 3, later)
    done: list[object] = []

    def meanwhile(step: str) -> None:
        if step == at and not done:
            done.append(change(wanting_plaa, later))

    answer = gate.read(
        wanting_plaa.agreement,
        wanting_plaa.person,
        "SELECT pupil, plaa FROM census_pupil",
        config=home,
        clock=later,
        step=meanwhile,
    )
    assert isinstance(answer, gate.Handover), answer
    assert answer.table.num_rows == 0
    assert exposed(home, later) == set()


def test_an_item_that_needs_a_yes_is_free_to_the_end_it_was_collected_for(home: Config, clock: FixedClock) -> None:
    world = build(
        home,
        clock,
        kind_of_request="operational",
        purpose="school-funding",
        lawful_basis="UK GDPR Article 6(1)(c)",
        gateway="Education Act 1996 s.537A",
    )
    panel = [person.id for person in people.persons() if person.role == "panel"]
    requests.insist(road.amend(world.agreement, items=[PLAA], reasons=["Funding."], panel=panel, clock=clock))
    requests.insist(notices.publish("One item more.", custodian(), clock=clock))
    assert len(rows(world, "SELECT pupil, plaa FROM census_pupil", home, a_month_later(clock))) == 6
