"""The pupils of many sets, block by block: one row answers for a child which of a thousand releases took it.

A block is 8,192 consecutive references. A segment holds, for one block, the parts of many sets in four columns that
are looked through all at once; a child's answer reads the segments of one block and nothing else. Of each part the
shortest of these is kept:

- bits: 1,024 bytes;
- runs: first and last position of each stretch, 4 bytes a stretch;
- a list of positions, 2 bytes each or, where they are dense, 1 byte a step, that differ from a base: from nobody, from
  everybody, or from another set's part that stands before it in the same segment, which may itself differ from one
  before. A release differs from the last one on the same table mostly by who objected since.

A set that has nobody in a block is not there. As bytes: `segments`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BLOCK_BITS = 13
BLOCK = 1 << BLOCK_BITS
ROW = BLOCK // 8
"""Bytes of a block as bits."""

NOBODY, EVERYBODY = 0, 0xFFFFFFFF
"""Bases that are no set: sets are numbered from 1."""

_SHORT = 24
"""A part of so few bytes is not worth comparing with others."""

STEP = 254
FURTHER = 255
"""A step of one byte goes 1 to 254 positions on to the next one listed; 255 goes 254 on and lists nothing."""

_TRIED = 6
"""How many parts of nearly the same size a new one is compared with."""

Row = npt.NDArray[np.uint8]
"""The positions of one block as bits, the lowest bit of the first byte first."""


@dataclass(frozen=True, slots=True)
class Part:
    """One set's part of a block.

    Attributes:
        kind: ``bits``, ``runs``, ``list`` or ``steps``; the last two are lists.
        base: of a list, what it differs from: `NOBODY`, `EVERYBODY` or a set's number.
        data: the bits; the firsts, then the lasts; the positions; or the steps.
        held: how many pupils it holds; told only when its base is another set, for it cannot be seen then.
    """

    set_id: int
    kind: str
    base: int
    data: bytes
    held: int = 0

    @property
    def alone(self) -> bool:
        """Whether it can be read without another set's part."""
        return self.base in (NOBODY, EVERYBODY)

    def size(self) -> int:
        """How many pupils it holds."""
        if not self.alone:
            return self.held
        if self.kind == "bits":
            return int(np.bitwise_count(np.frombuffer(self.data, np.uint8)).sum())
        if self.kind == "runs":
            numbers = np.frombuffer(self.data, "<u2").astype(np.int64)
            half = len(numbers) // 2
            return int((numbers[half:] - numbers[:half] + 1).sum())
        listed = len(self._listed())
        return listed if self.base == NOBODY else BLOCK - listed

    def row(self, base: Row | None = None) -> Row:
        """As bits; `base` is the other set's part when it does not stand alone."""
        if self.kind == "bits":
            return np.frombuffer(self.data, np.uint8)
        flags = np.zeros(BLOCK, np.uint8)
        if self.kind == "runs":
            numbers = np.frombuffer(self.data, "<u2")
            half = len(numbers) // 2
            for first, last in zip(numbers[:half].tolist(), numbers[half:].tolist(), strict=True):
                flags[first : last + 1] = 1
            return np.packbits(flags, bitorder="little")
        flags[self._listed()] = 1
        row = np.packbits(flags, bitorder="little")
        if self.base == EVERYBODY:
            return ~row
        return row if base is None else row ^ base

    def _listed(self) -> npt.NDArray[np.integer]:
        """A list's positions."""
        if self.kind == "list":
            return np.frombuffer(self.data, "<u2")
        steps = np.frombuffer(self.data, np.uint8)
        reached: npt.NDArray[np.int64] = np.cumsum(np.minimum(steps, STEP), dtype=np.int64)[steps != FURTHER] - 1
        return reached


def _list(set_id: int, base: int, row: Row, held: int = 0) -> Part:
    """A list of what is set in a row, in steps when that is shorter."""
    positions = np.flatnonzero(np.unpackbits(row, bitorder="little"))
    gaps = np.diff(positions, prepend=-1)
    further = (gaps - 1) // STEP
    ends = np.cumsum(further + 1)
    if not len(ends) or ends[-1] >= 2 * len(positions):
        return Part(set_id, "list", base, positions.astype("<u2").tobytes(), held)
    steps = np.full(int(ends[-1]), FURTHER, np.uint8)
    steps[ends - 1] = gaps - further * STEP
    return Part(set_id, "steps", base, steps.tobytes(), held)


def _least(listed: int) -> int:
    """Bytes that a list of so many positions takes at the most."""
    return min(2 * listed, listed + BLOCK // STEP)


def _runs(row: Row) -> bytes:
    flags = np.unpackbits(row, bitorder="little").astype(np.int8)
    edges = np.diff(flags, prepend=np.int8(0), append=np.int8(0))
    firsts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return firsts.astype("<u2").tobytes() + (ends - 1).astype("<u2").tobytes()


def count_of(rows: Row) -> npt.NDArray[np.int64]:
    """How many pupils each of many rows holds."""
    return _bits_set(rows.view(np.uint64))


def _bits_set(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    held: npt.NDArray[np.int64] = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
    return held


def _stretches(rows: Row) -> npt.NDArray[np.int64]:
    """How many stretches each of many rows has: bits whose lower neighbour is not set."""
    words = rows.view(np.uint64)
    below = words << np.uint64(1)
    below[:, 1:] |= words[:, :-1] >> np.uint64(63)
    return _bits_set(words & ~below)


def parts(set_id: int, rows: Row) -> list[Part]:
    """One set's parts, a row each, none of them empty, each in the shortest form that stands alone."""
    if not len(rows):
        return []
    held, stretches = count_of(rows), _stretches(rows)
    return [
        _alone(set_id, row, size, runs) for row, size, runs in zip(rows, held.tolist(), stretches.tolist(), strict=True)
    ]


def _alone(set_id: int, row: Row, size: int, runs: int) -> Part:
    within, without = _least(size), _least(BLOCK - size)
    least = min(within, without, 4 * runs, ROW)
    if least == without:
        return _list(set_id, EVERYBODY, ~row)
    if least == within:
        return _list(set_id, NOBODY, row)
    if least == 4 * runs:
        return Part(set_id, "runs", NOBODY, _runs(row))
    return Part(set_id, "bits", NOBODY, row.tobytes())


class _Bases:
    """The parts of a segment, as something to differ from."""

    def __init__(self, known: Iterable[Part]) -> None:
        self._parts: list[Part] = []
        self._sizes: list[int] = []
        self._by_set: dict[int, Part] = {}
        self._rows: dict[int, Row] = {}
        for part in known:
            self.add(part, part.size())

    def add(self, part: Part, size: int) -> None:
        """A part more; a short one is no better a base than what it differs from."""
        self._by_set[part.set_id] = part
        if len(part.data) > _SHORT:
            self._parts.append(part)
            self._sizes.append(size)

    def row(self, part: Part) -> Row:
        """A part's bits."""
        if part.set_id not in self._rows:
            base = None if part.alone else self.row(self._by_set[part.base])
            self._rows[part.set_id] = part.row(base)
        return self._rows[part.set_id]

    def shortened(self, part: Part, row: Row) -> Part:
        """A part that stands alone, as what differs from another, when that is shorter."""
        size = part.size()
        if len(part.data) <= _SHORT or not self._sizes:
            return part
        apart = np.abs(np.asarray(self._sizes) - size)
        near = [at for at in np.argsort(apart, kind="stable")[:_TRIED].tolist() if apart[at] < len(part.data)]
        if not near:
            return part
        differing = np.stack([self.row(self._parts[at]) for at in near]) ^ row
        counts = count_of(differing)
        best = int(counts.argmin())
        if _least(int(counts[best])) >= len(part.data):
            return part
        return _list(part.set_id, self._parts[near[best]].set_id, differing[best], size)


def fold(old: Iterable[Part], new: Sequence[Sequence[Part]]) -> list[Part]:
    """Old parts as they are, and those of newer segments, each as short as it gets beside them."""
    kept = list(old)
    bases = _Bases(kept)
    for segment in new:
        rows = dict(rows_of(segment))
        for part in segment:
            row = rows[part.set_id]
            plain = part if part.alone else parts(part.set_id, row.reshape(1, -1))[0]
            kept.append(bases.shortened(plain, row))
            bases.add(kept[-1], plain.size())
    return kept


def rows_of(segment: Iterable[Part]) -> Iterator[tuple[int, Row]]:
    """Every set of a segment with its bits."""
    found = list(segment)
    bases = _Bases(found)
    for part in found:
        yield part.set_id, bases.row(part)
