"""Writing a lake file: sorted by pupil, with some pupils' rows put in place of what they were."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from schoolgate.dictionary import LakeTable
from schoolgate.records.iceberg import arrow_schema

SORT_MEMORY = "2GB"

_WRITE = """
    COPY (SELECT * FROM ({source}) ORDER BY pupil, return_row)
    TO $target (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, PARQUET_VERSION v2)
"""
"""V2 writes differences of whole numbers (Parquet's DELTA_BINARY_PACKED). Sorted, the pupil column is half as large and
read in half the time so; every read that leaves somebody out reads it."""

_ONE_FILE = "SELECT * FROM read_parquet($source, hive_partitioning = false)"
_INSTEAD = f"""
    SELECT s.* FROM ({_ONE_FILE}) s ANTI JOIN changed USING (pupil) UNION ALL BY NAME SELECT * FROM instead
"""
_SQL_TYPES = {
    "int": "INTEGER",
    "string": "VARCHAR",
    "date": "DATE",
    "decimal": "DECIMAL(6, 2)",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Instead:
    """What a file's rewriting changes.

    Attributes:
        pupils: whose rows of the source are left out.
        rows: the rows written for them.
        filled: column -> the value that every other row gets.
    """

    pupils: frozenset[int] = field(default=frozenset(), repr=False)
    rows: Sequence[Row] = field(default=(), repr=False)
    filled: Mapping[str, Any] = field(default_factory=dict, repr=False)


def _sorter(scratch: Path) -> duckdb.DuckDBPyConnection:
    sorter = duckdb.connect(":memory:", config={"memory_limit": SORT_MEMORY, "temp_directory": str(scratch)})
    # The caller's own progress is shown; DuckDB's bar would write across it.
    sorter.execute("SET enable_progress_bar = false")
    sorter.execute("SET preserve_insertion_order = false")
    sorter.execute("SET TimeZone = 'UTC'")
    return sorter


def _pupils(numbers: Iterable[int]) -> pa.Table:
    return pa.table({"pupil": pa.array(sorted(numbers), pa.int32())})


def write_sorted(table: LakeTable, source: Path, target: Path, scratch: Path, instead: Instead | None = None) -> None:
    """Sort a file by pupil outside memory, so that settling a release reads pupils in order; durable on return.

    Args:
        table: whose shape both have.
        source: Parquet, in any order.
        target: where to.
        scratch: for what does not fit into memory.
        instead: what is changed on the way.
    """
    with _sorter(scratch) as sorter:
        reading, given = _ONE_FILE, {"source": str(source), "target": str(target)}
        if instead is not None and instead.pupils:
            sorter.register("changed", _pupils(instead.pupils))
            sorter.register("instead", pa.Table.from_pylist(list(instead.rows), schema=arrow_schema(table)))
            reading = _INSTEAD
        if instead is not None and instead.filled:
            parts = []
            for number, (name, value) in enumerate(sorted(instead.filled.items())):
                column = table.column(name)
                if column is None:
                    raise ValueError("a column that the table has")
                parts.append(f'CAST($filled{number} AS {_SQL_TYPES[column.type]}) AS "{name}"')
                given[f"filled{number}"] = value
            reading = f"SELECT * REPLACE ({', '.join(parts)}) FROM ({reading})"
        sorter.execute(_WRITE.format(source=reading), given)
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_OF_PUPILS = f"SELECT s.* FROM ({_ONE_FILE}) s SEMI JOIN wanted USING (pupil)"
_OF_PAPERS = f"""
    SELECT DISTINCT s.pupil FROM ({_ONE_FILE}) s SEMI JOIN papers p
    ON s.return_id = p.return_id AND s.return_row = p.return_row
"""


def rows_of(table: LakeTable, source: Path, pupils: Iterable[int], scratch: Path) -> list[Row]:
    """The rows of some pupils in a file, whole."""
    with _sorter(scratch) as reader:
        reader.register("wanted", _pupils(pupils))
        found: pa.Table = reader.sql(_OF_PUPILS, params={"source": str(source)}).to_arrow_table()
    rows: list[Row] = found.select(arrow_schema(table).names).cast(arrow_schema(table)).to_pylist()
    return rows


def pupils_of_papers(source: Path, papers: Iterable[tuple[str, int]], scratch: Path) -> frozenset[int]:
    """The pupils to whom these rows of returns (return, row in it) belong in a file."""
    ids, rows = zip(*papers, strict=True) if (papers := list(papers)) else ((), ())
    with _sorter(scratch) as reader:
        wanted = {"return_id": pa.array(ids, pa.string()), "return_row": pa.array(rows, pa.int32())}
        reader.register("papers", pa.table(wanted))
        found = reader.execute(_OF_PAPERS, {"source": str(source)}).fetchall()
    return frozenset(pupil for (pupil,) in found)
