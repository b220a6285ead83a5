"""A term's load: every table's files written and committed, then one row that makes them visible."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.ids import Term
from schoolgate.progress import Progress, silent
from schoolgate.records.append.leftovers import note_file, scratch_folder, set_back
from schoolgate.records.iceberg import arrow_schema, catalogue, open_table, tables
from schoolgate.records.moved import named_as
from schoolgate.records.rewriting import write_sorted
from schoolgate.records.standing import Outcome, laid_over, record_outcomes
from schoolgate.records.visible import LakeVersionView, LoadUnderWay, make_visible, nothing, one_writer

__all__ = ["LakeVersionView", "LoadUnderWay", "load_term"]


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
    step: Callable[[str], None] = nothing,
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
    with one_writer(config):
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
    outcomes: list[Outcome] = []
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
                instead, came_of_it = laid_over(shape, int(year), str(Term(term)), spooled, scratch, config)
                outcomes += came_of_it
                write_sorted(shape, spooled, target, scratch, instead)
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

        def and_what_stands(version: LakeVersionView) -> None:
            record_outcomes(outcomes)
            in_transaction(version)

        return make_visible(year, term, snapshots, return_ids, clock, and_what_stands, step)
