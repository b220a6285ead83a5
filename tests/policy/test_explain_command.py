"""``schoolgate policy explain`` and ``table``, at the terminal."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from schoolgate import people, policy, requests
from schoolgate.cli import policy as commands
from schoolgate.clock import SystemClock
from schoolgate.gate.releases.models import UseStop
from tests.requests import road
from tests.requests.cast import Cast, a_spec, enter_cast

pytestmark = pytest.mark.django_db

SQL = "SELECT sex, ethnicity, count(*) AS n FROM census_pupil GROUP BY sex, ethnicity"


@pytest.fixture
def cast() -> Cast:
    return enter_cast()


@pytest.fixture
def agreement(cast: Cast) -> str:
    """An agreement in force today, with two conditions of the gate's."""
    today = SystemClock().now().date()
    spec = a_spec(cast, valid_from=today, valid_until=today + timedelta(days=300), cohort=(), regions=("London",))
    made = requests.insist(requests.submit_application(spec, cast.researcher, SystemClock()))
    conditions = ["aggregate-only: 10", "query-budget: 5"]
    requests.insist(road.decide(made.id, True, ["Yes."], conditions, cast.panel, SystemClock()))
    people.set_accreditation(cast.researcher, today)
    return requests.insist(road.sign(made.id, cast.custodian, SystemClock())).id


def explain(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(commands.app, ["explain", *arguments])
    return result.exit_code, " ".join(result.stdout.split())


def test_it_prints_what_every_rule_and_item_is_and_which_rows_would_be_taken(agreement: str) -> None:
    code, said = explain("--agreement", agreement, SQL)
    assert code == 1
    for words in (
        "allowed The agreement is in force: It is in force.",
        "allowed You are accredited today: Until",
        "allowed Its lawful basis can carry its purpose: Article 6(1)(e) carries education-research.",
        "does not apply Rows are left: The number of rows is not limited.",
        "allowed Reads are left: 0 of 5 reads are used.",
        "allowed Every row is about enough pupils: Rows about fewer than 10 pupils are withheld.",
        "allowed census_pupil.sex: approved in agreement",
        "refused census_pupil.ethnicity: not among the items approved",
        "rows years: 2024 to 2026",
        "authority 202",
        "rows left out: pupils whose family objected to this purpose, to who asks, or to all that it may refuse",
        "rows withheld: rows about fewer than 10 pupils",
        "(line 1, column 13)",
    ):
        assert words in said


def test_it_says_what_came_of_earlier_use(agreement: str, cast: Cast) -> None:
    asked = ("--agreement", agreement, SQL.replace("ethnicity", "year"))
    code, said = explain(*asked)
    assert code == 0
    assert "does not apply Extracts are signed for in time: No extract waits for a signature." in said
    assert "allowed Use was not stopped: No stop stands." in said
    UseStop.objects.create(
        agreement_id=agreement,
        person_id=cast.researcher,
        reasons=[],
        stopped_at=datetime(2026, 9, 1, 23, 30, tzinfo=UTC),
    )
    code, said = explain(*asked)
    assert code == 1
    assert "refused Use was not stopped: Use under this agreement was stopped on 2 September 2026" in said


def test_for_a_program_it_is_json_and_the_exit_code_says_whether_it_would_be_run(agreement: str, cast: Cast) -> None:
    allowed = CliRunner().invoke(
        commands.app, ["explain", "--json", "--agreement", agreement, SQL.replace("ethnicity", "year")]
    )
    assert allowed.exit_code == 0
    told = json.loads(allowed.stdout)
    assert told["allowed"] is True
    assert {one["verdict"] for one in told["table"]} == {"allowed", "not applicable"}
    refused = CliRunner().invoke(
        commands.app, ["explain", "--json", "--agreement", agreement, "--person", cast.seller, SQL]
    )
    assert refused.exit_code == 1
    codes = {one["code"] for one in json.loads(refused.stdout)["refusals"]}
    assert codes == {"person-not-named", "item-not-approved"}


def test_a_query_that_cannot_be_read_hears_of_its_agreement_all_the_same(agreement: str) -> None:
    code, said = explain("--agreement", agreement, "SELECT read_text('/etc/passwd'), ethnicity FROM census_pupil")
    assert code == 1
    assert "not on the list of functions" in said
    assert "refused census_pupil.ethnicity" in said


def test_the_table_is_printed_as_the_page_has_it() -> None:
    printed = CliRunner().invoke(commands.app, ["table"]).stdout
    assert printed == policy.as_markdown()
    assert printed in (Path(__file__).resolve().parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
    assert date.today().isoformat() not in printed
