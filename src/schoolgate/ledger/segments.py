"""Segments as bytes: written, read back, and looked through for one child without taking them apart.

A header, a checksum, then the columns: numbers of sets, bases, counts, stretches, positions, bits and steps. All
numbers are little-endian; the first is the format's version: 4 when what follows is compressed (Zstandard, RFC 8878),
2 when it is as it is, 1 when it has no checksum either. The checksum is CRC-32: a disk that errs must not leave a
release out of a family's answer. Releases ask for the same areas and year groups again and again, so compression takes
a third off a large segment, and adds 0.05 ms to reading it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from schoolgate.errors import SchoolgateError
from schoolgate.ledger.blocks import EVERYBODY, FURTHER, NOBODY, ROW, STEP, Part

if TYPE_CHECKING:
    import pyarrow as pa

_IN_STEPS = 0x8000
"""Added to a list's length in bytes when it is in steps: one byte each, at the most 8,192."""

_UNCHECKED, _PLAIN, _COMPRESSED = 1, 2, 4
"""No two of them are a single bit apart."""

_HEADER = struct.Struct("<HHHHII")
_NUMBER = struct.Struct("<I")
_WORTH_IT = 0.9
"""A segment is kept compressed when that is at most this much of it."""

_TRIED_FROM = 2_048
"""Bytes of a segment from which on it is tried: a settlement's own are smaller, and are joined soon."""


@cache
def _zstd() -> pa.Codec:
    import pyarrow  # a face that never looks into the ledger does not wait for it to load

    return pyarrow.Codec("zstd", compression_level=3)


def write(segment: Iterable[Part]) -> bytes:
    """A segment as bytes."""
    found: dict[str, list[Part]] = {"bits": [], "runs": [], "list": []}
    for part in segment:
        found["list" if part.kind == "steps" else part.kind].append(part)
    bits, runs, lists = found["bits"], found["runs"], found["list"]
    run_counts = [len(part.data) // 4 for part in runs]
    list_counts = [len(part.data) | _IN_STEPS if part.kind == "steps" else len(part.data) // 2 for part in lists]
    listed = sum(count for count in list_counts if not count & _IN_STEPS)
    numbers = (len(bits), len(runs), len(lists), sum(run_counts), listed)
    columns = b"".join(
        (
            np.array([part.set_id for part in (*bits, *runs, *lists)], "<u4").tobytes(),
            np.array([part.base for part in lists], "<u4").tobytes(),
            np.array([*run_counts, *list_counts], "<u2").tobytes(),
            np.array([part.held for part in lists if not part.alone], "<u2").tobytes(),
            *(part.data[: len(part.data) // 2] for part in runs),
            *(part.data[len(part.data) // 2 :] for part in runs),
            *(part.data for part in lists if part.kind == "list"),
            *(part.data for part in bits),
            *(part.data for part in lists if part.kind == "steps"),
        )
    )
    shorter = _zstd().compress(columns, asbytes=True) if len(columns) >= _TRIED_FROM else columns
    if len(shorter) > _WORTH_IT * len(columns):
        return _checked(_HEADER.pack(_PLAIN, *numbers), columns)
    return _checked(_HEADER.pack(_COMPRESSED, *numbers), _NUMBER.pack(len(columns)) + shorter)


def _checked(header: bytes, rest: bytes) -> bytes:
    return header + _NUMBER.pack(zlib.crc32(rest, zlib.crc32(header))) + rest


def _columns_of(data: bytes) -> bytes:
    """What follows a segment's header, not compressed."""
    version = data[0] + 256 * data[1] if len(data) >= _HEADER.size + _NUMBER.size else 0
    if version == _UNCHECKED:
        return data[_HEADER.size :]
    if version not in (0, _PLAIN, _COMPRESSED):
        raise SchoolgateError("A segment of the ledger is of a newer format.", code="ledger-format")
    header, rest = data[: _HEADER.size], data[_HEADER.size + _NUMBER.size :]
    if not version or _NUMBER.unpack_from(data, _HEADER.size)[0] != zlib.crc32(rest, zlib.crc32(header)):
        raise SchoolgateError(
            "A segment of the ledger is damaged.",
            hint="Operations: check the database's disk; restore a backup.",
            code="ledger-damaged",
        )
    if version == _PLAIN:
        return rest
    columns: bytes = _zstd().decompress(rest[_NUMBER.size :], _NUMBER.unpack_from(rest)[0], asbytes=True)
    return columns


_NO_STEPS = np.zeros(0, np.uint8)


class _Columns:
    """A segment's columns, looked at where they lie."""

    __slots__ = (
        "bases", "bits", "bits_ids", "firsts", "held", "lasts", "list_counts", "list_ids", "positions", "relative",
        "run_counts", "run_ids", "steps",
    )  # fmt: skip

    def __init__(self, data: bytes) -> None:
        whole, data, at = data, _columns_of(data), 0
        _, bits, runs, lists, stretches, positions = _HEADER.unpack_from(whole)
        ids = np.frombuffer(data, "<u4", bits + runs + lists, at)
        self.bits_ids, self.run_ids, self.list_ids = ids[:bits], ids[bits : bits + runs], ids[bits + runs :]
        at += 4 * len(ids)
        self.bases = np.frombuffer(data, "<u4", lists, at)
        at += 4 * lists
        counts = np.frombuffer(data, "<u2", runs + lists, at)
        self.run_counts, self.list_counts = counts[:runs], counts[runs:]
        at += 2 * len(counts)
        self.relative = (self.bases != NOBODY) & (self.bases != EVERYBODY)
        relative = int(np.count_nonzero(self.relative))
        self.held = np.frombuffer(data, "<u2", relative, at)
        at += 2 * relative
        numbers = np.frombuffer(data, "<u2", 2 * stretches + positions, at)
        self.firsts, self.lasts = numbers[:stretches], numbers[stretches : 2 * stretches]
        self.positions = numbers[2 * stretches :]
        at += 2 * len(numbers)
        self.bits = np.frombuffer(data, np.uint8, bits * ROW, at)
        self.steps = np.frombuffer(data, np.uint8, offset=at + bits * ROW) if len(data) > at + bits * ROW else _NO_STEPS


def parts_in(data: bytes) -> int:
    """How many parts a segment has."""
    _, bits, runs, lists, _, _ = _HEADER.unpack_from(data)
    return int(bits + runs + lists)


def read(data: bytes) -> list[Part]:
    """A segment's parts."""
    columns = _Columns(data)
    found = [
        Part(set_id, "bits", NOBODY, columns.bits[at * ROW : (at + 1) * ROW].tobytes())
        for at, set_id in enumerate(columns.bits_ids.tolist())
    ]
    at = 0
    for set_id, count in zip(columns.run_ids.tolist(), columns.run_counts.tolist(), strict=True):
        both = columns.firsts[at : at + count].tobytes() + columns.lasts[at : at + count].tobytes()
        found.append(Part(set_id, "runs", NOBODY, both))
        at += count
    at = step = 0
    held = iter(columns.held.tolist())
    lists = zip(columns.list_ids.tolist(), columns.bases.tolist(), columns.list_counts.tolist(), strict=True)
    for set_id, base, count in lists:
        size = 0 if base in (NOBODY, EVERYBODY) else next(held)
        if count & _IN_STEPS:
            end = step + (count & ~_IN_STEPS)
            found.append(Part(set_id, "steps", base, columns.steps[step:end].tobytes(), size))
            step = end
        else:
            found.append(Part(set_id, "list", base, columns.positions[at : at + count].tobytes(), size))
            at += count
    return found


def holders(segments: Iterable[bytes], position: int) -> set[int]:
    """The sets that hold the pupil at this position of the block, from all of the block's segments."""
    inside: set[int] = set()
    for data in segments:
        columns = _Columns(data)
        if len(columns.bits_ids):
            flags = columns.bits[position >> 3 :: ROW] & (1 << (position & 7))
            inside.update(columns.bits_ids[flags != 0].tolist())
        if len(columns.run_ids):
            hits = np.flatnonzero((columns.firsts <= position) & (position <= columns.lasts))
            if len(hits):
                ends = np.cumsum(columns.run_counts, dtype=np.int64)
                inside.update(columns.run_ids[np.searchsorted(ends, hits, "right")].tolist())
        if len(columns.list_ids):
            _look_through_lists(columns, position, inside)
    return inside


def _look_through_lists(columns: _Columns, position: int, inside: set[int]) -> None:
    """A segment's lists; what their bases hold is known by then, for a base stands before what differs from it."""
    listed = np.zeros(len(columns.list_ids), bool)
    stepped = columns.list_counts >= _IN_STEPS
    hits = np.flatnonzero(columns.positions == position)
    if len(hits):
        ends = np.cumsum(np.where(stepped, 0, columns.list_counts), dtype=np.int64)
        listed[np.searchsorted(ends, hits, "right")] = True
    if len(columns.steps):
        listed[stepped] = _stepped_on(columns.steps, columns.list_counts[stepped] & ~np.uint16(_IN_STEPS), position)
    bases, relative = columns.bases, columns.relative
    # Of those that stand alone: listed from nobody, or from everybody and not listed.
    inside.update(columns.list_ids[~relative & (listed == (bases == NOBODY))].tolist())
    if len(columns.held):
        rest = zip(
            columns.list_ids[relative].tolist(), bases[relative].tolist(), listed[relative].tolist(), strict=True
        )
        for set_id, base, differs in rest:
            if (base in inside) != differs:
                inside.add(set_id)


def _stepped_on(steps: npt.NDArray[np.uint8], counts: npt.NDArray[np.uint16], position: int) -> npt.NDArray[np.bool_]:
    """Which of the lists in steps, one after the other, list a position.

    Summed up over all of them the places reached only ever grow, so that each list's place is found by halving.
    """
    reached = np.cumsum(np.minimum(steps, STEP), dtype=np.int32)  # a few thousand lists of 8,192: far below 2**31
    ends = np.cumsum(counts, dtype=np.int64)
    starts = ends - counts
    wanted = np.where(starts > 0, reached[starts - 1], 0).astype(np.int32) + np.int32(position + 1)
    at = np.searchsorted(reached, wanted)
    found = np.minimum(at, len(steps) - 1)
    on: npt.NDArray[np.bool_] = (at < ends) & (reached[found] == wanted) & (steps[found] != FURTHER)
    return on
