"""The witness as a program of its own: over HTTP, many at once, killed, without room; and never two histories."""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from schoolgate.cli.witness import app
from schoolgate.errors import SchoolgateError
from schoolgate.register import open_note
from schoolgate.witness import State, Witness, open_keys
from schoolgate.witness.server import LARGEST_REQUEST
from tests.witness.growing import NAME, Hand, Tree, key, request, submit, watching
from tests.witness.running import ask, serving


def test_checkpoints_are_taken_shown_and_refused_over_http(tmp_path: Path) -> None:
    tree = Tree().grow(9)
    witness = watching(tmp_path, tree)
    with serving(witness) as port:
        place = f"/{hashlib.sha256(tree.signer.name.encode()).hexdigest()}/checkpoint"
        assert ask(port, "GET", place)[0] == 404
        status, kind, body = ask(port, "POST", "/add-checkpoint", request(0, [], tree.signed()))
        assert (status, kind) == (200, "text/plain; charset=utf-8")
        open_note(tree.signed() + body, key(witness).verifier)
        status, _, note = ask(port, "GET", place)
        assert status == 200
        assert len(open_note(note, [tree.signer.verifier, key(witness).verifier]).keys) == 2
        assert ask(port, "POST", "/add-checkpoint", request(3, [], tree.signed())) == (409, "text/x.tlog.size", "9\n")
        status, kind, page = ask(port, "GET", "/")
        assert status == 200
        assert str(tree.signer.verifier) in page
        assert "9 entries" in page
        for path in ("/add-checkpoint", "/x", "/../witness.key", f"{place}/"):
            assert ask(port, "GET", path)[0] == 404
        assert ask(port, "POST", "/sign-subtree", b"x")[0] == 404
        assert ask(port, "DELETE", "/")[0] == 501


def test_a_connection_serves_many_requests(tmp_path: Path) -> None:
    tree = Tree().grow(9)
    with serving(watching(tmp_path, tree)) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for size in range(1, 9):
            body = request(size - 1, tree.proof(size - 1, size), tree.signed(size))
            connection.request("POST", "/add-checkpoint", body)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
        connection.close()


def test_requests_that_are_too_long_or_do_not_say_how_long_are_not_read(tmp_path: Path) -> None:
    with serving(watching(tmp_path, Tree())) as port:
        assert ask(port, "POST", "/add-checkpoint", b"x", **{"Content-Length": str(LARGEST_REQUEST + 1)})[0] == 413
        assert ask(port, "POST", "/add-checkpoint", b"x" * LARGEST_REQUEST)[0] == 400
        for raw in (
            b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n\r\n",
            b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as caller:
                caller.sendall(raw)
                assert b" 411 " in caller.recv(4096)


def test_callers_that_hang_up_or_hang_on_leave_room_for_others(tmp_path: Path) -> None:
    tree = Tree().grow(3)
    with serving(watching(tmp_path, tree)) as port:
        held = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(80)]
        for caller in held[:40]:
            caller.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 50\r\n\r\nold")
        for caller in held:
            caller.close()
        until = time.monotonic() + 10
        while True:
            try:
                assert ask(port, "POST", "/add-checkpoint", request(0, [], tree.signed()))[0] == 200
                break
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < until
                time.sleep(0.05)


def test_of_two_histories_submitted_at_once_one_is_cosigned(tmp_path: Path) -> None:
    """The race that the specification warns of, between threads and between two processes' states."""
    for attempt in range(5):
        folder = tmp_path / str(attempt)
        tree = Tree().grow(4)
        one = watching(folder, tree)
        two = Witness(State(folder), open_keys(folder), Hand())
        submit(one, tree, 0)
        trees = [tree.fork(4).grow(8 + n, f"history {n}") for n in range(8)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda pair: submit(pair[0], pair[1], 4), zip([one, two] * 4, trees, strict=True)))
        assert sorted(answer.status for answer in answers) == [200, *[409] * 7]
        won = trees[[answer.status for answer in answers].index(200)]
        assert one.state.logs()[0][1].size == len(won.leaves)  # type: ignore[union-attr]


def _program(*arguments: str, **more: str) -> subprocess.Popen[str]:
    code = "import sys; from schoolgate.cli import main; main()"
    # A machine without the rest: whoever imports one of these finds nothing.
    block = "import sys; sys.modules.update(dict.fromkeys(('django', 'duckdb', 'pyarrow', 'sqlglot', 'lxml'))); "
    return subprocess.Popen(
        [sys.executable, "-c", block + code, "witness", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **more},
    )  # fmt: skip


def _run(*arguments: str) -> str:
    program = _program(*arguments)
    said, problem = program.communicate(timeout=60)
    assert program.returncode == 0, problem
    return said


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    program = _program("serve", "--state", str(folder), "--listen", "127.0.0.1:0")
    assert program.stdout is not None
    line = program.stdout.readline()
    try:
        yield program, int(line.rstrip().rsplit(":", 1)[1])
    finally:
        program.kill()
        program.communicate(timeout=60)


def test_it_runs_where_nothing_else_of_schoolgate_can_and_forgets_nothing_when_it_is_killed(tmp_path: Path) -> None:
    folder, tree = tmp_path / "w", Tree().grow(40)
    vkey = _run("key", "--state", str(folder), "--name", NAME).strip()
    assert vkey == str(open_keys(folder)[0].verifier)
    assert "Watched" in _run("add-log", str(tree.signer.verifier), "--state", str(folder))
    seen = 0
    for size in (5, 40):
        with _serving(folder) as (program, port):
            body = request(seen, tree.proof(seen, size), tree.signed(size))
            assert ask(port, "POST", "/add-checkpoint", body)[0] == 200
            seen = size
            program.send_signal(signal.SIGKILL)
            program.wait(timeout=30)
        other = tree.fork(0).grow(size, "another")
        with _serving(folder) as (_, port):
            assert ask(port, "POST", "/add-checkpoint", request(size, [], other.signed()))[0] == 422
            assert ask(port, "POST", "/add-checkpoint", request(0, [], tree.signed(size)))[2] == f"{size}\n"
    assert str(tree.signer.verifier) in _run("logs", "--state", str(folder))
    assert "two histories" not in _run("evidence", "--state", str(folder))
    assert _run("evidence", "--state", str(folder)).count("## offered then") == 2


def test_killed_between_deciding_and_answering_it_is_where_it_was_or_where_it_went(tmp_path: Path) -> None:
    """At each of its steps, in a process of its own; the log asks again and gets its cosignature."""
    for step in ("decided", "remembered"):
        folder, tree = tmp_path / step, Tree().grow(9)
        witness = watching(folder, tree)
        submit(witness, tree, 0, 4)
        child = os.fork()
        if child == 0:

            def die(reached: str, step: str = step) -> None:
                if reached == step:
                    os.kill(os.getpid(), signal.SIGKILL)

            submit(Witness(State(folder), open_keys(folder), Hand(), step=die), tree, 4)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9
        size = witness.state.logs()[0][1].size  # type: ignore[union-attr]
        assert size == {"decided": 4, "remembered": 9}[step]
        assert submit(witness, tree.fork(3).grow(9, "another"), size).status == 422
        assert submit(witness, tree, size).status == 200


def fill(path: Path) -> None:
    """Take all the room there is."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            assert shutil.disk_usage(path.parent).free < 4096


def test_what_cannot_be_kept_is_not_cosigned(tmp_path: Path) -> None:
    """A real file system without room."""
    mounted = tmp_path / "small"
    mounted.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(mounted)], check=True)
    try:
        tree = Tree().grow(400)
        witness = watching(mounted / "w", tree)
        assert submit(witness, tree, 0, 5).status == 200
        filler = mounted / "filler"
        fill(filler)
        answers, seen = [], 5
        for size in range(6, 400):  # what is left of the pages already taken may serve a few more
            answers.append(submit(witness, tree, seen, size).status)
            if answers[-1] != 200:
                break
            seen = size
        assert answers[-1] == 500
        filler.unlink()
        assert witness.state.logs()[0][1].size == seen  # type: ignore[union-attr]
        assert submit(witness, tree, seen).status == 200
        assert submit(witness, tree.fork(2).grow(400, "another"), 400).status == 422
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=True)


@pytest.mark.parametrize("wrong", ["nowhere", "127.0.0.1:99999", ":80", "127.0.0.1:x", "192.0.2.1:80"])
def test_an_address_that_is_none_is_refused_in_words(wrong: str, tmp_path: Path) -> None:
    open_keys(tmp_path, NAME)
    answer = CliRunner().invoke(app, ["serve", "--state", str(tmp_path), "--listen", wrong])
    assert isinstance(answer.exception, SchoolgateError)
    assert answer.exception.code == "listen"
