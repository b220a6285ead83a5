"""``schoolgate`` as a person types it, in a process of its own, without waiting each time for the libraries to load.

A process loads the libraries that the command line uses, nothing of schoolgate and no settings, and splits itself for
every command; each then begins where the command's own process begins. Loading them takes a second and a half of each
command's two.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = ("django.db.models", "django.urls", "duckdb", "lxml.etree", "openpyxl", "pyarrow.parquet", "pyiceberg.catalog.sql",
             "pyroaring", "rich.progress", "sqlglot.optimizer", "typer")  # fmt: skip


@cache
def _server() -> subprocess.Popen[str]:
    """The process that splits itself; it ends with this one, which held its orders' other end."""
    paths = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    return subprocess.Popen(
        [sys.executable, __file__],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": paths}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def run(*arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command.

    Args:
        arguments: what is typed after ``schoolgate``.
        environment: the whole of the command's environment.
    """
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.TemporaryDirectory() as place:
        said = [Path(place) / name for name in ("out", "err")]
        order = {"arguments": arguments, "environment": dict(environment), "said": [str(one) for one in said]}
        server.stdin.write(json.dumps(order) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        return subprocess.CompletedProcess(arguments, code, *(one.read_text() for one in said))


def _become(order: dict[str, Any]) -> None:
    """Be the command from here on."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for stream, place in zip((1, 2), order["said"], strict=True):
        os.dup2(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), stream)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["schoolgate", *order["arguments"]]
    from schoolgate.cli import main

    main()


def _serve() -> None:
    for name in LIBRARIES:
        importlib.import_module(name)
    assert not [name for name in sys.modules if name.startswith("schoolgate")]
    while line := os.fdopen(os.dup(0), "rb", buffering=0).readline():
        pid = os.fork()
        if pid == 0:
            _become(json.loads(line))
            return
        _, status = os.waitpid(pid, 0)
        os.write(1, f"{os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    _serve()
