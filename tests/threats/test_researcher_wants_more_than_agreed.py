"""A researcher, or somebody in a researcher's place, reads without leave, too late, as another, or in between.

What is so when the read is recorded is what counts: nothing that was said before is overtaken by a running query.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from schoolgate import consent, dictionary, gate, ledger, people, register, requests
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.gate import service
from schoolgate.gate.rewrite import Plan
from schoolgate.ids import Pmr
from schoolgate.records.read import LakeSnapshot, snapshot
from schoolgate.records.vault import Vault
from tests.gate.box import pseudonym
from tests.threats.hostile import CANARY
from tests.world import ITEMS, World, build, load_children

pytestmark = pytest.mark.django_db(transaction=True)

SQL = "SELECT pupil, sex FROM census_pupil"


@pytest.fixture
def world(home: Config, clock: FixedClock) -> World:
    return build(home, clock)


def codes(answer: gate.Handover | gate.RefusedQuery) -> list[str]:
    assert isinstance(answer, gate.RefusedQuery), answer
    return [reason.code for reason in answer.reasons]


def public(index: int) -> str:
    return json.dumps(dict(register.event(index).body))


def test_everything_that_is_wrong_is_said_at_once(world: World, home: Config, clock: FixedClock) -> None:
    """One query, wrong in every way there is: parts, tables, items, reference, agreement, person, dates."""
    stranger = people.add_person(people.organisations()[0].id, "researcher", accredited_until=date(2026, 10, 1)).id
    late = FixedClock(datetime(2030, 1, 1, tzinfo=UTC))
    official = next(p for p in people.persons() if p.role == "custodian")
    requests.insist(requests.end(world.agreement, "The study is over.", official.id, clock))
    sql = (
        "SELECT read_text('x') AS a, c.senprovision, c.fsmeligible + 1 AS b, first(c.sex) AS f\n"
        "FROM census_pupil AS c JOIN nowhere AS n ON n.pupil = c.pupil WHERE c.pupil = 3 LIMIT 2"
    )
    answer = gate.read(world.agreement, stranger, sql, config=home, clock=late)
    assert set(codes(answer)) == {
        "function-not-allowed",
        "limit-without-order",
        "unknown-table",
        "item-not-approved",
        "agreement-not-active",
        "agreement-expired",
        "person-not-named",
        "accreditation-expired",
    }
    assert isinstance(answer, gate.RefusedQuery)
    refused = {(r.where, r.reason.split()[0]) for r in answer.reasons if r.code == "item-not-approved"}
    assert refused == {
        ("line 1, column 31", "census_pupil.senprovision"),
        ("line 1, column 47", "census_pupil.fsmeligible"),
    }
    assert sum(code == "function-not-allowed" for code in codes(answer)) == 2


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT read_text('x') FROM census_pupil WHERE pupil = 3", {"function-not-allowed", "pupil-reference-computed"}),
        ("SELECT first(senprovision), shoe_size FROM census_pupil", {"function-not-allowed", "item-not-approved", "unknown-item"}),
        ("SELECT senprovision, shoe_size FROM census_pupil", {"unknown-item", "item-not-approved"}),
        ("SELECT senprovision FROM census_pupil WHERE pupil > 3", {"pupil-reference-computed", "item-not-approved"}),
        ("SELECT senprovision, x.y FROM census_pupil, elsewhere x", {"unknown-table", "item-not-approved"}),
        ("SELECT q.s FROM (SELECT senprovision AS s FROM census_pupil LIMIT 3) q", {"limit-without-order", "item-not-approved"}),
        ("SELECT senprovision AS x, sex AS x FROM census_pupil", {"name-twice", "item-not-approved"}),
        ("SELECT SENPROVISION FROM Census_Pupil WHERE random() < 1", {"function-not-allowed", "item-not-approved"}),
        ("SELECT sex FROM census_pupil a WHERE a.senprovision = list(a.sex)", {"function-not-allowed", "item-not-approved"}),
    ],
)  # fmt: skip
def test_an_item_not_approved_is_named_whatever_else_is_wrong(
    sql: str, expected: set[str], world: World, home: Config, clock: FixedClock
) -> None:
    answer = gate.read(world.agreement, world.person, sql, config=home, clock=clock)
    assert set(codes(answer)) == expected
    explained = gate.explain(world.agreement, world.person, sql, clock=clock)
    assert isinstance(answer, gate.RefusedQuery)
    assert explained.refusals == answer.reasons


def test_what_could_not_be_traced_is_never_called_an_item(world: World, home: Config, clock: FixedClock) -> None:
    sql = "SELECT q.senprovision, first(q.sex) FROM (SELECT sex, age AS senprovision FROM census_pupil) q"
    assert set(codes(gate.read(world.agreement, world.person, sql, config=home, clock=clock))) == {
        "function-not-allowed"
    }


def test_an_agreement_that_does_not_exist_is_refused_and_its_name_not_kept(
    world: World, home: Config, clock: FixedClock
) -> None:
    answer = gate.read(CANARY, world.person, "SELECT first(sex) FROM census_pupil", config=home, clock=clock)
    assert codes(answer) == ["function-not-allowed", "agreement-unknown"]
    assert isinstance(answer, gate.RefusedQuery)
    assert register.event(answer.log_index).type == "query.refused"
    assert CANARY not in public(answer.log_index)
    assert "None" not in register.describe(register.event(answer.log_index).body)


def test_a_person_who_does_not_exist_is_refused_on_record(world: World, home: Config, clock: FixedClock) -> None:
    for person in ("", CANARY, "P-9999", "P-0001' OR '1'='1"):
        answer = gate.read(world.agreement, person, SQL, config=home, clock=clock)
        assert set(codes(answer)) == {"person-unknown", "person-not-named", "not-accredited"}
        assert isinstance(answer, gate.RefusedQuery)
        assert register.event(answer.log_index).subject == world.agreement
        assert CANARY not in public(answer.log_index)


def test_a_person_of_another_organisation_cannot_read_under_this_one(
    world: World, home: Config, clock: FixedClock
) -> None:
    other = people.add_organisation("Another university (synthetic)", "university")
    person = people.add_person(other.id, "researcher", accredited_until=date(2030, 1, 1))
    assert codes(gate.read(world.agreement, person.id, SQL, config=home, clock=clock)) == ["person-not-named"]


def test_the_families_own_agreement_is_not_for_queries(world: World, home: Config, clock: FixedClock) -> None:
    answer = gate.read(
        requests.SUBJECT_ACCESS, world.person, "SELECT senprovision FROM census_pupil", config=home, clock=clock
    )
    assert "agreement-built-in" in codes(answer)
    assert ledger.releases() == ()


@pytest.mark.parametrize(
    ("moment", "refused"),
    [
        (datetime(2026, 8, 31, 22, 59, tzinfo=UTC), ["agreement-not-begun"]),  # 23:59 on 31 August in London
        (datetime(2026, 8, 31, 23, 0, tzinfo=UTC), []),  # midnight there, an hour ahead of UTC
        (datetime(2028, 8, 31, 22, 59, tzinfo=UTC), []),
        (datetime(2028, 8, 31, 23, 0, tzinfo=UTC), ["agreement-expired"]),
    ],
)
def test_a_day_begins_and_ends_in_london(moment: datetime, refused: list[str], home: Config) -> None:
    world = build(home, FixedClock(datetime(2026, 8, 30, 9, tzinfo=UTC)))  # signed before its first day
    answer = gate.read(world.agreement, world.person, SQL, config=home, clock=FixedClock(moment))
    assert (codes(answer) if isinstance(answer, gate.RefusedQuery) else []) == refused


def test_a_lake_without_data_refuses_on_record(
    home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.world.load_children", lambda *_: [])
    world = build(home, clock)
    answer = gate.read(world.agreement, world.person, SQL, config=home, clock=clock)
    assert codes(answer) == ["lake-empty"]
    assert isinstance(answer, gate.RefusedQuery)
    assert register.event(answer.log_index).type == "query.refused"
    load_children(home, clock)
    assert isinstance(gate.read(world.agreement, world.person, SQL, config=home, clock=clock), gate.Handover)


def during(what: Callable[[], object], at: str = "run", times: int = 1) -> Callable[[str], None]:
    """Something that happens while a read is under way."""
    left = [times]

    def step(name: str) -> None:
        if name == at and left[0]:
            left[0] -= 1
            what()

    return step


def held_by(handed: gate.Handover | gate.RefusedQuery, home: Config, world: World) -> set[int]:
    assert isinstance(handed, gate.Handover), handed
    key = Vault(home).agreement_key(world.agreement)
    given = set(handed.table.column("pupil").to_pylist())
    return {int(p) for p in world.pmrs if pseudonym(int(p), key) in given}


@pytest.mark.parametrize("at", ["checked", "run"])
@pytest.mark.parametrize("how", ["objection", "restriction"])
def test_a_no_said_before_the_read_is_recorded_is_honoured_by_that_read(
    how: str, at: str, world: World, home: Config, clock: FixedClock
) -> None:
    def say() -> None:
        if how == "objection":
            consent.lodge_objection(Pmr(2), "education-research", actor="account:1", clock=clock)
        else:
            consent.restrict(Pmr(2), reason="legal-claim", actor="account:1", clock=clock)

    handed = gate.read(world.agreement, world.person, SQL, config=home, clock=clock, step=during(say, at))
    assert held_by(handed, home, world) == {0, 1, 3, 4, 5}
    gate.settle_pending(home, clock)
    assert ledger.who_has(Pmr(2)) == ()
    assert len(ledger.releases()) == 1
    assert len(register.events("release.begun")) == 1


@pytest.mark.parametrize("at", ["recorded", "published", "delivered"])
def test_a_no_said_after_the_read_is_recorded_counts_from_the_next(
    at: str, world: World, home: Config, clock: FixedClock
) -> None:
    def say() -> None:
        consent.lodge_objection(Pmr(2), "education-research", actor="account:1", clock=clock)

    first = gate.read(world.agreement, world.person, SQL, config=home, clock=clock, step=during(say, at))
    assert held_by(first, home, world) == {0, 1, 2, 3, 4, 5}
    gate.settle_pending(home, clock)
    assert [line.agreement_id for line in ledger.who_has(Pmr(2))] == [world.agreement]
    second = gate.read(world.agreement, world.person, SQL, config=home, clock=clock)
    assert held_by(second, home, world) == {0, 1, 3, 4, 5}


def test_a_no_to_another_purpose_does_not_run_the_read_again(
    world: World, home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = next(p.id for p in dictionary.purposes() if p.id != "education-research" and not p.statutory_override)
    runs: list[str] = []
    run = service._run

    def counted(plan: Plan, *given: Any) -> tuple[pa.Table | None, Refusal | None]:
        runs.append(plan.sql)
        return run(plan, *given)

    monkeypatch.setattr(service, "_run", counted)
    say = during(lambda: consent.lodge_objection(Pmr(2), other, actor="account:1", clock=clock))
    handed = gate.read(world.agreement, world.person, SQL, config=home, clock=clock, step=say)
    assert held_by(handed, home, world) == {0, 1, 2, 3, 4, 5}
    assert len(runs) == 1


@pytest.mark.parametrize("what", ["agreement ended", "accreditation withdrawn"])
def test_leave_that_ends_while_a_query_runs_ends_the_query(
    what: str, world: World, home: Config, clock: FixedClock
) -> None:
    official = next(p for p in people.persons() if p.role == "custodian")

    def end() -> None:
        if what == "agreement ended":
            requests.insist(requests.end(world.agreement, "The study is over.", official.id, clock))
        else:
            people.set_accreditation(world.person, None)

    answer = gate.read(world.agreement, world.person, SQL, config=home, clock=clock, step=during(end))
    assert codes(answer) == ["agreement-not-active" if what == "agreement ended" else "not-accredited"]
    assert ledger.releases() == ()


def test_a_house_that_never_stands_still_gives_nothing_rather_than_something_stale(
    world: World, home: Config, clock: FixedClock
) -> None:
    def change() -> None:
        if not consent.withdraw_objection(Pmr(2), "education-research", actor="account:1", clock=clock):
            consent.lodge_objection(Pmr(2), "education-research", actor="account:1", clock=clock)

    answer = gate.read(world.agreement, world.person, SQL, config=home, clock=clock, step=during(change, times=99))
    assert codes(answer) == ["changed-meanwhile"]
    assert ledger.releases() == ()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sex FROM census_pupil WHERE ethnicity = 5",
        "SELECT sex FROM census_pupil WHERE sex AND age > 1",
        "SELECT sex FROM census_pupil WHERE sex IN (1, 2)",
        "SELECT sex FROM census_pupil WHERE age LIKE 'x'",
        "SELECT sex FROM census_pupil WHERE age = 'x'",
    ],
)
def test_a_condition_that_fails_keeps_no_family_waiting(
    sql: str, world: World, home: Config, clock: FixedClock
) -> None:
    """Was it pushed into the scan, the exposure could never be worked out, nor that of any read after it."""
    failed = gate.read(world.agreement, world.person, sql, config=home, clock=clock)
    assert codes(failed) in (["conversion"], ["types"])
    handed = gate.read(world.agreement, world.person, SQL, config=home, clock=clock)
    assert isinstance(handed, gate.Handover)
    assert len(gate.settle_pending(home, clock)) == 2
    assert {line.state for line in ledger.who_has(Pmr(0))} == {"settled"}


def test_one_release_that_cannot_be_settled_does_not_hold_up_the_others(
    world: World, home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = gate.read(world.agreement, world.person, SQL, config=home, clock=clock)
    good = gate.read(world.agreement, world.person, "SELECT sex FROM census_pupil", config=home, clock=clock)
    assert isinstance(broken, gate.Handover)
    assert isinstance(good, gate.Handover)
    pinned = snapshot
    asked: list[int] = []

    def fails_once(version: int, config: Config) -> LakeSnapshot:
        asked.append(version)
        if len(asked) == 1:
            raise SchoolgateError("The lake has no such version.")
        return pinned(version, config)

    monkeypatch.setattr("schoolgate.gate.settle.pinned_snapshot", fails_once)
    with pytest.raises(SchoolgateError, match="1 of 2"):
        gate.settle_pending(home, clock)
    assert ledger.release(good.release_id).settled_at is not None
    assert [r.release_id for r in gate.settle_pending(home, clock)] == [broken.release_id]


def test_a_published_query_holds_nothing_the_asker_made_up(world: World, home: Config, clock: FixedClock) -> None:
    """A literal, a comment or a name of the asker's own could write a child's name into a log that is never rewritten."""
    assert requests.get(world.agreement).publish_queries
    sql = (
        f'WITH "{CANARY}1" AS (SELECT pupil AS {CANARY}2, age FROM census_pupil AS {CANARY}3 /* {CANARY}4 */)\n'
        f'SELECT count(DISTINCT "{CANARY}5".{CANARY}2) AS "{CANARY} 6", \'{CANARY}7\' AS x -- {CANARY}8\n'
        f'FROM "{CANARY}1" AS "{CANARY}5" WHERE age > 3'
    )
    handed = gate.read(world.agreement, world.person, sql, config=home, clock=clock)
    assert isinstance(handed, gate.Handover)
    shown = str(register.event(handed.log_index).body["query"])
    assert CANARY.lower() not in public(handed.log_index).lower()
    assert not re.search(r"[0-9]{2}|'", shown)
    assert {"census_pupil", "age", "pupil"} <= set(re.findall(r"[a-z_]+", shown))


def test_the_items_recorded_hold_what_the_agreements_own_rules_look_at(
    world: World, home: Config, clock: FixedClock
) -> None:
    handed = gate.read(
        world.agreement, world.person, "SELECT count(*) AS n FROM census_absence", config=home, clock=clock
    )
    assert isinstance(handed, gate.Handover)
    assert register.event(handed.log_index).body["items"] == ["census_absence.pupil", "census_absence.year"]
    assert replace(requests.get(world.agreement), terms=()).items == frozenset(ITEMS)
