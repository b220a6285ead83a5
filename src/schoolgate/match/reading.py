"""Reading an accepted return once: whose rows they are, and what they say, as two things that never meet again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from multiprocessing import get_context
from typing import Any

import numpy as np
import pyarrow as pa

from schoolgate import collect
from schoolgate.config import Config
from schoolgate.dictionary import lake_tables
from schoolgate.ids import CensusPoint, Pmr
from schoolgate.match.facts import Fact, Sent, module_facts, pupil_fact
from schoolgate.match.identity import Row, identity_of, said_in

_NOBODY = -1
_PARALLEL_FROM = 200
"""Returns from which reading them in processes of their own is worth the second they take to start."""


@dataclass(frozen=True)
class ReturnRead:
    """A return's rows: identities on one side, facts without a pupil on the other, joined by row number alone."""

    return_id: str
    rows: tuple[Row, ...] = field(repr=False)
    facts: Mapping[str, pa.RecordBatch] = field(repr=False)

    def of_pupils(self, given: Sequence[Pmr | None]) -> Iterator[tuple[str, pa.RecordBatch]]:
        """The facts of the rows that were given a pupil, in the order of `rows`."""
        by_row = np.full(max((row.number for row in self.rows), default=0) + 1, _NOBODY, np.int32)
        for row, pupil in zip(self.rows, given, strict=True):
            if pupil is not None:
                by_row[row.number] = pupil
        for table, batch in self.facts.items():
            pupils = by_row[batch.column("return_row").to_numpy()]
            at = batch.schema.get_field_index("pupil")
            whole = batch.set_column(at, batch.schema.field(at), pa.array(pupils, pa.int32()))
            kept = pupils != _NOBODY
            yield table, whole if kept.all() else whole.filter(pa.array(kept))


def _parts(pupil: collect.PupilRow) -> Mapping[str, Any]:
    return {
        "fsm_periods": pupil.fsm_periods,
        "sen_needs": pupil.sen_needs,
        "exclusions": pupil.exclusions,
        "sessions": pupil.sessions,
    }


def read_one(ref: collect.ReturnRef, recorded_at: datetime, config: Config) -> ReturnRead:
    """Open a return's sealed paper and read it."""
    from schoolgate.records.append import arrow_schema

    header, pupils = collect.open_paper(ref.return_id, config)
    point = CensusPoint(ref.year, ref.term)
    sent = Sent(
        point, int(ref.urn), str(ref.laestab)[:3], header.phase, header.reference_date, ref.return_id, recorded_at
    )
    rows: list[Row] = []
    facts: dict[str, list[Fact]] = {table.name: [] for table in lake_tables()}
    for pupil in pupils:
        if not pupil.fields:
            continue  # the row of a pupil who was erased: no school's return is accepted with an empty one
        as_of = said_in(point, pupil.on_roll, pupil.fields.get("enrolstatus", ""))
        rows.append(Row(ref.return_id, pupil.row, identity_of(pupil.fields, pupil.addresses, as_of)))
        parts = _parts(pupil)
        facts["census_pupil"].append(pupil_fact(pupil.row, pupil.on_roll, pupil.fields, parts, sent))
        for table, found in module_facts(pupil.row, parts, sent).items():
            facts[table] += found
    return ReturnRead(
        ref.return_id,
        tuple(rows),
        {
            table.name: pa.RecordBatch.from_pylist(facts[table.name], schema=arrow_schema(table))
            for table in lake_tables()
            if facts[table.name]
        },
    )


def _prepare() -> None:
    """A reading process knows the settings, and opens no database."""
    import django

    django.setup()


def read_all(
    returns: Sequence[collect.ReturnRef], recorded_at: datetime, config: Config, processes: int | None
) -> Iterator[ReturnRead]:
    """Every return, in order; a few are read ahead, never all.

    Args:
        returns: what to read.
        recorded_at: when the facts are recorded.
        config: the installation.
        processes: how many processes read; None chooses by how much there is to read, 0 reads in this one.
    """
    if processes is None:
        processes = min(os.cpu_count() or 1, 4) if len(returns) >= _PARALLEL_FROM else 0
    if processes == 0:
        for ref in returns:
            yield read_one(ref, recorded_at, config)
        return
    # Fresh processes: a fork would share this one's database connection.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_prepare) as readers:
        waiting = iter(returns)
        ahead: list[Future[ReturnRead]] = [
            readers.submit(read_one, ref, recorded_at, config) for ref in islice(waiting, 3 * processes)
        ]
        while ahead:
            read = ahead.pop(0).result()
            ahead += [readers.submit(read_one, ref, recorded_at, config) for ref in islice(waiting, 1)]
            yield read
