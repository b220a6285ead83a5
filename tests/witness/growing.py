"""Logs for a witness: trees in memory that grow, fork and are signed."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from schoolgate.register import (
    Checkpoint,
    Cosigner,
    Signer,
    consistency_proof,
    hashes_of,
    leaf_hash,
    root_hash,
    sign_note,
)
from schoolgate.witness import Answer, State, Witness, open_keys

NAME = "witness.example.org"


@dataclass
class Hand:
    """A clock whose hand a test moves."""

    moment: datetime = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def turn(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class Tree:
    """A log's entries and key."""

    signer: Signer = field(default_factory=lambda: Signer("log.example.org/pupils", b"l" * 32))
    leaves: list[bytes] = field(default_factory=list)

    def grow(self, size: int, word: str = "entry") -> Tree:
        self.leaves += [leaf_hash(f"{word} {n}".encode()) for n in range(len(self.leaves), size)]
        return self

    def fork(self, at: int) -> Tree:
        """Another history from an entry on."""
        return Tree(self.signer, self.leaves[:at])

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        leaves = self.leaves[:size]
        return Checkpoint(self.signer.name, len(leaves), root_hash(leaves))

    def signed(self, size: int | None = None) -> str:
        return sign_note(self.checkpoint(size).body(), self.signer)

    def proof(self, old: int, size: int | None = None) -> list[bytes]:
        leaves = self.leaves[:size]
        return consistency_proof(old, len(leaves), hashes_of(leaves))


def request(old: int | str, proof: Sequence[bytes], signed: str) -> bytes:
    """The body of add-checkpoint, written out as the specification's example is."""
    lines = [f"old {old}", *(base64.b64encode(part).decode() for part in proof), "", ""]
    return "\n".join(lines).encode() + signed.encode()


def watching(folder: Path, *trees: Tree, clock: Hand | None = None, post_quantum: bool = False) -> Witness:
    """A witness that watches these logs."""
    state = State(folder)
    for tree in trees:
        state.add_log(tree.signer.verifier)
    return Witness(state, open_keys(folder, NAME, post_quantum=post_quantum), clock or Hand())


def submit(witness: Witness, tree: Tree, old: int, size: int | None = None) -> Answer:
    """Submit a tree as an honest log does."""
    wanted = len(tree.leaves) if size is None else size
    proof = tree.proof(old, wanted) if old <= wanted else []
    return witness.add_checkpoint(request(old, proof, tree.signed(wanted)))


def key(witness: Witness) -> Cosigner:
    return witness.keys[0]
