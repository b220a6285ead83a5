"""Sets in the database: kept once, folded without changing an answer, read back, and safe with several at work."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from schoolgate import ledger
from schoolgate.clock import FixedClock
from schoolgate.ids import Pmr
from schoolgate.ledger import models, sets
from schoolgate.ledger.blocks import BLOCK
from tests.ledger.test_ledger import _new, _settle
from tests.requests.at_once import at_once

NEARLY = [BitMap(range(0, 60_000, 3)) - BitMap([3 * n]) for n in range(40)]
"""Forty sets over eight blocks, each without one child that the others have."""


def settle_all(clock: FixedClock, given: list[BitMap], left_out: BitMap | None = None) -> None:
    for number, pupils in enumerate(given):
        ledger.begin_release(_new(f"R-{number}", ("a.x",), denied=left_out), lambda number=number: 2 * number, clock)
        _settle(f"R-{number}", pupils, index=2 * number + 1, clock=clock)


def answers(pupils: range | list[int]) -> dict[int, list[str]]:
    return {pupil: [line.release_id for line in ledger.who_has(Pmr(pupil))] for pupil in pupils}


@pytest.mark.django_db
def test_folding_changes_no_answer_and_leaves_one_segment_a_block(clock: FixedClock) -> None:
    asked = [*range(0, 200, 3), 8_190, 8_191, 8_192, 59_997, 59_999]
    settle_all(clock, NEARLY)
    before = answers(asked)
    assert before[9] == [f"R-{n}" for n in range(40) if n != 3]
    size = sum(len(row.data) for row in models.Segment.objects.all())
    assert ledger.fold_segments() == 8
    assert models.Segment.objects.count() == 8
    assert sum(len(row.data) for row in models.Segment.objects.all()) < size / 10
    assert answers(asked) == before
    assert ledger.fold_segments() == 0
    assert [ledger.members(f"R-{n}") for n in range(40)] == [(pupils,) for pupils in NEARLY]


@pytest.mark.django_db
def test_what_is_settled_after_a_fold_is_found_with_what_was_before_and_joins_it_later(clock: FixedClock) -> None:
    settle_all(clock, NEARLY[:20])
    ledger.fold_segments()
    for number in range(20, 40):
        ledger.begin_release(_new(f"R-{number}", ("a.x",)), lambda number=number: 2 * number, clock)
        _settle(f"R-{number}", NEARLY[number], index=2 * number + 1, clock=clock)
    before = answers([0, 9, 75, 3_000])
    assert len(before[0]) == 39
    ledger.fold_segments()
    assert models.Segment.objects.count() == 8
    assert answers([0, 9, 75, 3_000]) == before


@pytest.mark.django_db
def test_a_segment_grows_joins_the_large_one_and_that_is_left_when_it_is_full(
    clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sets, "_JOIN_AT", 10)
    monkeypatch.setattr(sets, "_FULL_AT", 24)
    asked = [6, 9, 75, 3_000]
    seen = []
    for number, pupils in enumerate(NEARLY):
        ledger.begin_release(_new(f"R-{number}", ("a.x",)), lambda number=number: 2 * number, clock)
        _settle(f"R-{number}", pupils, index=2 * number + 1, clock=clock)
        sets.fold_segments(4)
        levels = models.Segment.objects.filter(block=0).order_by("level", "id").values_list("level", flat=True)
        seen.append(tuple(levels))
        assert answers(asked)[9] == [f"R-{n}" for n in range(number + 1) if n != 3]
    assert seen[3] == (sets.GROWING,)
    assert seen[11] == (sets.LARGE,)
    assert seen[39] == (sets.GROWING, sets.LARGE, sets.LARGE)
    assert answers(asked)[75] == [f"R-{n}" for n in range(40) if n != 25]


@pytest.mark.django_db
def test_whoever_folds_second_leaves_what_the_first_has_made(clock: FixedClock) -> None:
    settle_all(clock, NEARLY)
    mine = sets._fold_each(range(8))
    ledger.fold_segments()
    first = list(models.Segment.objects.order_by("pk").values_list("pk", flat=True))
    assert sets._replace(mine) == 0
    assert list(models.Segment.objects.order_by("pk").values_list("pk", flat=True)) == first


@pytest.mark.django_db
def test_a_segment_that_comes_while_folding_stays(clock: FixedClock) -> None:
    settle_all(clock, NEARLY[:16])
    mine = sets._fold_each(range(8))
    ledger.begin_release(_new("R-99", ("a.x",)), lambda: 99, clock)
    _settle("R-99", BitMap([5]), index=100, clock=clock)
    assert sets._replace(mine) == 8
    assert answers([5, 9]) == {5: ["R-99"], 9: [f"R-{n}" for n in range(16) if n != 3]}


@pytest.mark.django_db
def test_the_same_set_is_kept_once(clock: FixedClock) -> None:
    settle_all(clock, [NEARLY[0]] * 5)
    assert models.PupilSet.objects.count() == 2  # and nobody, who was left out
    assert models.Segment.objects.count() == 8
    assert answers([0, 4, 6]) == {0: [], 4: [], 6: [f"R-{n}" for n in range(5)]}


@pytest.mark.django_db
def test_who_was_left_out_is_known_before_and_after_and_takes_no_room_of_its_own(clock: FixedClock) -> None:
    objecting = BitMap(range(1, 60_000, 90))
    ledger.begin_release(_new("R-0", ("a.x",), denied=objecting), lambda: 0, clock)
    assert ledger.left_out("R-0") == objecting
    assert BitMap.deserialize(ledger.release("R-0").denied) == objecting
    _settle("R-0", BitMap([5]), index=1, clock=clock)
    assert ledger.left_out("R-0") == objecting
    assert ledger.release("R-0").denied == b""
    # Whoever was left out is in the ledger's blocks and in nobody's answer.
    assert answers([1, 91]) == {1: [], 91: []}


@pytest.mark.django_db
def test_a_childs_proof_reads_the_blocks_it_needs(clock: FixedClock) -> None:
    ledger.begin_release(_new("R-0", ("a.x",), ("b.z",)), lambda: 0, clock)
    with pytest.raises(ledger.NotWorkedOut):
        ledger.members("R-0")
    one, other = BitMap([5, BLOCK + 1]), BitMap([6, 5 * BLOCK])
    _settle("R-0", one, other, index=1, clock=clock)
    assert ledger.members("R-0") == (one, other)
    assert dict(ledger.members_in("R-0", [5, 0, 3])) == {
        0: BitMap([5, 6]), 3: BitMap(), 5: BitMap([5 * BLOCK]),
    }  # fmt: skip


few = st.sets(st.integers(0, 3 * BLOCK), max_size=12)


@pytest.mark.django_db
@given(st.lists(st.tuples(few, st.booleans()), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_sets_come_back_as_they_were_added_whatever_was_folded_between(given: list[tuple[set[int], bool]]) -> None:
    models.Segment.objects.all().delete()
    models.PupilSet.objects.all().delete()
    numbers = []
    for pupils, folded in given:
        numbers += sets.add_sets([BitMap(pupils)])
        if folded:
            sets.fold_segments(1)
    assert sets.bitmaps(numbers) == [BitMap(pupils) for pupils, _ in given]


@pytest.mark.django_db(transaction=True)
def test_settlers_at_once_with_the_same_set_keep_it_once(clock: FixedClock) -> None:
    for number in range(4):
        ledger.begin_release(_new(f"R-{number}", ("a.x",)), lambda number=number: number, clock)

    def settler(number: int) -> bool:
        return ledger.record_members(f"R-{number}", [NEARLY[0]], clock)

    assert at_once(*(lambda number=number: settler(number) for number in range(4))) == [True] * 4
    assert (models.PupilSet.objects.count(), models.Segment.objects.count()) == (2, 8)
    assert answers([6])[6] == [f"R-{n}" for n in range(4)]


@pytest.mark.django_db(transaction=True)
def test_of_settlers_of_one_release_one_is_believed_and_the_others_are_told(clock: FixedClock) -> None:
    ledger.begin_release(_new("R-0", ("a.x",)), lambda: 0, clock)
    mine = [BitMap([1, 2]), BitMap([1, 3]), BitMap([1, 4])]
    believed = at_once(*(lambda of=of: ledger.record_members("R-0", [of], clock) for of in mine))
    assert sorted(believed) == [False, False, True]
    assert ledger.members("R-0") == (mine[believed.index(True)],)


@pytest.mark.django_db(transaction=True)
def test_folders_and_readers_at_once_see_every_release_at_every_moment(clock: FixedClock) -> None:
    settle_all(clock, NEARLY)
    expected = answers([6, 9])

    def reader() -> int:
        seen = [answers([6, 9]) for _ in range(40)]
        return sum(answer != expected for answer in seen)

    wrong = at_once(reader, lambda: ledger.fold_segments() * 0, reader, lambda: ledger.fold_segments() * 0)
    assert wrong == [0, 0, 0, 0]
    assert models.Segment.objects.count() == 8
