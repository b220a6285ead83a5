"""One worker: claims a task, does it, says what came of it. As many may run as there are machines."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from django.db import DatabaseError, close_old_connections, connection

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.work.models import WorkerSeen
from schoolgate.work.pace import PACE, Pace
from schoolgate.work.queue import claim, failed, succeeded, take_over, task_of, title_of
from schoolgate.work.regular import note_due


def _silent(words: str) -> None:
    """Told what the worker does."""


class Worker:
    """A worker of one installation.

    Args:
        config: the installation.
        clock: the time.
        pace: how long is waited for what.
        tell: told, in plain words, what is done.
        entropy: random bytes for its name.
    """

    def __init__(
        self,
        config: Config,
        clock: Clock,
        *,
        pace: Pace = PACE,
        tell: Callable[[str], None] = _silent,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._config, self._clock, self._pace, self._tell = config, clock, pace, tell
        self.name = f"{os.getpid()}-{entropy(8).hex()}"
        self._stopping = False

    def stop(self) -> None:
        """End after the task that is being done."""
        self._stopping = True  # no lock: this is called from a signal's handler

    def _pause(self) -> None:
        time.sleep(self._pace.poll.total_seconds())

    def run(self, *, once: bool = False, burst: bool = False) -> int:
        """Work until told to stop; `once`: at most one task; `burst`: until nothing may run now.

        Returns:
            How many tasks were tried.
        """
        tried = 0
        with self._alive():
            while not self._stopping:
                try:
                    found = self._next()
                except DatabaseError:  # a server that restarts, a database that is locked: it comes back
                    self._tell("The database did not answer; trying again.")
                    connection.close()
                    self._pause()
                    continue
                tried += found
                if once or (burst and not found):
                    break
                if not found:
                    self._pause()
        return tried

    def _next(self) -> bool:
        close_old_connections()
        note_due(self._config, self._clock)
        gone = take_over(self.name, self._clock, self._pace)
        if gone:
            self._tell(f"Taken over from workers that are no more: {gone}.")
        row = claim(self.name, self._clock)
        if row is None:
            return False
        self._do(row)
        return True

    def _do(self, row: Any) -> None:
        try:
            task = task_of(row)
            task.call(**row.args_kwargs["kwargs"], config=self._config, clock=self._clock)
        except Exception as problem:  # noqa: BLE001 - whatever it was, the next task is another's
            self._tell(f"Not done, will be tried again: {title_of(row)}")
            failed(row, problem, self._clock, self._pace)
        else:
            if not succeeded(row, self._clock):
                self._tell(f"Was slow and taken over: {title_of(row)}")

    @contextmanager
    def _alive(self) -> Iterator[None]:
        """Say every few seconds, from a thread with a connection of its own, that this worker lives."""
        self._seen()
        ended = Event()

        def beat() -> None:
            while not ended.wait(self._pace.beat.total_seconds()):
                try:
                    self._seen()
                except DatabaseError:  # when it lasts, others take this worker's task over, and that is right
                    connection.close()
            connection.close()

        thread = Thread(target=beat, name="work-beat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            WorkerSeen.objects.filter(worker=self.name).delete()

    def _seen(self) -> None:
        now = self._clock.now()
        WorkerSeen.objects.update_or_create(
            worker=self.name, defaults={"seen_at": now}, create_defaults={"since": now, "seen_at": now}
        )


@contextmanager
def stopped_by_signals(worker: Worker) -> Iterator[None]:
    """SIGTERM or SIGINT: the task at hand is finished first. A second one ends the process at once."""

    def asked(number: int, frame: object) -> None:
        worker.stop()
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
