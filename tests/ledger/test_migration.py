"""A ledger of the earlier layout (a row a scan and 65,536 references) answers the same after it is converted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from pyroaring import BitMap

from schoolgate import ledger
from schoolgate.clock import FixedClock
from schoolgate.ids import Pmr

OLD, NEW = [("ledger", "0001_initial")], [("ledger", "0004_no_chunks")]


def migrate(to: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(to)
    return MigrationExecutor(connection).loader.project_state(to).apps


@pytest.fixture
def old(transactional_db: None) -> Iterator[Any]:
    yield migrate(OLD)
    migrate(NEW)


def chunks(pupils: BitMap) -> Iterator[tuple[int, bytes]]:
    """A set as the earlier ledger wrote it."""
    for block in sorted({pupil >> 16 for pupil in pupils}):
        part = pupils & BitMap(range(block << 16, (block + 1) << 16))
        yield block, part.shift(-(block << 16)).serialize()


@pytest.mark.django_db(transaction=True)
def test_every_answer_proof_and_open_settlement_of_the_earlier_layout_is_kept(old: Any, clock: FixedClock) -> None:
    given = {
        "R-1": ([BitMap(range(10, 200_000, 3)), BitMap([70_001])], True),
        "R-2": ([BitMap(range(10, 200_000, 3))], True),
        "R-3": ([BitMap()], True),
        "R-4": ([BitMap([13])], False),
    }
    denied = BitMap([16, 300_000])
    models = {name: old.get_model("ledger", name) for name in ("Release", "ExposureScan", "ExposureChunk", "Member")}
    for at, (name, (scans, settled)) in enumerate(given.items()):
        row = models["Release"].objects.create(
            release_id=name, agreement_id="A-1", person_id="P-1", purpose="x", lake_version=1, definition="{}",
            definition_hash="0" * 64, denied=denied.serialize(), outcome="handed over", rows=1, begun_at=clock.now(),
            settled_at=clock.now() if settled else None, settled_index=10 * at + 1 if settled else None,
            log_index=10 * at, member_count=len(scans[0]) if settled else None, members_root="ab" * 32 * settled,
        )  # fmt: skip
        for number, pupils in enumerate(scans, start=1):
            scan = models["ExposureScan"].objects.create(release=row, number=number, items=[f"t.{number}"])
            for block, data in chunks(pupils) if settled else ():
                models["ExposureChunk"].objects.create(scan=scan, block=block, pupils=data)
        if settled:
            models["Member"].objects.create(release=row, leaves=name.encode() * 8)
    migrate(NEW)

    def told(pupil: int) -> list[tuple[str, tuple[str, ...], str]]:
        return [(line.release_id, line.items, line.state) for line in ledger.who_has(Pmr(pupil))]

    waiting = ("R-4", ("t.1",), "being worked out")
    both = [("R-1", ("t.1",), "settled"), ("R-2", ("t.1",), "settled")]
    assert told(13) == told(199_999) == [*both, waiting]
    assert told(70_001) == [("R-1", ("t.2",), "settled"), waiting]
    assert told(12) == [waiting]
    assert told(16) == both  # left out of R-4, though not of what the earlier rows say of the others
    for name, (scans, settled) in given.items():
        assert ledger.left_out(name) == denied
        if settled:
            assert ledger.members(name) == tuple(scans)
            kept = ledger.commitment(name)
            assert (kept.version, kept.kept, kept.root) == (1, name.encode() * 8, "ab" * 32)
            assert ledger.release(name).worked_out_at == clock.now()
    assert [record.release_id for record in ledger.unsettled()] == ["R-4"]


@pytest.mark.django_db(transaction=True)
def test_a_ledger_with_sets_in_it_is_not_turned_back(old: Any, clock: FixedClock) -> None:
    apps = migrate(NEW)
    apps.get_model("ledger", "PupilSet").objects.create(digest="0" * 64, count=0)
    with pytest.raises(RuntimeError, match="restore a backup"):
        migrate(OLD)
    apps.get_model("ledger", "PupilSet").objects.all().delete()
