"""Under a NULL there is nothing: what an engine's memory held there does not leave with a result."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.gate import write_stream
from schoolgate.gate.hidden import without_hidden

KINDS = {
    pa.int32(): st.integers(-(2**31), 2**31 - 1),
    pa.float64(): st.floats(allow_nan=False),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(),
    pa.string_view(): st.text(),
    pa.date32(): st.dates(),
    pa.timestamp("us", tz="UTC"): st.datetimes(
        min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
    ),
    pa.decimal128(6, 2): st.decimals(-999, 999, places=2),
    pa.list_(pa.int32()): st.lists(st.none() | st.integers(0, 9)),
    pa.struct([("a", pa.int32()), ("b", pa.string())]): st.fixed_dictionaries({"a": st.integers(0, 9), "b": st.text()}),
    pa.null(): st.none(),
}


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_rows_stay_what_they_are(kind: pa.DataType) -> None:
    @given(st.lists(st.none() | KINDS[kind], max_size=30), st.integers(0, 5))
    def same(values: list[object], start: int) -> None:
        table = pa.table({"a": pa.array(values, type=kind)}).slice(start)
        cleaned = without_hidden(table)
        cleaned.validate(full=True)
        assert cleaned.equals(table)

    same()


def _stream(table: pa.Table) -> bytes:
    held = io.BytesIO()
    write_stream(table, held)
    return held.getvalue()


@pytest.mark.parametrize("kind", [pa.int32(), pa.int64(), pa.float64(), pa.date32(), pa.decimal128(6, 2)])
def test_a_value_that_lies_under_a_null_does_not_leave(kind: pa.DataType) -> None:
    width = kind.bit_width // 8
    secret = b"CANARY-IN-MEMORY"[:width]
    slots = b"\x01".ljust(width, b"\0") + secret + b"\x03".ljust(width, b"\0")
    array = pa.Array.from_buffers(kind, 3, [pa.py_buffer(b"\xfd"), pa.py_buffer(slots)])
    table = pa.table({"a": array})
    raw = io.BytesIO()
    with pa.ipc.new_stream(raw, table.schema) as writer:
        writer.write_table(table)
    assert secret in raw.getvalue()
    assert secret not in _stream(table)
    assert pa.ipc.open_stream(_stream(table)).read_all().equals(table)


def test_the_same_rows_are_the_same_bytes_whatever_lay_under_their_nulls() -> None:
    def with_garbage(garbage: int) -> pa.Table:
        held = np.array([1, garbage, 3], dtype=np.int32).tobytes()
        bits = bytes([0b101 | (garbage & 0b11111) << 3])
        return pa.table({"a": pa.Array.from_buffers(pa.int32(), 3, [pa.py_buffer(bits), pa.py_buffer(held)])})

    assert len({_stream(with_garbage(garbage)) for garbage in (0, 7, 99999)}) == 1


def test_dates_and_money_are_among_what_is_kept() -> None:
    table = pa.table({"day": [date(2026, 1, 1), None], "sum": [Decimal("1.25"), None]})
    assert without_hidden(table).to_pylist() == table.to_pylist()
