"""Changes of the lake: files rewritten and committed, then one row that makes them visible."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyarrow.parquet as pq
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.io.pyarrow import parquet_file_to_data_file
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.dictionary import LakeTable
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Term
from schoolgate.records.amend.changes import Change, Drop, Fill, Put, RowChanged, change_rows, check
from schoolgate.records.append.leftovers import note_file, scratch_folder, set_back
from schoolgate.records.iceberg import catalogue, open_table, tables
from schoolgate.records.models import LakeAmendment, LakeVersion, LakeVersionTable
from schoolgate.records.moved import lies_at, named_as, named_root
from schoolgate.records.rewriting import Instead, Row, rows_of, write_sorted
from schoolgate.records.standing import DROP, FILL, LAID, PUT, seal_change
from schoolgate.records.visible import LakeVersionView, LoadUnderWay, make_visible, nothing, one_writer

__all__ = ["LakeVersionView", "LoadUnderWay", "amend", "one_writer"]

_Part = tuple[int, Term]
_Placed = Sequence[tuple[int, Change]]


@dataclass(frozen=True, slots=True)
class _File:
    """One file of the lake and what becomes of it."""

    data: DataFile
    path: Path
    part: _Part
    instead: Instead = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Planned:
    """What one table's part of a batch comes to."""

    table: Table
    shape: LakeTable
    files: tuple[_File, ...]


def amend(
    changes: Sequence[Change],
    *,
    config: Config,
    clock: Clock,
    in_transaction: Callable[[LakeVersionView], None] = lambda version: None,
    step: Callable[[str], None] = nothing,
) -> LakeVersionView:
    """Do changes, all or none, as one new lake version.

    Args:
        changes: in any order; as many as there are, of any table and term.
        config: the installation.
        clock: the time.
        in_transaction: called with the new version inside its transaction.
        step: called after each durable step.

    Returns:
        The new version; its rows are those of the files written anew.

    Raises:
        RowChanged: some name a row that is not there; nothing was changed.
        LoadUnderWay: another change has not ended.
        SchoolgateError: nothing to change, no lake yet, or a column that cannot be changed.
    """
    shapes = {shape.name: shape for shape in tables()}
    if not changes:
        raise SchoolgateError("There is nothing to change.", code="nothing-to-change")
    for change in changes:
        if change.table not in shapes:
            raise SchoolgateError("Only items of the dictionary can be changed.", code="not-an-item")
        check(change, shapes[change.table])
    with one_writer(config), catalogue(config) as found, scratch_folder(config, found) as scratch:
        last = LakeVersion.objects.order_by("-number").first()
        if last is None:
            raise SchoolgateError("No census has been loaded yet.", code="lake-empty")
        before: dict[int, Row | None] = {}
        plans = [_plan(found, shapes[name], own, scratch, config, before) for name, own in _by_table(changes).items()]
        lost = [
            at
            for at, change in enumerate(changes)
            if isinstance(change, Put) and change.was is not None and at not in before
        ]
        if lost:
            raise RowChanged(lost)
        snapshots = {row.table: (row.snapshot_id, 0) for row in LakeVersionTable.objects.filter(version=last)}
        for plan in plans:
            if plan.files:
                snapshots[plan.shape.name] = _write(plan, scratch, config)
            step(f"committed {plan.shape.name}")

        def and_what_stands(version: LakeVersionView) -> None:
            _keep(changes, before, config, clock)
            in_transaction(version)

        first = changes[0]
        return make_visible(first.year, first.term, snapshots, (), clock, and_what_stands, step)


def _by_table(changes: Sequence[Change]) -> Mapping[str, _Placed]:
    found: dict[str, list[tuple[int, Change]]] = {}
    for at, change in enumerate(changes):
        found.setdefault(change.table, []).append((at, change))
    return found


def _files_of(table: Table, part: _Part, config: Config) -> Iterator[tuple[DataFile, Path]]:
    year, term = part
    root = named_root(config.lake)
    for task in table.scan(row_filter=f"year = {year} and term = '{term}'").plan_files():
        path = lies_at(unquote(urlsplit(task.file.file_path).path), root, config.lake)
        yield task.file, Path(path)


def _held_between(path: Path) -> tuple[int, int] | None:
    """The lowest and highest reference in a file, as its own statistics say; None when they do not."""
    facts = pq.read_metadata(path)
    at = facts.schema.to_arrow_schema().get_field_index("pupil")
    found = [facts.row_group(group).column(at).statistics for group in range(facts.num_row_groups)]
    if not found or any(one is None or not one.has_min_max for one in found):
        return None
    return min(one.min for one in found), max(one.max for one in found)


def _plan(
    found: SqlCatalog, shape: LakeTable, placed: _Placed, scratch: Path, config: Config, before: dict[int, Row | None]
) -> _Planned:
    """Which files of one table are written anew and with what; `before` is told of each change that found its row."""
    # The table may lie ahead of what is visible, where a change was cut short.
    table, _ = set_back(open_table(found, shape), shape.name, "")
    parts: dict[_Part, list[tuple[int, Change]]] = {}
    for at, change in placed:
        parts.setdefault((int(change.year), Term(change.term)), []).append((at, change))
    files: list[_File] = []
    for part, own in parts.items():
        filled = {name: value for _, one in own if isinstance(one, Fill) for name, value in one.values.items()}
        pupils = {int(one.pupil) for _, one in own if isinstance(one, Put | Drop)}
        for data, path in _files_of(table, part, config):
            span = _held_between(path)
            here = {pupil for pupil in pupils if span is None or span[0] <= pupil <= span[1]}
            rows = rows_of(shape, path, here, scratch) if here else []
            done = change_rows(rows, [(at, one) for at, one in own if at not in before])
            before.update({at: row for at, row in done.done.items() if row is not None})
            if rows or filled:
                whose = frozenset(row["pupil"] for row in rows)
                files.append(_File(data, path, part, Instead(whose, done.rows, filled)))
    return _Planned(table, shape, tuple(files))


def _write(plan: _Planned, scratch: Path, config: Config) -> tuple[int, int]:
    """Write one table's files anew and commit them in place of the old; the snapshot and how many rows they have."""
    made: list[str] = []
    rows = 0
    for file in plan.files:
        year, term = file.part
        target = config.lake / plan.shape.name / "data" / f"{year}-{term}-{os.urandom(8).hex()}.parquet"
        note_file(scratch, target)
        write_sorted(plan.shape, file.path, target, scratch, file.instead)
        count = pq.read_metadata(target).num_rows
        rows += count
        if count:
            made.append(f"file://{named_as(target, config.lake)}")
        else:
            target.unlink()  # nobody is left in it
    with plan.table.transaction() as change, change.update_snapshot().overwrite() as snapshot:
        for file in plan.files:
            snapshot.delete_data_file(file.data)
        for path in made:
            snapshot.append_data_file(parquet_file_to_data_file(plan.table.io, plan.table.metadata, path))
    current = plan.table.refresh().current_snapshot()
    if current is None:
        raise SchoolgateError("A table of the lake lost its snapshot.", code="lake-snapshot")
    return current.snapshot_id, rows


_KINDS: Mapping[type, str] = {Put: PUT, Drop: DROP, Fill: FILL}


def _keep(changes: Sequence[Change], before: Mapping[int, Row | None], config: Config, clock: Clock) -> None:
    """Keep what is to stand; in the transaction that makes it visible."""
    rows = []
    for at, change in enumerate(changes):
        if not change.name:
            continue
        row = before.get(at)
        paper = (row["return_id"], row["return_row"]) if row is not None and row["return_id"] is not None else None
        was = None
        if isinstance(change, Put) and change.was is not None and row is not None:
            # The whole row and not only the key: what is otherwise the same is found by it.
            was = {name: value for name, value in row.items() if name in _kept_columns(change.table)}
        rows.append(
            LakeAmendment(
                name=change.name,
                table=change.table,
                year=int(change.year),
                term=str(change.term),
                kind=_KINDS[type(change)],
                pupil=None if isinstance(change, Fill) else int(change.pupil),
                sealed=seal_change(config, {} if isinstance(change, Drop) else change.values, was, paper),
                came_of_it=LAID,
                recorded_at=clock.now(),
            )
        )
    LakeAmendment.objects.bulk_create(rows, batch_size=1_000)


def _kept_columns(table: str) -> frozenset[str]:
    return frozenset(
        column.name for shape in tables() if shape.name == table for column in shape.columns if column.kind == "item"
    )
