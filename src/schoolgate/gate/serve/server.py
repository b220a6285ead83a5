"""Serving: connections are read against the clock, requests wait in their lane, answers leave, the gate stops in order.

What the gate's own log says of a request: the operation, the caller's user and role, how it ended, how long it took.
Never an argument, an agreement, a person or a row.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connections

from schoolgate.errors import SchoolgateError
from schoolgate.gate import settle as settling
from schoolgate.gate.failclosed import place_of
from schoolgate.gate.serve.answers import failure_frame
from schoolgate.gate.serve.callers import Caller, Callers, peer_uid
from schoolgate.gate.serve.frames import LONGEST_REQUEST, Frame, Gone, Malformed, receive, send
from schoolgate.gate.serve.lane import GateBusy, Lane, LaneLimits
from schoolgate.gate.serve.operations import OPERATIONS, Asked, Operation, Setting

log = logging.getLogger("schoolgate.gate.serve")

_STRANGER = SchoolgateError(
    "The gate does not answer this user.", hint="Operations: the list of callers says whom it answers.", code="stranger"
)
_FAULT = SchoolgateError(
    "A fault in the gate. What was recorded is in the register; nothing was handed over.", code="gate-fault"
)


@dataclass(frozen=True, slots=True)
class ServeLimits:
    """What the gate takes from outside.

    Attributes:
        lanes: name -> what the lane takes.
        receive_seconds: by when a whole request must be there.
        send_seconds: by when its answer must be taken.
        connections: how many may be open.
        connections_each: how many of one user.
    """

    lanes: Mapping[str, LaneLimits] = field(
        default_factory=lambda: {
            "reads": LaneLimits(workers=2),
            "desks": LaneLimits(workers=2, wait_seconds=60),
            "pages": LaneLimits(workers=4, wait_seconds=60),
            "work": LaneLimits(workers=1, wait_seconds=900),
        }
    )
    receive_seconds: float = 10.0
    send_seconds: float = 300.0
    connections: int = 400
    connections_each: int = 200


class Server:
    """The gate behind one socket.

    Args:
        listening: a bound, listening socket.
        callers: who may ask.
        setting: what operations run with.
        limits: what is taken from outside.
    """

    def __init__(
        self, listening: socket.socket, callers: Callers, setting: Setting, limits: ServeLimits | None = None
    ) -> None:
        self._listening, self._callers, self._setting = listening, callers, setting
        self._limits = limits or ServeLimits()
        self._lanes = {
            name: Lane(f"gate-{name}", lane, connections.close_all) for name, lane in self._limits.lanes.items()
        }
        self._open: Counter[int] = Counter()
        self._counting = threading.Condition()
        self._stopping = threading.Event()
        self._to_settle = threading.Event()
        self._settler = threading.Thread(target=self._settle, name="gate-settle", daemon=True)

    def run(self) -> None:
        """Answer until `stop` is called."""
        self._to_settle.set()  # what an earlier process left begun
        self._settler.start()
        while not self._stopping.is_set():
            try:
                line, _ = self._listening.accept()
            except OSError:
                if not self._stopping.is_set():
                    time.sleep(0.05)  # out of descriptors, say: those that are open end first
                continue
            self._take(line)

    def stop(self) -> None:
        """Take no new request. May be called from a signal's handler."""
        self._stopping.set()
        self._to_settle.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)

    def finish(self, seconds: float) -> bool:
        """Let what runs end and its answers leave; whether it all did within this time."""
        end = time.monotonic() + seconds
        for lane in self._lanes.values():
            lane.stop()
        ended = [lane.join(max(0.0, end - time.monotonic())) for lane in self._lanes.values()]
        self._settler.join(max(0.0, end - time.monotonic()))
        with self._counting:
            while self._open and (left := end - time.monotonic()) > 0:
                self._counting.wait(left)
            return all(ended) and not self._open and not self._settler.is_alive()

    def _take(self, line: socket.socket) -> None:
        """Ask who it is, and give the connection a thread of its own."""
        uid = peer_uid(line)
        caller = self._callers.find(uid)
        if caller is None:
            log.warning("refused user=%d: not in the list of callers", uid)
            self._turn_away(line, _STRANGER)
            return
        with self._counting:
            full = self._open.total() >= self._limits.connections or self._open[uid] >= self._limits.connections_each
            if not full:
                self._open[uid] += 1
        if full:
            log.warning("busy user=%d role=%s: too many connections", uid, caller.role)
            busy = GateBusy("Too many are at the gate.", hint="Try again in a minute.", code="gate-busy")
            self._turn_away(line, busy)
            return
        threading.Thread(target=self._serve, args=(line, caller), daemon=True).start()

    def _turn_away(self, line: socket.socket, problem: SchoolgateError) -> None:
        """One plain refusal, without reading a byte and without waiting for anybody."""
        with line, contextlib.suppress(Gone):
            send(line, failure_frame(problem), seconds=0.2)

    def _serve(self, line: socket.socket, caller: Caller) -> None:
        try:
            with line:
                begun = time.monotonic()
                operation, ended = self._one(line, caller)
                log.info(
                    "op=%s user=%d role=%s ended=%s ms=%d",
                    operation, caller.uid, caller.role, ended, (time.monotonic() - begun) * 1000,
                )  # fmt: skip
        finally:
            with self._counting:
                self._open[caller.uid] -= 1
                self._open += Counter()  # forgets whom nothing is open for
                self._counting.notify_all()

    def _one(self, line: socket.socket, caller: Caller) -> tuple[str, str]:
        """Read a request, run it, answer; which it was and how it ended."""
        name = "?"
        try:
            frame = receive(line, longest=LONGEST_REQUEST, parts=0, seconds=self._limits.receive_seconds)
            name, operation = _operation(frame)
            if not caller.may(name):
                raise SchoolgateError(
                    "This user may not ask the gate for that.",
                    hint="Operations: the list of callers says who may ask for what.",
                    code="not-your-operation",
                )
            asked = Asked(caller, operation.taken(frame.header.get("args")), lambda: _still_there(line))
            answer = self._lanes[operation.lane].ask(
                operation.turn(asked), lambda: operation.run(asked, self._setting), asked.wanted
            )
            if operation.leaves_releases:
                self._to_settle.set()
            ended = "answered"
        except Gone:
            if name == "read":
                self._to_settle.set()  # it may have run
            return name, "caller gone"
        except SchoolgateError as problem:
            answer, ended = failure_frame(problem), problem.code
        except Exception as problem:  # noqa: BLE001 - its text could hold a value; only its kind and place are kept
            log.error("fault op=%s: %s in %s", name, type(problem).__name__, place_of(problem.__traceback__))
            answer, ended = failure_frame(_FAULT), "fault"
        if answer is None:
            return name, "caller gone"
        try:
            send(line, answer, seconds=self._limits.send_seconds)
        except Gone:
            return name, "caller gone"
        return name, ended

    def _settle(self) -> None:
        """Settle what reads leave behind, one run for however many there were."""
        while True:
            self._to_settle.wait()
            self._to_settle.clear()
            if self._stopping.is_set():
                return
            try:
                self._lanes["work"].ask("", self._settle_once, lambda: True)
            except GateBusy:
                return
            except SchoolgateError as problem:
                log.warning("settling: %s", problem.code)
            except Exception as problem:  # noqa: BLE001 - as above; families see "being worked out" until the next run
                log.error("fault settling: %s in %s", type(problem).__name__, place_of(problem.__traceback__))

    def _settle_once(self) -> None:
        settling.settle_pending(self._setting.config, self._setting.clock, go_on=lambda: not self._stopping.is_set())


def _operation(frame: Frame) -> tuple[str, Operation]:
    name = frame.header.get("op")
    if not isinstance(name, str) or name not in OPERATIONS or set(frame.header) != {"op", "args"}:
        raise Malformed("The gate has no such operation.", code="not-a-request")
    return name, OPERATIONS[name]


def _still_there(line: socket.socket) -> bool:
    """Whether the caller is. Who closed, or sends more than one request, does not wait for an answer."""
    line.setblocking(False)  # whoever sends or receives next sets its own time again
    try:
        return line.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def listen(path: Path, mode: int, group: int | None) -> socket.socket:
    """Listen at a path, with this mode and group, replacing what a process that is gone has left there.

    Raises:
        SchoolgateError: somebody listens there, or it cannot be made.
    """
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.is_socket():
            with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(ConnectionRefusedError):
                probe.connect(str(path))
                raise SchoolgateError("A gate listens there already.", hint="Stop it first.", code="socket-taken")
            path.unlink()
        # Made under the umask, so that nobody connects before the mode is what it shall be.
        listening.bind(str(path))
        if group is not None:
            os.chown(path, -1, group)
        path.chmod(mode)
        listening.listen(128)
    except OSError:
        listening.close()
        raise SchoolgateError(
            f"The gate cannot listen at {path}.",
            hint="Its folder must be there and writable for the gate's user; the path has at most 107 bytes.",
            code="socket",
        ) from None
    except SchoolgateError:
        listening.close()
        raise
    return listening
