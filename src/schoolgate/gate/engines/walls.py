"""Wall three: what the operating system lets an engine's process do, whatever runs in it. Linux only, no Django.

`enter` shuts the calling process in, for good. Landlock (Documentation/userspace-api/landlock.rst) leaves it reading
the files named and nothing else on any disk; a seccomp filter (seccomp_filter.rst) leaves it the system calls that
reading, computing and answering take; limits (setrlimit(2)) bound memory, processor time and what it may write to
the one thing it was handed for its result. Each fails closed: a wall that cannot be put up raises `WallMissing`.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import stat
import struct
from collections.abc import Sequence
from dataclasses import dataclass

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF, _CAPSET = 444, 445, 446, 126  # the last is x86_64's
_SET_PDEATHSIG, _SET_DUMPABLE, _SET_SECCOMP, _SET_NO_NEW_PRIVS = 1, 4, 22, 38  # prctl(2)


class WallMissing(Exception):
    """The operating system could not shut the process in; nothing may run in it."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a shut-in process may use.

    Attributes:
        files: the files it may read.
        memory: bytes of address space on top of what it has now.
        processor: seconds of processor time.
        size: bytes it may write to a file it was handed.
    """

    files: Sequence[str]
    memory: int
    processor: int
    size: int


def landlock() -> int:
    """The kernel's Landlock ABI; 0 where there is none."""
    found: int = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    return max(found, 0)


def seccomp() -> bool:
    """Whether the filter of system calls can be put up here: its numbers are those of x86_64."""
    return platform.machine() == "x86_64" and _libc.prctl(21, 0, 0, 0, 0) >= 0


def _insist(result: int, what: str) -> int:
    if result < 0:
        raise WallMissing(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def _prctl(option: int, value: object, more: object = 0) -> None:
    _insist(_libc.prctl(option, value, more, 0, 0), f"prctl {option}")


def die_with_parent() -> None:
    """The kernel kills this process when the one that made it ends; nobody else may look into its memory."""
    _prctl(_SET_PDEATHSIG, 9)
    _prctl(_SET_DUMPABLE, 0)


# Landlock, by ABI: the rights over files a ruleset can take away (all of them are), over TCP, over other processes.
_READ_FILE = 1 << 2
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_NEWEST_FILE_RIGHTS = 16
_BIND_AND_CONNECT_TCP, _ABSTRACT_SOCKETS_AND_SIGNALS = 3, 3


def read_only(files: Sequence[str]) -> None:
    """Leave this process the reading of these files and no other use of any disk.

    A file is one that is there now and no link: a link could be turned to another file.
    """
    abi = landlock()
    if not abi:
        raise WallMissing("the kernel has no Landlock")
    rights = (1 << _FILE_RIGHTS.get(abi, _NEWEST_FILE_RIGHTS)) - 1
    given = struct.pack("=Q", rights)
    if abi >= 4:
        given += struct.pack("=Q", _BIND_AND_CONNECT_TCP)
    if abi >= 6:
        given += struct.pack("=Q", _ABSTRACT_SOCKETS_AND_SIGNALS)
    ruleset = _insist(_libc.syscall(_CREATE_RULESET, given, ctypes.c_size_t(len(given)), ctypes.c_uint32(0)), "ruleset")
    for path in files:
        opened = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise FileNotFoundError
        rule = struct.pack("=Qi", _READ_FILE, opened)
        _insist(_libc.syscall(_ADD_RULE, ruleset, 1, rule, ctypes.c_uint32(0)), "rule")
        os.close(opened)
    _insist(_libc.syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0)), "restrict")
    os.close(ruleset)


def _drop_capabilities() -> None:
    """Give up what root could do, but for reading files of another user (Landlock says which)."""
    kept = (1 << 1) | (1 << 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: as far as they are held
    held = next(line for line in open("/proc/self/status") if line.startswith("CapPrm")).split()[1]  # noqa: SIM115
    kept &= int(held, 16)
    header = struct.pack("=Ii", 0x20080522, 0)
    data = struct.pack("=6I", kept, kept, 0, 0, 0, 0)
    _insist(_libc.syscall(_CAPSET, header, data), "capset")


def limit(room: Room) -> None:
    """Bound memory, processor time and what may be written; all that is left where there is no other wall."""
    pages = int(open("/proc/self/statm").read().split()[0])  # noqa: SIM115
    for what, most in (
        (resource.RLIMIT_AS, pages * resource.getpagesize() + room.memory),
        (resource.RLIMIT_CPU, room.processor),
        (resource.RLIMIT_FSIZE, room.size),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


# The filter: numbers of arch/x86/entry/syscalls/syscall_64.tbl.
_PLAIN = {
    "read": 0, "write": 1, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8, "munmap": 11,
    "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17, "readv": 19,
    "access": 21, "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39, "recvfrom": 45,
    "recvmsg": 47, "exit": 60, "ftruncate": 77, "getcwd": 79, "readlink": 89, "gettimeofday": 96, "getrlimit": 97,
    "getrusage": 98, "sysinfo": 99, "sigaltstack": 131, "gettid": 186, "futex": 202, "sched_getaffinity": 204,
    "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231, "newfstatat": 262,
    "ppoll": 271, "set_robust_list": 273, "preadv": 295, "getcpu": 309, "getrandom": 318, "membarrier": 324,
    "statx": 332, "rseq": 334,
}  # fmt: skip
_OPEN, _OPENAT, _MMAP, _MPROTECT, _SENDTO, _CLONE, _FCNTL, _PRLIMIT, _CLONE3 = 2, 257, 9, 10, 44, 56, 72, 302, 435

_MORE_THAN_READING = (
    os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_DIRECTORY | os.O_PATH | os.O_TMPFILE
)
_PROT_EXEC = 4
_CLONE_THREAD = 0x10000
_ALLOW, _KILL, _EPERM, _ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06


def _op(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_so, if_not, value)


def _argument(number: int) -> bytes:
    return _op(_LOAD, 16 + 8 * number)  # its lower half, on a little-endian machine


def _when(call: int, *ops: bytes) -> bytes:
    """For this call do these; for another go on behind them."""
    return _op(_EQUAL, call, 0, len(ops)) + b"".join(ops)


def _without(call: int, argument: int, bits: int) -> bytes:
    """Allow the call when none of these bits is in the argument."""
    return _when(call, _argument(argument), _op(_ANY_BIT, bits, 0, 1), _op(_RETURN, _EPERM), _op(_RETURN, _ALLOW))


def _nowhere(call: int, argument: int) -> bytes:
    """Allow the call when this argument, an address, is nothing: both its halves."""
    return _when(
        call,
        _argument(argument), _op(_EQUAL, 0, 0, 3),
        _op(_LOAD, 20 + 8 * argument), _op(_EQUAL, 0, 0, 1),
        _op(_RETURN, _ALLOW), _op(_RETURN, _EPERM),
    )  # fmt: skip


def _filter() -> bytes:
    allow, deny = _op(_RETURN, _ALLOW), _op(_RETURN, _EPERM)
    return b"".join(
        (
            _op(_LOAD, 4), _op(_EQUAL, 0xC000003E, 1, 0), _op(_RETURN, _KILL),  # another processor's numbers
            _op(_LOAD, 0), _op(_AT_LEAST, 0x40000000, 0, 1), _op(_RETURN, _KILL),  # x32's
            *(_when(number, allow) for number in _PLAIN.values()),
            _without(_OPEN, 1, _MORE_THAN_READING),
            _without(_OPENAT, 2, _MORE_THAN_READING),
            _without(_MMAP, 2, _PROT_EXEC),
            _without(_MPROTECT, 2, _PROT_EXEC),
            # A thread of this process, never another process.
            _when(_CLONE, _argument(0), _op(_ANY_BIT, _CLONE_THREAD, 0, 1), allow, deny),
            _when(_CLONE3, _op(_RETURN, _ENOSYS)),  # its flags lie in memory, out of sight: glibc falls back to clone
            # F_GETFD, F_SETFD, F_GETFL, and no more.
            _when(_FCNTL, _argument(1), _op(_AT_LEAST, 4, 1, 0), allow, deny),
            _nowhere(_SENDTO, 4),  # to the gate, not to an address
            _nowhere(_PRLIMIT, 2),  # its own limits read, none set
            deny,
        )
    )  # fmt: skip


def few_calls() -> None:
    """Leave this process, and every thread it makes from now on, the system calls of the list above."""
    if not seccomp():
        raise WallMissing("no filter of system calls for this processor")
    written = _filter()
    held = ctypes.create_string_buffer(written, len(written))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    program = Program(len(written) // 8, ctypes.addressof(held))
    _prctl(_SET_SECCOMP, 2, ctypes.byref(program))


def enter(room: Room, *, files_shut: bool = True) -> None:
    """Shut this process in for good; called while it has one thread, whose threads to come inherit it all.

    Args:
        room: what it may use.
        files_shut: whether Landlock is to close the disk; False where another sandbox does.
    """
    _prctl(_SET_NO_NEW_PRIVS, 1)
    limit(room)
    if seccomp():  # the numbers below are this processor's
        _drop_capabilities()
    if files_shut:
        read_only(room.files)
    few_calls()
