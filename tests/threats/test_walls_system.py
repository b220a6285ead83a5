"""Wall three alone: the attacker runs Python and an unlocked engine inside a cell, and has this read's files only."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from schoolgate.gate.engines.engine import Limits
from schoolgate.gate.engines.sandbox import CellLost, Cells, wall
from tests.threats.hostile import ALL
from tests.threats.walled import ATTACKER, ELSEWHERE, NO_WALL, Home, attack

SECRET = "Zq7environment"


@pytest.fixture(scope="module")
def attackers() -> Iterator[Cells]:
    os.environ["SCHOOLGATE_TEST_SECRET"] = SECRET
    cells = Cells(ATTACKER)
    yield cells
    cells.stop()
    del os.environ["SCHOOLGATE_TEST_SECRET"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_this_machine_has_the_wall_that_is_tested_here() -> None:
    assert wall().holds
    assert wall().name == "landlock"


def test_what_a_read_may_have_it_has(home: Home, attackers: Cells) -> None:
    with home.engine(attackers) as engine:
        assert attack(engine, "python", f"it = open({home.own!r}, 'rb').read(4)")["value"] == repr(b"PAR1")
        found = attack(engine, "sql", f"SELECT count(*) FROM read_parquet('{home.own}')")
        assert found["value"] == "[(8,)]"
        work = "import _thread; it = [_thread.start_new_thread(sum, ([],)) for _ in range(3)] and 'threads'"
        assert attack(engine, "python", work)["value"] == "'threads'"


READ = {
    "another file of the lake": "open('{other}', 'rb').read()",
    "the same by dots": "open('{folder}/lake/../lake/' + '{other}'.rsplit('/', 1)[1], 'rb').read()",
    "the same by a link": "open('{link}', 'rb').read()",
    "the same through this process's own root": "open('/proc/self/root{other}', 'rb').read()",
    "the same by sendfile": "os.sendfile(out, os.open('{other}', os.O_RDONLY), 0, 99)",
    "the vault's database": "open('{secret}', 'rb').read()",
    "the master key": "open('{key}', 'rb').read()",
    "a handle of a file, to open later": "os.open('{other}', os.O_PATH)",
    "what is in the lake": "os.listdir('{folder}/lake')",
    "the system's accounts": "open('/etc/passwd').read()",
    "the gate's environment": "open('/proc/{gate}/environ', 'rb').read()",
    "its own first environment": "open('/proc/self/environ', 'rb').read()",
    "the gate's memory": "open('/proc/{gate}/mem', 'rb')",
    "its own memory": "open('/proc/self/mem', 'rb')",
    "which processes there are": "os.listdir('/proc')",
    "the open files of the gate": "os.listdir('/proc/{gate}/fd')",
    "a device": "open('/dev/urandom', 'rb').read(4)",
    "a terminal": "open('/dev/tty')",
}
WRITE = {
    "this read's own file": "open('{own}', 'r+b')",
    "the same, to its end": "os.open('{own}', os.O_WRONLY | os.O_APPEND)",
    "the same, emptied": "os.truncate('{own}', 0)",
    "the same, away": "os.unlink('{own}')",
    "the same, under another name": "os.rename('{own}', '{own}.old')",
    "the same, for others to read": "os.chmod('{own}', 0o777)",
    "its times": "os.utime('{own}', (1, 1))",
    "the same, by a second name": "os.link('{own}', '/tmp/zq7link')",
    "a new file in the lake": "open('{folder}/lake/new', 'w')",
    "a file beside it": "open('{folder}/new', 'w')",
    "a file for a moment": "open('/tmp/zq7new', 'w')",
    "shared memory": "open('/dev/shm/zq7new', 'w')",
    "a file without a name": "os.open('/tmp', os.O_TMPFILE | os.O_RDWR)",
    "a file in memory": "os.memfd_create('x')",
    "a folder": "os.mkdir('{folder}/new')",
    "a link": "os.symlink('/etc/passwd', '{folder}/new')",
    "a pipe with a name": "os.mkfifo('{folder}/new')",
    "nowhere": "open('/dev/null', 'w')",
    "an attribute": "os.setxattr('{own}', 'user.x', b'1')",
}
REACH = {
    "a TCP connection": "socket.create_connection(('127.0.0.1', {port}), 2)",
    "a socket for TCP": "socket.socket()",
    "a socket for UDP": "socket.socket(type=socket.SOCK_DGRAM)",
    "a name server": "socket.getaddrinfo('example.org', 80)",
    "a local socket": "socket.socket(socket.AF_UNIX)",
    "a pair of local sockets": "socket.socketpair()",
    "raw packets": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "the kernel's messages": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "another program": "os.execv('/bin/true', ['true'])",
    "another program, beside": "os.posix_spawn('/bin/true', ['true'], {{}})",
    "another process": "os.fork()",
    "a shell": "insist(-1 if libc.system(b'true') else 0)",
    "the gate's end": "os.kill({gate}, 0)",
    "everybody's end": "os.kill(-1, 0)",
    "its own end, by a signal": "os.kill(os.getpid(), 9)",
    "a handle of another process": "os.pidfd_open({gate})",
    "another user": "os.setuid(65534)",
    "another root": "os.chroot('{folder}')",
    "a world of its own": "insist(libc.unshare(0x10000000))",
    "more processor time": "resource.setrlimit(0, (-1, -1))",
    "a higher place in the queue": "os.nice(-5)",
    "a pipe": "os.pipe()",
}


def _refused(answer: dict[str, object]) -> bool:
    numbers = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EFBIG)
    return answer.get("raised") in ("PermissionError", "gaierror", "OSError", "ValueError") and (
        answer.get("number") in numbers or answer.get("raised") in ("gaierror", "ValueError")
    )


@pytest.mark.parametrize("what", READ)
def test_nothing_else_is_read(what: str, home: Home, attackers: Cells) -> None:
    with home.engine(attackers) as engine:
        answer = attack(engine, "python", "it = " + READ[what].format(**home.places()))
    assert _refused(answer), answer


def test_without_this_wall_the_same_attacks_succeed(home: Home) -> None:
    """So that what is tested above is the wall, and not a mistake in the attack."""
    open_cells = Cells(ATTACKER, NO_WALL)
    beyond = {"a terminal"}
    with home.engine(open_cells) as engine:
        for what, code in READ.items():
            answer = attack(engine, "python", "it = " + code.format(**home.places()))
            assert what in beyond or "value" in answer, (what, answer)
        for what in ("a new file in the lake", "this read's own file", "nowhere", "a file in memory"):
            assert "value" in attack(engine, "python", "it = " + WRITE[what].format(**home.places())), what
        for what in ("a socket for UDP", "a local socket", "a pipe", "a handle of another process"):
            assert "value" in attack(engine, "python", "it = " + REACH[what].format(**home.places(), port=1)), what
    open_cells.stop()


@pytest.mark.parametrize("what", WRITE)
def test_nothing_is_written(what: str, home: Home, attackers: Cells) -> None:
    before = {str(path): path.lstat().st_mtime_ns for path in home.folder.rglob("*")}
    bytes_before = Path(home.own).read_bytes()
    with home.engine(attackers) as engine:
        answer = attack(engine, "python", "it = " + WRITE[what].format(**home.places()))
    assert _refused(answer), answer
    assert {str(path): path.lstat().st_mtime_ns for path in home.folder.rglob("*")} == before
    assert Path(home.own).read_bytes() == bytes_before
    assert not Path("/tmp/zq7new").exists()
    assert not Path("/dev/shm/zq7new").exists()


@pytest.mark.parametrize("what", REACH)
def test_nobody_is_reached(what: str, home: Home, attackers: Cells) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, home.engine(attackers) as engine:
        places = {**home.places(), "port": listening.getsockname()[1]}
        answer = attack(engine, "python", "it = " + REACH[what].format(**places))
        assert _refused(answer), answer
        assert attack(engine, "python", "it = 'alive'")["value"] == "'alive'"


CALLS = {
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "io_uring_setup": 425, "bpf": 321,
    "perf_event_open": 298, "keyctl": 250, "mount": 165, "userfaultfd": 323, "memfd_secret": 447, "shmget": 29,
    "mq_open": 240, "inotify_init": 253, "open_by_handle_at": 304, "name_to_handle_at": 303, "openat2": 437,
    "execveat": 322, "vfork": 58, "pidfd_getfd": 438, "prctl": 157, "seccomp": 317, "connect": 42, "bind": 49,
    "sendmsg": 46, "dup": 32, "sched_setaffinity": 203, "setpriority": 141, "init_module": 175, "reboot": 169,
}  # fmt: skip


def test_no_other_call_of_the_kernel_is_answered(home: Home, attackers: Cells) -> None:
    code = "libc = ctypes.CDLL(None, use_errno=True)\nit = {}\nfor name, number in CALLS.items():\n    libc.syscall(number, 0, 0, 0, 0, 0, 0)\n    it[name] = ctypes.get_errno()"
    with home.engine(attackers) as engine:
        answer = attack(engine, "python", f"CALLS = {CALLS!r}\n{code}")
    assert answer["value"] == repr(dict.fromkeys(CALLS, errno.EPERM))


def test_no_code_is_made_that_was_not_there(home: Home, attackers: Cells) -> None:
    with home.engine(attackers) as engine:
        made = attack(engine, "python", "it = mmap.mmap(-1, 4096, prot=7)")
        assert made.get("raised") == "PermissionError"


def test_a_cell_knows_nothing_of_its_surroundings(home: Home, attackers: Cells) -> None:
    code = (
        "found = {}\n"
        "for fd in range(256):\n    try:\n        found[fd] = os.fstat(fd)\n    except OSError:\n        pass\n"
        "kinds = [('socket' if stat.S_ISSOCK(s.st_mode) else 'null' if stat.S_ISCHR(s.st_mode) else 'file') for s in found.values()]\n"
        "it = (sorted(kinds), dict(os.environ), sys.argv, [m for m in sys.modules if m.split('.')[0] in"
        " ('django', 'sqlite3', 'psycopg', 'sqlalchemy', 'pyiceberg')])"
    )
    with home.engine(attackers) as engine:
        answer = attack(engine, "python", code)
    kinds, environment, argv, modules = eval(answer["value"])
    assert kinds == ["file", "null", "null", "null", "socket"]  # the result's file in memory, and the gate
    assert SECRET not in str(environment)
    assert not [name for name in environment if "SCHOOLGATE" in name or name in ("PATH", "HOME", "USER")]
    assert str(home.folder) not in str(argv)
    assert modules == []


def test_memory_has_an_end(home: Home, attackers: Cells) -> None:
    with home.engine(attackers, Limits(seconds=20, memory="300MB", size=1 << 20)) as engine:
        assert attack(engine, "python", "it = bytearray(3 << 30)")["raised"] == "MemoryError"
        shared = "it = mmap.mmap(-1, 3 << 30)"
        assert attack(engine, "python", shared)["raised"] == "OSError"


def test_a_result_has_an_end(home: Home, attackers: Cells) -> None:
    more = "for _ in range(64): os.write(out, bytes(1 << 20))"
    with home.engine(attackers, Limits(size=1 << 20)) as engine:
        assert attack(engine, "python", more).get("number") == errno.EFBIG


def test_work_without_end_is_ended(home: Home, attackers: Cells) -> None:
    engine = home.engine(attackers)
    with pytest.raises(TimeoutError):
        attack(engine, "python", "while True: pass", seconds=0.5)
    with home.engine(attackers) as another:
        assert attack(another, "python", "it = 1")["value"] == "1"


def test_processor_time_has_an_end_of_its_own(home: Home, attackers: Cells) -> None:
    """Should the gate forget to kill a cell, the kernel does not."""
    with home.engine(attackers, Limits(seconds=7, threads=3)) as engine:
        limits = attack(engine, "python", "it = resource.getrlimit(resource.RLIMIT_CPU)")["value"]
        assert limits == "(81, 81)"  # 7 seconds on 3 cores, and a minute


def test_an_unlocked_engine_tells_of_nothing_but_this_reads_files(home: Home, attackers: Cells) -> None:
    """Every hostile query there is, on an engine without its lock and past a parser that let all through."""
    outputs = []
    for family, entry in ALL:
        if family in ("resource exhaustion", "timing"):  # what ends them is tested above
            continue
        for sql in {entry.sql, entry.sql.replace("census_pupil", "__lake_census_pupil")}:
            text = sql.replace("{secret}", str(home.vault)).replace("{canary}", "nothing").replace("{{", "{")
            outputs.append(text)
    with home.engine(attackers, Limits(seconds=60, memory="300MB", threads=1)) as engine:
        for text in outputs:
            try:
                answer = attack(engine, "sql", text, seconds=3)
            except (CellLost, TimeoutError):
                engine._cell = engine._open()
                continue
            assert ELSEWHERE not in str(answer), text
    assert len(outputs) > 300
    assert sorted(path.name for path in home.folder.iterdir()) == ["lake", "master.key", "schoolgate.sqlite3"]
