"""The ledger: what ran, and one child's answer from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from schoolgate import ledger
from schoolgate.clock import FixedClock
from schoolgate.ids import Pmr
from schoolgate.ledger import lookup, models


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


def _settle(name: str, *members: BitMap, index: int = 8, clock: FixedClock, root: str = "ab") -> ledger.ReleaseRecord:
    ledger.record_members(name, members, clock)
    count = len(BitMap.union(BitMap(), *members))
    return ledger.record_settlement(name, ledger.Commitment(root * 32, count, 1, b""), lambda: index, clock)


@pytest.mark.django_db
def test_a_child_sees_the_items_of_the_scans_that_took_it_and_of_no_other(clock: FixedClock) -> None:
    ledger.begin_release(_new("R-1", ("a.x", "a.y"), ("b.z",)), lambda: 7, clock)
    _settle("R-1", BitMap([5, 70_000]), BitMap([70_000]), clock=clock)
    assert [line.items for line in ledger.who_has(Pmr(5))] == [("a.x", "a.y")]
    assert [line.items for line in ledger.who_has(Pmr(70_000))] == [("a.x", "a.y", "b.z")]
    assert ledger.who_has(Pmr(6)) == ()
    (line,) = ledger.who_has(Pmr(70_000))
    assert (line.settled_index, line.at) == (8, clock.now())


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
    first = _settle("R-1", BitMap([5]), clock=clock)
    again = _settle("R-1", BitMap([6]), clock=FixedClock(clock.now() + timedelta(days=1)), index=99, root="cd")
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


pupils = st.integers(0, 140_000)
one_release = st.fixed_dictionaries(
    {
        "scans": st.lists(st.sets(pupils, max_size=8), min_size=1, max_size=3),
        "denied": st.sets(pupils, max_size=4),
        "settled": st.booleans(),
        "delivered": st.booleans(),
        "outcome": st.sampled_from(["handed over", "failed"]),
    }
)


def _record(releases: list[dict[str, Any]]) -> list[tuple[tuple[str, ...], ...]]:
    """Write the releases into an empty ledger; gives the items of each one's scans."""
    clock = FixedClock(datetime(2026, 9, 1, 9, 0, tzinfo=UTC))
    for model in (models.Segment, models.ExposureScan, models.Member, models.Release, models.PupilSet):
        model.objects.all().delete()
    named = []
    for at, made in enumerate(releases):
        items = tuple((f"t{n}.a", f"t{n % 2}.b") for n in range(len(made["scans"])))
        new = _new(f"R-{at}", *items, denied=BitMap(made["denied"]))
        ledger.begin_release(replace(new, outcome=made["outcome"]), lambda at=at: 2 * at, clock)
        if made["delivered"]:
            ledger.mark_delivered(f"R-{at}", lambda: 0, clock)
        if made["settled"]:
            taken = [BitMap(scan - made["denied"]) for scan in made["scans"]]
            _settle(f"R-{at}", *taken, index=2 * at + 1, clock=clock)
        named.append(items)
    return named


@pytest.mark.django_db
@given(st.lists(one_release, max_size=6), st.data())
@settings(max_examples=60, deadline=None)
def test_the_answer_is_what_looking_through_everything_gives(
    releases: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Against a brute force over plain sets: which releases, which items, in which state, in which order."""
    named = _record(releases)
    known = sorted({p for made in releases for scan in made["scans"] for p in scan} | {0, 65_535, 65_536, 140_000})
    for pupil in data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=8)):
        lines = []
        for at, (made, items) in enumerate(zip(releases, named, strict=True)):
            took = {i for scan, of in zip(made["scans"], items, strict=True) if pupil in scan for i in of}
            if pupil in made["denied"] or (made["settled"] and not took):
                continue
            shown = took if made["settled"] else {i for of in items for i in of}
            state, settled_at = ("settled", 2 * at + 1) if made["settled"] else ("being worked out", None)
            lines.append((f"R-{at}", tuple(sorted(shown)), state, made["delivered"], 2 * at, settled_at))
        assert lines == [
            (e.release_id, e.items, e.state, e.delivered, e.log_index, e.settled_index)
            for e in ledger.who_has(Pmr(pupil))
        ]


@pytest.mark.django_db
def test_a_release_settled_between_the_two_halves_of_an_answer_is_in_it(
    clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.begin_release(_new("R-1", ("a.x",), ("b.z",)), lambda: 7, clock)
    real = lookup._worked_out

    def settle_first(pupil: Pmr) -> list[ledger.Exposure]:
        _settle("R-1", BitMap([5]), BitMap(), clock=clock)
        return real(pupil)

    monkeypatch.setattr(lookup, "_worked_out", settle_first)
    assert [(line.state, line.items) for line in ledger.who_has(Pmr(5))] == [("settled", ("a.x",))]


@pytest.mark.django_db
def test_a_child_in_more_releases_than_one_question_can_name_has_them_all(clock: FixedClock) -> None:
    ledger.begin_release(_new("R-0", ("a.x",)), lambda: 0, clock)
    _settle("R-0", BitMap([5]), index=5000, clock=clock)
    row, scan = models.Release.objects.get(), models.ExposureScan.objects.get()
    like = {f.attname: getattr(row, f.attname) for f in models.Release._meta.concrete_fields if f.attname != "id"}
    rows = models.Release.objects.bulk_create(
        models.Release(**{**like, "release_id": f"R-{n}", "log_index": n}) for n in range(1, 1100)
    )
    models.ExposureScan.objects.bulk_create(
        models.ExposureScan(release=of, number=1, items=scan.items, pupils=scan.pupils) for of in rows
    )
    assert [line.log_index for line in ledger.who_has(Pmr(5))] == list(range(1100))


@pytest.mark.django_db(transaction=True)
def test_a_release_is_not_begun_inside_a_transaction_that_could_be_undone(clock: FixedClock) -> None:
    def begins_inside() -> None:
        with transaction.atomic():
            ledger.begin_release(_new("R-1", ("a.x",)), lambda: 7, clock)

    with pytest.raises(RuntimeError, match="durable"):
        begins_inside()
    assert ledger.releases() == ()


@pytest.mark.django_db
def test_what_came_of_a_release_and_how_far_its_pupils_are_known_are_told_apart(clock: FixedClock) -> None:
    """Begun and not delivered is what remains when the gate dies before the hand-over; it is settled all the same."""
    for name, outcome in (("R-1", "handed over"), ("R-2", "handed over"), ("R-3", "failed")):
        ledger.begin_release(replace(_new(name, ("a.x",)), outcome=outcome), lambda name=name: int(name[-1]), clock)
    ledger.mark_delivered("R-2", lambda: 8, clock)
    assert [record.handed_over for record in ledger.releases()] == ["begun, not delivered", "delivered", "failed"]
    assert [record.release_id for record in ledger.undelivered()] == ["R-1"]
    assert ledger.release("R-1").counted == "being worked out"
    ledger.record_members("R-1", [BitMap([5])], clock)
    assert ledger.release("R-1").counted == "worked out"
    assert [record.release_id for record in ledger.unsettled()] == ["R-1", "R-2", "R-3"]
    assert _settle("R-1", BitMap([5]), clock=clock).counted == "settled"
    assert [record.release_id for record in ledger.undelivered()] == ["R-1"]
    assert [(line.release_id, line.delivered) for line in ledger.who_has(Pmr(5))] == [
        ("R-1", False),
        ("R-2", True),
        ("R-3", False),
    ]


@pytest.mark.django_db
def test_nothing_is_committed_to_before_its_pupils_are_on_record(clock: FixedClock) -> None:
    ledger.begin_release(_new("R-1", ("a.x",)), lambda: 7, clock)
    with pytest.raises(ledger.NotWorkedOut):
        ledger.record_settlement("R-1", ledger.Commitment("00" * 32, 0, 2, b""), lambda: 8, clock)


@pytest.mark.django_db
def test_an_unknown_release_is_said_to_be_unknown() -> None:
    with pytest.raises(ledger.UnknownRelease, match="no such release"):
        ledger.release("R-9")
