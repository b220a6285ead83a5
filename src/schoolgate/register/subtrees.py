"""Roots of a large commitment's subtrees, worked out in processes beside this one.

Eight million leaves take some seconds of hashing, in calls so short that Python's interpreter lock is hardly ever let
go (hashlib lets go of it from 2,048 bytes on): a gate that answers people meanwhile would make each of them wait. So
the hashing is done by processes of their own, with a lower priority. They are given salted parts and give hashes; they
know no key, open nothing, and end with the pipe they read from.
"""

from __future__ import annotations

import contextlib
import os
import signal
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import IO

from schoolgate.errors import SchoolgateError
from schoolgate.register.members import PART, MemberTop, subtrees_of

AT_ONCE = 1 << 16
"""Leaves handed over at once, 3 MiB: few enough to keep little in memory, enough to be worth the pipe."""

WORTH_IT = 1 << 17
"""From so many leaves on: fewer are done before a process has started."""

_ASKED = struct.Struct("<II")
_COMMAND = (sys.executable, "-I", "-B", "-c", "from schoolgate.register.subtrees import main; main()")
_NICE = 10


def processes() -> int:
    """How many a large commitment is worth: one a core, of which more than four have nothing to do."""
    return min(4, len(os.sched_getaffinity(0)))


class HashingStopped(SchoolgateError):
    """A hashing process ended before it answered; what it was asked for can be asked for again."""


class Beside:
    """Some hashing processes, started when the block begins and ended with it.

    Args:
        processes: how many; 0, or none to be had: it is done here.
    """

    def __init__(self, processes: int) -> None:
        self._wanted = processes
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Beside:
        with contextlib.suppress(OSError):  # no more processes, or no memory: those there are will do
            for _ in range(self._wanted):
                self._running.append(
                    subprocess.Popen(  # noqa: S603 - a constant command
                        _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}, cwd="/"
                    )
                )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running:
            process.kill()
            process.communicate()
        self._running = []

    def top_of(self, portions: Iterable[bytes], level: int) -> MemberTop:
        """The top of the tree over children whose parts come in portions, in order.

        Args:
            portions: salts and references, `PART` bytes a child.
            level: of the subtrees to keep; at the most 16.

        Raises:
            HashingStopped: a process was killed.
            ValueError: a subtree would not fit into what is handed over at once.
        """
        if 1 << level > AT_ONCE:
            raise ValueError(level)
        count = 0

        def counted() -> Iterator[bytes]:
            nonlocal count
            for some in _evenly(portions):
                count += len(some) // PART
                yield some

        roots = b"".join(self._roots(counted(), level))
        return MemberTop(count, level, tuple(roots[at : at + 32] for at in range(0, len(roots), 32)))

    def _roots(self, portions: Iterable[bytes], level: int) -> Iterator[bytes]:
        if not self._running:
            yield from (subtrees_of(some, level) for some in portions)
            return
        asked: deque[tuple[subprocess.Popen[bytes], int]] = deque()
        for number, some in enumerate(portions):
            process = self._running[number % len(self._running)]
            if len(asked) == len(self._running):  # it has something to do still: its answer comes first
                yield _answer(*asked.popleft())
            _ask(process, some, level)
            asked.append((process, 32 * -(-len(some) // (PART << level))))
        for process, size in asked:
            yield _answer(process, size)


def _evenly(portions: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, `AT_ONCE` children at a time, so that no subtree is divided."""
    size, waiting = AT_ONCE * PART, b""
    for some in portions:
        waiting += some
        full = len(waiting) // size * size
        yield from (waiting[at : at + size] for at in range(0, full, size))
        waiting = waiting[full:]
    if waiting:
        yield waiting


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    if end is None:
        raise HashingStopped("A hashing process has no pipe.", code="hashing-stopped")
    return end


def _stopped() -> HashingStopped:
    return HashingStopped(
        "A process that works out a commitment was stopped.",
        hint="The release stays “being worked out” and is taken up again.",
        code="hashing-stopped",
    )


def _ask(process: subprocess.Popen[bytes], some: bytes, level: int) -> None:
    try:
        _pipe(process.stdin).write(_ASKED.pack(level, len(some)) + some)
        _pipe(process.stdin).flush()
    except OSError:
        raise _stopped() from None


def _answer(process: subprocess.Popen[bytes], size: int) -> bytes:
    found = _pipe(process.stdout).read(size)
    if len(found) != size:
        raise _stopped()
    return found


def serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until nobody asks any more."""
    while len(head := asked.read(_ASKED.size)) == _ASKED.size:
        level, size = _ASKED.unpack(head)
        answers.write(subtrees_of(asked.read(size), level))
        answers.flush()


def main() -> None:
    """A hashing process."""
    os.nice(_NICE)
    for number in (signal.SIGINT, signal.SIGTERM):  # a terminal or a service manager tells the whole group
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(BrokenPipeError):  # whoever asked is gone
        serve(sys.stdin.buffer, sys.stdout.buffer)
