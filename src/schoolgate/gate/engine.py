"""Step 6, the engine: DuckDB over exactly this query's files, locked before the query is seen.

Wall two. Measured on DuckDB 2.0.1: with external access off and the configuration locked, only the files
named in ``allowed_paths`` can be read; COPY, ATTACH, INSTALL and SET are refused.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType

import duckdb
import numpy as np
import pyarrow as pa
from pyroaring import BitMap

from schoolgate.errors import SchoolgateError
from schoolgate.gate.rewrite import DENIED, PSEUDONYM, lake_view


class LakeUnreadable(SchoolgateError):
    """The snapshot's files could not be opened; nothing was read."""


class EngineRefused(SchoolgateError):
    """The engine ran the query and it failed. The engine's own words are dropped: they can hold a value."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use.

    Attributes:
        seconds: wall time.
        memory: engine memory, as DuckDB writes it.
        threads: cores.
        rows: most rows of a result.
        size: most bytes of a result; a few rows can hold a lot of text.
    """

    seconds: float = 120.0
    memory: str = "4GB"
    threads: int = 2
    rows: int = 1_000_000
    size: int = 1 << 30


_BATCH_ROWS = 8_192
"""Rows taken from the engine at a time, so that the limits are looked at before much has been taken."""


_CLASSES: Sequence[tuple[type[Exception], str, str]] = (
    (duckdb.InterruptException, "too-slow", "The query took longer than it may."),
    (duckdb.OutOfMemoryException, "too-large", "The query needed more memory than it may use."),
    (
        duckdb.ConversionException,
        "conversion",
        "A value could not be converted; TRY_CAST gives NULL instead.",
    ),
    (duckdb.OutOfRangeException, "out-of-range", "A number grew out of range."),
    (duckdb.BinderException, "types", "The types in an expression do not fit together."),
)


def _hmac_pads(key: bytes) -> tuple[str, str]:
    """The two padded key blocks of HMAC-SHA-256 (RFC 2104), in hexadecimal."""
    block = key.ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in block).hex(), bytes(b ^ 0x5C for b in block).hex()


class Engine:
    """One locked engine for one read.

    Args:
        files: lake table -> absolute paths of the snapshot's files. Tables without files are empty.
        empty: lake table -> column -> SQL type, for tables that have no file yet.
        denied: pupils that every scan leaves out.
        pseudonym_key: 32 bytes, this agreement's own.
        limits: what the query may use.
    """

    def __init__(
        self,
        files: Mapping[str, Sequence[str]],
        *,
        empty: Mapping[str, Mapping[str, str]],
        denied: BitMap,
        pseudonym_key: bytes,
        limits: Limits,
    ) -> None:
        self._limits = limits
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "threads": limits.threads,
                "memory_limit": limits.memory,
                "temp_directory": "",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "python_enable_replacements": "false",
            },
        )
        try:
            self._prepare(files, empty, denied, pseudonym_key)
            self._lock([path for paths in files.values() for path in paths])
        except duckdb.Error:
            self._connection.close()
            raise LakeUnreadable(
                "A file of the lake could not be opened.",
                hint="Operations: check the lake's folder.",
                code="lake-unreadable",
            ) from None

    def _prepare(
        self,
        files: Mapping[str, Sequence[str]],
        empty: Mapping[str, Mapping[str, str]],
        denied: BitMap,
        pseudonym_key: bytes,
    ) -> None:
        run = self._connection.execute
        for table, columns in empty.items():
            view = lake_view(table)
            if files.get(table):
                paths = ", ".join("'" + path.replace("'", "''") + "'" for path in files[table])
                names = ", ".join(f'"{name}"' for name in columns)
                run(f'CREATE VIEW "{view}" AS SELECT {names} FROM read_parquet([{paths}], hive_partitioning = false)')
            else:
                shape = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
                run(f'CREATE TABLE "{view}" ({shape})')
        members = pa.table({"pupil": pa.array(np.asarray(denied.to_array(), dtype=np.int32))})
        self._connection.register("__given", members)
        run(f'CREATE TABLE "{DENIED}" AS SELECT pupil FROM __given')
        self._connection.unregister("__given")
        inner, outer = _hmac_pads(pseudonym_key)
        # HMAC-SHA-256 of the reference under the agreement's key, the first 128 bits in hexadecimal: two
        # recipients cannot join what they hold, and the value says nothing about the reference or its order.
        run(
            f"CREATE MACRO \"{PSEUDONYM}\"(p) AS substr(sha256(unhex('{outer}') ||"
            f" unhex(sha256(unhex('{inner}') || encode(CAST(p AS VARCHAR))))), 1, 32)"
        )

    def _lock(self, paths: Sequence[str]) -> None:
        run = self._connection.execute
        listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        run(f"SET allowed_paths = [{listed}]")
        run("SET enable_external_access = false")
        run("SET lock_configuration = true")

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def run(self, sql: str) -> pa.Table:
        """The result of the rewritten query.

        Raises:
            EngineRefused: it failed, took too long, too much memory, or gave too many rows.
        """
        timer = threading.Timer(self._limits.seconds, self._connection.interrupt)
        timer.start()
        batches: list[pa.RecordBatch] = []
        rows = size = 0
        try:
            reader = self._connection.sql(sql).to_arrow_reader(_BATCH_ROWS)
            for batch in reader:
                rows += batch.num_rows
                size += batch.nbytes
                if rows > self._limits.rows or size > self._limits.size:
                    most = f"{self._limits.rows:,} rows" if rows > self._limits.rows else f"{self._limits.size:,} bytes"
                    raise EngineRefused(
                        f"The result has more than {most}.",
                        hint="Aggregate, or narrow the query.",
                        code="too-many-rows" if rows > self._limits.rows else "too-large",
                    )
                batches.append(batch)
            return pa.Table.from_batches(batches, schema=reader.schema)
        except (duckdb.Error, pa.ArrowException) as error:
            raise _plain(error) from None
        except MemoryError:
            raise EngineRefused("The query needed more memory than it may use.", code="too-large") from None
        finally:
            timer.cancel()

    def members(self, sql: str) -> BitMap:
        """The pupils a scan takes, from its ``members`` query."""
        try:
            columns = self._connection.execute(sql).fetchnumpy()
        except duckdb.Error as error:
            raise _plain(error) from None
        return BitMap(columns["pupil"].astype(np.uint32))


def _plain(error: Exception) -> EngineRefused:
    for kind, code, words in _CLASSES:
        if isinstance(error, kind):
            return EngineRefused(words, code=code)
    return EngineRefused("The engine could not answer the query.", code="engine")
