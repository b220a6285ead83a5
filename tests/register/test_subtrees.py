"""A large commitment is hashed in processes beside the gate, and is the same tree wherever it is hashed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schoolgate import register
from schoolgate.register import subtrees
from schoolgate.register.members import PART


def _parts(count: int) -> bytes:
    return random.Random(count).randbytes(PART * count)


def _cut(data: bytes, at: list[int]) -> Iterator[bytes]:
    edges = [0, *sorted(place * PART for place in at if place * PART < len(data)), len(data)]
    yield from (data[first:end] for first, end in pairwise(edges))


@given(st.integers(1, 400), st.lists(st.integers(0, 400), max_size=4), st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_the_tree_is_that_of_all_leaves_however_they_come(count: int, cuts: list[int], level: int) -> None:
    data = _parts(count)
    top = register.Beside(0).top_of(_cut(data, cuts), level)
    whole = register.MemberCommitment(tuple(register.leaves_of(data)))
    assert (top.count, top.root) == (count, whole.root)
    assert len(top.subtrees) == -(-count // (1 << level))


@pytest.mark.parametrize("count", [1, subtrees.AT_ONCE, 3 * subtrees.AT_ONCE + 5_001])
def test_processes_give_the_same_top_as_this_one(count: int) -> None:
    data = _parts(count)
    with register.Beside(2) as beside:
        made = beside.top_of(_cut(data, [70_000, 140_000]), 13)
        again = beside.top_of([data], 7)
    assert made == register.Beside(0).top_of([data], 13)
    assert again.root == made.root


def test_a_process_that_is_killed_breaks_the_commitment_off_and_is_said_to() -> None:
    data = _parts(4 * subtrees.AT_ONCE)
    with register.Beside(2) as beside:

        def portions() -> Iterator[bytes]:
            for number, some in enumerate(_cut(data, [n * subtrees.AT_ONCE for n in (1, 2, 3)])):
                if number == 2:
                    os.kill(beside._running[0].pid, signal.SIGKILL)
                yield some

        with pytest.raises(register.HashingStopped, match="stopped"):
            beside.top_of(portions(), 13)


def test_no_process_is_left_behind_and_none_knows_the_gates_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOLGATE_DATABASE", "postgresql://nobody:secret@nowhere/none")
    with register.Beside(2) as beside:
        running = list(beside._running)
        beside.top_of([_parts(10)], 3)
        told = [Path(f"/proc/{process.pid}/environ").read_text() for process in running[:1]]
        assert told == [""]
    assert all(process.poll() is not None for process in running)


def test_where_no_process_can_be_started_it_is_hashed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*args: object, **named: object) -> None:
        raise BlockingIOError

    monkeypatch.setattr(subtrees.subprocess, "Popen", none_left)
    data = _parts(1_000)
    with register.Beside(2) as beside:
        assert beside.top_of([data], 4) == register.Beside(0).top_of([data], 4)


def test_a_gate_that_is_killed_leaves_no_hashing_process(tmp_path: Path) -> None:
    """They end with the pipe they read from, though they do not hear a signal to their whole group."""
    told = tmp_path / "pid"
    code = (
        "import os, sys, signal; from schoolgate import register\n"
        "beside = register.Beside(1).__enter__(); beside.top_of([bytes(480)], 2)\n"
        "open(sys.argv[1], 'w').write(str(beside._running[0].pid)); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(told)], check=False)
    hashing = int(told.read_text())
    until = time.monotonic() + 20
    while time.monotonic() < until and Path(f"/proc/{hashing}").exists():
        time.sleep(0.05)
    assert not Path(f"/proc/{hashing}").exists()


def test_a_signal_to_the_whole_group_does_not_end_it() -> None:
    data = _parts(2 * subtrees.AT_ONCE)
    with register.Beside(1) as beside:
        beside.top_of([data[: PART * 4]], 1)  # it is there, and listens
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(beside._running[0].pid, number)
        assert beside.top_of([data], 13) == register.Beside(0).top_of([data], 13)
