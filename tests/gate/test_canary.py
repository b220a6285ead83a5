"""The mark of an extract: never a pupil's, found in what is left of a file, and what it cannot survive."""

from __future__ import annotations

import io
import random
from itertools import pairwise

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.gate.engines.finish import Pseudonyms
from schoolgate.gate.releases.canary import Mark, pseudonyms_in, trace
from schoolgate.gate.releases.likeness import marked

KEYS = st.binary(min_size=32, max_size=32)
ORDERS = st.text("0123456789abcdef", min_size=16, max_size=16).map(lambda text: f"X-{text}")


def pseudonyms(key: bytes, references: list[int]) -> list[str]:
    text = Pseudonyms(key).halves(pa.array(references, pa.int64())).tobytes().hex()
    return [text[32 * at : 32 * (at + 1)] for at in range(len(references))]


def result(key: bytes, rows: int = 50) -> pa.Table:
    return pa.table(
        {
            "pupil": pa.array(sorted(pseudonyms(key, list(range(rows)))), pa.string()),
            "sex": pa.array(["F" if at % 2 else "M" for at in range(rows)], pa.string()),
            "age": pa.array([5 + at % 7 for at in range(rows)], pa.int16()),
            "note": pa.array([None if at % 3 else "x" for at in range(rows)], pa.string()),
        }
    )


@given(KEYS, KEYS, ORDERS, st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=200))
def test_a_mark_never_is_a_pupils_pseudonym(key: bytes, mark_key: bytes, order: str, pupils: list[int]) -> None:
    mark = Mark.of(order, key, mark_key)
    assert mark.pseudonym not in pseudonyms(key, pupils)
    # And not by luck: what it is made of has a first half that is not nought, which no reference has.
    block = Pseudonyms(key)._cipher.decryptor().update(bytes.fromhex(mark.pseudonym))
    assert block[0] >= 0x80


@given(KEYS, KEYS, st.lists(ORDERS, min_size=2, max_size=20, unique=True))
def test_each_extract_has_a_mark_of_its_own_and_always_the_same(key: bytes, mark_key: bytes, orders: list[str]) -> None:
    marks = [Mark.of(order, key, mark_key).pseudonym for order in orders]
    assert len(set(marks)) == len(orders)
    assert marks == [Mark.of(order, key, mark_key).pseudonym for order in orders]


@given(KEYS, KEYS, ORDERS, st.randoms(use_true_random=False), st.sampled_from(["csv", "parquet", "arrow", "text"]))
def test_it_is_found_when_rows_are_shuffled_and_columns_dropped(
    key: bytes, mark_key: bytes, order: str, chance: random.Random, form: str
) -> None:
    mark = Mark.of(order, key, mark_key)
    table = marked(result(key), [0], mark)
    rows = list(range(table.num_rows))
    chance.shuffle(rows)
    kept = ["pupil", *chance.sample(["sex", "age", "note"], chance.randrange(4))]
    table = table.take(rows).select(chance.sample(kept, len(kept)))
    file = io.BytesIO()
    if form == "parquet":
        pq.write_table(table, file)
    elif form == "arrow":
        with pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)
    elif form == "csv":
        pa_csv.write_csv(table, file)
    else:
        file.write(" | ".join(table.column("pupil").to_pylist()).upper().encode())
    file.seek(0)
    assert trace(file, {mark.pseudonym: order, Mark.of("X-other", key, mark_key).pseudonym: "X-other"}) == (order,)


@pytest.mark.parametrize("rows", [0, 1, 2, 50])
def test_it_is_one_record_plausible_in_each_column(rows: int) -> None:
    key = bytes(range(32))
    before = result(key, rows)
    after = marked(before, [0], Mark.of("X-1", key, b"k" * 32))
    assert after.schema == before.schema
    assert after.num_rows == rows + 1
    (added,) = [row for row in after.to_pylist() if row["pupil"] not in set(before.column("pupil").to_pylist())]
    for name in ("sex", "age", "note"):
        assert added[name] in [*before.column(name).to_pylist(), None]
    assert [row for row in after.to_pylist() if row != added] == before.to_pylist()


def test_its_place_does_not_give_it_away() -> None:
    key = bytes(range(32))
    order = [(at, False, False) for at in range(4)]
    table = marked(result(key), [0], Mark.of("X-1", key, b"k" * 32), order)
    names = table.column("pupil").to_pylist()
    assert all(one < other for one, other in pairwise(names))
    places = set()
    for number in range(40):
        unordered = result(key).take(random.Random(1).sample(range(50), 50)).select(["sex", "pupil", "age", "note"])
        mark = Mark.of(f"X-{number}", key, b"k" * 32)
        places.add(marked(unordered, [1], mark).column("pupil").to_pylist().index(mark.pseudonym))
    assert len(places) > 15


def test_what_it_does_not_survive() -> None:
    """Said in the module, and so: the row left out, or the pseudonyms replaced."""
    key = bytes(range(32))
    mark = Mark.of("X-1", key, b"k" * 32)
    table = marked(result(key), [0], mark)
    without = [row for row in table.to_pylist() if row["pupil"] != mark.pseudonym]
    renumbered = [{**row, "pupil": str(at)} for at, row in enumerate(table.to_pylist())]
    cut = [{**row, "pupil": row["pupil"][:31]} for row in table.to_pylist()]
    for rows in (without, renumbered, cut):
        file = io.BytesIO()
        pa_csv.write_csv(pa.Table.from_pylist(rows), file)
        file.seek(0)
        assert trace(file, {mark.pseudonym: "X-1"}) == ()


@given(st.integers(0, 40), st.integers(1, 70))
def test_a_pseudonym_across_the_edge_of_a_portion_is_read_whole(before: int, chunk: int) -> None:
    import schoolgate.gate.releases.canary as canary

    held = canary._CHUNK
    canary._CHUNK = chunk
    try:
        name = "0123456789abcdef" * 2
        text = b"z" * before + name.encode() + b"," + name.encode()
        assert list(pseudonyms_in(io.BytesIO(text))) == [name, name]
    finally:
        canary._CHUNK = held
