"""A process that has loaded everything and done nothing, and splits itself for every act, so that many can be killed.

It reads orders, a line of JSON each, and answers how each act ended. What an act gives goes into a file. It has
opened no database and no file of the installation, so each act is as fresh as a process that was just started.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
import traceback
from typing import Any

import django

_LONGEST = 600.0


def _act(order: dict[str, Any], ready: int, go: int) -> None:
    """Do one act and end the process, whatever happens."""
    code = 1
    try:
        said = os.open(order["errors"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for stream in (1, 2):
            os.dup2(said, stream)
        from tests.crash.acts import perform

        os.write(ready, b".")
        os.read(go, 1)  # ends when every process of this order is ready
        given = perform(order["act"], order.get("kill_at"), order.get("arguments", {}))
        with open(order["answer"], "w") as file:
            json.dump(given, file)
        code = 0
    except BaseException:  # noqa: BLE001 - the process ends here, and what went wrong is read from its file
        traceback.print_exc()
    finally:
        os._exit(code)


def _wait(pid: int, kill_after: float | None) -> int:
    """How the act ended: its exit code, or minus the signal that ended it."""
    begun = time.monotonic()
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        spent = time.monotonic() - begun
        if spent > (_LONGEST if kill_after is None else kill_after):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.0005)


def main() -> None:
    """Take orders until there are no more."""
    django.setup()
    from django.db import connections

    from schoolgate.dictionary import census_shape, establishment, lake_tables
    from schoolgate.ids import Term
    from tests.crash import acts  # noqa: F401 - every room is loaded before the first split

    lake_tables()  # public tables that are read once a process
    establishment(100008)
    for year, term in ((2025, Term.AUTUMN), (2026, Term.SPRING)):
        census_shape(year, term)
    assert not any(connection.connection for connection in connections.all(initialized_only=True))
    for line in sys.stdin:
        orders = json.loads(line)
        ready_read, ready = os.pipe()
        go, go_write = os.pipe()
        pids = []
        for order in orders:
            pid = os.fork()
            if pid == 0:
                os.close(go_write)
                _act(order, ready, go)
            pids.append(pid)
        os.close(ready)
        for _ in pids:
            os.read(ready_read, 1)
        os.close(go_write)
        ended = [_wait(pid, order.get("kill_after")) for pid, order in zip(pids, orders, strict=True)]
        for descriptor in (ready_read, go):
            os.close(descriptor)
        print(json.dumps(ended), flush=True)


if __name__ == "__main__":
    main()
