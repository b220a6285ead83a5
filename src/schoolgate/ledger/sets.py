"""Sets of pupils in the database: added once, read back, and their segments folded together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
from django.db import connection, transaction
from pyroaring import BitMap

from schoolgate.ledger.blocks import Part, Row, fold, parts, rows_of
from schoolgate.ledger.models import PupilSet, Segment
from schoolgate.ledger.pupil_sets import Blocks, blocks_of, pupils_of
from schoolgate.ledger.segments import parts_in, read, write

FRESH, GROWING, LARGE = 0, 1, 2

FOLD_AT = 16
"""Segments of single settlements that a block may have before they are folded: each costs a look-up some 20 µs."""

_JOIN_AT = 128
"""Parts of a growing segment that are joined to the large one: more often, and the whole ledger would be written again
for every few settlements."""

_FULL_AT = 1024
"""Parts after which a large segment is left as it is, and another is begun."""

_PORTION = 32
"""Blocks folded in one transaction, so that no reader's release waits long for the database."""

_READ = 64
"""Blocks read back at once: 8 MiB or so."""

_TABLE = f'"{Segment._meta.db_table}"'


def add_sets(bitmaps: Sequence[BitMap]) -> list[int]:
    """The numbers of these sets; those that are not known yet are written. Inside the caller's transaction."""
    numbers: dict[int, int] = {}
    by_block: dict[int, list[Part]] = {}
    made = [(blocks_of(pupils), len(pupils), at) for at, pupils in enumerate(bitmaps)]
    # Two settlers with the same set: the second waits here until the first has ended, and finds it or adds it. In the
    # order of digests, or two with two sets in common could wait for each other.
    for blocks, count, at in sorted(made, key=lambda one: one[0].digest()):
        row, fresh = PupilSet.objects.get_or_create(digest=blocks.digest(), defaults={"count": count})
        numbers[at] = row.pk
        if fresh:
            for block, part in zip(blocks.numbers.tolist(), parts(row.pk, blocks.rows), strict=True):
                by_block.setdefault(block, []).append(part)
    _insert((block, FRESH, write(found)) for block, found in sorted(by_block.items()))
    return [numbers[at] for at in range(len(made))]


def _insert(rows: Iterable[tuple[int, int, bytes]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {_TABLE} (block, level, data) VALUES (%s, %s, %s)", list(rows))


def segments_of(block: int) -> list[bytes]:
    """A block's segments."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT data FROM {_TABLE} WHERE block = %s", [block])
        return [bytes(data) for (data,) in cursor.fetchall()]


def _blocks(numbers: Sequence[int] | None) -> Iterator[tuple[int, list[bytes]]]:
    """Blocks with their segments, ascending; all when none are named."""
    if numbers is None:
        numbers = list(Segment.objects.order_by("block").values_list("block", flat=True).distinct())
    for start in range(0, len(numbers), _READ):
        rows = Segment.objects.filter(block__in=numbers[start : start + _READ]).order_by("block")
        for block, found in groupby(rows.values_list("block", "data"), key=itemgetter(0)):
            yield block, [bytes(data) for _, data in found]


def _wanted(segment: Sequence[Part], sets: frozenset[int]) -> list[Part]:
    """The parts of these sets and what they differ from, in their order."""
    needed = set(sets)
    found = []
    for part in reversed(segment):  # a base stands before what differs from it
        if part.set_id in needed:
            needed.add(part.base)
            found.append(part)
    return found[::-1]


def read_sets(sets: frozenset[int], blocks: Sequence[int] | None = None) -> dict[int, Blocks]:
    """Sets as they were added; of some blocks only when they are named.

    Without blocks it looks through the whole ledger, which is laid out for one child's question: seconds.
    """
    numbers: dict[int, list[int]] = {number: [] for number in sets}
    rows: dict[int, list[Row]] = {number: [] for number in sets}
    for block, segments in _blocks(blocks):
        for data in segments:
            for number, row in rows_of(_wanted(read(data), sets)):
                if number in sets:
                    numbers[number].append(block)
                    rows[number].append(row)
    return {
        number: Blocks(np.array(numbers[number], np.int64), np.stack(rows[number]))
        if rows[number]
        else blocks_of(BitMap())
        for number in sets
    }


def bitmaps(sets: Sequence[int]) -> list[BitMap]:
    """Whole sets, in the order they are named."""
    found = read_sets(frozenset(sets))
    return [pupils_of(found[number]) for number in sets]


@dataclass(frozen=True, slots=True)
class _Folded:
    block: int
    level: int
    data: bytes
    replaced: tuple[int, ...]


def fold_segments(at: int = FOLD_AT) -> int:
    """Join the segments of blocks that have many; gives how many blocks were.

    Nothing of an answer changes. Another process may fold at the same time: whoever comes second finds the segments
    it has read gone, and leaves the block as it is.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT block FROM {_TABLE} WHERE level = {FRESH} GROUP BY block HAVING count(*) >= %s ORDER BY block",
            [at],
        )
        waiting = [block for (block,) in cursor.fetchall()]
    done = 0
    for start in range(0, len(waiting), _PORTION):
        done += _replace(_fold_each(waiting[start : start + _PORTION]))
    return done


def _fold_each(blocks: Sequence[int]) -> list[_Folded]:
    rows = Segment.objects.filter(block__in=blocks, level__lt=LARGE).order_by("block", "id")
    made = []
    for block, found in groupby(rows.values_list("block", "id", "level", "data"), key=itemgetter(0)):
        segments = [(key, level, bytes(data)) for _, key, level, data in found]
        old = [(key, data) for key, level, data in segments if level == GROWING]
        new = [data for _, level, data in segments if level == FRESH]
        keys = [key for key, _, _ in segments]
        level = GROWING
        if sum(parts_in(data) for _, _, data in segments) >= _JOIN_AT:
            new = [*(data for _, data in old), *new]
            old = _open_large(block)
            keys += [key for key, _ in old]
            level = LARGE
        joined = fold([part for _, data in old for part in read(data)], [read(data) for data in new])
        made.append(_Folded(block, level, write(joined), tuple(keys)))
    return made


def _open_large(block: int) -> list[tuple[int, bytes]]:
    """A block's large segment that is not full, if there is one."""
    rows = Segment.objects.filter(block=block, level=LARGE).order_by("-id").values_list("id", "data")[:1]
    return [(key, bytes(data)) for key, data in rows if parts_in(bytes(data)) < _FULL_AT]


def _replace(made: Sequence[_Folded]) -> int:
    done = 0
    with transaction.atomic():
        for folded in made:
            try:
                with transaction.atomic():
                    gone, _ = Segment.objects.filter(pk__in=folded.replaced).delete()
                    if gone != len(folded.replaced):
                        raise _GoneMeanwhile
                    _insert([(folded.block, folded.level, folded.data)])
                done += 1
            except _GoneMeanwhile:
                continue
    return done


class _GoneMeanwhile(Exception):
    """Another process has folded this block."""
