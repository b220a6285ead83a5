"""The ledger: what ran, and one child's answer from it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from schoolgate import ledger
from schoolgate.clock import FixedClock
from schoolgate.ids import Pmr
from schoolgate.ledger.exposure import holds, split


def _new(name: str, *scans: tuple[str, ...], denied: BitMap | None = None) -> ledger.NewRelease:
    return ledger.NewRelease(
        release_id=name,
        agreement_id="A-1",
        person_id="P-1",
        purpose="education-research",
        lake_version=1,
        definition="{}",
        definition_hash="00" * 32,
        denied=(denied or BitMap()).serialize(),
        outcome="handed over",
        rows=3,
        result_sha256="00" * 32,
        scans=scans,
    )


@given(st.sets(st.integers(0, 400_000), max_size=60))
def test_a_set_split_into_blocks_holds_the_same_pupils(pupils: set[int]) -> None:
    blocks = dict(split(BitMap(pupils)))
    for pupil in [*pupils, 0, 65_535, 65_536, 399_999]:
        held = (pupil >> 16) in blocks and holds(blocks[pupil >> 16], Pmr(pupil))
        assert held == (pupil in pupils)


@pytest.mark.django_db
def test_a_child_sees_the_items_of_the_scans_that_took_it_and_of_no_other(clock: FixedClock) -> None:
    ledger.begin_release(_new("R-1", ("a.x", "a.y"), ("b.z",)), lambda: 7, clock)
    ledger.record_settlement("R-1", [BitMap([5, 70_000]), BitMap([70_000])], ("ab" * 32, b"", 2), lambda: 8, clock)
    assert [line.items for line in ledger.who_has(Pmr(5))] == [("a.x", "a.y")]
    assert [line.items for line in ledger.who_has(Pmr(70_000))] == [("a.x", "a.y", "b.z")]
    assert ledger.who_has(Pmr(6)) == ()
    assert ledger.who_has(Pmr(70_000))[0].settled_index == 8


@pytest.mark.django_db
def test_until_a_release_is_settled_the_answer_errs_on_the_side_of_may_be_in_it(clock: FixedClock) -> None:
    ledger.begin_release(_new("R-1", ("a.x",), denied=BitMap([9])), lambda: 7, clock)
    (line,) = ledger.who_has(Pmr(5))
    assert line.state == "being worked out"
    assert not line.delivered
    assert ledger.who_has(Pmr(9)) == ()
    assert [record.release_id for record in ledger.unsettled()] == ["R-1"]


@pytest.mark.django_db
def test_settling_twice_changes_nothing(clock: FixedClock) -> None:
    ledger.begin_release(_new("R-1", ("a.x",)), lambda: 7, clock)
    first = ledger.record_settlement("R-1", [BitMap([5])], ("ab" * 32, b"x" * 32, 1), lambda: 8, clock)
    later = FixedClock(clock.now() + timedelta(days=1))
    again = ledger.record_settlement("R-1", [BitMap([6])], ("cd" * 32, b"y" * 32, 1), lambda: 99, later)
    assert again == first
    assert ledger.who_has(Pmr(6)) == ()


@pytest.mark.django_db(transaction=True)
def test_a_release_without_its_register_event_does_not_exist(clock: FixedClock) -> None:
    def fails() -> int:
        raise OSError("the log cannot be written")

    with pytest.raises(OSError, match="log"):
        ledger.begin_release(_new("R-1", ("a.x",)), fails, clock)
    assert ledger.releases() == ()


@pytest.mark.django_db
def test_delivery_is_noted_once(clock: FixedClock) -> None:
    ledger.begin_release(_new("R-1", ("a.x",)), lambda: 7, clock)
    written: list[int] = []
    for _ in range(2):
        ledger.mark_delivered("R-1", lambda: written.append(1) or 8, clock)
    assert written == [1]
    assert ledger.release("R-1").delivered_at == clock.now()


@pytest.mark.django_db
def test_an_unknown_release_is_said_to_be_unknown() -> None:
    with pytest.raises(ledger.UnknownRelease, match="no such release"):
        ledger.release("R-9")
