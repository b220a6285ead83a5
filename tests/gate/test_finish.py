"""A result's last step done apart, pseudonyms and order at once, gives what the whole query gives, row by row."""

from __future__ import annotations

import os
import random
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schoolgate.gate.engines.engine import EngineRefused, Limits
from schoolgate.gate.engines.finish import Pseudonyms
from schoolgate.gate.rewrite import rewrite
from schoolgate.gate.understand import Asked, understand
from tests.gate.asking_queries import random_query
from tests.gate.box import EVERY_ROW, KEY, Box, plan_of, pseudonym, rows_of
from tests.gate.worlds import random_rows

_QUERIES = int(os.environ.get("SCHOOLGATE_EXAMPLES", "100"))

LAKE: dict[str, Any] = {
    "census_pupil": [
        {"pupil": p, "year": year, "term": "AUT", "sex": "FM"[p % 2] if p % 5 else None, "age": p % 4, "urn": 1,
         "entrydate": date(2026, 9, 1 + p % 3)}
        for p in range(40) for year in (2025, 2026)
    ]
}  # fmt: skip


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path, LAKE)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT pupil FROM census_pupil WHERE year = 2026",  # one row a pupil: pseudonyms alone are the order
        "SELECT pupil, sex, age FROM census_pupil",  # ties in the first column
        "SELECT sex, pupil FROM census_pupil",
        "SELECT sex, pupil FROM census_pupil ORDER BY sex DESC, age LIMIT 7",  # ordered by what is not given out
        "SELECT sex AS s, pupil FROM census_pupil ORDER BY s DESC NULLS FIRST LIMIT 7 OFFSET 3",
        "SELECT age, entrydate, pupil FROM census_pupil ORDER BY 2 DESC, 1 LIMIT 11",
        "SELECT pupil, count(*) AS n FROM census_pupil GROUP BY pupil ORDER BY n",
        "SELECT DISTINCT pupil FROM census_pupil",
        "SELECT a.pupil AS p, b.pupil AS q FROM census_pupil a LEFT JOIN census_pupil b"
        " ON a.pupil = b.pupil AND b.age = 3 AND b.year = 2025 WHERE a.year = 2026",  # some have none
        "SELECT coalesce(a.pupil, b.pupil) AS p FROM census_pupil a FULL JOIN census_absence b ON a.pupil = b.pupil",
        "SELECT pupil FROM census_pupil WHERE age = 1 UNION SELECT pupil FROM census_pupil WHERE age = 2",
        "SELECT pupil FROM census_pupil WHERE age = 99",
        "WITH v AS (SELECT pupil AS p, age FROM census_pupil) SELECT age, p FROM v ORDER BY age DESC LIMIT 5 OFFSET 5",
        "SELECT sex, pupil FROM census_pupil ORDER BY sex LIMIT 0",
    ],
)
def test_apart_or_whole_the_rows_are_the_same_and_in_the_same_order(sql: str, box: Box) -> None:
    plan = plan_of(sql)
    with box.engine() as engine:
        whole, apart = engine.run(plan.sql), engine.run(plan.sql, plan.finish)
    assert rows_of(apart) == rows_of(whole)
    assert apart.schema == whole.schema


def test_random_queries_apart_and_whole_give_the_same(tmp_path: Path) -> None:
    box = Box(tmp_path, random_rows(random.Random(5), 30))
    compared = 0
    with box.engine(limits=Limits(threads=1)) as engine:
        for seed in range(_QUERIES):
            asked = understand(random_query(seed))
            if not isinstance(asked, Asked):
                continue
            plan = rewrite(asked.named, asked.references, asked.scans, EVERY_ROW, anyone_denied=False)
            if plan.finish is None:
                continue
            try:
                whole = rows_of(engine.run(plan.sql))
            except EngineRefused:
                continue
            assert rows_of(engine.run(plan.sql, plan.finish)) == whole, (seed, plan.sql)
            compared += 1
    assert compared > _QUERIES // 10


def test_a_query_without_references_or_ordered_by_an_expression_has_no_last_step_apart() -> None:
    assert plan_of("SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex").finish is None
    assert plan_of("SELECT pupil, age FROM census_pupil ORDER BY age + 1").finish is None


def test_limits_hold_for_the_last_step_too(box: Box) -> None:
    plan = plan_of("SELECT pupil, year FROM census_pupil")
    for limits, code in ((Limits(rows=79), "too-many-rows"), (Limits(size=700), "too-large")):
        with box.engine(limits=limits) as engine, pytest.raises(EngineRefused) as raised:
            engine.run(plan.sql, plan.finish)
        assert raised.value.code == code
    with box.engine(limits=Limits(rows=80)) as engine:
        assert engine.run(plan.sql, plan.finish).num_rows == 80
    first = plan_of("SELECT year, pupil FROM census_pupil ORDER BY year LIMIT 3")
    with box.engine(limits=Limits(rows=3)) as engine:
        assert engine.run(first.sql, first.finish).num_rows == 3


@given(
    pupils=st.lists(st.one_of(st.none(), st.integers(0, 2**31 - 1)), max_size=50),
    key=st.binary(min_size=32, max_size=32),
)
@settings(max_examples=50, deadline=None)
def test_a_pseudonym_is_aes_of_the_reference_and_of_nothing_else(pupils: list[int | None], key: bytes) -> None:
    made = Pseudonyms(key).text(pa.array(pupils, pa.int32())).to_pylist()
    assert made == [pseudonym(p, key) for p in pupils]
    assert len({p for p in made if p}) == len({p for p in pupils if p is not None})


def test_the_cipher_is_the_standards_own() -> None:
    """FIPS 197, appendix C.3, as far as a reference can be its plaintext: checked by decrypting."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    (text,) = Pseudonyms(KEY).text(pa.array([123_456_789], pa.int32())).to_pylist()
    block = Cipher(algorithms.AES(KEY), modes.ECB()).decryptor().update(bytes.fromhex(text))
    assert int.from_bytes(block, "big") == 123_456_789
