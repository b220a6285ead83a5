"""Which conditions run inside a scan: those that cannot fail on a row the query itself would never look at."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from schoolgate.gate.rewrite import plan_scan
from schoolgate.gate.understand import Asked, understand
from tests.gate.asking import TABLES, Asker, Source
from tests.gate.box import EVERY_ROW, plan_of
from tests.gate.worlds import Copies

_FROM = "SELECT a.sex FROM census_pupil AS a WHERE "

RUN_INSIDE = [
    "a.sex = 'F'", "a.age > 3", "a.age >= -3", "a.age <> 3.5", "3 < a.age", "a.age = a.year", "a.sex = a.ethnicity",
    "a.sex IN ('F', 'M')", "a.age NOT IN (3, 4)", "a.age BETWEEN 3 AND 5", "NOT a.age BETWEEN 3 AND a.year",
    "a.sex IS NULL", "a.age IS NOT NULL", "a.sex LIKE 'F%'", "a.onroll", "NOT a.onroll", "a.onroll = TRUE", "a.onroll IS TRUE",
    "(a.sex = 'F' OR (a.age = 3 AND NOT a.onroll))", "a.entrydate > '2020-01-31'", "a.entrydate = DATE '2020-01-31'",
    "(a.age > 3) IS TRUE", "a.sex = 'it''s'", "lower(a.sex) = 'f'", "trim(upper(a.sex)) IN ('F', 'M')", "length(a.sex) > 0",
    "year(a.entrydate) = 2025", "month(a.entrydate) BETWEEN 1 AND a.age", "coalesce(a.sex, 'U') = 'U'",
    "coalesce(a.age, a.year, 0) > 3", "coalesce(a.sex = 'F', FALSE)", "a.sex IS NOT DISTINCT FROM 'F'",
    "a.age IS DISTINCT FROM 3", "a.sex ILIKE 'f_'", "a.sex NOT LIKE 'F%'", "a.sex NOT ILIKE 'f%'", "lower(a.sex) IS NULL",
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
    "a function of another type": "length(a.age) = 1",
    "a function that takes what it is given apart": "substring(a.sex, 1, 1) = 'F'",
    "text and number in one": "coalesce(a.sex, a.age) = 'F'",
    "text and number in one, as text": "coalesce(a.sex, 5) = 'F'",
    "no value at all": "a.age = NULL",
    "a condition that is text otherwise": "coalesce(a.sex = 'F', a.sex)",
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


_EXTREMES: dict[str, list[Any]] = {
    "pupil": [0], "year": [-2147483648, 2147483647, 0], "term": ["", "ß", "İ"], "sex": ["\x00", "F" * 5000, "🏫", "%_\\"],
    "ethnicity": ["nan", "-", "'"], "age": [None, -2147483648, 2147483647], "urn": [2147483647], "onroll": [None, True],
    "entrydate": [None, date.min, date.max, date(2024, 2, 29)], "fundedhours": [None, "9999.99", "-9999.99"],
}  # fmt: skip


def test_no_condition_inside_fails_on_any_value_of_its_column() -> None:
    longest = max(map(len, _EXTREMES.values()))
    rows = [{name: values[at % len(values)] for name, values in _EXTREMES.items()} for at in range(longest * 6)]
    rows = [{**row, "fundedhours": Decimal(row["fundedhours"]) if row["fundedhours"] else None} for row in rows]
    copies = Copies({"census_pupil": rows}, {})
    inside = 0
    for condition in [*RUN_INSIDE, *(_any_condition(seed) for seed in range(400))]:
        asked = understand(_FROM + condition)
        assert isinstance(asked, Asked)
        plan = plan_scan(asked.scans[-1], EVERY_ROW, anyone_denied=False)
        inside += plan.condition != "TRUE"
        assert copies.members(plan) <= {0}
    assert inside > 250


def _any_condition(seed: int) -> str:
    return Asker(random.Random(seed)).condition([Source("a", TABLES["census_pupil"])])
