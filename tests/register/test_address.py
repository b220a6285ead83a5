"""A log at an address: the same checks, and a server that means harm gets nowhere."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from schoolgate import register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.register import LogBroken
from tests.register.logs import check, copy, grow

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@contextlib.contextmanager
def serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def folder(root: Path) -> Iterator[str]:
    with serving(lambda *args: Quiet(*args, directory=str(root))) as address:
        yield address


@contextlib.contextmanager
def answering(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server that answers everything in one way."""

    class Handler(Quiet):
        def do_GET(self) -> None:
            with contextlib.suppress(OSError):
                answer(self)

    with serving(Handler) as address:
        yield address


def refused(home: Config, address: str, patience: float = 5) -> str:
    with pytest.raises(LogBroken) as raised:
        register.verify_log(address, register.verifier_key(home), patience=patience)
    return raised.value.what


def test_a_log_behind_any_web_server_is_checked_and_remembered(home: Config, clock: FixedClock) -> None:
    grow(home, clock, 3, 300)
    with folder(home.home) as address:
        assert check(home, f"{address}/log").checkpoint.size == 300
        assert check(home, f"{address}/log/").earlier == 1
        assert check(home).earlier == 1


def test_a_changed_byte_and_a_missing_tile_are_named(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    grow(home, clock, 300)
    where = copy(home, tmp_path / "copy")
    with folder(where) as address:
        tile = where / "tile/0/001.p/44"
        data = tile.read_bytes()
        tile.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        assert "Entry 299 does not fit" in refused(home, address)
        tile.unlink()
        assert refused(home, address) == "tile/0/001.p/44 is missing."
        tile.write_bytes(data)
        (where / "key").unlink()  # no part of tlog-tiles: another log may not serve it
        check(home, address, remember=False)
        (where / "checkpoint").unlink()
        assert refused(home, address) == "checkpoint is missing."


def test_a_reader_with_an_older_checkpoint_takes_the_full_tile_in_place_of_the_partial_one_that_is_gone(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    grow(home, clock, 200)
    old = (home.log / "checkpoint").read_bytes()
    grow(home, clock, 300)
    where = copy(home, tmp_path / "copy")
    (where / "checkpoint").write_bytes(old)
    assert not (where / "tile/0/000.p").exists()
    with folder(where) as address:
        assert check(home, address, remember=False).checkpoint.size == 200
        bundle = (where / "tile/entries/000").read_bytes()
        (where / "tile/entries/000").write_bytes(bundle.replace(b"Notice 7 ", b"Notice 8 "))
        assert "Entry 7 does not fit" in refused(home, address)
        (where / "tile/entries/000").write_bytes(bundle)
        (where / "tile/0/000").write_bytes((where / "tile/0/000").read_bytes()[:-1])
        assert "tile/0/000" in refused(home, address)


def test_redirects_are_followed_on_the_web_and_nowhere_else(home: Config, clock: FixedClock) -> None:
    grow(home, clock, 3)
    with folder(home.log) as real:

        def elsewhere(to: str) -> Callable[[BaseHTTPRequestHandler], None]:
            def answer(request: BaseHTTPRequestHandler) -> None:
                request.send_response(302)
                request.send_header("Location", to.format(path=request.path))
                request.end_headers()

            return answer

        with answering(elsewhere(real + "{path}")) as moved:
            assert check(home, moved, remember=False).checkpoint.size == 3
        for target in (
            f"file://{home.log}{{path}}",
            "ftp://127.0.0.1{path}",
            "data:text/plain,x",
            "gopher://127.0.0.1/",
        ):
            with answering(elsewhere(target)) as hostile:
                assert refused(home, hostile) == "checkpoint: the server answered 302."
        with answering(elsewhere("{path}")) as circle:
            assert "checkpoint" in refused(home, circle)


@pytest.mark.parametrize("status", [204, 206, 304, 403, 500, 503])
def test_any_other_answer_is_a_fault_and_not_a_missing_file(status: int, home: Config, clock: FixedClock) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", "0")
        request.end_headers()

    with answering(answer) as address:
        assert refused(home, address) == f"checkpoint: the server answered {status}."


def test_an_endless_answer_is_cut_off_and_a_slow_one_is_not_waited_for(home: Config, clock: FixedClock) -> None:
    sent = 0

    def endless(request: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"x" * 65_536)
            sent += 65_536

    with answering(endless) as address:
        assert refused(home, address) == "checkpoint is longer than such a file can be."
    assert sent < 64 << 20

    def dripping(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(200):
            request.wfile.write(b"x")
            time.sleep(0.05)

    def silent(request: BaseHTTPRequestHandler) -> None:
        time.sleep(3)

    for answer in (dripping, silent):
        begun = time.monotonic()
        with answering(answer) as address:
            assert refused(home, address, patience=0.4).startswith("checkpoint")
        assert time.monotonic() - begun < 3


def test_an_answer_that_breaks_off_or_is_not_http_is_a_fault(home: Config, clock: FixedClock) -> None:
    def broken(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b"x" * 10)

    def nonsense(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"nonsense\r\n\r\n")

    for answer in (broken, nonsense):
        with answering(answer) as address:
            assert refused(home, address).startswith("checkpoint")
    assert refused(home, "http://127.0.0.1:1") == "checkpoint cannot be fetched."


@pytest.mark.parametrize(
    "source",
    [
        "file:///", "file://{log}", "ftp://127.0.0.1/log", "data://x", "HTTP+UNIX://x", "http://", "http:///log", "http://[::1",
        "http://127.0.0.1/log?x=1", "http://127.0.0.1/log#x", "http://127.0.0.1/lo g", "http://127.0.0.1/log\n", "no/such/folder",
    ],
)  # fmt: skip
def test_only_folders_and_web_addresses_are_read(source: str, home: Config, clock: FixedClock) -> None:
    grow(home, clock, 1)
    assert refused(home, source.format(log=home.log)) in (
        "This is not an address of a log.",
        "There is no such directory.",
    )


def test_a_path_in_the_address_is_not_a_way_out_of_it(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    grow(home, clock, 3)
    asked: list[str] = []

    class Noting(Quiet):
        def do_GET(self) -> None:
            asked.append(self.path)
            super().do_GET()

    shutil.copytree(home.log, tmp_path / "site" / "a" / "log")
    with serving(lambda *args: Noting(*args, directory=str(tmp_path / "site"))) as address:
        check(home, f"{address}/a/log", remember=False)
    assert asked
    assert all(path.startswith("/a/log/") for path in asked)
    assert len(asked) == len(set(asked)), "each file is fetched once"
