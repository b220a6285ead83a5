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

from schoolgate import gate, people, requests, rights
from schoolgate.cli import family
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.dictionary import lake_tables
from schoolgate.errors import Refusal
from schoolgate.ids import Term, upn_check_letter
from schoolgate.records.append import arrow_schema, load_term
from schoolgate.records.vault import NewIdentity, Vault
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
    requests.insist(requests.decide(made.id, True, ["Public benefit."], [], cast.panel, clock))
    return requests.insist(requests.sign(made.id, cast.custodian, clock))


def a_parent(clock: FixedClock, upn: str) -> rights.ChildLink:
    account = people.create_account("parent@example.org", "correct horse battery")
    code = rights.issue_code(SCHOOL, upn, school_actor=f"school:{SCHOOL}", clock=clock)
    assert isinstance(code, rights.IssuedCode), code
    link = rights.redeem_code(account.id, code.text, clock=clock)
    assert isinstance(link, rights.ChildLink), link
    return link


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
        proof = tmp_path / "proof.json"
        proof.write_text(json.dumps(rights.proof_file(link, release.release_id)))
        command = [sys.executable, "-I", str(VERIFIER), str(proof)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stdout + answer.stderr

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
    assert rights.children(account.id) == ()
