"""A term's load is one visible step; a snapshot never changes; an interrupted load leaves the old state."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.catalog.sql import SqlCatalog

from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.dictionary import lake_tables
from schoolgate.ids import Term
from schoolgate.records.append import LakeVersionView, arrow_schema, load_term
from schoolgate.records.read import NoData, current_snapshot, snapshot

pytestmark = pytest.mark.django_db(transaction=True)


def batch(table: str, rows: list[dict[str, Any]]) -> pa.RecordBatch:
    (shape,) = [t for t in lake_tables() if t.name == table]
    return pa.RecordBatch.from_pylist(rows, schema=arrow_schema(shape))


def facts(year: int, term: str, pupils: list[int]) -> list[tuple[str, pa.RecordBatch]]:
    rows = [{"pupil": p, "year": year, "term": term, "sex": "F", "urn": 100000, "onroll": True} for p in pupils]
    absences = [{"pupil": p, "year": year, "term": term, "sessions": 2} for p in pupils]
    return [("census_pupil", batch("census_pupil", rows)), ("census_absence", batch("census_absence", absences))]


def held(config: Config, table: str, version: int | None = None) -> list[tuple[int, int]]:
    found = (current_snapshot(config) if version is None else snapshot(version, config)).tables[table]
    return sorted(
        (row["year"], row["pupil"])
        for path in found.files
        for row in pq.read_table(path, partitioning=None).to_pylist()
    )


def load(config: Config, clock: FixedClock, year: int, pupils: list[int], **more: Any) -> LakeVersionView:
    return load_term(
        year, Term.AUTUMN, facts(year, "AUT", pupils), return_ids=["r"], config=config, clock=clock, **more
    )


def test_an_empty_lake_says_that_nothing_was_loaded(home: Config) -> None:
    with pytest.raises(NoData, match="No census has been loaded yet"):
        current_snapshot(home)


def test_a_load_is_sorted_by_pupil_and_replaces_only_its_own_term(home: Config, clock: FixedClock) -> None:
    load(home, clock, 2025, [5, 1, 3])
    load(home, clock, 2026, [2])
    third = load(home, clock, 2025, [9, 7])
    assert held(home, "census_pupil") == [(2025, 7), (2025, 9), (2026, 2)]
    assert third.rows == {
        t.name: (2 if t.name in ("census_pupil", "census_absence") else 0)
        for t in lake_tables()
        if t.name in third.rows
    }
    for path in current_snapshot(home).tables["census_pupil"].files:
        pupils = pq.read_table(path, columns=["pupil"], partitioning=None).column(0).to_pylist()
        assert pupils == sorted(pupils)


def test_an_earlier_version_can_still_be_read_as_it_was(home: Config, clock: FixedClock) -> None:
    first = load(home, clock, 2025, [1])
    load(home, clock, 2025, [2])
    assert held(home, "census_pupil", first.number) == [(2025, 1)]
    assert held(home, "census_absence", first.number) == [(2025, 1)]


class _PowerCut(Exception):
    """Stands for the process ending at a step."""


@pytest.mark.parametrize(
    "at",
    ["spooled", "committed census_pupil", "committed census_absence", "inside the transaction"],
)
def test_a_load_cut_short_leaves_the_old_version_and_a_retry_gives_the_new_one(
    at: str, home: Config, clock: FixedClock
) -> None:
    load(home, clock, 2025, [1])

    def cut(step: str) -> None:
        if step == at:
            raise _PowerCut

    def cut_inside(version: LakeVersionView) -> None:
        if at == "inside the transaction":
            raise _PowerCut

    with pytest.raises(_PowerCut):
        load(home, clock, 2025, [2, 3], step=cut, in_transaction=cut_inside)
    assert held(home, "census_pupil") == held(home, "census_absence") == [(2025, 1)]
    again = load(home, clock, 2025, [2, 3])
    assert again.number == 2
    assert held(home, "census_pupil") == held(home, "census_absence") == [(2025, 2), (2025, 3)]
    assert not list(home.scratch.iterdir())


@pytest.mark.parametrize("at", ["spooled", "committed census_pupil", "committed census_absence"])
def test_what_was_never_visible_is_gone_after_the_next_load_even_of_another_term(
    at: str, home: Config, clock: FixedClock
) -> None:
    # The very first load ever is cut short: no version names any table yet.
    def cut(step: str) -> None:
        if step == at:
            raise _PowerCut

    with pytest.raises(_PowerCut):
        load(home, clock, 2026, [7, 8], step=cut)
    with pytest.raises(NoData):
        current_snapshot(home)
    load(home, clock, 2025, [1])
    assert held(home, "census_pupil") == held(home, "census_absence") == [(2025, 1)]
    _only_files_in_force(home)


@pytest.mark.parametrize("at", ["spooled", "committed census_pupil", "committed census_absence"])
def test_files_of_a_load_that_ended_early_are_deleted_and_no_others(at: str, home: Config, clock: FixedClock) -> None:
    def cut(step: str) -> None:
        if step == at:
            raise _PowerCut

    load(home, clock, 2025, [1])
    with pytest.raises(_PowerCut):
        load(home, clock, 2026, [2], step=cut)
    assert not list(home.scratch.rglob("*.parquet"))
    load(home, clock, 2026, [3])
    assert held(home, "census_pupil") == [(2025, 1), (2026, 3)]
    _only_files_in_force(home)


def test_a_load_that_became_visible_and_could_not_tidy_up_keeps_its_files(home: Config, clock: FixedClock) -> None:
    def cut(step: str) -> None:
        if step == "visible":
            raise _PowerCut

    with pytest.raises(_PowerCut):
        load(home, clock, 2025, [1], step=cut)
    load(home, clock, 2026, [2])
    assert held(home, "census_pupil") == held(home, "census_absence") == [(2025, 1), (2026, 2)]
    _only_files_in_force(home)


def _only_files_in_force(config: Config) -> None:
    there = {str(path) for path in config.lake.rglob("data/**/*.parquet")}
    assert there == {path for table in current_snapshot(config).tables.values() for path in table.files}


def test_a_load_and_a_read_of_the_catalogue_leave_no_connection_open(
    home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pools = []

    def remembered(*given: Any, **more: Any) -> SqlCatalog:
        made = SqlCatalog(*given, **more)
        pools.append(made.engine)
        return made

    monkeypatch.setattr("schoolgate.records.iceberg.SqlCatalog", remembered)
    load(home, clock, 2025, [1])
    assert held(home, "census_pupil") == [(2025, 1)]
    assert len(pools) == 2
    assert [engine.pool.checkedin() + engine.pool.checkedout() for engine in pools] == [0, 0]  # type: ignore[attr-defined]


def test_the_lake_is_closed_to_other_users(home: Config, clock: FixedClock) -> None:
    load(home, clock, 2025, [1])
    assert stat.S_IMODE(os.stat(home.lake).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(home.keys).st_mode) == 0o700 if home.keys.exists() else True
    assert all(Path(path).is_relative_to(home.lake) for path in current_snapshot(home).tables["census_pupil"].files)


def test_a_lake_that_was_moved_reads_as_before_and_takes_new_terms(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    """Also when it was moved twice: a term loaded after the first move is found after the second."""
    load(home, clock, 2025, [1, 2])
    for number in (1, 2):
        place = tmp_path / f"a new place {number}"
        place.mkdir()
        os.rename(home.lake, place / "lake")
        for name in ("catalogue.sqlite3", "catalogue.sqlite3-wal", "catalogue.sqlite3-shm"):
            if (home.home / name).exists():
                os.rename(home.home / name, place / name)
        home = replace(home, home=place)
        assert held(home, "census_pupil")[:2] == [(2025, 1), (2025, 2)]
        load(home, clock, 2025 + number, [1])
    assert held(home, "census_pupil") == [(2025, 1), (2025, 2), (2026, 1), (2027, 1)]
