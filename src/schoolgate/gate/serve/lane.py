"""A lane: a few workers, and requests waiting in turn: one a person, round and round.

A person with a hundred queries waits for each of them as long as one with a single query does; nobody's place
depends on how much others ask. What cannot wait in turn is told "busy" at once and is not run.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from schoolgate.errors import SchoolgateError


class GateBusy(SchoolgateError):
    """Too much is waiting, or the gate is stopping; nothing was run and nothing is on record."""


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """What one lane takes.

    Attributes:
        workers: how many requests run at once.
        waiting: how many may wait in all.
        waiting_each: how many of one person may wait.
        wait_seconds: how long a request may wait for its turn.
    """

    workers: int = 2
    waiting: int = 256
    waiting_each: int = 16
    wait_seconds: float = 300.0


@dataclass(slots=True)
class Job:
    """One request on its way: waiting, running, done."""

    work: Callable[[], Any]
    wanted: Callable[[], bool]
    done: threading.Event = field(default_factory=threading.Event)
    begun: bool = False
    answer: Any = None
    failure: BaseException | None = None


def _busy(what: str, code: str = "gate-busy") -> GateBusy:
    return GateBusy(what, hint="Try again in a minute. Nothing was run.", code=code)


class Lane:
    """Workers and their queue.

    Args:
        name: for the threads.
        limits: what it takes.
        after: called at the end of each worker's request, in its thread.
    """

    def __init__(self, name: str, limits: LaneLimits, after: Callable[[], None]) -> None:
        self._limits, self._after = limits, after
        self._turns: OrderedDict[Hashable, deque[Job]] = OrderedDict()
        self._waiting = 0
        self._stopping = False
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True)
            for number in range(limits.workers)
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, person: Hashable, work: Callable[[], Any], wanted: Callable[[], bool]) -> Any:
        """Wait for a turn, run, and give the answer; or raise what the work raised.

        Args:
            person: whose turn it takes.
            work: what is run, in a worker's thread.
            wanted: asked just before: whether somebody still waits for the answer.

        Raises:
            GateBusy: too much is waiting, or the turn did not come in time.
        """
        job = Job(work, wanted)
        self._enter(person, job)
        if not job.done.wait(self._limits.wait_seconds):
            with self._changed:
                if not job.begun:
                    self._leave(person, job)
                    raise _busy("The gate could not begin in time.")
            job.done.wait()
        if job.failure is not None:
            raise job.failure
        return job.answer

    def _enter(self, person: Hashable, job: Job) -> None:
        with self._changed:
            if self._stopping:
                raise _busy("The gate is stopping.", "gate-stopping")
            own = self._turns.get(person)
            if self._waiting >= self._limits.waiting:
                raise _busy("Many requests are waiting at the gate.")
            if own is not None and len(own) >= self._limits.waiting_each:
                raise _busy("Many requests of yours are waiting at the gate.")
            self._turns.setdefault(person, deque()).append(job)
            self._waiting += 1
            self._changed.notify()

    def _leave(self, person: Hashable, job: Job) -> None:
        own = self._turns.get(person)
        if own is not None and job in own:
            own.remove(job)
            self._waiting -= 1
            if not own:
                del self._turns[person]

    def _next(self) -> Job | None:
        """The next request of the person whose turn it is, who then goes to the end; None: it is time to stop."""
        with self._changed:
            while not self._turns:
                if self._stopping:
                    return None
                self._changed.wait()
            person, own = self._turns.popitem(last=False)
            job = own.popleft()
            if own:
                self._turns[person] = own
            self._waiting -= 1
            job.begun = True
            return job

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                if job.wanted():
                    job.answer = job.work()
            except BaseException as problem:  # noqa: BLE001 - it is raised again where the answer is waited for
                job.failure = problem
            finally:
                self._after()
                job.done.set()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self._waiting

    def stop(self) -> None:
        """Take nothing new, tell whoever waits, and let what runs end."""
        with self._changed:
            self._stopping = True
            for own in self._turns.values():
                for job in own:
                    job.failure = _busy("The gate is stopping.", "gate-stopping")
                    job.begun = True
                    job.done.set()
            self._turns.clear()
            self._waiting = 0
            self._changed.notify_all()

    def join(self, seconds: float) -> bool:
        """Whether everything that ran has ended within this time."""
        for thread in self._threads:
            thread.join(seconds)
        return not any(thread.is_alive() for thread in self._threads)
