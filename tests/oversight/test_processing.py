"""The record of processing is made from agreements and from what ran; what ran undeclared fails loudly."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from django.db import transaction
from typer.testing import CliRunner

from schoolgate import gate, oversight, people, register, requests
from schoolgate.cli.oversight import app
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import insist
from tests.oversight import told
from tests.requests import road
from tests.world import ITEMS, World, build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SCHOOLGATE_HOME", str(home.home))
    return build(home, clock)


def read(world: World, sql: str, home: Config, clock: FixedClock) -> None:
    answer = gate.read(world.agreement, world.person, sql, config=home, clock=clock)
    assert isinstance(answer, gate.Handover), answer


def test_each_activity_has_what_article_30_asks_for_and_what_ran(world: World, home: Config, clock: FixedClock) -> None:
    read(world, "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex", home, clock)
    made = oversight.record_of_processing(oversight.from_database())
    assert made.undeclared == ()
    assert [one.id for one in made.activities if one.is_counted] == [
        "census collection",
        world.agreement,
        requests.SUBJECT_ACCESS,
    ]
    one = made.activities[1]
    assert {part.item for part in one.categories} == set(ITEMS)
    assert one.ran.times == 1
    assert one.ran.last == clock.now().date()
    assert set(one.never_used) == set(ITEMS) - {"census_pupil.sex"}
    for part in made.activities:
        row = oversight.as_row(part)
        assert all(row[column] for column in oversight.COLUMNS[:10]), part.id


def test_it_comes_as_json_csv_and_text_and_no_cell_is_a_formula(world: World, home: Config, clock: FixedClock) -> None:
    run = CliRunner()
    made = json.loads(run.invoke(app, ["record-of-processing", "--format", "json"]).stdout)
    assert [one["id"] for one in made["activities"]][1] == world.agreement
    rows = list(csv.DictReader(io.StringIO(run.invoke(app, ["record-of-processing", "--format", "csv"]).stdout)))
    assert [row["id"] for row in rows][1] == world.agreement
    assert "time limits" in run.invoke(app, ["record-of-processing"]).stdout
    cells = oversight.as_csv(("a", "b"), [{"a": "=HYPERLINK(1)", "b": ["+1", "x"]}, {"a": " @x", "b": None}])
    assert cells == "a,b\r\n'=HYPERLINK(1),'+1; x\r\n' @x,\r\n"


def test_a_read_that_no_agreement_declares_makes_the_check_fail(world: World, home: Config, clock: FixedClock) -> None:
    day = clock.now().date().isoformat()
    told.read(day, "R-none", "A-9")
    told.read(day, "R-item", world.agreement, ["census_pupil.sex", "census_pupil.fsmeligible"])
    with transaction.atomic():
        told.read(day, "R-own", world.agreement, ["census_pupil.sex", "census_pupil.pupil", "census_pupil.year"])
    found = {one.release: one.why for one in oversight.record_of_processing(oversight.from_database()).undeclared}
    assert found == {
        "R-none": "No agreement of this number had been signed.",
        "R-item": "These items are not in the agreement: census_pupil.fsmeligible.",
    }
    answer = CliRunner().invoke(app, ["record-of-processing"])
    assert answer.exit_code == 1
    assert "R-item" in answer.output


def test_a_read_under_an_agreement_that_had_ended_is_found_from_the_log_alone() -> None:
    told.signed("2026-07-01", "A-1", "APP-1")
    told.read("2026-07-02", "R-1", "A-1")
    told.tell("2026-07-03", "agreement.suspended", "A-1", reason="A complaint.")
    told.read("2026-07-04", "R-2", "A-1")
    told.tell("2026-07-05", "agreement.ended", "A-1", reason="Over.")
    told.read("2026-07-06", "R-3", "A-1")
    told.read("2026-07-06", "R-4", "A-1")
    found = oversight.compare(oversight.from_database())
    assert [(one.release, one.why) for one in found.undeclared] == [
        ("R-2", "The agreement was suspended."),
        ("R-3", "The agreement was ended."),
        ("R-4", "The agreement was ended."),
    ]
    assert found.ran["A-1"].times == 4


def test_a_read_outside_the_days_or_before_a_changed_organisation_signed_anew_is_found() -> None:
    told.signed("2026-07-01", "A-1", "APP-1", version=1)
    told.tell(
        "2026-07-02", "agreement.reopened", "A-1", organisation="Example (synthetic)", changes=["owner"], reason="Sold."
    )
    told.tell("2026-07-03", "agreement.reaffirmed", "A-1", organisation="Example", reasons=["Yes."], version=2)
    told.read("2026-07-04", "R-1", "A-1")
    told.signed("2026-07-05", "A-1", "APP-1", version=2)
    told.read("2026-07-06", "R-2", "A-1")
    told.signed("2026-07-07", "A-SAR", None)
    told.read("2028-01-01", "R-3", "A-1")  # the last day is in it
    told.read("2028-01-02", "R-4", "A-1")  # and nobody had ended it
    told.read("2028-01-02", "R-5", "A-SAR")  # a right has no last day
    found = oversight.compare(oversight.from_database())
    assert [(one.release, one.why) for one in found.undeclared] == [
        ("R-1", "The agreement was reopened."),
        ("R-4", "The agreement is for 2026-07-05 to 2028-01-01."),
    ]


def test_a_cohort_s_own_columns_are_declared_by_the_pupils_it_names(
    world: World, home: Config, clock: FixedClock
) -> None:
    before = requests.get(world.agreement)
    spec = requests.application(before.application_id).spec
    cohort = (requests.CohortCondition("ncyearactual", ("1", "2", "3")),)
    asked = insist(requests.submit_application(replace(spec, cohort=cohort), world.person, clock))
    everybody = people.persons()
    members = [one.id for one in everybody if one.role == "panel"]
    insist(road.decide(asked.id, True, ["Clear."], [], members, clock))
    official = next(one.id for one in everybody if one.role == "custodian")
    agreement = insist(road.sign(asked.id, official, clock))
    answer = gate.read(agreement.id, world.person, "SELECT count(*) AS n FROM census_pupil", config=home, clock=clock)
    assert isinstance(answer, gate.Handover), answer
    assert "census_pupil.ncyearactual" in register.event(answer.log_index).body["items"]
    assert oversight.record_of_processing(oversight.from_database()).undeclared == ()
