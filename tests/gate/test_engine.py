"""Wall two: the engine can read this query's files and nothing else, and its errors say no value."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyroaring import BitMap

from schoolgate.gate.engines.engine import Engine, EngineRefused, LakeUnreadable, Limits
from tests.gate.box import KEY, Box, plan_of, pseudonym, rows_of

CANARY = "Zq7canary"

LAKE: dict[str, Any] = {
    "census_pupil": [
        {"pupil": p, "year": 2026, "term": "AUT", "sex": "F" if p % 2 else "M", "ethnicity": CANARY, "age": 4 + p, "urn": 100000,
         "entrydate": date(2026, 9, 1)}
        for p in range(6)
    ]
}  # fmt: skip


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path, LAKE)


def test_a_reference_leaves_as_the_agreements_own_pseudonym(box: Box) -> None:
    plan = plan_of("SELECT pupil, sex FROM census_pupil WHERE age > 6")
    with box.engine() as engine:
        rows = rows_of(engine.run(plan.sql))
    assert {row[0] for row in rows} == {pseudonym(p) for p in (3, 4, 5)}
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_two_agreements_cannot_join_what_they_hold(box: Box) -> None:
    plan = plan_of("SELECT pupil FROM census_pupil")
    seen = []
    for key in (KEY, b"j" * 32):
        with box.engine(key=key) as engine:
            seen.append({row[0] for row in rows_of(engine.run(plan.sql))})
    assert len(seen[0]) == len(seen[1]) == 6
    assert not seen[0] & seen[1]


def test_a_pseudonym_is_the_same_in_every_query_of_one_agreement(box: Box) -> None:
    with box.engine() as engine:
        one = rows_of(engine.run(plan_of("SELECT pupil FROM census_pupil WHERE age = 5").sql))
    with box.engine() as engine:
        two = rows_of(engine.run(plan_of("SELECT a.pupil AS who FROM census_pupil a WHERE a.age = 5").sql))
    assert one == two == [(pseudonym(1),)]


def test_a_pupil_that_an_outer_join_did_not_find_has_no_pseudonym(box: Box) -> None:
    plan = plan_of("SELECT b.pupil, a.age FROM census_pupil a LEFT JOIN census_absence b ON a.pupil = b.pupil")
    with box.engine() as engine:
        assert {row[0] for row in rows_of(engine.run(plan.sql))} == {None}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM read_parquet('{other}')",
        "SELECT count(*) FROM '{other}'",
        "SELECT read_text('{other}')",
        "SELECT * FROM glob('{folder}/*')",
        "COPY (SELECT 1) TO '{folder}/x.csv'",
        "COPY (SELECT 1) TO '{own}'",
        "ATTACH '{folder}/x.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET allowed_paths = ['{other}']",
        "SET enable_external_access = true",
        "SET memory_limit = '90GB'",
        "RESET lock_configuration",
        "SELECT count(*) FROM read_csv('{other}')",
        "SELECT count(*) FROM read_csv('/etc/passwd')",
        "SELECT content FROM read_text('/etc/passwd')",
        "SELECT content FROM read_blob('{other}')",
        "SELECT count(*) FROM read_json('{other}')",
        "SELECT count(*) FROM parquet_metadata('{other}')",
        "SELECT count(*) FROM parquet_schema('{other}')",
        "SELECT count(*) FROM sniff_csv('/etc/passwd')",
        "SELECT count(*) FROM glob('{folder}/../**')",
        "SELECT count(*) FROM '{folder}/*.parquet'",
        "SELECT count(*) FROM 'file://{other}'",
        "SELECT count(*) FROM 'https://example.org/x.parquet'",
        "SELECT count(*) FROM read_parquet('{own}/../other.parquet')",
        "SELECT count(*) FROM read_parquet(['{own}', '{other}'])",
        "SELECT getenv('HOME')",
        "COPY (SELECT 1) TO '{other}'",
        "COPY (SELECT 1) TO '/dev/stdout'",
        "EXPORT DATABASE '{folder}/out'",
        "IMPORT DATABASE '{folder}'",
        "ATTACH ':memory:' AS more; COPY (SELECT 1) TO '{folder}/y.csv'",
        "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
        "SET temp_directory = '{folder}'",
        "SET threads = 64",
        "SET allow_unsigned_extensions = true",
        "PRAGMA enable_profiling = 'json'",
        "PRAGMA enable_logging",
        "SELECT count(*) FROM sqlite_scan('{other}', 't')",
        "SELECT count(*) FROM members",
    ],
)
def test_the_engine_alone_reads_and_writes_nothing_but_this_querys_files(sql: str, box: Box) -> None:
    other = box.folder / "other.parquet"
    pq.write_table(pa.table({"a": [1]}), other)
    before = sorted(path.name for path in box.folder.iterdir())
    own = box.files()["census_pupil"][0]
    text = sql.format(other=other, folder=box.folder, own=own)
    with box.engine() as engine, pytest.raises(EngineRefused):
        engine.run(text)
    assert sorted(path.name for path in box.folder.iterdir() if "census" not in path.name) == [
        name for name in before if "census" not in name
    ]
    assert pq.read_table(own).num_rows == 6


def test_a_failing_conversion_says_its_class_and_no_value(box: Box) -> None:
    plan = plan_of("SELECT CAST(ethnicity AS INT) AS x FROM census_pupil")
    with box.engine() as engine, pytest.raises(EngineRefused) as raised:
        engine.run(plan.sql)
    assert raised.value.code == "conversion"
    assert CANARY not in str(raised.value)
    assert raised.value.__context__ is None


def test_a_query_that_takes_too_long_is_stopped(box: Box) -> None:
    joins = " CROSS JOIN ".join(f"census_pupil AS t{i}" for i in range(16))
    plan = plan_of(f"SELECT count(*) AS n FROM {joins} WHERE t0.age + t15.age + t7.age <> t1.age")
    with box.engine(limits=Limits(seconds=0.3)) as engine, pytest.raises(EngineRefused) as raised:
        engine.run(plan.sql)
    assert raised.value.code == "too-slow"


def test_a_result_larger_than_allowed_is_not_handed_over(box: Box) -> None:
    plan = plan_of("SELECT a.age, b.age AS other FROM census_pupil a CROSS JOIN census_pupil b")
    with box.engine(limits=Limits(rows=35)) as engine, pytest.raises(EngineRefused) as raised:
        engine.run(plan.sql)
    assert raised.value.code == "too-many-rows"
    with box.engine(limits=Limits(rows=36)) as engine:
        assert engine.run(plan.sql).num_rows == 36


def test_a_table_that_has_no_file_yet_is_empty(box: Box) -> None:
    with box.engine() as engine:
        assert rows_of(engine.run(plan_of("SELECT count(*) AS n FROM census_exclusion").sql)) == [(0,)]


def test_a_few_rows_that_hold_very_much_text_are_not_handed_over(box: Box) -> None:
    plan = plan_of("SELECT a.ethnicity || b.ethnicity AS x FROM census_pupil a CROSS JOIN census_pupil b")
    with box.engine(limits=Limits(size=500)) as engine, pytest.raises(EngineRefused) as raised:
        engine.run(plan.sql)
    assert raised.value.code == "too-large"
    with box.engine() as engine:
        assert engine.run(plan.sql).num_rows == 36


def test_text_that_doubles_and_doubles_ends_at_the_memory_limit(box: Box) -> None:
    steps = ", ".join(f"v{i + 1} AS (SELECT x || x AS x FROM v{i})" for i in range(40))
    plan = plan_of(f"WITH v0 AS (SELECT ethnicity AS x FROM census_pupil), {steps} SELECT length(x) AS n FROM v40")
    with box.engine(limits=Limits(memory="200MB")) as engine, pytest.raises(EngineRefused) as raised:
        engine.run(plan.sql)
    assert raised.value.code in ("too-large", "out-of-range", "engine")


def test_a_missing_file_is_said_without_its_path(box: Box) -> None:
    (path,) = box.files()["census_pupil"]
    Path(path).unlink()
    with pytest.raises(LakeUnreadable) as raised:
        Engine({"census_pupil": [path]}, empty={"census_pupil": {"pupil": "INT"}}, denied=BitMap(),
               pseudonym_key=KEY, limits=Limits())  # fmt: skip
    assert path not in str(raised.value)
    assert raised.value.__context__ is None
