"""What a read exposes is what is recorded: never less, and the rewritten query answers the asker's question."""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from schoolgate.gate.engines.engine import EngineRefused, Limits
from schoolgate.gate.rewrite import Plan
from schoolgate.policy import RowRule
from tests.gate.box import Box, alike, plan_of, rows_of
from tests.gate.grammar import condition, denials, lakes, matched_lakes, queries, row_rules
from tests.gate.shapes import made_up_rows, self_join, using, whole, wide_queries
from tests.threats.lake import numbered_otherwise, with_pseudonyms_of

_EXAMPLES = max(3, int(os.environ.get("SCHOOLGATE_EXAMPLES", "100")) // 4)
"""Random examples of each property; each opens engines of its own. `test_noninterference` asks many more queries of
each engine; what is here is what needs lakes made to measure, and what shrinks to a small example."""

_SETTINGS = settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
_ASKED = st.one_of(queries(), wide_queries, wide_queries)
_FAST = Limits(threads=1)


def _exposed(box: Box, plan: Plan, denied: BitMap) -> dict[str, BitMap]:
    found: dict[str, BitMap] = {}
    with box.engine(denied, limits=_FAST) as engine:
        for scan in plan.scans:
            found[scan.table] = found.get(scan.table, BitMap()) | engine.members(scan.members)
    return found


def _answer(box: Box, plan: Plan, denied: BitMap) -> list[tuple[Any, ...]]:
    with box.engine(denied, limits=_FAST) as engine:
        return rows_of(engine.run(plan.sql))


def _answer_or_none(box: Box, plan: Plan, denied: BitMap) -> list[tuple[Any, ...]]:
    """The answer; an example whose types do not fit (text against a number) says nothing and is left out."""
    try:
        return _answer(box, plan, denied)
    except EngineRefused as refused:
        assume(refused.code not in ("types", "conversion"))
        raise


@given(lake=lakes, sql=_ASKED, rows=row_rules, left_out=denials)
@_SETTINGS
def test_the_rewritten_query_answers_the_askers_query_on_the_rows_policy_allows(
    lake: dict[str, Any], sql: str, rows: RowRule, left_out: set[int]
) -> None:
    denied = BitMap(left_out)
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder), lake)
        plan = plan_of(sql, rows, anyone_denied=bool(denied))
        answer = _answer_or_none(box, plan, denied)
        assert alike(answer) == alike(box.plain(sql, rows, denied))


@given(lake=lakes, sql=_ASKED, rows=row_rules, left_out=denials)
@_SETTINGS
def test_deleting_every_pupil_outside_the_recorded_exposure_changes_nothing(
    lake: dict[str, Any], sql: str, rows: RowRule, left_out: set[int]
) -> None:
    denied = BitMap(left_out)
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder), lake)
        plan = plan_of(sql, rows, anyone_denied=bool(denied))
        answer = _answer_or_none(box, plan, denied)
        exposed = _exposed(box, plan, denied)
        kept = dict(exposed)
        if rows.cohort:
            # A cohort condition on another table's scan looks at the same pupils' census records.
            everyone = BitMap.union(BitMap(), *exposed.values())
            kept["census_pupil"] = kept.get("census_pupil", BitMap()) | everyone
        assert _answer(box.without(kept), plan, denied) == answer
        assert not (BitMap.union(BitMap(), *exposed.values()) & denied)


@given(lake=matched_lakes, sql=st.one_of(made_up_rows(), made_up_rows(), made_up_rows(), self_join(), using(), whole()))
@_SETTINGS
def test_rows_that_outer_joins_make_up_are_answered_right_and_exposed_in_full(lake: dict[str, Any], sql: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder), lake)
        plan = plan_of(sql)
        answer = _answer_or_none(box, plan, BitMap())
        assert alike(answer) == alike(box.plain(sql))
        assert _answer(box.without(_exposed(box, plan, BitMap())), plan, BitMap()) == answer


@given(lake=lakes, sql=_ASKED, rows=row_rules, data=st.data())
@_SETTINGS
def test_no_item_outside_the_recorded_items_can_change_the_result(
    lake: dict[str, Any], sql: str, rows: RowRule, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder), lake)
        plan = plan_of(sql, rows)
        answer = _answer_or_none(box, plan, BitMap())
        recorded = {item for scan in plan.scans for item in scan.items}
        changed = {
            table: [
                {name: (value if f"{table}.{name}" in recorded else _other(data, name)) for name, value in row.items()}
                for row in table_rows
            ]
            for table, table_rows in lake.items()
        }
        tables_read = {scan.table for scan in plan.scans}
        assert all(f"{table}.pupil" in recorded for table in tables_read)
        assert _answer(Box(Path(folder), changed), plan, BitMap()) == answer


_OTHER_VALUES: dict[str, list[Any]] = {
    "pupil": [0, 7], "year": [2024, 2025, 2026], "term": ["AUT", "SPR", "SUM"], "sex": ["F", "M", None],
    "ethnicity": ["WBRI", "REF", None], "age": [None, 3, 4, 5], "urn": [100000, 1], "onroll": [True, False],
    "entrydate": [None, date(2020, 1, 1)], "ncyearactual": ["R", None], "sessions": [None, 0, 9],
    "attendancereason": ["I", None],
}  # fmt: skip


def _other(data: st.DataObject, name: str) -> Any:
    return data.draw(st.sampled_from(_OTHER_VALUES[name]))


@given(lake=lakes, sql=_ASKED, shuffled=st.randoms(use_true_random=False))
@_SETTINGS
def test_the_order_of_rows_says_nothing_about_how_they_are_stored(
    lake: dict[str, Any], sql: str, shuffled: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plan = plan_of(sql)
        answer = _answer_or_none(Box(Path(folder), lake), plan, BitMap())
        for mixed in (lambda rows: rows[::-1], lambda rows: shuffled.sample(rows, len(rows))):
            other = {table: mixed(rows) for table, rows in lake.items()}
            assert repr(_answer(Box(Path(folder), other), plan, BitMap())) == repr(answer)


@given(lake=lakes, sql=_ASKED, seed=st.integers(0, 99))
@_SETTINGS
def test_how_pupils_are_numbered_shows_in_nothing_but_their_pseudonyms(
    lake: dict[str, Any], sql: str, seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plan = plan_of(sql)
        answer = _answer_or_none(Box(Path(folder), lake), plan, BitMap())
        others, became = numbered_otherwise(lake, seed)
        again = _answer(Box(Path(folder), others), plan, BitMap())
        assert Counter(map(repr, again)) == Counter(map(repr, with_pseudonyms_of(answer, became)))


@given(lake=lakes, text=condition("t", "census_pupil", 3), rows=row_rules, left_out=denials)
@_SETTINGS
def test_the_recorded_pupils_are_those_another_engine_finds(
    lake: dict[str, Any], text: str, rows: RowRule, left_out: set[int]
) -> None:
    denied = BitMap(left_out)
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder), lake)
        plan = plan_of(f"SELECT t.sex FROM census_pupil AS t WHERE {text}", rows, anyone_denied=bool(denied))
        allowed = [r for r in lake["census_pupil"] if box.allowed("census_pupil", r, rows, denied)]
        exact = _by_sqlite(allowed, text)
        found = _exposed(box, plan, denied)["census_pupil"]
        assert exact <= found <= BitMap(r["pupil"] for r in allowed)
        if "coalesce" not in text and "CASE" not in text:  # these are not pushed: the exposure is larger, and says so
            assert found == exact


def _by_sqlite(rows: list[dict[str, Any]], text: str) -> BitMap:
    names = ["pupil", "year", "term", "sex", "ethnicity", "age", "urn"]
    with closing(sqlite3.connect(":memory:")) as oracle:
        oracle.execute(f"CREATE TABLE t ({', '.join(names)})")
        marks = ", ".join("?" * len(names))
        oracle.executemany(f"INSERT INTO t VALUES ({marks})", [[row[name] for name in names] for row in rows])
        return BitMap(pupil for (pupil,) in oracle.execute(f"SELECT DISTINCT pupil FROM t WHERE {text}"))


@given(lake=lakes, sql=_ASKED, rows=row_rules)
@settings(max_examples=_EXAMPLES // 3, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_pupil_whose_absence_would_show_is_in_the_recorded_exposure(
    lake: dict[str, Any], sql: str, rows: RowRule
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder), lake)
        plan = plan_of(sql, rows)
        answer = _answer_or_none(box, plan, BitMap())
        exposed = BitMap.union(BitMap(), *_exposed(box, plan, BitMap()).values())
        for pupil in {row["pupil"] for table in lake.values() for row in table} - set(exposed):
            without = {name: [r for r in table if r["pupil"] != pupil] for name, table in lake.items()}
            assert _answer(Box(Path(folder), without), plan, BitMap()) == answer


_RICH: dict[str, Any] = {
    "census_pupil": [
        {"pupil": p, "year": y, "term": t, "sex": s, "ethnicity": e, "age": a, "urn": 100000 + p % 2, "onroll": True}
        for p, y, t, s, e, a in [
            (0, 2025, "AUT", "F", "WBRI", 4), (0, 2026, "SPR", "F", "WBRI", 4), (1, 2025, "AUT", "M", "APKN", 5),
            (2, 2025, "AUT", "M", None, None), (3, 2026, "SPR", None, "WBRI", 6), (4, 2026, "AUT", "F", "REF", 3),
        ]
    ],
    "census_absence": [
        {"pupil": p, "year": y, "term": t, "sessions": n, "attendancereason": r, "urn": 100000}
        for p, y, t, n, r in [
            (0, 2025, "AUT", 2, "I"), (0, 2026, "SPR", None, None), (1, 2025, "AUT", 0, "O"), (5, 2026, "SPR", 4, "I"),
            (3, 2026, "SPR", 1, None),
        ]
    ],
}  # fmt: skip

_TRAPS = [
    "SELECT a.sex FROM census_pupil a LEFT JOIN census_absence b ON a.pupil = b.pupil WHERE b.sessions IS NULL",
    "SELECT b.sessions FROM census_pupil a RIGHT JOIN census_absence b ON a.pupil = b.pupil WHERE a.sex IS NULL",
    "SELECT a.sex, b.sessions FROM census_pupil a FULL JOIN census_absence b ON a.pupil = b.pupil WHERE a.age IS NULL",
    "SELECT a.sex FROM census_pupil a LEFT JOIN census_absence b ON a.pupil = b.pupil AND a.sex = 'F'",
    "SELECT a.sex, b.sessions FROM census_pupil a LEFT JOIN census_absence b ON a.pupil = b.pupil AND b.sessions > 1",
    "SELECT a.sex FROM census_pupil a LEFT JOIN census_absence b ON a.pupil = b.pupil"
    " JOIN census_pupil c ON c.pupil = a.pupil AND b.sessions IS NULL",
    "SELECT a.sex FROM census_pupil a JOIN census_absence b ON a.pupil = b.pupil AND b.sessions IS NULL",
    "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex HAVING sex IS NULL",
    "SELECT sex AS age, age AS sex FROM census_pupil WHERE age = 4",
    "SELECT x.sex FROM (SELECT sex, age FROM census_pupil) AS x WHERE x.age = 4",
    "SELECT sex FROM census_pupil AS census_absence WHERE age > 3",
    "SELECT a.sex FROM census_pupil a, census_pupil b WHERE a.pupil = b.pupil AND a.year < b.year",
    "SELECT sex FROM census_pupil WHERE pupil NOT IN (SELECT pupil FROM census_absence WHERE sessions = 0)",
    "SELECT sex FROM census_pupil p WHERE age = (SELECT max(age) FROM census_pupil q WHERE q.sex = p.sex)",
    "SELECT 1 AS one FROM census_pupil WHERE FALSE",
    "SELECT count(*) AS n FROM census_pupil WHERE sex = 'X'",
    "SELECT sum(count(*)) OVER () AS s, sex FROM census_pupil GROUP BY sex",
    "SELECT sex, age FROM census_pupil QUALIFY rank() OVER (PARTITION BY sex ORDER BY age) = 1",
    "SELECT sex FROM census_pupil WHERE age = 4 OR sex IS NULL ORDER BY age DESC, sex LIMIT 2",
    "SELECT sex FROM census_pupil UNION ALL SELECT attendancereason FROM census_absence ORDER BY 1 DESC LIMIT 3",
    "WITH v AS (SELECT pupil AS p FROM census_pupil WHERE age > 3), w AS (SELECT p FROM v) SELECT count(*) AS n FROM w",
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM census_absence b WHERE b.pupil = a.pupil) THEN 1 ELSE 0 END AS e FROM census_pupil a",
    "SELECT sex FROM census_pupil WHERE sex LIKE 'F%' AND NOT age IN (5, 6)",
    "SELECT coalesce(a.sex, 'none') AS s, count(DISTINCT b.pupil) AS n FROM census_pupil a"
    " FULL JOIN census_absence b USING (pupil) GROUP BY 1",
]


@pytest.mark.parametrize("sql", _TRAPS)
@pytest.mark.parametrize("left_out", [set(), {0}, {1, 3}])
def test_known_traps_of_moving_conditions_are_answered_right_and_exposed_in_full(
    sql: str, left_out: set[int], tmp_path: Path
) -> None:
    denied = BitMap(left_out)
    box = Box(tmp_path, _RICH)
    plan = plan_of(sql, anyone_denied=bool(denied))
    answer = _answer(box, plan, denied)
    assert alike(answer) == alike(box.plain(sql, denied=denied))
    assert _answer(box.without(_exposed(box, plan, denied)), plan, denied) == answer
