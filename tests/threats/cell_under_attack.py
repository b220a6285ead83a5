"""A cell's program in which the attacker has already won inside: plain Python and an engine without its lock.

Run in place of ``schoolgate.gate.engines.inside`` by the tests of the third wall; what is left is the operating system's. It
is no part of the package: nothing in production can make a cell run it.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import resource
import socket
import stat
import sys
from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from schoolgate.gate.engines import frames, inside

kept: list[Any] = []
libc = ctypes.CDLL(None, use_errno=True)


def insist(result: int) -> int:
    """The C library's answer, or its error as Python says it."""
    if result == -1:
        raise OSError(ctypes.get_errno() or errno.EPERM, "")
    return result


def stream(table: pa.Table) -> bytes:
    """A table as a cell writes it."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def as_attacker(lock: inside.Lock, asked: Mapping[str, Any], out: int) -> dict[str, Any]:
    """Do what the question says: Python's value of `it`, or the rows of SQL on an unlocked engine."""
    known = {
        "os": os, "socket": socket, "sys": sys, "ctypes": ctypes, "libc": libc, "insist": insist, "lock": lock,
        "out": out, "asked": asked, "mmap": mmap, "resource": resource, "stat": stat,
        "pa": pa, "frames": frames, "kept": kept, "stream": stream,
    }  # fmt: skip
    try:
        if asked["want"] == "python":
            exec(asked["sql"], known)  # what this program is for
            value = known.get("it")
        elif asked["want"] == "garbage":
            exec(asked["sql"], known)
            return dict(known["answer"])
        else:
            value = lock.engine.sql(asked["sql"])
            value = value.fetchall() if value is not None else None
        return {"value": repr(value)}
    except (OSError, MemoryError, ValueError, ImportError, KeyError, duckdb.Error) as error:
        return {"raised": type(error).__name__, "number": getattr(error, "errno", None)}


class Unlocked(inside.Lock):
    """An engine that reads and writes whatever the process may."""

    def _close(self) -> None:
        self.engine.execute("SET threads = 2")


def serve(gate: socket.socket, engine: duckdb.DuckDBPyConnection) -> None:
    """A cell's life, with its socket within the attacker's reach."""
    kept.append(gate)
    as_it_is(gate, engine)


as_it_is, inside.serve = inside.serve, serve
inside.answer = as_attacker
inside.Lock = Unlocked
inside.main()
