"""Asking witnesses to cosign a checkpoint (C2SP tlog-witness, the log's side): all at once, and never for long."""

from __future__ import annotations

import base64
import http.client
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from schoolgate.errors import SchoolgateError
from schoolgate.register.note import Checkpoint, NoteError, open_note, split_note
from schoolgate.register.trust import KnownWitness, TrustPolicy

ProofFrom = Callable[[int], Sequence[bytes]]
"""Old size -> the consistency proof from there to the checkpoint."""

_LARGEST_ANSWER = 1 << 16
_MOST_TRIES = 3
"""A witness that saw something newer than we thought says so, and is asked again from there."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What came of asking.

    Attributes:
        lines: the cosignature lines, each checked.
        problems: what the witnesses that gave none said, by their names in the policy.
        ahead: the largest size a witness has cosigned, when it is larger than this log.
    """

    lines: tuple[str, ...]
    problems: tuple[str, ...]
    ahead: int


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes


class _Refused(Exception):
    """A witness gave no cosignature; the text says why."""

    def __init__(self, why: str, size: int = 0) -> None:
        super().__init__(why)
        self.size = size


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket of this machine: ``unix:///run/witness.sock``."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _connection(url: str, patience: float) -> tuple[http.client.HTTPConnection, str]:
    """A connection to a witness, and the prefix of its paths. No proxy and no redirect is followed."""
    parts = urlsplit(url)
    if parts.scheme == "unix" and not parts.netloc and parts.path:
        return _UnixConnection(unquote(parts.path), patience), ""
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise _Refused("its address is not one")
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=patience, context=context), parts.path
    if parts.scheme == "http":
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=patience), parts.path
    raise _Refused("its address is not one")


def _post(url: str, body: bytes, patience: float) -> _Answer:
    connection, prefix = _connection(url, patience)
    until = time.monotonic() + patience
    try:
        connection.request("POST", f"{prefix.rstrip('/')}/add-checkpoint", body, {"Content-Type": "text/plain"})
        with connection.getresponse() as answer:
            data = b""
            while piece := answer.read1(4096):
                data += piece
                if len(data) > _LARGEST_ANSWER or time.monotonic() > until:
                    raise _Refused("its answer is too long or too slow")
            return _Answer(answer.status, data)
    finally:
        connection.close()


def request_body(old: int, proof: Sequence[bytes], signed: str) -> bytes:
    """The body of ``add-checkpoint``: old size, proof lines, an empty line, the checkpoint."""
    lines = "".join(f"{base64.b64encode(part).decode()}\n" for part in proof)
    return f"old {old}\n{lines}\n{signed}".encode()


def _cosignature(witness: KnownWitness, body: str, answer: bytes) -> str:
    """The line of this witness's key among those in its answer, checked over this checkpoint."""
    try:
        note = body + "\n" + answer.decode("utf-8")
        open_note(note, witness.key)
        return next(line.text for line in split_note(note)[1] if line.is_of(witness.key))
    except (NoteError, UnicodeDecodeError):
        raise _Refused("its answer is not a cosignature by its key") from None


def _ask(
    witness: KnownWitness, old: int, checkpoint: Checkpoint, signed: str, proof: ProofFrom, patience: float
) -> str:
    for _ in range(_MOST_TRIES):
        answer = _post(witness.url, request_body(old, proof(old), signed), patience)
        if answer.status == http.client.OK:
            return _cosignature(witness, checkpoint.body(), answer.body)
        if answer.status != http.client.CONFLICT:
            break
        if not re.fullmatch(rb"(0|[1-9][0-9]{0,18})\n?", answer.body):
            raise _Refused("it says neither yes nor what it saw last")
        old = int(answer.body)
        if old > checkpoint.size:
            raise _Refused(f"it has cosigned {old} entries already", old)
    said: dict[int, str] = {
        http.client.FORBIDDEN: "it does not know the key this log is signed with",
        http.client.NOT_FOUND: "it does not know this log",
        http.client.UNPROCESSABLE_ENTITY: "it says this log does not continue what it cosigned before",
        http.client.CONFLICT: "it is being asked by somebody else at the same time",
    }
    raise _Refused(said.get(answer.status, f"it answered {answer.status}"))


def gather(
    policy: TrustPolicy, old: int, checkpoint: Checkpoint, signed: str, proof: ProofFrom, patience: float
) -> Gathered:
    """Ask every witness that has an address, and wait until the quorum is there or nobody is left to wait for.

    Args:
        policy: who is asked, and how many are enough.
        old: the size a witness probably saw last.
        checkpoint: what is to be cosigned.
        signed: the same, signed by the log.
        proof: gives the consistency proof from a size.
        patience: seconds, for all together.
    """
    answers: queue.SimpleQueue[tuple[KnownWitness, str, str, int]] = queue.SimpleQueue()

    def one(witness: KnownWitness) -> None:
        try:
            answers.put((witness, _ask(witness, old, checkpoint, signed, proof, patience), "", 0))
        except _Refused as refused:
            answers.put((witness, "", str(refused), refused.size))
        except (OSError, http.client.HTTPException, ValueError):
            answers.put((witness, "", "it cannot be reached", 0))
        except SchoolgateError as problem:  # no proof from there: our own tiles do not fit
            answers.put((witness, "", problem.what, 0))

    asked = [witness for witness in policy.witnesses if witness.url]
    for witness in asked:
        # A thread of its own that ends with the process: one that hangs keeps nobody else waiting.
        threading.Thread(target=one, args=(witness,), daemon=True).start()
    until = time.monotonic() + patience
    waiting = {witness.name for witness in asked}
    signing: dict[str, tuple[KnownWitness, str]] = {}
    problems: dict[str, str] = {}
    ahead = 0
    while waiting and not (signing and policy.met_by([witness.key for witness, _ in signing.values()])):
        try:
            witness, line, why, size = answers.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            problems |= dict.fromkeys(waiting, "it did not answer in time")
            break
        waiting.discard(witness.name)
        if line:
            signing[witness.name] = witness, line
        else:
            problems[witness.name], ahead = why, max(ahead, size)
    return Gathered(
        tuple(line for _, line in signing.values()),
        tuple(f"{name}: {why}" for name, why in sorted(problems.items())),
        ahead,
    )
