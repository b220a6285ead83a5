"""The gate stops in order, is killed without harm, and takes up what was left; one gate serves an installation."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

import pytest

from tests.serve.place import DESK, GATE, WORKER, Place
from tests.serve.test_line import answer, asked, header, line_of

SLOW = "SELECT count(*) AS n FROM census_pupil a, census_pupil b, census_pupil c, census_pupil d, census_pupil e"
QUERY = "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex ORDER BY sex"


@pytest.fixture
def serving(small: Place) -> Place:
    small.start()
    return small


def _read(place: Place, sql: str = QUERY) -> Any:
    query = {"agreement": place.facts["agreement"], "person": place.facts["person"], "sql": sql}
    return place.ask(DESK, [{"ask": "read", **query}])[0]


def test_told_to_stop_the_gate_lets_what_runs_end_and_leaves_nothing_behind(serving: Place) -> None:
    got: list[Any] = []
    with line_of(serving, DESK) as line:
        line.sendall(header(asked(serving, sql=SLOW)))
        time.sleep(0.3)
        waiting = threading.Thread(target=lambda: got.append(answer(line, 60)))
        waiting.start()
        assert serving.stop() == 0
        waiting.join(60)
    assert "handover" in got[0] or got[0]["failed"]["code"] == "gate-stopping"
    assert not serving.socket.exists()
    assert "INFO gate stopped" in serving.gate_log
    answered = _read(serving)
    assert (answered[""], answered["code"]) == ("GateUnreachable", "gate-unreachable")


def test_a_gate_that_was_killed_is_started_again_in_its_place_and_settles_what_it_left(serving: Place) -> None:
    handed = _read(serving)
    assert handed[""] == "Handover"
    assert serving.stop(signal.SIGKILL) == -signal.SIGKILL
    assert serving.socket.is_socket()  # it had no time to take it away
    assert _read(serving)["code"] == "gate-unreachable"
    serving.socket.rename(serving.socket.with_name("old.sock"))
    serving.socket.with_name("old.sock").unlink()
    serving.start()
    until = time.monotonic() + 60
    while True:
        lines = serving.ask(GATE, [{"ask": "exposures_of", "pupil": 0}])[0]
        states = {line["exposure"]["release_id"]: line["exposure"]["state"] for line in lines}
        if states[handed["release_id"]] == "settled":
            break
        assert time.monotonic() < until
        time.sleep(0.2)
    assert _read(serving)[""] == "Handover"


def test_a_socket_left_by_a_gate_that_is_gone_is_replaced(small: Place) -> None:
    small.start()
    small.stop(signal.SIGKILL)
    left = small.socket.stat().st_mtime_ns  # a new file may get the old one's number
    small.start()
    until = time.monotonic() + 60
    while small.socket.stat().st_mtime_ns == left or _read(small)[""] != "Handover":
        assert time.monotonic() < until, small.gate_log
        time.sleep(0.2)


def test_a_second_gate_for_the_same_installation_does_not_start(serving: Place) -> None:
    other = serving.socket.with_name("other.sock")
    refused = serving.schoolgate(GATE, "gate", "serve", "--socket", str(other), "--callers", str(serving.callers))
    assert refused.returncode == 1
    assert "Another gate serves this installation" in refused.stderr
    assert not other.exists()
    assert _read(serving)[""] == "Handover"


def test_the_service_manager_hears_when_the_gate_is_ready(small: Place) -> None:
    import socket

    heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    path = small.folder / "run" / "notify.sock"
    with heard:
        heard.bind(str(path))
        os.chown(path, GATE, GATE)
        heard.settimeout(60)
        given = {**small.environment(GATE), "NOTIFY_SOCKET": str(path)}
        small.start(environment=given)
        assert heard.recv(64) == b"READY=1"
        small.stop()
        assert heard.recv(64) == b"STOPPING=1"
    path.unlink()


def test_a_worker_has_everything_settled_and_published(serving: Place) -> None:
    _read(serving)
    settled, published = serving.ask(WORKER, [{"ask": "settle_all"}, {"ask": "publish_log"}])
    assert settled in (0, 1)  # the gate may have been first
    assert published > 0
    lines = serving.ask(GATE, [{"ask": "exposures_of", "pupil": 0}])[0]
    assert {line["exposure"]["state"] for line in lines} == {"settled"}


def test_a_face_cannot_serve_the_gate(serving: Place) -> None:
    refused = serving.schoolgate(DESK, "gate", "serve", "--check")
    assert refused.returncode == 1
    assert "runs as the gate's user only" in refused.stderr


def test_a_desk_reads_explains_and_looks_items_up_from_the_command_line(serving: Place) -> None:
    facts = serving.facts
    out = serving.home(DESK) / "sexes.csv"
    read = serving.schoolgate(DESK, "read", QUERY, "--agreement", facts["agreement"], "--out", str(out))
    assert read.returncode == 0, read.stderr
    assert out.read_text().splitlines()[1:] == ['"F",3', '"M",3']
    assert out.stat().st_mode & 0o777 == 0o600
    explained = serving.schoolgate(DESK, "policy", "explain", QUERY, "--agreement", facts["agreement"])
    assert explained.returncode == 0, explained.stdout + explained.stderr
    elsewhere = serving.schoolgate(DESK, "request", "list")
    assert elsewhere.returncode == 1
    assert "a desk has none" in elsewhere.stderr
