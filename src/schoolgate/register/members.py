"""A release's commitment to its pupils: a salted Merkle tree that tells nobody who is in it.

Each child's family is given the child's salt and path; with them it can show anyone that the custodian told
it about the release. Whoever has no salt can neither test a child nor count from the tree's shape more than
its size; once the salts are destroyed, no path leads back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schoolgate.register.tree import ProofError, climb, hashes_of, inclusion_proof, root_hash


def member_leaf(salt: bytes, child_ref: bytes) -> bytes:
    """The leaf of one child: SHA-256 of 0x00, a 32-byte salt and the child's reference."""
    return hashlib.sha256(b"\x00" + salt + child_ref).digest()


def _seal_count(count: int, tree_root: bytes) -> bytes:
    """Bind the number of members: without it, a path fits trees of several sizes.

    The tree's root is not public and cannot be guessed, so the count cannot be found by trying.
    """
    return hashlib.sha256(b"\x02" + count.to_bytes(8, "big") + tree_root).digest()


@dataclass(frozen=True, slots=True)
class MemberCommitment:
    """A commitment: the leaves, sorted, so that a position says nothing about a child."""

    leaves: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        """What is made public: SHA-256 of 0x02, the number of leaves in 8 bytes, and the tree's root."""
        return _seal_count(len(self.leaves), root_hash(self.leaves))

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
    if _seal_count(size, climb(member_leaf(salt, child_ref), index, size, proof)) != root:
        raise ProofError("The path does not lead from this child to the commitment.", code="proof-root")
