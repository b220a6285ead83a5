"""The second engine: Apache Spark, for a lake that one machine no longer serves.

The same checked query, the same scans, the same pupils left out; the text is put into Spark's dialect by
`spark_text`, or refused with the part named. The files are those of the gate's snapshot, one by one: Spark never
looks into a directory. Optional: the package `pyspark` and Java 17 or newer; without them `open_spark` says so.
docs/spark.md tells how to point it at a cluster, and what the operating system's wall is then.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyroaring import BitMap

from schoolgate.errors import SchoolgateError
from schoolgate.gate.asking.reference import KEY
from schoolgate.gate.engines.engine import EngineRefused, Limits, NothingRead
from schoolgate.gate.engines.spark_text import CONVERSION, UNCLEAR, CannotSay, to_spark
from schoolgate.gate.rewrite import PSEUDONYM, Finish
from schoolgate.gate.terms.rowrules import lake_view

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_DECIMAL = "DECIMAL(6,2)"
"""The lake's one kind of decimal (records.iceberg)."""

_CLASSES = (
    (re.compile(r"CAST_INVALID_INPUT|" + CONVERSION), "conversion", "A value could not be converted."),
    (re.compile(r"OVERFLOW|OUT_OF_RANGE"), "out-of-range", "A number grew out of range."),
    (re.compile(r"DIVIDE_BY_ZERO|REMAINDER_BY_ZERO"), "engine", "The engine could not answer the query."),
    (re.compile(r"OutOfMemory|maxResultSize"), "too-large", "The query needed more memory than it may use."),
    (re.compile(r"AnalysisException|" + UNCLEAR), "engine-cannot", "This engine cannot run the query."),
)
"""Spark's condition names and class names -> our class of error. Its own words are dropped: they can hold a value."""


Pseudonym = Callable[[str], str]
Shape = Callable[[str], pa.Schema]


class SparkMissing(SchoolgateError):
    """The engine asked for is not installed here."""


class SparkEngine:
    """One read on Spark; the interface of `engine.Engine`.

    Args:
        session: a session of this read alone, so that its views are nobody else's.
        files: lake table -> absolute paths of the snapshot's files.
        empty: lake table -> column -> SQL type.
        denied: pupils that every scan leaves out.
        pseudonym: the text of a pseudonym's expression in Spark's dialect, given its argument's.
        shape: gives the Arrow schema DuckDB would answer with; the answer is cast to it.
        limits: what the query may use.
    """

    def __init__(
        self,
        session: SparkSession,
        files: Mapping[str, Sequence[str]],
        *,
        empty: Mapping[str, Mapping[str, str]],
        denied: Mapping[str, BitMap],
        pseudonym: Pseudonym,
        shape: Shape,
        limits: Limits,
    ) -> None:
        self._session, self._limits, self._shape = session, limits, shape
        self._own = {PSEUDONYM: pseudonym}
        self._types = {lake_view(table): exact_types(columns) for table, columns in empty.items()}
        for table, columns in empty.items():
            self._view(lake_view(table), files.get(table, ()), exact_types(columns))
        for name, pupils in denied.items():
            column = pa.array(np.asarray(pupils.to_array(), dtype=np.int32))
            session.createDataFrame(pa.table({KEY: column})).createOrReplaceTempView(name)
            self._types[name] = {KEY: "INT"}

    def _view(self, view: str, paths: Sequence[str], columns: Mapping[str, str]) -> None:
        shape = ", ".join(f"`{name}` {'STRING' if kind == 'VARCHAR' else kind}" for name, kind in columns.items())
        if paths:
            # A path is taken letter by letter: Spark would read *, ? and brackets as patterns.
            named = [Path(re.sub(r"([\\*?\[\]{}])", r"\\\1", path)).as_posix() for path in paths]
            frame = self._session.read.schema(shape).parquet(*(f"file://{path}" for path in named))
        else:
            frame = self._session.createDataFrame([], shape)
        frame.createOrReplaceTempView(view)

    def __enter__(self) -> SparkEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for view in self._types:
            self._session.catalog.dropTempView(view)

    def _frame(self, sql: str) -> DataFrame:
        try:
            return self._session.sql(to_spark(sql, self._types, self._own))
        except CannotSay as part:
            raise NothingRead(
                f"Spark has no equal for {part}.",
                hint="Say it another way, or ask for the other engine.",
                code="engine-cannot",
            ) from None

    def run(self, sql: str, finish: Finish | None = None) -> pa.Table:
        """The result of the rewritten query, in the types DuckDB gives; how its last step is done is Spark's affair.

        Raises:
            EngineRefused: Spark cannot say it, or it failed, took too long, or gave too many rows.
        """
        schema = self._shape(sql)
        found = self._collect(sql)
        if found.num_rows > self._limits.rows:
            raise EngineRefused(
                f"The result has more than {self._limits.rows:,} rows.",
                hint="Aggregate, or narrow the query.",
                code="too-many-rows",
            )
        return found.rename_columns(schema.names).cast(schema)

    def members(self, sql: str) -> BitMap:
        """The pupils a scan takes, from its ``members`` query."""
        return BitMap(self._collect(sql, distinct=True).column(KEY).to_numpy().astype(np.uint32))

    def _collect(self, sql: str, *, distinct: bool = False) -> pa.Table:
        context = self._session.sparkContext
        group = f"read-{id(self)}"
        context.setJobGroup(group, "a read through the gate", interruptOnCancel=True)
        late = threading.Event()

        def stop() -> None:
            late.set()
            context.cancelJobGroup(group)

        timer = threading.Timer(self._limits.seconds, stop)
        timer.start()
        try:
            frame = self._frame(sql)
            return (frame.distinct() if distinct else frame.limit(self._limits.rows + 1)).toArrow()
        except EngineRefused:
            raise
        except Exception as error:  # noqa: BLE001 - whatever Spark throws, its words do not leave
            if late.is_set():
                raise EngineRefused("The query took longer than it may.", code="too-slow") from None
            raise _plain(error) from None
        finally:
            timer.cancel()


def _plain(error: Exception) -> EngineRefused:
    told = f"{type(error).__name__} {error}"
    for pattern, code, words in _CLASSES:
        if pattern.search(told):
            return EngineRefused(words, code=code)
    return EngineRefused("The engine could not answer the query.", code="engine")


def aes_text(key: bytes) -> Pseudonym:
    """AES-256 of a reference under this key in Spark's dialect, as `finish.Pseudonyms` has it."""

    def say(reference: str) -> str:
        block = f"unhex(lpad(hex(CAST({reference} AS BIGINT)), 32, '0'))"
        # ECB comes with padding only, which is a second block: the first is that of the reference.
        return f"lower(substr(hex(aes_encrypt({block}, X'{key.hex()}', 'ECB', 'PKCS')), 1, 32))"

    return say


def exact_types(columns: Mapping[str, str]) -> dict[str, str]:
    """The columns' types with the decimal's digits."""
    return {name: _DECIMAL if kind == "DECIMAL" else kind for name, kind in columns.items()}


@lru_cache(maxsize=1)
def spark_session(master: str, scratch: Path) -> SparkSession:
    """The process's connection to Spark, started once (about ten seconds).

    Args:
        master: ``local[2]``, or a cluster's address (``spark://host:7077``, ``k8s://…``, ``yarn``).
        scratch: where shuffles may spill; a directory of the gate's user alone.

    Raises:
        SparkMissing: pyspark or Java is not there.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise SparkMissing(
            "The Spark engine is not installed.",
            hint="pip install --require-hashes -r requirements-spark.lock",
            code="spark-missing",
        ) from None
    settings: dict[str, Any] = {
        "spark.ui.enabled": "false",  # its pages would show queries
        "spark.eventLog.enabled": "false",
        "spark.log.level": "OFF",  # an executor's error repeats values
        "spark.sql.ansi.enabled": "true",  # an overflow is an error, as in DuckDB, not a wrong number
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.runSQLOnFiles": "false",  # no FROM parquet.`/path`
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": str(scratch / "spark-warehouse"),
        "spark.local.dir": str(scratch),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }
    if master.startswith("local"):
        settings |= {"spark.sql.shuffle.partitions": "4", "spark.driver.memory": "2g"}
    else:  # executors must reach the driver
        del settings["spark.driver.bindAddress"], settings["spark.driver.host"]
    builder = SparkSession.builder.master(master).appName("schoolgate")
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception:  # noqa: BLE001 - the launcher's words are Java's
        raise SparkMissing(
            "Spark could not be started: it needs Java 17 or newer, and its master must be reachable.",
            hint="apt-get install openjdk-17-jre-headless",
            code="spark-start",
        ) from None
