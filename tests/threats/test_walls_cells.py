"""Cells and their warden: whoever is killed, answers nonsense or never ends, the next read works and nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from schoolgate.gate.engines.engine import EngineRefused, LakeUnreadable, Limits, _pupils
from schoolgate.gate.engines.sandbox import Cells, wall
from tests.gate.box import rows_of
from tests.threats.walled import ATTACKER, BUBBLEWRAP, ELSEWHERE, NO_WALL, Home, attack

COUNT = "SELECT count(*) AS n FROM __lake_census_pupil"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def own_cells() -> Iterator[Cells]:
    cells = Cells()
    yield cells
    cells.stop()


@pytest.fixture(scope="module")
def attackers() -> Iterator[Cells]:
    cells = Cells(ATTACKER)
    yield cells
    cells.stop()


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def _gone(pids: list[int], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(_alive(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _warden(cells: Cells) -> int:
    assert cells._warden is not None
    return cells._warden.pid


def test_each_read_has_a_cell_of_its_own_and_leaves_none(home: Home, own_cells: Cells) -> None:
    own_cells.start()
    seen: set[int] = set()
    for _ in range(5):
        with home.engine(own_cells) as engine:
            assert rows_of(engine.run(COUNT)) == [(7,)]
            seen |= set(_children(_warden(own_cells)))
    assert len(seen) >= 5
    assert len(_children(_warden(own_cells))) <= 4  # those that are ready, and one that is ending


def test_a_cell_that_is_killed_refuses_its_read_and_not_the_next(home: Home, own_cells: Cells) -> None:
    with home.engine(own_cells) as engine:
        for pid in _children(_warden(own_cells)):  # this read's, and those ready for others
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(EngineRefused) as raised:
            engine.run(COUNT)
        assert raised.value.code == "engine"
        assert rows_of(engine.run(COUNT)) == [(7,)]
    with home.engine(own_cells) as engine:
        assert rows_of(engine.run(COUNT)) == [(7,)]


def test_a_warden_that_is_killed_takes_its_cells_along_and_another_is_started(home: Home, own_cells: Cells) -> None:
    engine = home.engine(own_cells)
    first = _warden(own_cells)
    cells = _children(first)
    os.kill(first, signal.SIGKILL)
    assert _gone(cells)
    with pytest.raises(EngineRefused):
        engine.run(COUNT)
    with home.engine(own_cells) as again:
        assert rows_of(again.run(COUNT)) == [(7,)]
    assert _warden(own_cells) != first


def test_when_the_gate_dies_the_warden_and_every_cell_die_too(home: Home) -> None:
    program = f"""
        import sys, threading, time
        sys.path.insert(0, {str(Path(__file__).parents[2])!r})
        from pathlib import Path
        from schoolgate.gate.engines.sandbox import Cells
        from tests.threats.walled import ATTACKER, Home, attack
        home = Home.__new__(Home)
        home.own = {home.own!r}
        cells = Cells(ATTACKER)
        engine = home.engine(cells)
        threading.Thread(target=attack, args=(engine, "python", "while True: pass", 60), daemon=True).start()
        time.sleep(0.3)
        print(cells._warden.pid, flush=True)
        time.sleep(60)
    """
    gate = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True)
    assert gate.stdout is not None
    warden = int(gate.stdout.readline())
    family = [warden, *_children(warden)]
    assert len(family) >= 2
    gate.kill()
    gate.wait()
    gate.stdout.close()
    assert _gone(family)


GARBAGE = {
    "no answer that can be read": "kept[0].sendall(os.urandom(64)); answer = {}",
    "an answer without end": "kept[0].sendall(b'\\xff' * 8 + b'x' * 100); answer = {}",
    "raw parts where there are none": "frames.write(kept[0], {'rows': 1}, [b'x' * 100]); answer = {}",
    "no stream": "os.write(out, b'nonsense' * 100); answer = {'rows': 1}",
    "nothing at all": "answer = {'rows': 1}",
    "other rows than it says": "os.write(out, stream(pa.table({'n': [1, 2]}))); answer = {'rows': 3}",
    "a word that is none of its words": "answer = {'error': 'Zq7other'}",
    "an error that is a list": "answer = {'error': ['Zq7other']}",
    "rows that are no number": "os.write(out, stream(pa.table({'n': [1]}))); answer = {'rows': 'many'}",
    "a hand on the result": (
        "os.ftruncate(out, 4096); held = mmap.mmap(out, 4096); kept.append(held); answer = {'rows': 1}"
    ),
    "text that begins before and ends behind what it wrote": (
        "os.write(out, stream(pa.Table.from_arrays([pa.StringArray.from_buffers(1,"
        " pa.py_buffer(b'\\xff\\xff\\xff\\x7f\\xff\\xff\\xff\\x7f'), pa.py_buffer(b'x'))], ['n']))); answer = {'rows': 1}"
    ),
}


@pytest.mark.parametrize("what", GARBAGE)
def test_a_cell_that_answers_nonsense_is_refused_and_the_next_read_works(
    what: str, home: Home, attackers: Cells, own_cells: Cells
) -> None:
    engine = home.engine(attackers)
    with pytest.raises(EngineRefused) as raised:
        engine._answer({"want": "garbage", "sql": GARBAGE[what]}, engine._table)
    assert raised.value.code == "engine"
    assert ELSEWHERE not in str(raised.value)
    engine._end()
    with home.engine(own_cells) as good:
        assert rows_of(good.run(COUNT)) == [(7,)]


def test_references_that_are_none_are_refused(home: Home, attackers: Cells) -> None:
    engine = home.engine(attackers)
    code = "os.write(out, b'\\xff\\xff\\xff\\xff' * 3); answer = {'rows': 3}"
    with pytest.raises(EngineRefused):
        engine._answer({"want": "garbage", "sql": code}, lambda written, _: _pupils(written))
    engine._end()


def test_a_cell_that_never_ends_is_killed_by_the_gate_when_time_is_up(home: Home, own_cells: Cells) -> None:
    joins = ", ".join(f"__lake_census_pupil t{i}" for i in range(14))
    begun = time.monotonic()
    with home.engine(own_cells, Limits(seconds=0.5, threads=2)) as engine:
        with pytest.raises(EngineRefused) as raised:
            engine.run(f"SELECT sum(t0.age * t13.age) AS n FROM {joins}")
        assert raised.value.code == "too-slow"
        assert rows_of(engine.run(COUNT)) == [(7,)]
    assert time.monotonic() - begun < 20


def test_many_threads_read_at_once(home: Home, own_cells: Cells) -> None:
    found: list[object] = []

    def read() -> None:
        for _ in range(4):
            with home.engine(own_cells) as engine:
                found.append(rows_of(engine.run(COUNT)))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [[(7,)]] * 32


def test_a_forked_gate_has_a_warden_of_its_own(home: Home, own_cells: Cells) -> None:
    """Queue workers and web servers fork: what belongs to the parent is let go of, not shared."""
    own_cells.start()
    first = _warden(own_cells)
    own_cells.forget()
    with home.engine(own_cells) as engine:
        assert rows_of(engine.run(COUNT)) == [(7,)]
    assert _warden(own_cells) != first
    os.kill(first, signal.SIGKILL)


def test_where_bubblewrap_is_the_wall_it_holds_too(home: Home) -> None:
    """Where the kernel has no Landlock: a cold start for each read, and the same two sides."""
    cells = Cells(ATTACKER, BUBBLEWRAP)
    with home.engine(cells) as engine:
        assert attack(engine, "sql", f"SELECT count(*) FROM read_parquet('{home.own}')")["value"] == "[(8,)]"
        for path in (home.other, home.vault, home.key, "/etc/passwd", f"/proc/{os.getpid()}/environ"):
            answer = attack(engine, "python", f"it = open({str(path)!r}, 'rb').read()")
            assert answer.get("raised") in ("FileNotFoundError", "PermissionError"), (path, answer)
        for code in ("open('/tmp/zq7new', 'w')", f"open({home.own!r}, 'r+b')", "socket.socket()", "os.fork()"):
            assert attack(engine, "python", f"it = {code}").get("raised"), code
    real = Cells(around=BUBBLEWRAP)
    with home.engine(real) as engine:
        assert rows_of(engine.run(COUNT)) == [(7,)]


def test_where_there_is_no_wall_memory_and_time_are_bounded_all_the_same(home: Home) -> None:
    cells = Cells(ATTACKER, NO_WALL)
    with home.engine(cells, Limits(seconds=20, memory="300MB", size=1 << 20)) as engine:
        assert attack(engine, "python", "it = bytearray(3 << 30)")["raised"] == "MemoryError"
        assert attack(engine, "python", "it = resource.getrlimit(resource.RLIMIT_CPU)")["value"] == "(100, 100)"
    cells.stop()


def test_where_there_is_no_wall_it_is_said() -> None:
    assert not NO_WALL.holds
    assert "read this query's files and write nowhere" in wall().line.replace("\n", " ")


def test_a_wall_that_cannot_be_put_up_lets_nothing_be_read(home: Home, own_cells: Cells) -> None:
    """The kernel says no (here: a ruleset for a file that is a link): the cell reads nothing."""
    Path(home.own).rename(home.own + ".moved")
    Path(home.own).symlink_to(home.own + ".moved")
    with pytest.raises(LakeUnreadable):
        home.engine(own_cells)
