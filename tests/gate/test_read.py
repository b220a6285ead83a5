"""A whole read with real rooms: checked, recorded, handed over with its receipt, settled, and seen by the family."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from schoolgate import consent, gate, ledger, people, register, requests, rights
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.gate.engines.sandbox import Wall
from schoolgate.ids import Pmr
from tests.gate.box import pseudonym
from tests.world import CHILDREN, ITEMS, OTHER_URN, URN, World, build

pytestmark = pytest.mark.django_db(transaction=True)

VERIFIER = Path(__file__).resolve().parents[2] / "tools" / "verify_receipt.py"
SQL = "SELECT ethnicity, count(*) AS pupils FROM census_pupil WHERE year = 2026 GROUP BY ethnicity ORDER BY 1"


@pytest.fixture
def world(home: Config, clock: FixedClock) -> World:
    return build(home, clock)


def read(world: World, sql: str, home: Config, clock: FixedClock) -> gate.Handover:
    answer = gate.read(world.agreement, world.person, sql, config=home, clock=clock)
    assert isinstance(answer, gate.Handover), answer
    return answer


def verified(file: dict[str, object], home: Config, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(file))
    command = [sys.executable, "-I", str(VERIFIER), str(path), "--key", register.verifier_key(home)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_read_gives_the_result_and_a_receipt_that_anyone_can_check(
    world: World, home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    handed = read(world, SQL, home, clock)
    assert handed.table.to_pylist() == [{"ethnicity": "APKN", "pupils": 2}, {"ethnicity": "WBRI", "pupils": 4}]
    checked = verified(dict(handed.receipt), home, tmp_path)
    assert checked.returncode == 0, checked.stdout
    event = register.event(handed.log_index).body
    assert event["items"] == ["census_pupil.ethnicity", "census_pupil.pupil", "census_pupil.year"]
    assert event["agreement"] == world.agreement
    assert "2026" not in json.dumps(event["query"])
    register.verify_log(str(home.log), register.verifier_key(home))


def test_the_exposure_is_settled_to_exactly_the_pupils_of_the_scan(
    world: World, home: Config, clock: FixedClock
) -> None:
    sql = "SELECT count(*) AS n FROM census_pupil p JOIN census_absence a ON p.pupil = a.pupil WHERE a.sessions > 3"
    handed = read(world, sql, home, clock)
    assert ledger.who_has(Pmr(0))[-1].state == "being worked out"
    gate.settle_pending(home, clock)
    lines = {
        p: {item for e in ledger.who_has(p) if e.release_id == handed.release_id for item in e.items}
        for p in world.pmrs
    }
    # Every pupil's census row is taken (nothing limits it); absence only of those with more than three.
    # The agreement's years decide which rows there are, so the year is looked at too.
    census = {"census_pupil.pupil", "census_pupil.year"}
    assert lines[Pmr(0)] == census
    assert lines[Pmr(4)] == census | {"census_absence.pupil", "census_absence.sessions", "census_absence.year"}
    record = ledger.release(handed.release_id)
    assert (record.member_count, record.settled_at) == (6, clock.now())


def test_settling_again_or_later_gives_the_same_set(world: World, home: Config, clock: FixedClock) -> None:
    read(world, "SELECT sex, count(*) AS n FROM census_pupil WHERE age = 6 GROUP BY sex", home, clock)
    (first,) = gate.settle_pending(home, clock)
    assert gate.settle_pending(home, FixedClock(clock.now() + timedelta(days=1))) == ()
    assert ledger.release(first.release_id) == first


def test_a_refusal_names_every_reason_at_once_and_is_recorded(world: World, home: Config, clock: FixedClock) -> None:
    late = FixedClock(clock.now() + timedelta(days=2000))
    sql = "SELECT senprovision, fsmeligible FROM census_pupil"
    answer = gate.read(world.agreement, world.person, sql, config=home, clock=late)
    assert isinstance(answer, gate.RefusedQuery)
    codes = {reason.code for reason in answer.reasons}
    assert codes == {"item-not-approved", "agreement-expired", "accreditation-expired"}
    assert sum(reason.code == "item-not-approved" for reason in answer.reasons) == 2
    event = register.event(answer.log_index)
    assert (event.type, event.subject) == ("query.refused", world.agreement)
    assert set(event.body["reasons"]) == codes
    assert ledger.releases() == ()
    assert register.published(home).size > answer.log_index  # type: ignore[union-attr]


def test_a_query_that_is_not_allowed_hears_of_its_agreement_too(world: World, home: Config, clock: FixedClock) -> None:
    stranger = people.add_person(people.organisations()[0].id, "researcher").id
    answer = gate.read(
        world.agreement, stranger, "SELECT read_text('x'), shoe FROM census_pupil", config=home, clock=clock
    )
    assert isinstance(answer, gate.RefusedQuery)
    assert {"function-not-allowed", "person-not-named", "not-accredited"} <= {r.code for r in answer.reasons}


def test_an_ended_agreement_reads_nothing_more(world: World, home: Config, clock: FixedClock) -> None:
    official = next(p for p in people.persons() if p.role == "custodian")
    requests.insist(requests.end(world.agreement, "The study is over.", official.id, clock))
    answer = gate.read(world.agreement, world.person, SQL, config=home, clock=clock)
    assert isinstance(answer, gate.RefusedQuery)
    assert {reason.code for reason in answer.reasons} == {"agreement-not-active"}


def test_an_objection_takes_the_child_out_of_the_very_next_query(world: World, home: Config, clock: FixedClock) -> None:
    sql = "SELECT pupil, sex FROM census_pupil"
    before = read(world, sql, home, clock)
    consent.lodge_objection(Pmr(2), "education-research", actor="account:1", clock=clock)
    after = read(world, sql, home, clock)
    gone = set(before.table.column("pupil").to_pylist()) - set(after.table.column("pupil").to_pylist())
    assert len(gone) == 1
    gate.settle_pending(home, clock)
    assert [e.release_id for e in ledger.who_has(Pmr(2))] == [before.release_id]
    assert {e.release_id for e in ledger.who_has(Pmr(3))} == {before.release_id, after.release_id}


def test_a_query_that_fails_in_the_engine_is_recorded_as_an_exposure_and_tells_no_value(
    world: World, home: Config, clock: FixedClock
) -> None:
    answer = gate.read(
        world.agreement, world.person, "SELECT CAST(ethnicity AS INT) AS x FROM census_pupil", config=home, clock=clock
    )
    assert isinstance(answer, gate.RefusedQuery)
    assert [reason.code for reason in answer.reasons] == ["conversion"]
    assert "WBRI" not in repr(answer)
    gate.settle_pending(home, clock)
    (line,) = ledger.who_has(Pmr(1))
    assert not line.delivered


def test_a_cohort_limits_every_table_and_what_it_looks_at_is_recorded(home: Config, clock: FixedClock) -> None:
    world = build(home, clock)
    spec_cohort = requests.CohortCondition("sex", ("F",))
    from dataclasses import replace

    terms = replace(requests.get(world.agreement), cohort=(spec_cohort,))
    from schoolgate.gate.rewrite import rewrite
    from schoolgate.gate.terms.ruling import asked_of, rule_on
    from schoolgate.gate.understand import Asked, understand

    asked = understand("SELECT sum(sessions) AS s FROM census_absence")
    assert isinstance(asked, Asked)
    decision = rule_on(terms, world.person, asked_of(asked.scans), clock)
    plan = rewrite(asked.named, asked.references, asked.scans, decision.rows, anyone_denied=False)
    assert "census_pupil.sex" in plan.scans[0].items


class _PowerCut(BaseException):
    """Stands for the process ending at a step."""


@pytest.mark.parametrize("at", ["checked", "run", "recorded", "published", "delivered"])
def test_a_read_cut_short_at_any_step_hands_nothing_over_without_a_record(
    at: str, world: World, home: Config, clock: FixedClock
) -> None:
    def cut(step: str) -> None:
        if step == at:
            raise _PowerCut

    with pytest.raises(_PowerCut):
        gate.read(world.agreement, world.person, SQL, config=home, clock=clock, step=cut)
    recorded = at in {"recorded", "published", "delivered"}
    assert len(ledger.releases()) == int(recorded)
    assert len(register.events("release.begun")) == int(recorded)
    handed = read(world, SQL, home, clock)
    gate.settle_pending(home, clock)
    assert ledger.unsettled() == ()
    assert handed.release_id in {e.release_id for e in ledger.who_has(Pmr(0))}
    register.verify_log(str(home.log), register.verifier_key(home))


@pytest.mark.parametrize("at", ["worked out", "settled", "settled published"])
def test_a_settlement_cut_short_is_taken_up_again(at: str, world: World, home: Config, clock: FixedClock) -> None:
    read(world, SQL, home, clock)

    def cut(step: str) -> None:
        if step == at:
            raise _PowerCut

    with pytest.raises(_PowerCut):
        gate.settle_pending(home, clock, step=cut)
    gate.settle_pending(home, clock)
    (record,) = ledger.releases()
    assert record.member_count == 6
    assert len(register.events("release.settled")) == 1


def test_when_the_log_cannot_be_written_no_result_leaves(
    world: World, home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    register.publish(clock, home)
    (home.log / "tile").rename(tmp_path / "elsewhere")
    (home.log / "tile").write_text("in the way")
    with pytest.raises(register.LogNotWritten):
        gate.read(world.agreement, world.person, SQL, config=home, clock=clock)
    (home.log / "tile").unlink()
    (tmp_path / "elsewhere").rename(home.log / "tile")
    (begun,) = ledger.releases()
    assert begun.delivered_at is None
    read(world, SQL, home, clock)


def test_a_family_finds_the_release_and_its_proof_holds(
    world: World, home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    handed = read(world, SQL, home, clock)
    gate.settle_pending(home, clock)
    code = rights.issue_code(URN, CHILDREN[1].upn, school_actor=f"school:{URN}", clock=clock, config=home)
    assert not isinstance(code, Refusal)
    account = people.create_account("parent@example.org", "correct horse battery")
    link = rights.redeem_code(account.id, code.text, clock, config=home)
    assert not isinstance(link, Refusal)
    record = rights.my_record(link, clock=clock, config=home)
    assert record.identity["forename"] == CHILDREN[1].forename
    assert record.tables["census_pupil"][0]["ethnicity"] == "WBRI"
    agreements = {line.agreement_id for line in rights.lines_for(link)}
    assert agreements == {world.agreement, requests.SUBJECT_ACCESS}
    proof = rights.proof_file(link, handed.release_id, config=home)
    checked = verified(proof, home, tmp_path)
    assert checked.returncode == 0, checked.stdout
    for name in ("salt", "child_ref"):
        assert verified({**proof, name: "00" * (32 if name == "salt" else 16)}, home, tmp_path).returncode == 1
    assert verified({**proof, "member_index": proof["member_index"] ^ 1}, home, tmp_path).returncode == 1


def test_a_child_that_is_not_in_a_release_has_no_proof_of_it(world: World, home: Config, clock: FixedClock) -> None:
    handed = read(world, "SELECT sum(sessions) AS s FROM census_absence WHERE sessions > 4", home, clock)
    with pytest.raises(gate.NotAMember, match="being worked out"):
        gate.member_proof(handed.release_id, Pmr(5), home)
    gate.settle_pending(home, clock)
    assert gate.member_proof(handed.release_id, Pmr(5), home)["member_count"] == 1
    with pytest.raises(gate.NotAMember, match="not in this release"):
        gate.member_proof(handed.release_id, Pmr(1), home)


def test_a_school_finds_its_own_pupil_and_nobody_elses(world: World, home: Config, clock: FixedClock) -> None:
    found = gate.find_own_pupil(URN, CHILDREN[1].upn, f"school:{URN}", config=home, clock=clock)  # type: ignore[arg-type]
    assert found == Pmr(1)
    others = gate.find_own_pupil(URN, CHILDREN[5].upn, f"school:{URN}", config=home, clock=clock)  # type: ignore[arg-type]
    unknown = gate.find_own_pupil(URN, "R201100018042", f"school:{URN}", config=home, clock=clock)  # type: ignore[arg-type]
    wrong = gate.find_own_pupil(OTHER_URN, "nonsense", f"school:{URN}", config=home, clock=clock)  # type: ignore[arg-type]
    assert isinstance(others, Refusal)
    assert others == unknown == wrong
    assert [e.agreement_id for e in ledger.who_has(Pmr(1))] == [requests.SUBJECT_ACCESS]


def test_a_familys_own_look_is_in_the_childs_answer(world: World, home: Config, clock: FixedClock) -> None:
    gate.subject_access(Pmr(3), "account:7", config=home, clock=clock)
    (line,) = ledger.who_has(Pmr(3))
    assert (line.agreement_id, line.state, line.delivered) == (requests.SUBJECT_ACCESS, "settled", True)
    assert ledger.who_has(Pmr(4)) == ()


def test_no_event_holds_an_identity_or_the_internal_number(world: World, home: Config, clock: FixedClock) -> None:
    read(world, "SELECT pupil, sex FROM census_pupil WHERE urn = 100008", home, clock)
    gate.subject_access(Pmr(3), "account:7", config=home, clock=clock)
    gate.settle_pending(home, clock)
    published = b"".join(path.read_bytes() for path in home.log.rglob("*") if path.is_file()).decode(errors="replace")
    for child in CHILDREN:
        for value in (child.upn, child.surname, child.forename, child.dob, child.postcode):
            assert value not in published
    assert "account:7" not in published
    assert "100008" not in published


def test_a_result_never_shows_the_internal_number(world: World, home: Config, clock: FixedClock) -> None:
    from schoolgate.records.vault import Vault

    handed = read(world, "SELECT pupil, age FROM census_pupil", home, clock)
    key = Vault(home).agreement_key(world.agreement)
    assert set(handed.table.column("pupil").to_pylist()) == {pseudonym(p, key) for p in world.pmrs}
    assert set(ITEMS) >= {"census_pupil.age"}


def test_every_item_of_a_familys_look_has_words_in_the_dictionary(tmp_path: Path) -> None:
    from schoolgate.dictionary import open_dictionary
    from schoolgate.gate.subject import _IDENTITY_ITEMS

    known = open_dictionary(tmp_path)
    assert all(known.get(f"identity.{name}") for name in _IDENTITY_ITEMS)


class _NoCells:
    """What a machine has whose system cannot shut an engine in."""

    wall = Wall("", "Nothing shuts engines in here.")


def test_where_nothing_shuts_an_engine_in_nothing_is_read_unless_told_so(
    world: World, home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schoolgate.gate.engines.lake.cells", _NoCells)
    refused = gate.read(world.agreement, world.person, SQL, config=home, clock=clock)
    assert isinstance(refused, gate.RefusedQuery)
    assert [reason.code for reason in refused.reasons] == ["no-wall"]
    assert "SCHOOLGATE_NO_WALL=yes" in refused.reasons[0].remedy
    assert not refused.exposed
    assert ledger.releases() == ()
    told = gate.read(world.agreement, world.person, SQL, config=replace(home, no_wall=True), clock=clock)
    assert isinstance(told, gate.Handover)
