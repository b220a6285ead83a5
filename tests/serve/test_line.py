"""What arrives at the socket is nobody's friend: garbage, halves, huge lengths, slow senders, crowds, strangers."""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from schoolgate.gate.serve.frames import LONGEST_ANSWER, LONGEST_REQUEST, MARK, Frame, Gone, Malformed, receive, send
from tests.serve.place import DESK, PORTAL, STRANGER, Place

QUERY = "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex ORDER BY sex"


@contextmanager
def lines_of(place: Place, uid: int, count: int) -> Iterator[list[socket.socket]]:
    """Connections that the kernel says are this user's: made by a process of theirs, handed over to the test."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            for _ in range(count):
                with socket.socket(socket.AF_UNIX) as line:
                    line.connect(str(place.socket))
                    socket.send_fds(theirs, [b"x"], [line.fileno()])
        finally:
            os._exit(0)
    theirs.close()
    with ours, ExitStack() as open_lines:
        found = []
        for _ in range(count):
            _, (descriptor,), _, _ = socket.recv_fds(ours, 1, 1)
            found.append(open_lines.enter_context(socket.socket(fileno=descriptor)))
        os.waitpid(child, 0)
        yield found


@contextmanager
def line_of(place: Place, uid: int) -> Iterator[socket.socket]:
    """One such connection."""
    with lines_of(place, uid, 1) as (line,):
        yield line


def answer(line: socket.socket, seconds: float = 30) -> dict[str, Any]:
    return dict(receive(line, longest=LONGEST_ANSWER, parts=64, seconds=seconds).header)


def failed(line: socket.socket) -> str:
    return str(answer(line)["failed"]["code"])


def header(value: Any) -> bytes:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return struct.pack(">4sI", MARK, len(data)) + data


def asked(place: Place, **changes: Any) -> dict[str, Any]:
    args = {
        "agreement": place.facts["agreement"], "person": place.facts["person"], "sql": QUERY, "file": None,
        "limits": None, **changes,
    }  # fmt: skip
    return {"op": "read", "args": args}


def test_a_stranger_gets_one_plain_refusal_and_an_entry_in_the_gates_own_log(place: Place) -> None:
    with line_of(place, STRANGER) as line:
        said = answer(line)["failed"]
        assert line.recv(1) == b""
    assert said["code"] == "stranger"
    assert "The gate does not answer this user." in said["what"]
    assert f"refused user={STRANGER}: not in the list of callers" in place.gate_log


MALFORMED: dict[str, bytes] = {
    "noise": os.urandom(64),
    "a web browser": b"GET / HTTP/1.1\r\nHost: gate\r\n\r\n",
    "another version": struct.pack(">4sI", b"SGv9", 2) + b"{}",
    "no header": struct.pack(">4sI", MARK, 0),
    "a huge header": struct.pack(">4sI", MARK, LONGEST_REQUEST + 1),
    "the hugest header": struct.pack(">4sI", MARK, 0xFFFFFFFF),
    "not JSON": header(b"\xff\xfe{"),
    "a list": header([1, 2]),
    "deep nesting": header(b"[" * 100_000),
    "no operation": header({"args": {}}),
    "an unknown operation": header({"op": "drop", "args": {}}),
    "an operation that is no text": header({"op": ["read"], "args": {}}),
    "a method of an object": header({"op": "__class__", "args": {}}),
    "parts in a request": header({"op": "ping", "args": {}, "parts": [1 << 40]}),
    "more keys": header({"op": "ping", "args": {}, "more": 1}),
    "no arguments": header({"op": "read", "args": {}}),
    "arguments of another operation": header({"op": "read", "args": {"pupil": 1}}),
    "arguments that are no object": header({"op": "ping", "args": "none"}),
    "a number for a text": header(
        {"op": "explain", "args": {"agreement": 1, "person": "P-0001", "sql": "SELECT 1"}},
    ),
    "a class by name": header(
        {"op": "explain", "args": {"agreement": {"__reduce__": "os.system"}, "person": "", "sql": ""}},
    ),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_not_a_request_is_refused_in_a_word_and_the_gate_goes_on(place: Place, what: str) -> None:
    with line_of(place, PORTAL) as line:
        line.sendall(MALFORMED[what])
        assert failed(line) in ("not-a-request", "not-a-value")
    assert place.ask(DESK, [{"ask": "named_people", "agreement": place.facts["agreement"]}]) == [
        [place.facts["person"]]
    ]


LIMITS = {"seconds": 1.0, "memory": "999GB", "threads": 64, "rows": 10**9, "size": 10**12}


def test_a_caller_may_lower_its_limits_and_not_raise_them(place: Place) -> None:
    with line_of(place, PORTAL) as line:
        line.sendall(header(asked(place, limits={**LIMITS, "rows": 1, "seconds": 1e9})))
        refused = answer(line)["refused"]
    assert [reason["code"] for reason in refused["reasons"]] == ["too-many-rows"]
    with line_of(place, PORTAL) as line:
        line.sendall(header(asked(place, limits={**LIMITS, "seconds": 60})))
        assert "handover" in answer(line)


def test_a_query_longer_than_anybody_writes_is_refused_before_it_is_read(place: Place) -> None:
    with line_of(place, PORTAL) as line:
        data = json.dumps(asked(place, sql="SELECT " + "1," * LONGEST_REQUEST)).encode()
        line.sendall(struct.pack(">4sI", MARK, len(data)))
        assert failed(line) == "not-a-request"


@pytest.mark.parametrize("sent", [b"", b"SG", struct.pack(">4sI", MARK, 100), struct.pack(">4sI", MARK, 100) + b'{"op'])
def test_a_request_that_breaks_off_is_forgotten(place: Place, sent: bytes) -> None:
    with line_of(place, PORTAL) as line:
        line.sendall(sent)
    ended = _until(lambda: "op=? user=4205 role=desk ended=caller gone" in place.gate_log)
    assert ended


def _until(holds: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def test_senders_who_drip_a_byte_now_and_then_are_dropped_and_keep_nobody_waiting(place: Place) -> None:
    with lines_of(place, PORTAL, 30) as slow:
        begun = time.monotonic()
        whole = header(asked(place))
        for at in range(4):
            for line in slow:
                line.sendall(whole[at : at + 1])
            time.sleep(0.2)
        asked_at = time.monotonic()
        assert place.ask(DESK, [{"ask": "named_people", "agreement": place.facts["agreement"]}])
        assert time.monotonic() - asked_at < 8
        for line in slow:
            line.settimeout(30)
            assert line.recv(1) == b""  # closed without a word
        assert 8 < time.monotonic() - begun < 30


def test_a_crowd_of_one_users_connections_leaves_room_for_others(place: Place) -> None:
    with lines_of(place, PORTAL, 205) as crowd:
        assert _until(lambda: sum(_turned_away(line) for line in crowd) >= 5, 8)
        assert sum(_turned_away(line) for line in crowd) < 205
        assert place.ask(DESK, [{"ask": "named_people", "agreement": place.facts["agreement"]}]) == [
            [place.facts["person"]]
        ]
    assert _until(lambda: place.ask(PORTAL, [{"ask": "named_people", "agreement": "A-none"}])[0]["code"] != "gate-busy")


def _turned_away(line: socket.socket) -> bool:
    line.setblocking(False)
    try:
        return bool(line.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False


def test_who_goes_away_before_the_answer_leaves_a_release_that_was_begun_and_not_delivered(place: Place) -> None:
    """Many leave at once, so that some do it before their query ran and some after; each is one or the other."""
    before = {line["exposure"]["release_id"] for line in _exposures(place)}
    with lines_of(place, PORTAL, 12) as gone:
        for line in gone:
            line.sendall(header(asked(place)))
    assert _until(lambda: place.gate_log.count("op=read user=4205 role=desk ended=caller gone") >= 12, 60)
    begun = [line["exposure"] for line in _exposures(place) if line["exposure"]["release_id"] not in before]
    assert not [exposure for exposure in begun if exposure["delivered"]]


def _exposures(place: Place) -> list[dict[str, Any]]:
    from tests.serve.place import SITE

    (found,) = place.ask(SITE, [{"ask": "exposures_of", "pupil": 4}])
    return list(found)


def test_what_the_gates_own_log_says_is_nobodys_data(place: Place) -> None:
    place.ask(PORTAL, [{"ask": "read", "agreement": "A-9", "person": "P-77", "sql": "SELECT 'Canary' AS x"}])
    with line_of(place, PORTAL) as line:
        line.sendall(header({"op": "Canary", "args": {"Canary": "Canary"}}))
        assert failed(line) == "not-a-request"
    said = place.gate_log
    for secret in ("Canary", "P-77", "P-0001", "A-9", place.facts["agreement"], "SELECT", "Forename"):
        assert secret not in said


def test_a_message_that_is_none_is_refused_on_the_callers_side_too() -> None:
    for data in (b"SGv1\xff\xff\xff\xff", b"xxxx\0\0\0\2{}", header({"parts": [-1]}), header({"parts": [1] * 65})):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(data)
            with pytest.raises(Malformed):
                receive(ours, longest=LONGEST_ANSWER, parts=64, seconds=5)


def test_a_message_goes_through_whole_and_by_its_deadline() -> None:
    ours, theirs = socket.socketpair()
    frame = Frame({"a": "é", "parts": [3, 0]}, (b"xyz", b""))
    with ours, theirs:
        send(theirs, frame, seconds=5)
        assert receive(ours, longest=100, parts=2, seconds=5) == frame
        with pytest.raises(Gone):
            send(theirs, Frame({}, (bytes(1 << 24),)), seconds=0.2)  # nobody takes it
