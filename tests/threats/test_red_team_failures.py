"""How a read fails does not tell which of two pupils is stored first, and so has the smaller reference.

Many pupils, so that the engine gives its answer in pieces. Two of them fail, each in a way of its own; in another lake
they have each other's place.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyroaring import BitMap

from schoolgate.dictionary import lake_tables
from schoolgate.errors import Refusal
from schoolgate.gate.asking.names import queryable
from schoolgate.gate.engines.engine import Engine, EngineRefused, Limits
from schoolgate.gate.whereabouts import placed
from tests.gate.box import KEY, plan_of, schema_of

_PUPILS = 150_000
_TEXT = "CAST('x' || age AS INT)"
_LARGE = "age * 9223372036854775807"


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    schema = schema_of("census_pupil")
    given = {field.name: pa.nulls(_PUPILS, field.type) for field in schema}
    paths = []
    for seven, eight in ((1_000, 140_000), (140_000, 1_000)):
        ages = np.zeros(_PUPILS, np.int32)
        ages[seven], ages[eight] = 7, 8
        numbers = pa.array(np.arange(_PUPILS, dtype=np.int32))
        path = tmp_path_factory.mktemp("lake") / "census_pupil.parquet"
        pq.write_table(pa.table({**given, "pupil": numbers, "age": pa.array(ages)}, schema=schema), path)
        paths.append(str(path))
    return paths


def told(path: str, sql: str, limits: Limits) -> tuple[str, str, str]:
    """What the researcher is told of a failure."""
    empty = {table.name: queryable(table) for table in lake_tables()}
    plan = plan_of(sql)
    with (
        Engine({"census_pupil": [path]}, empty=empty, denied=BitMap(), pseudonym_key=KEY, limits=limits) as engine,
        pytest.raises(EngineRefused) as raised,
    ):
        engine.run(plan.sql, plan.finish)
    failure = placed(Refusal(raised.value.code, raised.value.what, "gate engine", raised.value.hint), sql)
    assert failure is not None
    return failure.code, failure.reason, failure.where


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        (f"SELECT pupil, CASE WHEN age = 7 THEN {_TEXT} END AS x FROM census_pupil", 1_000_000),
        (f"SELECT pupil, CASE WHEN age = 7 THEN {_TEXT} END AS x FROM census_pupil", 10),
        (f"SELECT pupil, CASE WHEN age = 7 THEN {_LARGE} END AS x FROM census_pupil", 10),
        (f"SELECT pupil, CASE WHEN age = 7 THEN {_TEXT} WHEN age = 8 THEN {_LARGE} END AS x FROM census_pupil", 10),
        (f"SELECT CASE WHEN age = 7 THEN {_TEXT} WHEN age = 8 THEN {_LARGE} END AS x FROM census_pupil", 1_000_000),
        (f"SELECT count(*) AS n FROM census_pupil WHERE CASE WHEN age = 7 THEN {_TEXT} WHEN age = 8 THEN {_LARGE} END > 1", 9),
    ],
)  # fmt: skip
def test_which_of_two_pupils_is_stored_first_is_not_told_by_how_a_read_fails(
    sql: str, rows: int, threads: int, lakes: list[str]
) -> None:
    one, other = (told(path, sql, Limits(rows=rows, threads=threads)) for path in lakes)
    assert one == other
    assert one[0] == "conversion"


def test_a_result_with_too_many_rows_is_still_too_many(lakes: list[str]) -> None:
    sql = "SELECT pupil, age FROM census_pupil"
    assert told(lakes[0], sql, Limits(rows=10))[0] == "too-many-rows"
    assert told(lakes[0], sql, Limits(rows=_PUPILS, size=1_000))[0] == "too-large"
