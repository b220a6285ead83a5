"""Looking at a family's file ends in time and in memory, whatever it is, and in a process that is never trusted."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schoolgate import gate
from schoolgate.config import Config
from schoolgate.errors import Refused
from schoolgate.gate.engines.sandbox import Wall
from schoolgate.requests.drafting import Checked
from schoolgate.rights.cases import scanning
from schoolgate.rights.cases.apart import running
from tests.requests.attachments import jpeg, png
from tests.rights.cases.papers import (
    CATALOG,
    PAGE,
    PLAIN,
    filled_in,
    kept,
    noted_png,
    of_photo,
    paper,
    photo,
    refused,
    stream,
    written,
)
from tests.rights.cases.scene import codes

BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a stream that unpacks without end": (
        lambda: written({**PLAIN, 4: stream(b"\0" * (60 << 20)), 3: PAGE[:-2] + b"/Contents 4 0 R>>"}), "more than"),
    "an object stream that unpacks without end": (
        lambda: written({**PLAIN, 4: stream(b"5 0 " + b" " * (60 << 20), b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode")}),
        "more than"),
    "pages that lead in a circle": (
        lambda: written({1: CATALOG, 2: b"<</Type/Pages/Kids[4 0 R]/Count 1>>", 4: b"<</Type/Pages/Kids[2 0 R]/Count 1>>"}),
        "damaged"),
    "pages that are their own": (lambda: written({1: CATALOG, 2: b"<</Type/Pages/Kids[2 0 R]/Count 1>>"}), "damaged"),
    "a million pages of one": (
        lambda: written({1: CATALOG, 2: b"<</Type/Pages/Count 1000000/Kids[" + b"3 0 R " * 1_000_000 + b"]>>", 3: PAGE}),
        "There is more in this file"),
    "pages that grow tenfold ten times": (
        lambda: written({1: CATALOG, 2: b"<</Type/Pages/Count 1/Kids[" + b"4 0 R " * 10 + b"]>>",
                         **{n: b"<</Type/Pages/Count 1/Kids[" + b"%d 0 R " % (n + 1) * 10 + b"]>>" for n in range(4, 14)},
                         14: PAGE}), "damaged"),
    "more pages than somebody reads": (lambda: paper(pages=501), "500 pages"),
    "no page": (lambda: written({1: CATALOG, 2: b"<</Type/Pages/Kids[]/Count 0>>"}), "no page"),
    "a picture that swallows the memory": (
        lambda: written({**PLAIN, 4: stream(b"\0", b"/Subtype/Image/Width 100000/Height 100000"),
                         3: PAGE[:-2] + b"/Resources<</XObject<</A 4 0 R>>>>>>"}), "too large"),
}  # fmt: skip


@pytest.mark.parametrize("what", BOMBS)
def test_what_would_keep_the_machine_busy_is_refused_in_time(home: Config, what: str) -> None:
    make, words = BOMBS[what]
    content, begun = make(), time.monotonic()
    assert words in refused(home, content)
    assert time.monotonic() - begun < running._SECONDS


def test_lists_in_lists_without_end_stay_behind(home: Config) -> None:
    assert b"[[" not in kept(home, "letter.pdf", written({**PLAIN, 4: b"[" * 200_000 + b"]" * 200_000}))


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_a_picture_that_swallows_the_memory_is_refused_before_it_is_unpacked(home: Config, name: str) -> None:
    assert "too large" in refused(home, png(60_000, 60_000) if name == "a.png" else jpeg(0), name)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 1 << 32),
    which=st.sampled_from(["a.pdf", "b.pdf", "c.pdf", "a.jpg", "a.png"]),
    cut=st.booleans(),
)
def test_whatever_is_cut_off_or_changed_is_taken_or_refused_and_never_breaks(
    home: Config, seed: int, which: str, cut: bool
) -> None:
    whole = {
        "a.pdf": paper(),
        "b.pdf": filled_in(),
        "c.pdf": of_photo(photo()),
        "a.jpg": photo(),
        "a.png": noted_png(),
    }[which]
    chance, broken = random.Random(seed), bytearray(whole)
    if cut:
        del broken[chance.randrange(len(broken)) :]
    else:
        for _ in range(chance.randrange(1, 6)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
    assert isinstance(scanning.checked(which, bytes(broken), home), Checked | Refused)


# The process that looks.


def test_where_nothing_shuts_the_looking_in_no_file_is_looked_at(home: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schoolgate.gate.engines.beside.wall", lambda: Wall("", "none"))
    assert codes(scanning.checked("letter.pdf", paper(), home)) == {"file-not-scanned"}
    assert kept(replace(home, no_wall=True), "letter.pdf", paper())


def test_what_the_looking_process_says_is_read_with_limits_and_never_shown(
    home: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def says(program: str) -> Any:
        _, environment, around = gate.beside("x")
        monkeypatch.setattr(
            "schoolgate.gate.beside", lambda *given: (["/bin/sh", "-c", program], environment, around), raising=False
        )
        return running.taken_apart("application/pdf", paper(), 1_000, home)

    for program in (
        "echo harm",
        "exit 1",
        "kill -9 $$",
        "yes ok | head -c 5000",
        "printf 'ok\\n'; head -c 5000 /dev/zero",
        ":",
    ):
        found = says(program)
        assert codes(Refused((found,))) == {"file-content"}
        assert "harm" not in found.reason


SHUT_IN = "from schoolgate import gate; gate.shut_in({wall!r}, memory=1 << 28, processor=5, size=1 << 20); "


@pytest.mark.parametrize(
    "tries",
    [
        "open('/etc/hostname')",
        "open('/tmp/left-behind', 'w')",
        "__import__('socket').socket()",
        "__import__('os').fork()",
        "__import__('os').execv('/bin/true', ['true'])",
        "b'x' * (1 << 30)",
    ],
)
def test_the_looking_process_reads_no_file_reaches_nobody_and_starts_nothing(tries: str) -> None:
    _, environment, around = gate.beside("x")
    assert around.name == "landlock"
    program = "import socket, os; " + SHUT_IN.format(wall=around.name)
    alone = [sys.executable, "-I", "-B", "-c"]
    fine = subprocess.run([*alone, program], env=environment, capture_output=True, check=False)
    assert fine.returncode == 0, fine.stderr
    done = subprocess.run([*alone, program + tries], env=environment, capture_output=True, check=False)
    assert done.returncode != 0
    assert b"PermissionError" in done.stderr or b"MemoryError" in done.stderr


def test_the_looking_process_is_ended_when_it_takes_too_long() -> None:
    _, environment, around = gate.beside("x")
    program = SHUT_IN.format(wall=around.name).replace("processor=5", "processor=1") + "\nwhile True: pass"
    done = subprocess.run([sys.executable, "-I", "-B", "-c", program], env=environment, check=False, timeout=60)
    assert done.returncode < 0


def test_two_files_are_looked_at_at_once_and_no_more(home: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_AT_ONCE", threading.BoundedSemaphore(1))
    monkeypatch.setattr(running, "_SECONDS", 0.01)
    with running._AT_ONCE:
        assert codes(scanning.checked("letter.pdf", paper(), home)) == {"file-not-scanned"}
