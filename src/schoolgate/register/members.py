"""A release's commitment to its pupils: a salted Merkle tree that tells nobody who is in it.

Each child's family is given the child's salt and path; with them it can show anyone that the custodian told
it about the release. Whoever has no salt can neither test a child nor count from the tree's shape more than
its size; once the salts are destroyed, no path leads back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schoolgate.register.tree import hashes_of, inclusion_proof, root_hash, verify_inclusion


def member_leaf(salt: bytes, child_ref: bytes) -> bytes:
    """The leaf of one child: SHA-256 of 0x00, a 32-byte salt and the child's reference."""
    return hashlib.sha256(b"\x00" + salt + child_ref).digest()


@dataclass(frozen=True, slots=True)
class MemberCommitment:
    """A commitment: the leaves, sorted, so that a position says nothing about a child."""

    leaves: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        """The public root."""
        return root_hash(self.leaves)

    def proof(self, position: int) -> list[bytes]:
        """The path of the leaf at a position."""
        return inclusion_proof(position, len(self.leaves), hashes_of(self.leaves))


def commit_members(members: Iterable[tuple[bytes, bytes]]) -> MemberCommitment:
    """Commit to (salt, child reference) pairs."""
    return MemberCommitment(tuple(sorted(member_leaf(salt, ref) for salt, ref in members)))


def verify_member(salt: bytes, child_ref: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that a child is in a commitment.

    Raises:
        ProofError: it is not shown to be.
    """
    verify_inclusion(member_leaf(salt, child_ref), index, size, proof, root)
