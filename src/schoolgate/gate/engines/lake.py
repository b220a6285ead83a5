"""Opening an engine on one immutable snapshot of the lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol

import pyarrow as pa
from pyroaring import BitMap

from schoolgate.config import Config
from schoolgate.dictionary import LakeTable, lake_tables
from schoolgate.gate.asking.names import queryable
from schoolgate.gate.engines.engine import Engine, Limits, NothingRead
from schoolgate.gate.engines.sandbox import cells
from schoolgate.gate.rewrite import DENIED, Finish
from schoolgate.records.read import LakeSnapshot

_PROVENANCE = {"int": "INT", "string": "VARCHAR", "date": "DATE", "timestamp": "TIMESTAMPTZ"}
"""Types of the columns that say where a row came from -> the engine's."""


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """What an engine is opened for.

    Attributes:
        snapshot: the pinned snapshot.
        tables: the lake tables the query reads; no other table's files can be opened.
        denied: pupils left out of every scan.
        pseudonym_key: the agreement's own key.
        limits: time, memory, rows.
        sets: further sets of pupils that scans look into -> their pupils (`terms.leftout`).
        items: the items policy allowed this read; the engine's tables have no other column. None: all of them.
        provenance: whether the tables also have the columns that say where a row came from: for a child's own family
            alone, since no query may name them.
    """

    snapshot: LakeSnapshot
    tables: frozenset[str]
    denied: BitMap
    pseudonym_key: bytes
    limits: Limits
    sets: Mapping[str, BitMap] = field(default_factory=dict)
    items: frozenset[str] | None = None
    provenance: bool = False

    def columns(self, table: LakeTable) -> dict[str, str]:
        """Name and SQL type of the columns the engine's table has."""
        found = {
            name: kind
            for name, kind in queryable(table).items()
            if self.items is None or f"{table.name}.{name}" in self.items
        }
        if self.provenance:
            found |= {one.name: _PROVENANCE[one.type] for one in table.columns if one.kind == "provenance"}
        return found


class ReadEngine(Protocol):
    """An engine: runs a checked query on a snapshot."""

    def __enter__(self) -> ReadEngine: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def run(self, sql: str, finish: Finish | None = None) -> pa.Table:
        """The result of a rewritten query."""
        ...

    def members(self, sql: str) -> BitMap:
        """The pupils a scan takes."""
        ...


def open_engine(request: EngineRequest, config: Config, *, wait: bool = True) -> ReadEngine:
    """A locked engine over exactly the files of the tables named; waited for here, or by `with`."""
    wanted = [table for table in lake_tables() if table.name in request.tables]
    found = request.snapshot.tables
    files = {table.name: found[table.name].files for table in wanted if table.name in found}
    columns = {table.name: request.columns(table) for table in wanted}
    if config.spark:
        return _open_spark(request, files, columns, config)
    found_wall = cells().wall
    if not (found_wall.holds or config.no_wall):
        raise NothingRead(
            f"{found_wall.line} So nothing was read.",
            hint="Operations: apt-get install bubblewrap; or, where no real pupil's data lies, SCHOOLGATE_NO_WALL=yes.",
            code="no-wall",
        )
    return Engine(
        files,
        empty=columns,
        denied=request.denied,
        pseudonym_key=request.pseudonym_key,
        limits=request.limits,
        sets=request.sets,
        wait=wait,
    )


def _open_spark(
    request: EngineRequest,
    files: Mapping[str, Sequence[str]],
    columns: Mapping[str, Mapping[str, str]],
    config: Config,
) -> ReadEngine:
    from schoolgate.gate.engines.spark import SparkEngine, aes_text, exact_types, spark_session

    typed = {name: exact_types(shape) for name, shape in columns.items()}

    def shape(sql: str) -> pa.Schema:
        """What DuckDB would answer with, from tables without a row."""
        nobody = {name: BitMap() for name in request.sets}
        with Engine(
            {}, empty=typed, denied=BitMap(), pseudonym_key=bytes(32), limits=request.limits, sets=nobody
        ) as empty:
            return empty.run(sql).schema

    return SparkEngine(
        spark_session(config.spark, config.scratch).newSession(),
        files,
        empty=columns,
        denied={DENIED: request.denied, **request.sets},
        pseudonym=aes_text(request.pseudonym_key),
        shape=shape,
        limits=request.limits,
    )
