"""The family's journey through the real gate, lake, vault, ledger and log; nothing stands in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from schoolgate import gate, people, register, requests, rights
from schoolgate.cli import family
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.dictionary import lake_tables
from schoolgate.errors import Refusal
from schoolgate.ids import Term, upn_check_letter
from schoolgate.records.append import arrow_schema, load_term
from schoolgate.records.vault import NewIdentity, Vault
from tests.requests import road
from tests.requests.cast import Cast, a_spec, enter_cast

pytestmark = pytest.mark.django_db(transaction=True)

VERIFIER = Path(__file__).resolve().parents[2] / "tools" / "verify_receipt.py"
SCHOOL, OTHER_SCHOOL = 100_000, 100_001
PUPILS = 30
QUERY = "SELECT pupil, sex FROM census_pupil WHERE year = 2026"


def upn_of(number: int) -> str:
    rest = f"{number:012d}"
    return upn_check_letter(rest) + rest


@pytest.fixture
def lake(home: Config, clock: FixedClock, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Thirty pupils of two schools, one term."""
    settings.CONFIG = home
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))
    identities = [
        NewIdentity(
            upn=upn_of(n),
            surname=f"Canarysurname{n}",
            forename=f"Canaryforename{n}",
            dob="2014-03-04",
            sex="F",
        )
        for n in range(PUPILS)
    ]
    allocated = Vault(home).allocate(identities)
    (table,) = [table for table in lake_tables() if table.name == "census_pupil"]
    rows = [
        {
            "pupil": int(pupil),
            "year": 2026,
            "term": "AUT",
            "sex": "F",
            "ncyearactual": "7",
            "urn": OTHER_SCHOOL if n % 3 == 0 else SCHOOL,
            "onroll": True,
        }
        for n, pupil in enumerate(allocated)
    ]
    batch = pa.RecordBatch.from_pylist(rows, schema=arrow_schema(table))
    load_term(2026, Term.AUTUMN, [("census_pupil", batch)], return_ids=["r"], config=home, clock=clock)
    return home


def an_agreement(cast: Cast, clock: FixedClock) -> requests.Agreement:
    spec = a_spec(cast, years=((2026, 2026),), terms=(), cohort=())
    made = requests.insist(requests.submit_application(spec, cast.researcher, clock))
    requests.insist(road.decide(made.id, True, ["Public benefit."], [], cast.panel, clock))
    return requests.insist(road.sign(made.id, cast.custodian, clock))


def a_parent(clock: FixedClock, upn: str) -> rights.ChildLink:
    account = people.create_account("parent@example.org", "correct horse battery")
    code = rights.issue_code(SCHOOL, upn, school_actor=f"school:{SCHOOL}", clock=clock)
    assert isinstance(code, rights.IssuedCode), code
    link = rights.redeem_code(account.id, code.text, clock=clock)
    assert isinstance(link, rights.ChildLink), link
    return link


def accepted(proof: dict[str, Any], place: Path) -> str:
    """What the single-file verifier says of a proof that it accepts."""
    place.write_text(json.dumps(proof))
    answer = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(place)], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_a_parent_sees_who_had_the_data_proves_it_says_no_and_is_left_out_of_the_next_query(
    lake: Config, clock: FixedClock, tmp_path: Path
) -> None:
    cast = enter_cast()
    agreement = an_agreement(cast, clock)
    handed = gate.read(agreement.id, cast.researcher, QUERY, config=lake, clock=clock)
    assert isinstance(handed, gate.Handover), handed
    assert handed.table.num_rows == PUPILS
    gate.settle_pending(lake, clock)

    link = a_parent(clock, upn_of(1))
    lines = {line.agreement_id: line for line in rights.lines_for(link)}
    assert set(lines) == {agreement.id, "A-SAR"}
    line = lines[agreement.id]
    assert line.organisation == "University of Example (synthetic)"
    assert "census_pupil.sex" in line.items
    assert lines["A-SAR"].organisation == "The child’s own family and school"

    for release in (release for line in lines.values() for release in line.releases):
        accepted(rights.proof_file(link, release.release_id), tmp_path / "proof.json")

    record = rights.my_record(link, clock=clock)
    assert record.identity["forename"] == "Canaryforename1"
    assert [row["sex"] for row in record.tables["census_pupil"]] == ["F"]

    rights.object_to(link, agreement.purpose, clock=clock)
    without = gate.read(agreement.id, cast.researcher, QUERY, config=lake, clock=clock)
    assert isinstance(without, gate.Handover)
    assert without.table.num_rows == PUPILS - 1
    gate.settle_pending(lake, clock)
    assert len({line.agreement_id: line for line in rights.lines_for(link)}[agreement.id].releases) == 1

    rights.withdraw(link, agreement.purpose, clock=clock)
    again = gate.read(agreement.id, cast.researcher, QUERY, config=lake, clock=clock)
    assert isinstance(again, gate.Handover)
    assert again.table.num_rows == PUPILS
    assert again.table.sort_by("pupil") == handed.table.sort_by("pupil")


def test_a_proof_keeps_its_worth_while_the_log_grows_and_a_later_one_of_the_same_release_holds_too(
    lake: Config, clock: FixedClock, tmp_path: Path
) -> None:
    cast = enter_cast()
    agreement = an_agreement(cast, clock)
    handed = gate.read(agreement.id, cast.researcher, QUERY, config=lake, clock=clock)
    assert isinstance(handed, gate.Handover)
    release = handed.receipt["event"]["subject"]
    gate.settle_pending(lake, clock)
    link = a_parent(clock, upn_of(1))
    early = rights.proof_file(link, release)
    for _ in range(3):
        rights.my_record(link, clock=clock)
    late = rights.proof_file(link, release)
    assert early["release"]["proof"] != late["release"]["proof"]
    for proof in (early, late):
        accepted(proof, tmp_path / "proof.json")
        text = json.dumps(proof)
        for secret in ("Canary", upn_of(1), "2014-03-04", "parent@example.org", str(link.id)):
            assert secret not in text


def test_each_look_at_the_record_says_whose_it_was(lake: Config, clock: FixedClock) -> None:
    """A parent who finds a look by somebody else can have the school close the page."""
    mine = a_parent(clock, upn_of(1))
    other = people.create_account("other@example.org", "correct horse battery")
    code = rights.issue_code(SCHOOL, upn_of(1), school_actor=f"school:{SCHOOL}", clock=clock)
    assert isinstance(code, rights.IssuedCode)
    theirs = rights.redeem_code(other.id, code.text, clock=clock)
    assert isinstance(theirs, rights.ChildLink)
    rights.my_record(mine, clock=clock)
    rights.my_record(theirs, clock=clock)
    (line,) = rights.lines_for(mine)
    name = "Sir John Cass's Foundation Primary School"
    looks = [(release.looked, release.school) for release in line.releases]
    assert looks == [("another account", ""), ("you", ""), ("school", name), ("school", name)]
    (line,) = rights.lines_for(theirs)
    assert [release.looked for release in line.releases][:2] == ["you", "another account"]
    assert name not in repr((mine, theirs))  # which school it is stands in the record alone


def test_two_children_of_one_account_are_told_apart_and_closing_one_leaves_the_other(
    lake: Config, clock: FixedClock
) -> None:
    first = a_parent(clock, upn_of(1))
    code = rights.issue_code(OTHER_SCHOOL, upn_of(3), school_actor=f"school:{OTHER_SCHOOL}", clock=clock)
    assert isinstance(code, rights.IssuedCode)
    second = rights.redeem_code(first.account_id, code.text, clock=clock)
    assert isinstance(second, rights.ChildLink)
    assert [link.id for link in rights.children(first.account_id)] == [first.id, second.id]
    assert rights.my_record(first, clock=clock).identity["forename"] == "Canaryforename1"
    assert rights.my_record(second, clock=clock).identity["forename"] == "Canaryforename3"
    assert rights.revoke_access(SCHOOL, upn_of(1), school_actor=f"school:{SCHOOL}", clock=clock) == 1
    assert rights.children(first.account_id) == (second,)
    with pytest.raises(rights.UnknownLink):
        rights.my_record(first, clock=clock)


def test_a_question_that_failed_is_on_the_familys_page_and_has_its_proof(
    lake: Config, clock: FixedClock, tmp_path: Path
) -> None:
    """docs/decisions/0005: that a conversion failed tells the asker something about a value."""
    cast = enter_cast()
    agreement = an_agreement(cast, clock)
    failing = "SELECT CAST(sex AS INTEGER) AS n FROM census_pupil WHERE year = 2026"
    answer = gate.read(agreement.id, cast.researcher, failing, config=lake, clock=clock)
    assert isinstance(answer, gate.RefusedQuery), answer
    handed = gate.read(agreement.id, cast.researcher, QUERY, config=lake, clock=clock)
    assert isinstance(handed, gate.Handover)
    gate.settle_pending(lake, clock)
    link = a_parent(clock, upn_of(1))
    (line,) = [line for line in rights.lines_for(link) if line.agreement_id == agreement.id]
    assert [release.delivered for release in line.releases] == [True, False]
    accepted(rights.proof_file(link, line.releases[1].release_id), tmp_path / "proof.json")


def test_a_look_up_by_the_school_is_in_the_public_log_without_saying_whose_or_which_school(
    lake: Config, clock: FixedClock
) -> None:
    before = register.log_size()
    assert isinstance(
        rights.issue_code(SCHOOL, upn_of(1), school_actor=f"school:{SCHOOL}", clock=clock), rights.IssuedCode
    )
    refused = rights.issue_code(SCHOOL, upn_of(0), school_actor=f"school:{SCHOOL}", clock=clock)
    assert isinstance(refused, Refusal)
    written = [register.event(index).body for index in range(before, register.log_size())]
    kinds = [body["type"] for body in written]
    assert "release.begun" in kinds
    assert "query.refused" in kinds
    for secret in ("Canary", upn_of(0), upn_of(1), str(SCHOOL), str(OTHER_SCHOOL)):
        assert secret not in json.dumps([dict(body) for body in written])


def test_the_agreements_end_stops_the_next_query(lake: Config, clock: FixedClock) -> None:
    cast = enter_cast()
    agreement = an_agreement(cast, clock)
    requests.insist(requests.end(agreement.id, "Done.", cast.custodian, clock))
    refused = gate.read(agreement.id, cast.researcher, QUERY, config=lake, clock=clock)
    assert isinstance(refused, gate.RefusedQuery)
    assert {reason.code for reason in refused.reasons} == {"agreement-not-active"}


def test_an_accreditation_that_was_withdrawn_stops_the_next_query(lake: Config, clock: FixedClock) -> None:
    cast = enter_cast()
    agreement = an_agreement(cast, clock)
    people.set_accreditation(cast.researcher, None)
    refused = gate.read(agreement.id, cast.researcher, QUERY, config=lake, clock=clock)
    assert isinstance(refused, gate.RefusedQuery)
    assert {reason.code for reason in refused.reasons} == {"not-accredited"}


def test_a_school_gets_no_code_for_another_schools_pupil_nor_learns_that_it_exists(
    lake: Config, clock: FixedClock
) -> None:
    answers = {
        rights.issue_code(urn, upn, school_actor=f"school:{urn}", clock=clock)
        for urn, upn in [(SCHOOL, upn_of(0)), (OTHER_SCHOOL, upn_of(1)), (SCHOOL, upn_of(999)), (SCHOOL, "x")]
    }
    assert len(answers) == 1
    assert isinstance(answers.pop(), Refusal)


def test_the_schools_office_issues_and_closes_from_the_command_line(lake: Config, clock: FixedClock) -> None:
    terminal = CliRunner()
    issued = terminal.invoke(family.app, ["issue-code", "--urn", str(SCHOOL), "--upn", upn_of(1)])
    assert issued.exit_code == 0, issued.output
    (code,) = issued.stdout.split()
    account = people.create_account("parent@example.org", "correct horse battery")
    from schoolgate.clock import SystemClock

    assert isinstance(rights.redeem_code(account.id, code, clock=SystemClock()), rights.ChildLink)
    refused = terminal.invoke(family.app, ["issue-code", "--urn", str(SCHOOL), "--upn", upn_of(0)])
    assert (refused.exit_code, refused.stdout) == (1, "")
    closed = terminal.invoke(family.app, ["close", "--urn", str(SCHOOL), "--upn", upn_of(1)])
    assert closed.exit_code == 0
    assert "1 account or open code ended, at once" in closed.stdout
    assert rights.children(account.id) == ()
    again = terminal.invoke(family.app, ["close", "--urn", str(SCHOOL)], input=f"{upn_of(1)}\n")
    assert "closed already" in again.stdout
