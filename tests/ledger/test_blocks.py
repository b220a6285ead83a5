"""Blocks: what goes into a segment comes out of it, folded or not, and a child is found in exactly its sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from schoolgate import ledger
from schoolgate.errors import SchoolgateError
from schoolgate.ledger.blocks import BLOCK, Part, fold, parts, rows_of
from schoolgate.ledger.pupil_sets import blocks_of, pupils_of
from schoolgate.ledger.segments import holders, parts_in, read, write

# Shapes that real sets have within a block: stretches, holes in stretches, scattered children, half of all, all.
positions = st.integers(0, BLOCK - 1)
stretches = st.lists(st.tuples(positions, st.integers(1, 3_000)), min_size=1, max_size=4).map(
    lambda made: {at for first, size in made for at in range(first, min(BLOCK, first + size))}
)
scattered = st.sets(positions, min_size=1, max_size=40)
shared = st.tuples(st.integers(0, 3), st.sampled_from([0.02, 0.3, 0.9])).map(
    lambda drawn: set(np.flatnonzero(np.random.default_rng(drawn[0]).random(BLOCK) < drawn[1]).tolist())
)
everybody = st.just(set(range(BLOCK)))
shape = st.one_of(stretches, scattered, shared, everybody)
one_set = st.builds(lambda base, out, more: (base - out) | more, shape, scattered, scattered).filter(bool)


def of(number: int, held: set[int]) -> Part:
    (part,) = parts(number, blocks_of(BitMap(held)).rows)
    return part


@given(st.lists(st.lists(one_set, min_size=1, max_size=3), min_size=1, max_size=6), st.integers(0, 6), st.data())
@settings(max_examples=150, deadline=None)
def test_a_child_is_found_in_exactly_the_sets_that_hold_it_folded_or_not(
    settlements: list[list[set[int]]], folded: int, data: st.DataObject
) -> None:
    """Some settlements folded, then some more on top of them, the rest as they were written."""
    numbers = iter(range(1, 100))
    sets = [[(next(numbers), held) for held in settlement] for settlement in settlements]
    fresh = [[of(number, held) for number, held in settlement] for settlement in sets]
    first = fold([], fresh[: folded // 2])
    joined = write(fold(read(write(first)), fresh[folded // 2 : folded]))
    segments = [joined, *(write(segment) for segment in fresh[folded:])]
    everything = {number: held for settlement in sets for number, held in settlement}
    edges = sorted({0, BLOCK - 1} | {edge for held in everything.values() for edge in (min(held), max(held))})
    for position in data.draw(st.lists(st.one_of(st.sampled_from(edges), positions), min_size=4, max_size=12)):
        expected = {number for number, held in everything.items() if position in held}
        assert holders(segments, position) == expected
    back = {number: row for data_ in segments for number, row in rows_of(read(data_))}
    assert back.keys() == everything.keys()
    for number, row in back.items():
        assert set(np.flatnonzero(np.unpackbits(row, bitorder="little")).tolist()) == everything[number]


def test_a_set_nearly_like_another_is_kept_as_what_differs() -> None:
    """Half a block at random takes 1,024 bytes; the same with three objections more takes three."""
    half = set(np.flatnonzero(np.random.default_rng(1).random(BLOCK) < 0.5).tolist())
    again = half - set(sorted(half)[:3])
    first, second = fold([], [[of(1, half)], [of(2, again)]])
    assert (len(first.data), len(second.data), second.base) == (1_024, 3, 1)


def test_what_differs_from_a_part_that_differs_is_found() -> None:
    """Ever more objections: each release differs from the last one by thirty, not from the first by all."""
    half = sorted(np.flatnonzero(np.random.default_rng(1).random(BLOCK) < 0.5).tolist())
    chain = [set(half[30 * n :]) for n in range(12)]
    joined = fold([], [[of(number, held)] for number, held in enumerate(chain, start=1)])
    assert [part.base for part in joined[1:]] == list(range(1, 12))
    assert max(len(part.data) for part in joined[1:]) <= 34
    for position in (half[0], half[29], half[30], half[340]):
        assert holders([write(joined)], position) == {n for n, held in enumerate(chain, start=1) if position in held}


def test_the_same_set_of_a_block_costs_twelve_bytes_more() -> None:
    half = set(np.flatnonzero(np.random.default_rng(1).random(BLOCK) < 0.5).tolist())
    once = write(fold([], [[of(1, half)]]))
    twice = write(fold([], [[of(1, half)], [of(2, half)]]))
    assert len(twice) - len(once) == 12


@pytest.mark.parametrize(
    ("held", "most"),
    [(range(BLOCK), 0), (range(100, 4_000), 4), (range(0, BLOCK, 512), 32), (set(range(BLOCK)) - {7, 9}, 2)],
    ids=["everybody", "a stretch", "sixteen children", "all but two"],
)
def test_each_shape_takes_what_it_needs(held: set[int], most: int) -> None:
    assert len(of(1, set(held)).data) == most


def _alike(count: int) -> tuple[list[Part], dict[int, set[int]]]:
    """Releases of one area after another, each a characteristic of nearly the same children: a segment that repeats."""
    rng = np.random.default_rng(3)
    areas = [sorted(np.flatnonzero(rng.random(BLOCK) < 0.02).tolist()) for _ in range(8)]
    sets = {n: set(areas[n % 8]) - set(areas[n % 8][n // 8 : n // 8 + 3]) for n in range(1, count + 1)}
    return fold([], [[of(number, held)] for number, held in sets.items()]), sets


def test_a_large_segment_that_repeats_itself_is_kept_compressed() -> None:
    made = _alike(300)
    data = write(made[0])
    assert data[0] == 4
    assert len(data) < 0.9 * sum(12 + len(part.data) for part in made[0])
    assert parts_in(data) == 300
    assert read(data) == read(write(read(data)))
    for position in range(0, BLOCK, 37):
        assert holders([data], position) == {number for number, held in made[1].items() if position in held}


def test_a_small_segment_and_one_of_chance_are_kept_as_they_are() -> None:
    chance = [of(n, set(np.flatnonzero(np.random.default_rng(n).random(BLOCK) < 0.5).tolist())) for n in (1, 2, 3)]
    assert write([of(1, {5})])[0] == write(chance)[0] == 2


@pytest.mark.parametrize("segment", [write(_alike(300)[0]), write([of(1, {5}), of(2, set(range(9, 4_000)))])],
                         ids=["compressed", "as it is"])  # fmt: skip
def test_a_damaged_segment_is_said_to_be_damaged(segment: bytes) -> None:
    """One bit turned anywhere, or cut short anywhere: no answer, rather than one that leaves a release out."""
    rng = np.random.default_rng(5)
    for bit in rng.integers(0, 8 * len(segment), 400).tolist():
        data = bytearray(segment)
        data[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SchoolgateError, match=r"damaged|newer"):
            holders([bytes(data)], 5)
    for length in {*range(26), *rng.integers(0, len(segment), 60).tolist()}:
        with pytest.raises(SchoolgateError, match="damaged"):
            holders([segment[:length]], 5)


def test_segments_that_an_earlier_release_wrote_are_read() -> None:
    """Version 1: the same columns behind the header, without a checksum; found as they are."""
    data = write([of(1, {5}), of(7, set(range(9, 4_000)))])
    earlier = b"\x01\x00" + data[2:16] + data[20:]
    assert read(earlier) == read(data)
    assert holders([earlier], 5) == {1}
    assert holders([earlier], 10) == {7}


def test_a_segment_of_a_newer_format_is_not_guessed_at() -> None:
    data = bytearray(write([of(1, {5})]))
    data[0] = 8
    with pytest.raises(SchoolgateError, match="newer format"):
        holders([bytes(data)], 5)


@given(st.lists(st.integers(0, 3_000_000), max_size=60), st.lists(stretches, max_size=1), st.randoms())
@settings(max_examples=60, deadline=None)
def test_a_column_a_bitmap_and_blocks_are_the_same_pupils(
    some: list[int], more: list[set[int]], random: np.random.Generator
) -> None:
    column = [*some, *some[:5], *(600_000 + at for held in more for at in held)]
    random.shuffle(column)
    made = ledger.pupil_set(np.array(column, np.int32))
    assert made == BitMap(column)
    assert BitMap.deserialize(made.serialize()) == made
    blocks = blocks_of(made)
    assert pupils_of(blocks) == made
    assert ledger.references(made).tolist() == sorted(set(column))
    assert all(row.any() for row in blocks.rows)


def test_the_name_of_a_set_depends_on_its_pupils_alone() -> None:
    one, other = BitMap(range(10_000, 90_000)), BitMap()
    for pupil in reversed(range(10_000, 90_000)):
        other.add(pupil)
    assert blocks_of(one).digest() == blocks_of(other).digest()
    moved = BitMap(pupil + BLOCK for pupil in one)
    assert blocks_of(moved).digest() != blocks_of(one).digest()


def test_a_reference_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        ledger.pupil_set(np.array([3, -1], np.int32))
