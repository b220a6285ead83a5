"""Two lakes that differ in the pupils' numbers alone, and so in the order in which rows are stored, answer alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schoolgate.gate.engines.engine import Limits
from schoolgate.gate.understand import Asked, understand
from tests.gate.box import Box, plan_of, rows_of

_KINDS = [("F", 9, "A"), ("M", 5, "B"), ("F", 4, "A"), ("M", 7, "B"), ("F", 6, "B")]


def _lake(numbers: list[int]) -> list[dict[str, Any]]:
    rows = [
        {"pupil": number, "year": 2026, "term": "AUT", "sex": sex, "age": age, "ethnicity": ethnicity, "urn": 1}
        for number, (sex, age, ethnicity) in zip(numbers, _KINDS, strict=True)
    ]
    return sorted(rows, key=lambda row: row["pupil"])


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT DISTINCT sex FROM census_pupil ORDER BY age",
        "SELECT DISTINCT sex FROM census_pupil ORDER BY age LIMIT 1",
        "SELECT DISTINCT sex FROM census_pupil ORDER BY sex = 'F' AND age > 5",
        "SELECT DISTINCT sex, ethnicity FROM census_pupil ORDER BY lower(sex), age DESC",
        "SELECT DISTINCT sex, count(*) AS n FROM census_pupil GROUP BY sex, age ORDER BY age",
        "SELECT DISTINCT sex FROM census_pupil GROUP BY sex, ethnicity ORDER BY count(*)",
        "SELECT DISTINCT sex FROM census_pupil ORDER BY rank() OVER (ORDER BY age)",
        "SELECT DISTINCT a.sex FROM census_pupil AS a ORDER BY (SELECT sum(b.age) FROM census_pupil AS b"
        " WHERE b.pupil = a.pupil)",
    ],
)
def test_distinct_rows_are_not_ordered_by_what_they_do_not_show(sql: str) -> None:
    found = understand(sql)
    assert not isinstance(found, Asked)
    assert [refusal.code for refusal in found] == ["order-beyond-distinct"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT DISTINCT sex, age FROM census_pupil ORDER BY age DESC, 1",
        "SELECT DISTINCT sex, age + 1 AS next FROM census_pupil ORDER BY next DESC, lower(sex)",
        "SELECT DISTINCT sex, age + 1 AS next FROM census_pupil ORDER BY (age + 1) * 2 DESC, sex LIMIT 2",
        "SELECT DISTINCT sex, count(*) AS n FROM census_pupil GROUP BY sex, ethnicity ORDER BY count(*) DESC, sex",
        "SELECT DISTINCT sex FROM (SELECT DISTINCT sex FROM census_pupil ORDER BY age) AS q ORDER BY sex DESC",
        "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex ORDER BY min(age), max(ethnicity)",
    ],
)
def test_numbering_the_pupils_otherwise_changes_nothing(sql: str, tmp_path: Path) -> None:
    plan = plan_of(sql)
    answers = []
    for numbers in ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 0, 1, 3]):
        with Box(tmp_path, {"census_pupil": _lake(numbers)}).engine(limits=Limits(threads=1)) as engine:
            answers.append(rows_of(engine.run(plan.sql, plan.finish)))
    assert answers[0]
    assert answers == [answers[0]] * 3
