"""Step 6, the engine: DuckDB in a cell that can read exactly this query's files, locked before the query is seen.

This is the gate's side; DuckDB itself is never loaded in a process that holds keys or a database (`inside`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType, TracebackType
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from pyroaring import BitMap

from schoolgate import ledger
from schoolgate.errors import SchoolgateError
from schoolgate.gate.engines.sandbox import READY, Cell, CellLost, Cells, Paper, cells
from schoolgate.gate.rewrite import DENIED, PSEUDONYM, Finish
from schoolgate.gate.terms.rowrules import lake_view


class LakeUnreadable(SchoolgateError):
    """The snapshot's files could not be opened; nothing was read."""


class EngineRefused(SchoolgateError):
    """The engine ran the query and it failed. The engine's own words are dropped: they can hold a value."""


class EngineLost(EngineRefused):
    """The engine's process ended before it answered: killed, or it answered nonsense. Another may well answer."""


class NothingRead(EngineRefused):
    """The engine did not even begin: no pupil's data was looked at, so there is no exposure to record."""


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


_WORDS = {
    "too-slow": "The query took longer than it may.",
    "too-large": "The query needed more memory than it may use.",
    "conversion": "A value could not be converted; TRY_CAST gives NULL instead.",
    "out-of-range": "A number grew out of range.",
    "types": "The types in an expression do not fit together, or an item is neither grouped nor counted.",
    "engine": "The engine could not answer the query.",
}
"""What is said for each class of failure; a cell says the class and no more."""

_OPENING = 30.0
"""Seconds a cell may take to shut itself in and open the files."""

_BEYOND = 1 << 30
"""Bytes of address space that are no memory of the query's: libraries, threads' stacks, what allocators set aside."""

T = TypeVar("T")
_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30}


def _bytes_of(memory: str) -> int:
    number = memory.rstrip("KMGIBkmgib ")
    return int(float(number) * _UNITS[memory[len(number) :].strip().upper()])


class Engine:
    """One read's engine, in a cell of its own.

    Args:
        files: lake table -> absolute paths of the snapshot's files. Tables without files are empty.
        empty: lake table -> column -> SQL type, for tables that have no file yet.
        denied: pupils that every scan leaves out.
        sets: further sets of pupils that scans look into -> their pupils (`terms.leftout`).
        pseudonym_key: 32 bytes, this agreement's own.
        limits: what the query may use.
        source: where cells come from.
        wait: wait until the files are open; otherwise `with` does.
    """

    def __init__(
        self,
        files: Mapping[str, Sequence[str]],
        *,
        empty: Mapping[str, Mapping[str, str]],
        denied: BitMap,
        pseudonym_key: bytes,
        limits: Limits,
        sets: Mapping[str, BitMap] = MappingProxyType({}),
        source: Cells | None = None,
        wait: bool = True,
    ) -> None:
        self._limits, self._source = limits, source or cells()
        self._files = [path for paths in files.values() for path in paths]
        self._sets = [np.asarray(p.to_array(), dtype=np.int32).tobytes() for p in (denied, *sets.values())]
        self._asked: Mapping[str, Any] = {
            "files": self._files,
            "tables": {
                lake_view(table): {"files": list(files.get(table, ())), "columns": dict(columns)}
                for table, columns in empty.items()
            },
            "sets": list(sets),
            "denied": DENIED,
            "pseudonym": PSEUDONYM,
            "key": pseudonym_key.hex(),
            "memory": limits.memory,
            "threads": limits.threads,
            "walls": self._source.wall.name,
            "space": _bytes_of(limits.memory) + limits.size + _BEYOND,
            "processor": int(limits.seconds * limits.threads) + 60,
            "written": limits.size * 2 + (1 << 20),
        }
        self._opening: Cell | None = self._begin()
        self._cell: Cell | None = self._open() if wait else None

    def _begin(self) -> Cell | None:
        """Tell a cell what to open; it does so while the gate goes on with something else."""
        try:
            cell = self._source.take(self._files)
            cell.say(self._asked, self._sets, seconds=_OPENING)
        except (CellLost, TimeoutError):
            return None
        return cell

    def _open(self) -> Cell:
        for _ in range(READY + 2):  # the cells that were ready may all have been killed since, as with their warden
            cell, self._opening = self._opening or self._begin(), None
            if cell is None:
                continue
            try:
                answer = cell.hear(seconds=_OPENING)
            except (CellLost, TimeoutError):
                continue
            if not answer:
                return cell
            cell.end()
            if answer.get("error") == "walls":
                raise NothingRead(
                    "The operating system could not shut the engine in, so nothing was read.",
                    hint="Operations: Landlock and seccomp of this kernel, or bubblewrap.",
                    code="engine-not-shut-in",
                )
            raise LakeUnreadable(
                "A file of the lake could not be opened.",
                hint="Operations: check the lake's folder.",
                code="lake-unreadable",
            )
        raise NothingRead(
            "No engine could be started.", hint="Operations: memory and processes.", code="engine-not-started"
        )

    def __enter__(self) -> Engine:
        if self._cell is None:
            self._cell = self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._source.refill()

    def _end(self) -> None:
        for cell in (self._cell, self._opening):
            if cell is not None:
                cell.end()
        self._cell = self._opening = None

    def _answer(self, question: Mapping[str, Any], read: Callable[[memoryview, dict[str, Any]], T]) -> T:
        """Ask the cell, which is killed when it takes too long, and look at what it wrote."""
        if self._cell is None:  # the question before was the last of its cell
            self._cell = self._open()
        paper, begun = Paper(), time.monotonic()
        try:
            answer = self._cell.ask(question, fds=[paper.fd], seconds=self._limits.seconds)
            if (word := answer.get("error")) is not None:
                raise self._refused(str(word))
            return read(paper.sealed(), answer)
        except TimeoutError:
            self._cell = None
            raise self._refused("too-slow") from None
        except (CellLost, pa.ArrowException, ValueError, KeyError, TypeError, OSError):
            self._end()
            # The kernel ends a process that has used up its processor time.
            if time.monotonic() - begun > self._limits.seconds:
                raise self._refused("too-slow") from None
            raise EngineLost(_WORDS["engine"], code="engine") from None
        finally:
            paper.close()

    def _refused(self, word: str) -> EngineRefused:
        limits = self._limits
        if word in ("too-many-rows", "too-large-result"):
            most = f"{limits.rows:,} rows" if word == "too-many-rows" else f"{limits.size:,} bytes"
            code = "too-many-rows" if word == "too-many-rows" else "too-large"
            return EngineRefused(f"The result has more than {most}.", hint="Aggregate, or narrow the query.", code=code)
        word = word if word in _WORDS else "engine"
        return EngineRefused(_WORDS[word], code=word)

    def run(self, sql: str, finish: Finish | None = None) -> pa.Table:
        """The result of the rewritten query; faster when told how its last step can be done apart.

        Raises:
            EngineRefused: it failed, took too long, too much memory, or gave too many rows.
        """
        limits = self._limits
        question = {
            "want": "rows",
            "sql": sql,
            "last": None if finish is None else asdict(finish),
            "rows": limits.rows,
            "size": limits.size,
            "held": _bytes_of(limits.memory),
        }
        return self._answer(question, self._table)

    def _table(self, written: memoryview, answer: Mapping[str, Any]) -> pa.Table:
        table = pa.ipc.open_stream(pa.py_buffer(written)).read_all()
        table.validate(full=True)  # no offset of a cell's points outside what it wrote
        if table.num_rows > self._limits.rows or table.num_rows != answer["rows"]:
            raise ValueError
        return table

    def members(self, sql: str) -> BitMap:
        """The pupils a scan takes, from its ``members`` query."""
        return self._answer({"want": "members", "sql": sql}, lambda written, _: _pupils(written))


def _pupils(written: memoryview) -> BitMap:
    return ledger.pupil_set(np.frombuffer(written, np.int32))
