"""A checkpoint is in its place only with the cosignatures that the policy asks for."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from schoolgate import register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.register import NotEnough, NotWitnessed, parse_policy
from schoolgate.register.models import LogEntry, LogHead
from schoolgate.witness import open_keys
from schoolgate.witness.server import _Handler
from tests.register.logs import add, check, files, grow
from tests.register.watchers import Watcher, policy_of, set_policy, watchers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def three(home: Config, tmp_path: Path) -> Iterator[list[Watcher]]:
    with watchers(home, tmp_path / "witnesses") as every:
        set_policy(home, policy_of(every, 2))
        yield every


def cosigned_by(home: Config, every: list[Watcher]) -> int:
    """How many cosigned the checkpoint in place."""
    signed = (home.log / "checkpoint").read_bytes()
    return (
        len(
            register.open_note(
                signed, [register.VerifierKey.parse(register.verifier_key(home)), *(one.key for one in every)]
            ).keys
        )
        - 1
    )


def test_a_checkpoint_carries_the_cosignatures_and_so_does_every_receipt(
    home: Config, clock: FixedClock, three: list[Watcher]
) -> None:
    for size in (1, 2, 255, 256, 257, 600):
        grow(home, clock, size)
        assert cosigned_by(home, three) >= 2
    proof = register.receipt_proof(7, home)
    policy = parse_policy(policy_of(three, 2, register.verifier_key(home)))
    assert policy.open(proof.partition("\n\n")[2])[0].size == 600
    check(home)


def test_without_the_quorum_nothing_new_is_published_and_afterwards_everything_is(
    home: Config, clock: FixedClock, three: list[Watcher]
) -> None:
    grow(home, clock, 5)
    before = files(home.log)
    three[0].stop()
    grow(home, clock, 6)  # two of three are enough
    before = files(home.log)
    three[1].stop()
    add(clock, 4, 6)
    with pytest.raises(
        NotWitnessed, match=r"2 of w0, w1, w2.*w0: it cannot be reached; w1: it cannot be reached"
    ) as said:
        register.publish(clock, home)
    assert said.value.code == "log-witness"
    kept = files(home.log)
    assert {name: kept[name] for name in before} == before
    with pytest.raises(register.NotPublished):
        register.receipt_proof(7, home)
    check(home)
    three[0].start()
    assert register.publish(clock, home).size == 10
    assert cosigned_by(home, three) == 2
    check(home)


def test_a_witness_that_was_away_catches_up_and_a_new_one_begins(
    home: Config, clock: FixedClock, three: list[Watcher], tmp_path: Path
) -> None:
    grow(home, clock, 3)
    three[2].stop()
    grow(home, clock, 40, 300)
    three[2].start()
    set_policy(home, policy_of(three, 3))
    # Asked again at the same size: the policy asks for more than the checkpoint carries.
    assert register.publish(clock, home).size == 300
    assert cosigned_by(home, three) == 3
    assert [one.state.logs()[0][1].size for one in three] == [300, 300, 300]  # type: ignore[union-attr]
    grow(home, clock, 301)
    assert cosigned_by(home, three) == 3


def test_one_round_of_witnesses_whatever_the_number_of_entries(
    home: Config, clock: FixedClock, three: list[Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    from schoolgate.register import asking

    grow(home, clock, 3)
    asked: list[int] = []
    real = asking._post

    def counting(url: str, body: bytes, patience: float) -> object:
        asked.append(len(body))
        return real(url, body, patience)

    monkeypatch.setattr(asking, "_post", counting)
    grow(home, clock, 700)
    assert 2 <= len(asked) <= 4  # three, and one that had missed the round before is asked twice
    count = len(asked)
    assert register.publish(clock, home).size == 700  # nothing new: nobody is asked
    assert len(asked) == count


def test_killed_between_the_cosignatures_and_the_checkpoint_the_next_publication_goes_on_from_there(
    home: Config, clock: FixedClock, three: list[Watcher]
) -> None:
    class Cut(Exception):
        pass

    def cut(step: str) -> None:
        if step == "cosigned":
            raise Cut

    grow(home, clock, 5)
    before = (home.log / "checkpoint").read_bytes()
    add(clock, 300, 5)
    with pytest.raises(Cut):
        register.publish(clock, home, step=cut)
    assert (home.log / "checkpoint").read_bytes() == before
    assert max(one.state.logs()[0][1].size for one in three) == 305  # type: ignore[union-attr]
    check(home)
    add(clock, 1, 305)
    assert register.publish(clock, home).size == 306
    check(home)
    assert [one.state.evidence() for one in three] == [(), (), ()]


def test_an_old_database_under_a_log_that_witnesses_saw_longer_is_not_published(
    home: Config, clock: FixedClock, three: list[Watcher]
) -> None:
    """Everything at home was put back from a backup, the log's files too: only the witnesses know better."""
    grow(home, clock, 3)
    old = files(home.log)
    grow(home, clock, 9)
    for path in sorted(home.log.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    for name, data in old.items():
        (home.log / name).parent.mkdir(parents=True, exist_ok=True)
        (home.log / name).write_bytes(data)
    LogEntry.objects.filter(index__gte=3).delete()
    LogHead.objects.update(size=3)
    add(clock, 2, 100)
    with pytest.raises(register.LogAhead, match="A witness has cosigned 9 entries of this log; the database has 5"):
        register.publish(clock, home)
    add(clock, 10, 200)  # and writing more does not help: the witnesses see another history
    with pytest.raises(NotWitnessed, match="does not continue what it cosigned before"):
        register.publish(clock, home)
    assert files(home.log)["checkpoint"] == old["checkpoint"]
    assert any(one.state.evidence() for one in three)


def test_a_log_that_was_cosigned_does_not_go_on_unwatched_because_a_file_is_gone(
    home: Config, clock: FixedClock, three: list[Watcher]
) -> None:
    grow(home, clock, 3)
    (home.home / "witness-policy").unlink()
    add(clock, 1, 3)
    with pytest.raises(NotWitnessed, match="their file is gone"):
        register.publish(clock, home)
    set_policy(home, "quorum maybe\n")
    with pytest.raises(register.PolicyRefused):
        register.publish(clock, home)
    set_policy(home, "quorum none\n")
    assert register.publish(clock, home).size == 4


def test_witnesses_are_named_in_the_log_itself(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    grow(home, clock, 2)
    with watchers(home, tmp_path / "w", 2) as every:
        said = register.set_witnesses(home, clock, policy_of(every, 2).encode(), "The regulator and a newspaper watch.")
        assert said == "2 of w0, w1"
        told = register.event(2).body
        assert told["type"] == "witnesses.changed"
        assert told["witnesses"] == [str(one.key) for one in every]
        assert cosigned_by(home, every) == 2
        with pytest.raises(register.PolicyRefused):
            register.set_witnesses(home, clock, b"quorum x\n", "r")
        with pytest.raises(register.NotPublished):
            register.event(3)


class _Hostile(BaseHTTPRequestHandler):
    """A witness that answers everything in one way."""

    answer: tuple[int, bytes] = (200, b"")
    slow = False

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, body = self.answer
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        for at in range(len(body)):
            self.wfile.write(body[at : at + 1])
            if self.slow:
                self.wfile.flush()
                time.sleep(0.2)


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (200, b"", "not a cosignature"),
        (200, b"\xff", "not a cosignature"),
        (200, "— w.example AAAA\n".encode(), "not a cosignature"),
        (200, b"x" * 70_000, "too long"),
        (409, b"", "neither yes nor what it saw last"),
        (409, b"0x5", "neither yes nor what it saw last"),
        (409, b"1\n", "asked by somebody else"),
        (403, b"", "does not know the key"),
        (404, b"", "does not know this log"),
        (422, b"", "does not continue"),
        (302, b"", "answered 302"),
        (500, b"", "answered 500"),
        (999, b"", "answered 999"),
    ],
)
def test_whatever_a_witness_answers_nothing_is_published_without_its_cosignature(
    status: int, body: bytes, why: str, home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    handler = type("Handler", (_Hostile,), {"answer": (status, body)})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        set_policy(home, policy_of([Watcher(tmp_path / "w", "w", port=server.server_address[1])], 1))
        add(clock, 3)
        with pytest.raises(NotWitnessed, match=why):
            register.publish(clock, home)
        server.shutdown()
    assert register.published(home) is None


def test_a_witness_that_hangs_keeps_nobody_waiting_longer_than_the_limit(
    home: Config, clock: FixedClock, three: list[Watcher], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from schoolgate.register import publisher

    monkeypatch.setattr(publisher, "PATIENCE", 3.0)
    slow = type("Slow", (_Hostile,), {"answer": (200, b"x" * 1000), "slow": True})
    with ThreadingHTTPServer(("127.0.0.1", 0), slow) as server, socket.create_server(("127.0.0.1", 0)) as silent:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        ports = [server.server_address[1], silent.getsockname()[1]]
        bad = [Watcher(tmp_path / f"s{port}", f"s{n}", port=port) for n, port in enumerate(ports)]
        set_policy(home, policy_of([*three, *bad], 3))
        begun = time.monotonic()
        grow(home, clock, 3)  # three that answer are enough: the others are not waited for
        assert time.monotonic() - begun < 2.9
        set_policy(home, policy_of([*three, *bad], 4))
        add(clock, 1, 3)
        begun = time.monotonic()
        with pytest.raises(
            NotWitnessed,
            match=r"s0: it (did not answer in time|cannot be reached); s1: it (did not answer in time|cannot be reached)",
        ):
            register.publish(clock, home)
        assert time.monotonic() - begun < 9
        server.shutdown()


def test_a_witness_at_a_socket_of_this_machine_is_asked(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    class Local(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True

    local = Watcher(tmp_path / "w", "local")
    local.start()
    local.state.add_log(register.VerifierKey.parse(register.verifier_key(home)))

    class Handler(_Handler):
        def address_string(self) -> str:
            return "here"

    with Local(str(tmp_path / "w.sock"), Handler) as server:
        server.witness = local.server.witness  # type: ignore[attr-defined, union-attr]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        set_policy(home, f"witness local {local.key} unix://{tmp_path / 'w.sock'}\nquorum local\n")
        local.stop()
        grow(home, clock, 3)
        assert cosigned_by(home, [local]) == 1
        server.shutdown()
    for wrong in ("ftp://x", "file:///x", "http://", "http://u@h/", "unix://h/x", "nowhere"):
        set_policy(home, f"witness local {local.key} {wrong}\nquorum local\n")
        add(clock, 1, 3)
        with pytest.raises(NotWitnessed, match="its address is not one"):
            register.publish(clock, home)


def test_a_witness_may_be_trusted_by_its_post_quantum_key(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    keys = open_keys(tmp_path / "w", "w.example", post_quantum=True)
    watcher = Watcher(tmp_path / "w", "w")
    watcher.start()
    watcher.state.add_log(register.VerifierKey.parse(register.verifier_key(home)))
    text = f"witness w {keys[1].verifier} http://127.0.0.1:{watcher.port}\nquorum w\n"
    set_policy(home, text)
    grow(home, clock, 3, 300)
    watcher.stop()
    report = register.verify_log(str(home.log), register.verifier_key(home), policy=parse_policy(text))
    assert report.witnesses == ("w",)
    signed = (home.log / "checkpoint").read_bytes()
    assert register.open_note(signed, keys[1].verifier).keys == (keys[1].verifier,)


def test_whoever_trusts_a_policy_refuses_a_checkpoint_without_its_cosignatures(
    home: Config, clock: FixedClock, three: list[Watcher]
) -> None:
    """A stolen key signs what it likes; witnesses that saw the log do not cosign it."""
    grow(home, clock, 3)
    policy = parse_policy(policy_of(three, 2, register.verifier_key(home)))
    policy.open((home.log / "checkpoint").read_bytes())
    forged = register.Checkpoint(register.log_name(home), 3, b"x" * 32)
    with pytest.raises(NotEnough, match="nobody cosigned"):
        policy.open(register.sign_note(forged.body(), register.signer(home)))
