"""The engine's own process: DuckDB over exactly one read's files, locked, and shut in before a query is seen.

Run as ``python -I -m schoolgate.gate.engines.inside N`` with a socket as descriptor N, by `sandbox` and nobody else.
It knows no Django, no database, no key but the one it is sent. The only file of the gate that imports DuckDB.

**Two walls are here.** The engine's lock (wall two): external access off but for ``allowed_paths``, configuration
locked, no extensions, no spill, and one SELECT from the gate's own tables as DuckDB's own parser sees it. The
operating system's (wall three): `walls.enter`, before the first byte of the lake is read.

**Cells.** This process, the warden, holds everything loaded and one engine open, with a single thread, and forks
itself: a cell has all of that in a millisecond. A cell serves one read and is gone. The warden reads no file of the
lake and sees no query.
"""

from __future__ import annotations

import gc
import json
import os
import select
import socket
import sys
from collections.abc import Mapping, Sequence
from io import RawIOBase
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from schoolgate.gate.engines import frames, walls
from schoolgate.gate.engines.finish import Last, Most, Pseudonyms, Refused, batches_of
from schoolgate.gate.engines.owntables import reads_only

_MOST = 64 << 20
"""Bytes of sets of pupils that a read may come with: a bit a pupil, a reference a consent."""

_BATCH_ROWS = 8_192
"""Rows taken from the engine at a time, so that the limits are looked at before much has been taken."""

_CLASSES: Sequence[tuple[type[BaseException], str]] = (
    (duckdb.InterruptException, "too-slow"),
    (duckdb.OutOfMemoryException, "too-large"),
    (MemoryError, "too-large"),
    (duckdb.ConversionException, "conversion"),
    (duckdb.OutOfRangeException, "out-of-range"),
    (duckdb.BinderException, "types"),
)
"""An error's class -> the one word of it that leaves. The engine's own words are dropped: they can hold a value."""


def open_engine() -> duckdb.DuckDBPyConnection:
    """An engine in memory that has no thread of its own yet, so that it can be forked."""
    return duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "async_threads": 0,
            "temp_directory": "",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "allow_persistent_secrets": "false",
            "python_enable_replacements": "false",
            "enable_external_file_cache": "false",  # a cell reads its files once
        },
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Lock:
    """An engine with one read's tables, and nothing more to be had from it.

    Args:
        engine: as `open_engine` gives it.
        asked: what the gate asks for (`engine.Engine`).
    """

    def __init__(self, engine: duckdb.DuckDBPyConnection, asked: Mapping[str, Any]) -> None:
        self.engine, self._asked = engine, asked
        self.own = {*asked["tables"], *asked["sets"]}
        self.pseudonyms = Pseudonyms(bytes.fromhex(asked["key"]))

    def make(self, parts: Sequence[bytes]) -> None:
        """The lake's tables without the pupils left out, the sets of pupils, the pseudonym; then the lock."""
        for name, pupils in zip(("__left_out", *self._asked["sets"]), parts, strict=True):
            self._keep(name, pupils)
        # Who is left out is left out of the lake's tables themselves, whatever a query says. A scan's condition
        # says it once more, for the record and for other engines; here that costs nothing.
        self.engine.execute(f'CREATE VIEW "{self._asked["denied"]}" AS SELECT CAST(NULL AS INT) AS pupil WHERE false')
        self.own.add(self._asked["denied"])
        for view, table in self._asked["tables"].items():
            self._show(view, table["files"], table["columns"], anyone=bool(parts[0]))
        self.engine.create_function(
            self._asked["pseudonym"], self.pseudonyms.text, ["INTEGER"], "VARCHAR", type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
        )  # fmt: skip
        self._close()

    def _show(self, view: str, files: Sequence[str], columns: Mapping[str, str], *, anyone: bool) -> None:
        """The columns this read was allowed, or an empty table of them when there is no file yet."""
        if not files:
            shape = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            self.engine.execute(f'CREATE TABLE "{view}" ({shape})')
            return
        paths = ", ".join(map(_quoted, files))
        names = ", ".join(f'"{name}"' for name in columns)
        body = f"SELECT {names} FROM read_parquet([{paths}], hive_partitioning = false) AS l"
        if anyone:
            body += ' WHERE NOT EXISTS (SELECT 1 FROM "__left_out" AS o WHERE o.pupil = l.pupil)'
        self.engine.execute(f'CREATE VIEW "{view}" AS {body}')

    def _keep(self, name: str, pupils: bytes) -> None:
        """Make a set of pupils a table."""
        self.engine.register("__given", pa.table({"pupil": pa.array(np.frombuffer(pupils, np.int32))}))
        self.engine.execute(f'CREATE TABLE "{name}" AS SELECT pupil FROM __given')
        self.engine.unregister("__given")

    def _close(self) -> None:
        """Nothing outside these files, nothing written, no setting changed from here on."""
        run = self.engine.execute
        files = [path for table in self._asked["tables"].values() for path in table["files"]]
        run(f"SET memory_limit = {_quoted(self._asked['memory'])}")
        run(f"SET allowed_paths = [{', '.join(map(_quoted, files))}]")
        run("SET enable_external_access = false")
        run(f"SET threads = {int(self._asked['threads'])}")
        run("SET lock_configuration = true")

    def select(self, sql: str) -> duckdb.DuckDBPyRelation:
        """One SELECT that reads the gate's own tables and no other, as DuckDB's own parser understands it."""
        statements = self.engine.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise Refused("engine")
        ((tree,),) = self.engine.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
        if not reads_only(json.loads(tree), self.own):
            raise Refused("engine")
        return self.engine.sql(statements[0])


def rows(sink: RawIOBase, found: duckdb.DuckDBPyRelation, most: Most) -> dict[str, Any]:
    """Write a result as an Arrow stream."""
    reader = found.to_arrow_reader(_BATCH_ROWS)
    taken = held = 0
    with pa.ipc.new_stream(sink, reader.schema) as writer:
        for batch in batches_of(reader):
            taken += batch.num_rows
            held += batch.nbytes
            most.check(taken, held)
            writer.write_batch(batch)
    return {"rows": taken}


def members(sink: RawIOBase, found: duckdb.DuckDBPyRelation) -> dict[str, Any]:
    """Write a result's one column of references, four bytes each, in any order and as often as they come.

    Not `numpy.unique`: on eight million references that come in order it took 45 s (numpy 2.4.6).
    """
    column = np.ascontiguousarray(found.fetchnumpy()["pupil"], np.int32)
    sink.write(column.data)
    return {"rows": len(column)}


def one_word(error: BaseException) -> str:
    """What is said of a failure."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, OSError):  # the result did not fit the file it was written to
        return "too-large-result"
    return next((word for kind, word in _CLASSES if isinstance(error, kind)), "engine")


def answer(lock: Lock, asked: Mapping[str, Any], out: int) -> dict[str, Any]:
    """Answer one question, into an open file: a result's rows, or the references of a scan."""
    try:
        with os.fdopen(out, "wb", buffering=0) as sink:
            if asked["want"] == "members":
                return members(sink, lock.select(asked["sql"]))
            last = Last(**asked["last"]) if asked["last"] else None
            found = lock.select(last.sql if last else asked["sql"])
            most = Most(asked["rows"], asked["size"], asked["held"])
            return last.rows(sink, found, lock, most) if last else rows(sink, found, most)
    except (Refused, duckdb.Error, pa.ArrowException, MemoryError, OSError) as error:
        return {"error": one_word(error)}


def serve(gate: socket.socket, engine: duckdb.DuckDBPyConnection) -> None:
    """A cell's whole life: one read's files, shut in, its questions answered."""
    asked, parts, _ = frames.read(gate, most=_MOST)
    room = walls.Room(asked["files"], asked["space"], asked["processor"], asked["written"])
    try:
        if asked["walls"]:
            walls.enter(room, files_shut=asked["walls"] == "landlock")
        else:
            walls.limit(room)
        lock = Lock(engine, asked)
        lock.make(parts)
    except (duckdb.Error, OSError):
        frames.write(gate, {"error": "unreadable"})
        return
    except walls.WallMissing:
        frames.write(gate, {"error": "walls"})
        return
    frames.write(gate, {})
    while True:
        question, _, (out,) = frames.read(gate, fds=1)
        frames.write(gate, answer(lock, question, out))


def _warm(engine: duckdb.DuckDBPyConnection) -> None:
    """Do once what every cell will: what Python and the libraries load on first use is then there."""
    asked = {"tables": {}, "sets": ["__warm"], "key": "00" * 32}
    lock, most = Lock(engine, asked), Most(10, 1 << 20, 1 << 20)
    engine.register("__warm", pa.table({"pupil": pa.array([1, 2, None], pa.int32())}))
    sql = "SELECT pupil, CAST(pupil AS VARCHAR) AS x, DATE '2026-01-01' + pupil AS d FROM __warm"
    with open(os.memfd_create("warm"), "wb", buffering=0) as sink:
        rows(sink, lock.select(sql), most)
        members(sink, lock.select(sql + " WHERE pupil > 0"))
        Last(sql, [0], [(0, False, False)], 10, 0).rows(sink, lock.select(sql), lock, most)
    try:
        lock.select("SELECT nothing")
    except duckdb.Error as error:
        one_word(error)
    engine.unregister("__warm")


def _cell(gate: socket.socket, engine: duckdb.DuckDBPyConnection) -> None:
    try:
        walls.die_with_parent()
        gc.disable()
        # A fork shares the warden's memory until it writes there; what every read writes to is made its own now, while
        # nobody waits: 6 to 8 ms of every read.
        _warm(engine)
        serve(gate, engine)
    except (frames.Garbled, OSError, KeyError, TypeError, ValueError):
        pass  # the gate hung up, or is not the gate
    finally:
        os._exit(0)


def warden(control: socket.socket) -> None:
    """Fork a cell for each byte that comes: its socket and a handle of its process go back. Ends with the gate."""
    engine = open_engine()
    _warm(engine)
    if len(os.listdir("/proc/self/task")) != 1:
        raise SystemExit("a thread runs where none may: a fork would lose it")
    gc.collect()
    gc.freeze()
    control.sendall(b"!")
    ready = select.poll()
    ready.register(control, select.POLLIN)
    while True:
        if ready.poll(1000):
            asked = control.recv(64)
            if not asked:
                return
            for _ in asked:
                _fork(control, engine)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass


def _fork(control: socket.socket, engine: duckdb.DuckDBPyConnection) -> None:
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        control.close()
        ours.close()
        _cell(theirs, engine)
    theirs.close()
    handle = os.pidfd_open(pid)
    socket.send_fds(control, [b"+"], [ours.fileno(), handle])
    ours.close()
    os.close(handle)


def main() -> None:
    """The warden, or one cell where each has a sandbox of its own."""
    given = socket.socket(fileno=int(sys.argv[1]))
    if sys.argv[2:] == ["one"]:
        engine = open_engine()
        _warm(engine)
        serve(given, engine)
    else:
        warden(given)


if __name__ == "__main__":
    main()
