"""What lies under a NULL. An Arrow array keeps a slot for each value that is not there, and an engine leaves in it
whatever its memory held: seen on DuckDB 2.0.1, where two runs of one query gave streams that differ in such slots.

A reader of the bytes would see it, so it is zeroed before a result is hashed or leaves. Then the same rows are the
same bytes, too.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def _fixed_width(chunk: pa.Array, width: int) -> pa.Array:
    """A copy whose absent values are zeros."""
    held = np.frombuffer(chunk.buffers()[1], dtype=np.uint8)
    slots = held[chunk.offset * width : (chunk.offset + len(chunk)) * width].reshape(len(chunk), width).copy()
    valid = pc.is_valid(chunk)
    slots[~valid.to_numpy(zero_copy_only=False)] = 0
    return pa.Array.from_buffers(chunk.type, len(chunk), [_bits(valid), pa.py_buffer(slots.tobytes())])


def _bits(valid: pa.Array) -> pa.Buffer:
    """A validity bitmap of its own, whose last byte has nothing after the last value."""
    return pa.py_buffer(np.packbits(valid.to_numpy(zero_copy_only=False), bitorder="little").tobytes())


def _shares_memory(kind: pa.DataType) -> bool:
    """Whether values lie in memory that may hold others' too, absent or not."""
    return bool(pa.types.is_nested(kind) or pa.types.is_string_view(kind) or pa.types.is_binary_view(kind))


def _clean(chunk: pa.Array) -> pa.Array:
    kind = chunk.type
    if pa.types.is_null(kind) or (chunk.null_count == 0 and not _shares_memory(kind)):
        return chunk
    try:
        bits = kind.bit_width
    except ValueError:  # text, lists and the like
        bits = 0
    if bits >= 8 and not _shares_memory(kind) and not pa.types.is_dictionary(kind):
        return _fixed_width(chunk, bits // 8)
    return pa.array(chunk.to_pylist(), type=kind)  # built value by value, so that nothing else is in it


def without_hidden(table: pa.Table) -> pa.Table:
    """The same table with nothing under its NULLs."""
    columns = [
        pa.chunked_array([_clean(chunk) for chunk in column.chunks], type=column.type) for column in table.columns
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)
