"""The gate's side of the engine's cells: a warden process that makes them, and one cell for each read.

A process of the gate has one warden, started when it is first needed: a new Python with an empty environment and no
descriptor but one socket, which loads DuckDB and forks a cell whenever it is asked (`inside`). Some cells are always
ready, so that a read waits for no fork. **Threads:** any number may read at once. `take` holds a lock only while it
receives a cell that is ready; from then on a cell belongs to one thread, has a socket and a process of its own, and
shares nothing with the others. A process that was forked from this one starts a warden of its own.

A cell is never trusted: what it says is read with limits and a deadline, its result lies in a file in memory that is
sealed before it is looked at, and it is killed when the read is over, whatever it does.
"""

from __future__ import annotations

import atexit
import contextlib
import mmap
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fcntl import F_ADD_SEALS, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_WRITE, fcntl
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from schoolgate.gate.engines import frames, walls

READY = 3
"""Cells kept ready. More are made on demand, each in a few milliseconds."""

_START = 60.0
"""Seconds a warden may take to load its libraries, on a very busy machine."""

_PROGRAM = ("-I", "-B", "-m", "schoolgate.gate.engines.inside")

_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",  # a warden has one thread, or could not be forked
    "OMP_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
"""All that an engine's process knows of its surroundings."""


T = TypeVar("T")


class CellLost(Exception):
    """A cell ended, or answered what no cell of ours would."""


@dataclass(frozen=True, slots=True)
class Wall:
    """Which wall of the operating system stands around an engine here.

    Attributes:
        name: ``landlock``, ``bubblewrap``, or empty where there is none.
        line: the same for a person to read.
    """

    name: str
    line: str

    @property
    def holds(self) -> bool:
        """Whether there is one. A gate that serves other users must not start without."""
        return bool(self.name)


@lru_cache(maxsize=1)
def _bubblewrap_works() -> bool:
    """Whether it is there and may do its work: some systems let no user have namespaces of their own."""
    program = shutil.which("bwrap")
    if program is None:
        return False
    tried = [program, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--", "/bin/true"]
    try:
        return subprocess.run(tried, env=_ENVIRONMENT, capture_output=True, timeout=10, check=False).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False


def wall() -> Wall:
    """The operating system's wall that `Cells` puts around every engine on this machine."""
    abi = walls.landlock()
    if abi and walls.seccomp():
        return Wall(
            "landlock",
            f"Engines run shut in: Landlock (version {abi}) and a filter of system calls; they read this query's"
            " files and write nowhere.",
        )
    if _bubblewrap_works():
        return Wall(
            "bubblewrap",
            "Engines run shut in by bubblewrap, which starts one for each query (slower): this kernel has no Landlock.",
        )
    return Wall(
        "",
        "Engines run in a process of their own, but nothing of the operating system shuts them in: this kernel has"
        " no Landlock, and bubblewrap is not installed or may not be used.",
    )


def _command(program: Sequence[str], fd: int) -> list[str]:
    return [sys.executable, *program, str(fd)]


def _bound(files: Sequence[str]) -> list[str]:
    """Bubblewrap around one cell: Python, its libraries and these files, to be read; nothing else is there."""
    package = Path(__file__).resolve().parents[2]
    shown = [path for path in ("/usr", "/lib", "/lib64", "/etc/ld.so.cache") if Path(path).exists()]
    python = sorted({sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parents[1])})
    bound = [*shown, *python, str(package), *files]
    return [
        "bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
        *(part for path in bound for part in ("--ro-bind", path, path)),
        "--dev", "/dev", "--proc", "/proc", "--chdir", "/", "--",
    ]  # fmt: skip


def _start(command: Sequence[str], fd: int) -> subprocess.Popen[bytes]:
    null = subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603 - a constant command
        command, env=_ENVIRONMENT, cwd="/", stdin=null, stdout=null, stderr=null, close_fds=True, pass_fds=[fd]
    )


class Cell:
    """One engine's process, for one read."""

    def __init__(self, talk: socket.socket, handle: int, process: subprocess.Popen[bytes] | None = None) -> None:
        self._talk, self._handle, self._process = talk, handle, process

    def ask(
        self, message: Mapping[str, Any], parts: Sequence[bytes] = (), *, fds: Sequence[int] = (), seconds: float
    ) -> dict[str, Any]:
        """Say something and wait for the answer, this long.

        Raises:
            CellLost: there is none, or none that makes sense.
            TimeoutError: it took too long; the cell is dead.
        """
        self.say(message, parts, fds=fds, seconds=seconds)
        return self.hear(seconds=seconds)

    def say(
        self, message: Mapping[str, Any], parts: Sequence[bytes] = (), *, fds: Sequence[int] = (), seconds: float
    ) -> None:
        """Say something, and do not wait for the answer."""
        self._in_time(seconds, lambda: frames.write(self._talk, message, parts, fds))

    def hear(self, *, seconds: float) -> dict[str, Any]:
        """The answer to what was said."""
        return self._in_time(seconds, lambda: frames.read(self._talk)[0])

    def _in_time(self, seconds: float, act: Callable[[], T]) -> T:
        self._talk.settimeout(seconds)
        try:
            return act()
        except TimeoutError:
            self.end()
            raise
        except (frames.Garbled, OSError):
            self.end()
            raise CellLost from None

    def end(self) -> None:
        """The cell is killed, whatever it is doing; its memory is gone. Twice is once."""
        if self._handle >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            os.close(self._handle)
            self._handle = -1
        self._talk.close()
        if self._process is not None:
            self._process.wait()


class Cells:
    """Where cells come from. One for each process of the gate (`cells`).

    Args:
        program: what a warden runs.
        around: the operating system's wall around each; the machine's best when not given.
    """

    def __init__(self, program: Sequence[str] = _PROGRAM, around: Wall | None = None) -> None:
        self._program = program
        self.wall = around or wall()
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._warden: subprocess.Popen[bytes] | None = None
        self._due = 0  # cells made or being made that nobody has taken

    def _begin(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._warden = _start(_command(self._program, theirs.fileno()), theirs.fileno())
        ours.settimeout(_START)
        self._control, self._due = ours, 0
        if ours.recv(1) != b"!":
            raise CellLost
        return ours

    def start(self) -> None:
        """Have the warden and the first cells ready, so that the first read does not wait for them."""
        with self._lock:
            self._fill(self._control or self._begin())

    def soon(self) -> None:
        """The same, without waiting for it: a read that has just been asked for has other things to do first."""
        if self._control is None and not self._lock.locked():
            threading.Thread(target=self._start_quietly, name="warden", daemon=True).start()

    def _start_quietly(self) -> None:
        with contextlib.suppress(OSError, CellLost):  # whoever needs a cell will be told
            self.start()

    def _fill(self, control: socket.socket) -> None:
        missing = READY - self._due
        if missing > 0:
            control.sendall(b"+" * missing)
            self._due += missing

    def take(self, files: Sequence[str]) -> Cell:
        """A cell for a read of these files, which it will be told.

        Raises:
            CellLost: none can be made.
        """
        if self.wall.name == "bubblewrap":
            return self._alone(files)
        with self._lock:
            for _ in range(2):  # a warden that was killed is started anew, once
                try:
                    return self._taken(self._control or self._begin())
                except (OSError, CellLost):
                    self._drop()
        raise CellLost

    def _taken(self, control: socket.socket) -> Cell:
        if not self._due:
            control.sendall(b"+")
            self._due += 1
        said, fds, _, _ = socket.recv_fds(control, 1, 2, socket.MSG_CMSG_CLOEXEC)
        if said != b"+" or len(fds) != 2:
            for fd in fds:
                os.close(fd)
            raise CellLost
        self._due -= 1
        return Cell(socket.socket(fileno=fds[0]), fds[1])

    def refill(self) -> None:
        """Have cells made in place of those taken; called when a read is over, so that no read waits for it."""
        with self._lock:
            if self._control is not None:
                with contextlib.suppress(OSError):
                    self._fill(self._control)

    def _alone(self, files: Sequence[str]) -> Cell:
        ours, theirs = socket.socketpair()
        with theirs:
            written = [part for part in self._program if part.endswith(".py")]
            command = [*_bound([*written, *files]), *_command(self._program, theirs.fileno()), "one"]
            process = _start(command, theirs.fileno())
        return Cell(ours, os.pidfd_open(process.pid), process)

    def _drop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._warden is not None:
            self._warden.kill()
            self._warden.wait()
        self._control = self._warden = None

    def stop(self) -> None:
        """End the warden, and with it every cell."""
        with self._lock:
            self._drop()

    def forget(self) -> None:
        """In a process forked from the warden's gate: let go of what belongs to the other."""
        self._lock = threading.Lock()
        if self._control is not None:
            self._control.close()
        self._control = self._warden = None


_ours = Cells()
atexit.register(_ours.stop)
os.register_at_fork(after_in_child=_ours.forget)


def cells() -> Cells:
    """This process's cells."""
    return _ours


class Paper:
    """A file in memory for a cell to write a result to. Nobody else can; and when it is sealed, nobody at all."""

    def __init__(self) -> None:
        self.fd = os.memfd_create("result", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)

    def sealed(self) -> memoryview:
        """What was written, without copying it.

        Raises:
            CellLost: the cell still has a hand on it.
        """
        try:
            fcntl(self.fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
            size = os.fstat(self.fd).st_size
            return memoryview(mmap.mmap(self.fd, size, prot=mmap.PROT_READ)) if size else memoryview(b"")
        except OSError:
            raise CellLost from None

    def close(self) -> None:
        """Let go of it; what is mapped stays."""
        os.close(self.fd)
