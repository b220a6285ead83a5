"""A term's load: every table's files written and committed, then one row that makes them visible."""

from __future__ import annotations

import fcntl
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.dictionary import LakeTable
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Term
from schoolgate.progress import Progress, silent
from schoolgate.records.append.leftovers import note_file, scratch_folder, set_back
from schoolgate.records.iceberg import arrow_schema, catalogue, open_table, tables
from schoolgate.records.models import LakeVersion, LakeVersionTable
from schoolgate.records.moved import named_as

_SORT_MEMORY = "2GB"


@dataclass(frozen=True, slots=True)
class LakeVersionView:
    """A lake version as others see it: its number, and what this load put in (rows by table)."""

    number: int
    year: int
    term: Term
    recorded_at: datetime
    rows: Mapping[str, int]


class LoadUnderWay(SchoolgateError):
    """Another load of this lake has not ended."""


@contextmanager
def _only_load(config: Config) -> Iterator[None]:
    """One load at a time: each begins by setting the lake back to what is visible, the other's work included."""
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(config.home / "load.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LoadUnderWay(
                "Another term is being loaded.", hint="Wait until it has ended.", code="load-under-way"
            ) from None
        yield


_SORTED = """
    COPY (SELECT * FROM read_parquet($source) ORDER BY pupil, return_row)
    TO $target (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, PARQUET_VERSION v2)
"""
"""V2 writes differences of whole numbers (Parquet's DELTA_BINARY_PACKED). Sorted, the pupil column is half as large and
read in half the time so; every read that leaves somebody out reads it."""


def _nothing(step: str) -> None:
    """Called after each durable step; tests end the process here."""


def _spool(facts: Iterable[tuple[str, pa.RecordBatch]], folder: Path, tell: Progress) -> dict[str, Path]:
    """Write batches of all tables as they come, unsorted, so that memory stays flat."""
    shapes = {table.name: arrow_schema(table) for table in tables()}
    paths: dict[str, Path] = {}
    writers: dict[str, pq.ParquetWriter] = {}
    rows = 0
    try:
        for name, batch in facts:
            if name not in writers:
                paths[name] = folder / f"{name}.unsorted.parquet"
                writers[name] = pq.ParquetWriter(paths[name], shapes[name])
            writers[name].write_batch(batch)
            rows += batch.num_rows
            tell("writing facts", rows, None)
    finally:
        for writer in writers.values():
            writer.close()
    return paths


def _sort(table: LakeTable, source: Path, target: Path, scratch: Path) -> None:
    """Sort by pupil outside memory, so that settling a release reads pupils in order."""
    with duckdb.connect(":memory:", config={"memory_limit": _SORT_MEMORY, "temp_directory": str(scratch)}) as sorter:
        # The caller's own progress is shown; DuckDB's bar would write across it.
        sorter.execute("SET enable_progress_bar = false")
        sorter.execute("SET preserve_insertion_order = false")
        sorter.execute(_SORTED, {"source": str(source), "target": str(target)})
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def load_term(
    year: int,
    term: Term,
    facts: Iterable[tuple[str, pa.RecordBatch]],
    *,
    return_ids: Sequence[str],
    config: Config,
    clock: Clock,
    in_transaction: Callable[[LakeVersionView], None] = lambda version: None,
    progress: Progress = silent,
    step: Callable[[str], None] = _nothing,
) -> LakeVersionView:
    """Replace one term's facts in every lake table, in one visible step.

    Args:
        year: calendar year of the census.
        term: its term.
        facts: (lake table, record batch in that table's Arrow schema), in any order.
        return_ids: the returns the facts come from.
        config: the installation.
        clock: the time.
        in_transaction: called with the new version inside its transaction, to write the register event.
        progress: told how far it is.
        step: called after each durable step.

    Returns:
        The new lake version.

    Raises:
        LoadUnderWay: another load has not ended.
    """
    with _only_load(config):
        return _load(year, term, facts, return_ids, config, clock, in_transaction, progress, step)


def _load(
    year: int,
    term: Term,
    facts: Iterable[tuple[str, pa.RecordBatch]],
    return_ids: Sequence[str],
    config: Config,
    clock: Clock,
    in_transaction: Callable[[LakeVersionView], None],
    progress: Progress,
    step: Callable[[str], None],
) -> LakeVersionView:
    snapshots: dict[str, tuple[int, int]] = {}
    with catalogue(config) as found, scratch_folder(config, found) as scratch:
        spools = _spool(facts, scratch, progress)
        step("spooled")
        for shape in tables():
            spooled = spools.get(shape.name)
            own_term = f"year = {int(year)} and term = '{Term(term)}'"
            table, gone = set_back(open_table(found, shape), shape.name, own_term)
            files: list[str] = []
            rows = 0
            if spooled is not None:
                place = config.lake / shape.name / "data"
                place.mkdir(parents=True, exist_ok=True, mode=0o700)
                target = place / f"{year}-{term}-{os.urandom(8).hex()}.parquet"
                note_file(scratch, target)
                _sort(shape, spooled, target, scratch)
                files, rows = [f"file://{named_as(target, config.lake)}"], pq.read_metadata(target).num_rows
            with warnings.catch_warnings(), table.transaction() as change:
                # A term loaded for the first time has nothing to replace; the library warns of that.
                warnings.simplefilter("ignore", UserWarning)
                change.delete(gone)
                if files:
                    change.add_files(files)
            current = table.refresh().current_snapshot()
            if current is not None:
                snapshots[shape.name] = (current.snapshot_id, rows)
            step(f"committed {shape.name}")
        return _make_visible(year, term, snapshots, return_ids, clock, in_transaction, step)


def _make_visible(
    year: int,
    term: Term,
    snapshots: Mapping[str, tuple[int, int]],
    return_ids: Sequence[str],
    clock: Clock,
    in_transaction: Callable[[LakeVersionView], None],
    step: Callable[[str], None],
) -> LakeVersionView:
    with transaction.atomic():
        last = LakeVersion.objects.select_for_update().order_by("-number").first()
        row = LakeVersion.objects.create(
            number=(last.number if last else 0) + 1,
            year=year,
            term=str(term),
            recorded_at=clock.now(),
            return_ids=list(return_ids),
        )
        LakeVersionTable.objects.bulk_create(
            LakeVersionTable(version=row, table=name, snapshot_id=snapshot, rows=rows)
            for name, (snapshot, rows) in snapshots.items()
        )
        view = LakeVersionView(
            row.number, year, term, row.recorded_at, {name: rows for name, (_, rows) in snapshots.items()}
        )
        in_transaction(view)
    step("visible")
    return view
