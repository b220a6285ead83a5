"""What a witness answers (C2SP tlog-witness): it cosigns a tree that continues the one before, and no other."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from schoolgate.clock import Clock
from schoolgate.register import (
    EMPTY_ROOT,
    Checkpoint,
    Cosigner,
    NoteError,
    ProofError,
    VerifierKey,
    open_note,
    parse_checkpoint,
    split_note,
    strict_base64,
    verify_consistency,
)
from schoolgate.witness.state import Evidence, State, Turn, Watched

MOST_PROOF = 63
"""Lines of a consistency proof (tlog-witness: "MUST NOT send more than 63")."""

BACKWARDS = 300
"""Seconds by which the clock may be behind the last cosignature; a cosignature's time is its whole meaning."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: str
    kind: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class _Asked:
    old: int
    proof: tuple[bytes, ...]
    signed: str
    checkpoint: Checkpoint


class _Malformed(Exception):
    """The request is not what the protocol says."""


def _read(body: bytes) -> _Asked:
    head, gap, rest = body.partition(b"\n\n")
    if not gap:
        raise _Malformed("There is no empty line before the checkpoint.")
    try:
        first, *lines = head.decode("ascii").split("\n")
        signed = rest.decode("utf-8")
        proof = tuple(strict_base64(line) for line in lines)
        checkpoint = parse_checkpoint(signed)
        split_note(signed)
    except (UnicodeDecodeError, NoteError):
        raise _Malformed("The proof or the checkpoint is malformed.") from None
    found = re.fullmatch(r"old (0|[1-9][0-9]{0,18})", first)
    if found is None:
        raise _Malformed("The first line is: old SIZE")
    if len(proof) > MOST_PROOF or any(len(part) != 32 for part in proof):
        raise _Malformed("The proof is too long, or a hash has not 32 bytes.")
    return _Asked(int(found.group(1)), proof, signed, checkpoint)


def _nothing(step: str) -> None:
    """Called around what is durable; tests end the process here."""


class Witness:
    """A witness.

    Args:
        state: what it remembers.
        keys: its own keys; each gives a cosignature.
        clock: the time it states.
        step: called around what is durable.
    """

    def __init__(
        self, state: State, keys: tuple[Cosigner, ...], clock: Clock, *, step: Callable[[str], None] = _nothing
    ) -> None:
        self.state = state
        self.keys = keys
        self._clock = clock
        self._step = step

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer ``POST /add-checkpoint``.

        Comparing, remembering and cosigning are one turn, so that of two requests at once the second sees what the
        first left; the answer is given when all is on disk.
        """
        try:
            asked = _read(body)
        except _Malformed as why:
            return Answer(HTTPStatus.BAD_REQUEST, f"{why}\n")
        try:
            with self.state.turn() as turn:
                answer = self._decide(turn, asked)
                self._step("decided")
        except (sqlite3.Error, OSError):  # not on disk, so not said
            return Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "The witness cannot write what it saw. Try again later.\n")
        self._step("remembered")
        return answer

    def _decide(self, turn: Turn, asked: _Asked) -> Answer:
        checkpoint = asked.checkpoint
        keys = turn.keys(checkpoint.origin)
        if not keys:
            return Answer(HTTPStatus.NOT_FOUND, "This log is not watched here.\n")
        try:
            open_note(asked.signed, keys)
        except NoteError:
            return Answer(HTTPStatus.FORBIDDEN, "No trusted key of this log signed the checkpoint.\n")
        if asked.old > checkpoint.size:
            return Answer(HTTPStatus.BAD_REQUEST, "The old size is larger than the checkpoint's.\n")
        latest = turn.latest(checkpoint.origin)
        if asked.old != (latest.size if latest else 0):
            return Answer(HTTPStatus.CONFLICT, f"{latest.size if latest else 0}\n", "text/x.tlog.size")
        why = _inconsistent(asked, latest)
        now = int(self._clock.now().timestamp())
        if why:
            if latest is not None:
                turn.keep_evidence(Evidence(checkpoint.origin, now, why, asked.signed, latest.note))
            return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, f"{why}\n")
        if latest is not None and now < latest.time - BACKWARDS:
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, "The witness's clock was set back. Try again later.\n")
        lines = "".join(key.cosign(checkpoint.body(), now) for key in self.keys)
        note = f"{checkpoint.body()}\n{_own_lines(asked.signed, keys)}{lines}"
        turn.note_latest(checkpoint.origin, Watched(checkpoint.size, checkpoint.root, now, note))
        return Answer(HTTPStatus.OK, lines)

    def latest(self, origin_hash: str) -> str | None:
        """The newest cosigned checkpoint of the log whose name has this SHA-256 (``GET /<hash>/checkpoint``)."""
        for key, seen in self.state.logs():
            if hashlib.sha256(key.name.encode()).hexdigest() == origin_hash and seen is not None:
                return seen.note
        return None


def _inconsistent(asked: _Asked, latest: Watched | None) -> str:
    """Why this tree does not continue the one before; empty when it does."""
    new = asked.checkpoint
    if new.size == 0 and new.root != EMPTY_ROOT:
        return "The empty tree has another root."
    if asked.old == 0 or latest is None:
        return "From the empty tree there is nothing to prove." if asked.proof else ""
    if latest.size == new.size and latest.root != new.root:
        return "Two trees of one size have different roots."
    try:
        verify_consistency(latest.size, new.size, asked.proof, latest.root, new.root)
    except ProofError:
        return "The proof does not show that this tree continues the one before."
    return ""


def _own_lines(signed: str, keys: tuple[VerifierKey, ...]) -> str:
    """The signature lines of the log's trusted keys; nobody vouches for the others."""
    return "".join(line.text for line in split_note(signed)[1] if any(line.is_of(key) for key in keys))
