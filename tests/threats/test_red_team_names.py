"""A name is never followed to the query it stands in, nor to one that comes after: that would have no end."""

from __future__ import annotations

import pytest

from schoolgate.gate.understand import Asked, understand


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT p.age FROM (SELECT p.age FROM census_pupil) AS p",
        "SELECT p.pupil FROM (SELECT p.age AS pupil FROM census_pupil) AS p",
        "SELECT p.age FROM (SELECT age FROM census_pupil UNION ALL SELECT p.age FROM census_pupil) AS p",
        "WITH q AS (SELECT q.age FROM census_pupil) SELECT q.age FROM q",
        "SELECT a.age FROM (SELECT b.age FROM census_pupil) AS a CROSS JOIN (SELECT a.age FROM census_pupil) AS b",
        "SELECT q.x FROM (SELECT a.age AS x FROM census_absence) AS q, census_pupil AS a",
        "WITH q AS (SELECT a.age AS x FROM census_absence) SELECT q.x FROM census_pupil AS a CROSS JOIN q",
    ],
)
def test_a_query_that_names_itself_is_an_unknown_item(sql: str) -> None:
    found = understand(sql)
    assert not isinstance(found, Asked)
    assert {refusal.code for refusal in found} == {"unknown-item"}


@pytest.mark.parametrize(
    ("sql", "items"),
    [
        (
            "SELECT q.x FROM census_pupil AS a CROSS JOIN (SELECT a.age AS x FROM census_absence) AS q",
            {"census_pupil.age"},
        ),
        (
            "SELECT a.sex FROM census_pupil AS a WHERE EXISTS (SELECT 1 FROM (SELECT b.urn FROM census_absence AS b"
            " WHERE b.pupil = a.pupil) AS z)",
            {"census_pupil.sex", "census_pupil.pupil", "census_absence.pupil", "census_absence.urn"},
        ),
        (
            "SELECT a.sex FROM census_pupil AS a JOIN census_absence AS b ON a.pupil = b.pupil"
            " AND EXISTS (SELECT 1 FROM census_pupil AS c WHERE c.pupil = b.pupil AND c.age = a.age)",
            {"census_pupil.sex", "census_pupil.pupil", "census_pupil.age", "census_absence.pupil"},
        ),
    ],
)
def test_what_stands_before_and_around_is_seen(sql: str, items: set[str]) -> None:
    found = understand(sql)
    assert isinstance(found, Asked), found
    assert {item for scan in found.scans for item in scan.items} == items
