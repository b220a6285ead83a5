"""The agreement's places and the families' yes as conditions of each scan, on random lakes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from schoolgate.dictionary import lake_tables
from schoolgate.gate.asking.names import queryable
from schoolgate.gate.engines.engine import Engine, EngineRefused, Limits
from schoolgate.gate.terms.rowrules import consent_set
from schoolgate.policy import AreaTerm, CohortTerm, RowRule
from tests.gate.box import EVERY_ROW, KEY, Box, alike, plan_of, rows_of
from tests.gate.grammar import denials, lakes, queries

_EXAMPLES = int(os.environ.get("SCHOOLGATE_EXAMPLES", "40"))
_SETTINGS = settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
_FAST = Limits(threads=1)
PLAA = "census_pupil.plaa"

areas = st.builds(
    AreaTerm,
    st.sampled_from([(), ("202",), ("202", "203"), ("999",)]),
    st.sampled_from([(), ("100001",), ("100000", "100002")]),
)
cohorts = st.sampled_from([(), (CohortTerm("sex", ("F",)),)])


def with_places(lake: dict[str, Any]) -> dict[str, Any]:
    """The lake with an authority for each school; one has none, as a school that is not in the list."""
    authority = {100000: "202", 100001: "203", 100002: None}
    pupils = [{**row, "la": authority[row["urn"]]} for row in lake["census_pupil"]]
    return {**lake, "census_pupil": pupils}


@given(lake=lakes, sql=queries(), area=areas, cohort=cohorts, left_out=denials)
@_SETTINGS
def test_a_read_answers_as_if_the_lake_held_the_agreements_places_alone(
    lake: dict[str, Any], sql: str, area: AreaTerm, cohort: tuple[CohortTerm, ...], left_out: set[int]
) -> None:
    rows, denied = RowRule(((2025, 2026),), (), cohort, area), BitMap(left_out)
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder), with_places(lake))
        plan = plan_of(sql, rows, anyone_denied=bool(denied))
        with box.engine(denied, limits=_FAST) as engine:
            try:
                answer = rows_of(engine.run(plan.sql))
            except EngineRefused as refused:
                assume(refused.code not in ("types", "conversion"))
                raise
            for scan in plan.scans:
                allowed = {r["pupil"] for r in box.tables[scan.table] if box.allowed(scan.table, r, rows, denied)}
                assert set(engine.members(scan.members)) <= allowed
        assert alike(answer) == alike(box.plain(sql, rows, denied))


@pytest.mark.parametrize("table", [table.name for table in lake_tables()])
@pytest.mark.parametrize(
    ("area", "looks"),
    [
        (AreaTerm(("202",), ()), {"census_pupil.la"}),
        (AreaTerm((), ("100000",)), {"census_pupil.urn"}),
        (AreaTerm(("202",), ("100000",)), {"census_pupil.la", "census_pupil.urn"}),
    ],
)
def test_what_a_place_is_known_by_is_recorded(table: str, area: AreaTerm, looks: set[str]) -> None:
    (scan,) = plan_of(f"SELECT count(*) AS n FROM {table}", RowRule((), (), (), area)).scans
    assert looks <= set(scan.items)
    if table != "census_pupil":
        assert {f"{of}.{name}" for of in (table, "census_pupil") for name in ("pupil", "year", "term", "urn")} <= set(
            scan.items
        )


def test_no_place_named_is_no_condition() -> None:
    (scan,) = plan_of("SELECT count(*) AS n FROM census_pupil", EVERY_ROW).scans
    assert scan.condition == "TRUE"


@given(lake=lakes, yes=st.sets(st.integers(0, 4)), cohort=st.sampled_from([(), (CohortTerm("plaa", ("A", "N")),)]))
@_SETTINGS
def test_only_those_who_said_yes_are_in_a_scan_that_reads_the_item_or_whose_cohort_does(
    lake: dict[str, Any], yes: set[int], cohort: tuple[CohortTerm, ...]
) -> None:
    pupils = [{**row, "plaa": "N" if row["pupil"] % 2 else "A"} for row in lake["census_pupil"]]
    sql = (
        "SELECT count(*) AS n, count(b.plaa) AS k FROM census_pupil a LEFT JOIN census_pupil b ON a.pupil = b.pupil"
        " LEFT JOIN census_absence c ON c.pupil = a.pupil"
    )
    rows = RowRule((), (), cohort, AreaTerm(), (PLAA,))
    plan = plan_of(sql, rows)
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder), {**lake, "census_pupil": pupils})
        with Engine(
            box.files(),
            empty={t.name: queryable(t) for t in lake_tables()},
            denied=BitMap(),
            pseudonym_key=KEY,
            limits=_FAST,
            sets={consent_set(PLAA): BitMap(yes)},
        ) as engine:
            engine.run(plan.sql)
            for scan in plan.scans:
                members = set(engine.members(scan.members))
                reads = PLAA in scan.items
                assert reads == (bool(cohort) or "plaa" in scan.body)
                everybody = {row["pupil"] for row in box.tables[scan.table]}
                in_census = {row["pupil"] for row in pupils}
                assert not reads or members <= yes
                assert reads or members == everybody
                if reads and scan.table == "census_pupil":
                    assert members == yes & in_census
