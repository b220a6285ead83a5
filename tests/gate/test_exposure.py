"""What a read exposes is what is recorded: never less, and the rewritten query answers the asker's question."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from schoolgate.gate.rewrite import Plan
from schoolgate.policy import RowRule
from tests.gate.box import Box, plan_of, pseudonym, rows_of
from tests.gate.grammar import denials, lakes, queries, row_rules

_SETTINGS = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))


def _exposed(box: Box, plan: Plan, denied: BitMap) -> dict[str, BitMap]:
    found: dict[str, BitMap] = {}
    with box.engine(denied) as engine:
        for scan in plan.scans:
            found[scan.table] = found.get(scan.table, BitMap()) | engine.members(scan.members)
    return found


def _answer(box: Box, plan: Plan, denied: BitMap) -> list[tuple[Any, ...]]:
    with box.engine(denied) as engine:
        return rows_of(engine.run(plan.sql))


@given(lake=lakes, sql=queries(), rows=row_rules, left_out=denials)
@_SETTINGS
def test_the_rewritten_query_answers_the_askers_query_on_the_rows_policy_allows(
    lake: dict[str, Any], sql: str, rows: RowRule, left_out: set[int]
) -> None:
    denied = BitMap(left_out)
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder), lake)
        try:
            expected = box.plain(sql, rows, denied)
        except duckdb.BinderException:
            assume(False)  # types that do not fit, e.g. text against a number: refused by the engine alike
        plan = plan_of(sql, rows, anyone_denied=bool(denied))
        answer = _answer(box, plan, denied)
        if " AS p" not in sql.split(" FROM ")[0] and ".pupil" in sql.split(" FROM ")[0].split("(")[0]:
            expected = [(pseudonym(row[0]), *row[1:]) for row in expected]
        assert Counter(answer) == Counter(expected)


@given(lake=lakes, sql=queries(), rows=row_rules, left_out=denials)
@_SETTINGS
def test_deleting_every_pupil_outside_the_recorded_exposure_changes_nothing(
    lake: dict[str, Any], sql: str, rows: RowRule, left_out: set[int]
) -> None:
    denied = BitMap(left_out)
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder), lake)
        plan = plan_of(sql, rows, anyone_denied=bool(denied))
        try:
            answer = _answer(box, plan, denied)
        except Exception as error:
            assume("EngineRefused" not in type(error).__name__)
            raise
        exposed = _exposed(box, plan, denied)
        kept = dict(exposed)
        if rows.cohort:
            # A cohort condition on another table's scan looks at the same pupils' census records.
            everyone = BitMap.union(BitMap(), *exposed.values())
            kept["census_pupil"] = kept.get("census_pupil", BitMap()) | everyone
        assert _answer(box.without(kept), plan, denied) == answer
        assert not (BitMap.union(BitMap(), *exposed.values()) & denied)


@given(lake=lakes, sql=queries(), rows=row_rules, data=st.data())
@_SETTINGS
def test_no_item_outside_the_recorded_items_can_change_the_result(
    lake: dict[str, Any], sql: str, rows: RowRule, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder), lake)
        plan = plan_of(sql, rows)
        try:
            answer = _answer(box, plan, BitMap())
        except Exception as error:
            assume("EngineRefused" not in type(error).__name__)
            raise
        recorded = {item for scan in plan.scans for item in scan.items}
        # Year and term are looked at by every row rule and are part of every item's meaning.
        fixed = recorded | {f"{table}.{name}" for table in lake for name in ("year", "term")}
        changed = {
            table: [
                {name: (value if f"{table}.{name}" in fixed else _other(data, value)) for name, value in row.items()}
                for row in table_rows
            ]
            for table, table_rows in lake.items()
        }
        tables_read = {scan.table for scan in plan.scans}
        assert all(f"{table}.pupil" in recorded for table in tables_read)
        assert _answer(Box(Path(folder), changed), plan, BitMap()) == answer


def _other(data: st.DataObject, value: Any) -> Any:
    return data.draw(st.sampled_from([None, value, value]))


@given(lake=lakes, sql=queries())
@_SETTINGS
def test_the_order_of_rows_says_nothing_about_how_they_are_stored(lake: dict[str, Any], sql: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plan = plan_of(sql)
        try:
            answer = _answer(Box(Path(folder), lake), plan, BitMap())
        except Exception as error:
            assume("EngineRefused" not in type(error).__name__)
            raise
        backwards = {table: rows[::-1] for table, rows in lake.items()}
        assert _answer(Box(Path(folder), backwards), plan, BitMap()) == answer
