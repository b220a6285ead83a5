"""Which conditions run inside a scan: those that cannot fail on a row the query itself would never look at."""

from __future__ import annotations

import pytest

from tests.gate.box import plan_of

_FROM = "SELECT a.sex FROM census_pupil AS a WHERE "

RUN_INSIDE = [
    "a.sex = 'F'", "a.age > 3", "a.age >= -3", "a.age <> 3.5", "3 < a.age", "a.age = a.year", "a.sex = a.ethnicity",
    "a.sex IN ('F', 'M')", "a.age NOT IN (3, 4)", "a.age BETWEEN 3 AND 5", "NOT a.age BETWEEN 3 AND a.year",
    "a.sex IS NULL", "a.age IS NOT NULL", "a.sex LIKE 'F%'", "a.onroll", "NOT a.onroll", "a.onroll = TRUE", "a.onroll IS TRUE",
    "(a.sex = 'F' OR (a.age = 3 AND NOT a.onroll))", "a.entrydate > '2020-01-31'", "a.entrydate = DATE '2020-01-31'",
    "(a.age > 3) IS TRUE", "a.sex = 'it''s'",
]  # fmt: skip

STAY_OUTSIDE = {
    "text against a number": "a.sex = 5",
    "a number against text": "a.age = '5'",
    "text among numbers": "a.sex IN ('F', 1)",
    "text between numbers": "a.sex BETWEEN 1 AND 2",
    "a number like text": "a.age LIKE 'x'",
    "text as a truth value": "a.sex",
    "a number as a truth value": "a.age",
    "text as a truth value in an AND": "(a.sex OR a.onroll)",
    "text that IS TRUE": "a.sex IS TRUE",
    "a number that IS TRUE": "a.age IS TRUE",
    "a date against what is no date": "a.entrydate > 'nonsense'",
    "a date against a day that is not": "a.entrydate > '2021-02-30'",
    "a date against a short date": "a.entrydate > '2021-2-3'",
    "a cast to a date of what is no date": "a.entrydate > CAST('x' AS DATE)",
    "a cast of a column": "CAST(a.sex AS INT) = 1",
    "two columns of different types": "a.sex = a.age",
    "arithmetic, which can overflow": "a.age + 1 > 3",
    "a sign turned, which can overflow": "-a.age = 3",
    "a division": "a.age / 2 > 1",
    "a number with an exponent": "a.age > 1e3",
    "a number of many digits": "a.age > 9999999999999999999999",
    "a function": "lower(a.sex) = 'f'",
    "a branch": "CASE WHEN a.age > 3 THEN TRUE END",
    "a constant": "1 = 1",
    "a subquery": "a.age IN (SELECT b.age FROM census_pupil AS b)",
    "a subquery under the same alias": "a.age IN (SELECT a.age FROM census_pupil AS a)",
    "a subquery that exists": "EXISTS (SELECT 1 FROM census_absence AS a WHERE a.sessions > 1)",
}


@pytest.mark.parametrize("condition", RUN_INSIDE)
def test_a_condition_on_one_table_and_of_its_types_runs_inside(condition: str) -> None:
    assert plan_of(_FROM + condition).scans[-1].condition != "TRUE"


@pytest.mark.parametrize("name", STAY_OUTSIDE)
def test_a_condition_that_could_fail_or_look_elsewhere_stays_outside(name: str) -> None:
    scans = plan_of(_FROM + STAY_OUTSIDE[name]).scans
    (scan,) = [scan for scan in scans if scan.table == "census_pupil" and "sex" in scan.body]
    assert scan.condition == "TRUE"


@pytest.mark.parametrize("name", STAY_OUTSIDE)
def test_what_stays_outside_does_not_keep_its_neighbour_outside(name: str) -> None:
    scans = plan_of(f"{_FROM}a.ethnicity = 'REF' AND ({STAY_OUTSIDE[name]})").scans
    (scan,) = [scan for scan in scans if scan.table == "census_pupil" and "ethnicity" in scan.body]
    assert scan.condition == '("t"."ethnicity" = \'REF\')'
