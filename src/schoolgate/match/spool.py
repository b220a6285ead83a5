"""A term's facts on their way to the lake: gathered into large batches; main records told from others at the end."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
from pyroaring import BitMap

from schoolgate.config import Config
from schoolgate.match.facts import Fact, record_statuses

_BATCH_ROWS = 20_000
_AT_ONCE = 100_000
"""Pupils with several records that are ranked in one pass over the spool: it bounds memory."""

_RANKED_BY = ("pupil", "onroll", "enrolstatus", "entrydate", "leavingdate", "return_id", "return_row")


class Spool:
    """Facts of one load; pupils' own rows wait in a file until every school has been read.

    The file holds what the lake holds, no identity, and goes with the load.
    """

    def __init__(self, config: Config) -> None:
        config.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = Path(tempfile.mkdtemp(prefix="match-", dir=config.scratch))
        self._file = self._folder / "pupils.arrow"
        self._writer: pa.RecordBatchFileWriter | None = None
        self._held: dict[str, list[pa.RecordBatch]] = {}
        self._rows: dict[str, int] = {}
        self._seen, self._several = BitMap(), BitMap()

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, table: str, batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Take facts; give a large batch of a table when there is one."""
        if table == "census_pupil":
            # A pupil may have two rows in one batch too: each row is looked at, in order.
            for pupil in batch.column("pupil").to_pylist():
                (self._several if pupil in self._seen else self._seen).add(pupil)
        self._held.setdefault(table, []).append(batch)
        self._rows[table] = self._rows.get(table, 0) + batch.num_rows
        if self._rows[table] >= _BATCH_ROWS:
            yield from self._give(table)

    def _give(self, table: str) -> Iterator[tuple[str, pa.RecordBatch]]:
        held, self._held[table], self._rows[table] = self._held[table], [], 0
        for batch in pa.Table.from_batches(held).combine_chunks().to_batches():
            if table == "census_pupil":
                self._write(batch)
            else:
                yield table, batch

    def _write(self, batch: pa.RecordBatch) -> None:
        if self._writer is None:
            options = pa.ipc.IpcWriteOptions(compression="zstd")
            self._writer = pa.ipc.new_file(self._file, batch.schema, options=options)
        self._writer.write_batch(batch)

    def rest(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """What is left, and every pupil's row with its record status."""
        for table in list(self._held):
            if self._rows[table]:
                yield from self._give(table)
        if self._writer is None:
            return
        self._writer.close()
        self._writer = None
        places, statuses = self._statuses()
        start = 0
        for batch in self._spooled():
            first, last = np.searchsorted(places, (start, start + batch.num_rows))
            status = np.zeros(batch.num_rows, np.int32)
            status[places[first:last] - start] = statuses[first:last]
            at = batch.schema.get_field_index("recordstatus")
            yield "census_pupil", batch.set_column(at, batch.schema.field(at), pa.array(status))
            start += batch.num_rows

    def _spooled(self) -> Iterator[pa.RecordBatch]:
        with pa.ipc.open_file(self._file) as reader:
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)

    def _statuses(self) -> tuple[np.ndarray, np.ndarray]:
        """Place in the spool and record status of every row of a pupil with several, by place."""
        places: list[np.ndarray] = []
        statuses: list[np.ndarray] = []
        pupils = self._several.to_array()
        for first in range(0, len(pupils), _AT_ONCE):
            wanted = BitMap(pupils[first : first + _AT_ONCE])
            found: dict[int, list[tuple[int, Fact]]] = {}
            for place, fact in self._rows_of(wanted):
                found.setdefault(fact["pupil"], []).append((place, fact))
            for rows in found.values():
                places.append(np.array([place for place, _ in rows], np.int64))
                statuses.append(np.array(record_statuses([fact for _, fact in rows]), np.int32))
        if not places:
            return np.empty(0, np.int64), np.empty(0, np.int32)
        joined, marks = np.concatenate(places), np.concatenate(statuses)
        order = np.argsort(joined)
        return joined[order], marks[order]

    def _rows_of(self, wanted: BitMap) -> Iterator[tuple[int, Fact]]:
        flags = np.zeros(int(self._seen.max()) + 1, np.bool_)
        flags[np.asarray(wanted.to_array(), np.int64)] = True
        start = 0
        for batch in self._spooled():
            at = np.flatnonzero(flags[batch.column("pupil").to_numpy()])
            for place, fact in zip(at, batch.select(_RANKED_BY).take(pa.array(at)).to_pylist(), strict=True):
                yield start + int(place), fact
            start += batch.num_rows
