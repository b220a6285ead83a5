"""Doing things at the same moment, from threads with database connections of their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Barrier, Thread
from typing import TypeVar

from django.db import OperationalError, connection

from schoolgate.errors import SchoolgateError

T = TypeVar("T")


def at_once(*acts: Callable[[], T]) -> list[T]:
    """What each act gave, all begun together; an exception of one is raised here."""
    start = Barrier(len(acts))
    given: dict[int, T] = {}
    raised: list[BaseException] = []

    def run(number: int, act: Callable[[], T]) -> None:
        start.wait()
        try:
            for _ in range(500):
                try:
                    given[number] = act()
                    return
                except (OperationalError, SchoolgateError) as problem:
                    # SQLite in memory, as tests use it, says "locked" where a file's connection waits; the gate
                    # says the same in its own words.
                    locked = isinstance(problem, OperationalError) or problem.code == "not-recorded"
                    if connection.vendor != "sqlite" or not locked:
                        raise
                    time.sleep(0.01)
        except BaseException as problem:  # noqa: BLE001 - it is raised again in the test's own thread
            raised.append(problem)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    if raised:
        raise raised[0]
    return [given[number] for number in range(len(acts))]
