"""A release's commitment to its pupils: a salted Merkle tree that tells nobody who is in it.

Each child's family is given the child's salt and path; with them it can show anyone that the custodian told
it about the release. Whoever has no salt can neither test a child nor count from the tree's shape more than
its size; once the salts are destroyed, no path leads back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schoolgate.register.tree import ProofError, climb, hashes_of, inclusion_proof, root_hash, subtree


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


@dataclass(frozen=True, slots=True)
class MemberTop:
    """A commitment's tree from the subtrees of 2**level leaves upwards: what is kept of a large one.

    It is the tree of RFC 6962 over all leaves: that tree splits at multiples of 2**level until it comes to these
    subtrees, of which the last may be shorter.

    Attributes:
        count: how many leaves.
        level: of the subtrees.
        subtrees: their roots, in order.
    """

    count: int
    level: int
    subtrees: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        """What is made public, as `MemberCommitment.root`."""
        return _seal_count(self.count, root_hash(self.subtrees))

    def subtree_of(self, position: int) -> tuple[int, int]:
        """The positions (first, end) of the subtree that holds a leaf.

        Raises:
            ProofError: there is no such leaf.
        """
        if not 0 <= position < self.count:
            raise ProofError("There is no such leaf in a tree of this size.", code="proof-range")
        first = position >> self.level << self.level
        return first, min(first + (1 << self.level), self.count)

    def proof(self, position: int, leaves: Sequence[bytes]) -> list[bytes]:
        """The path of the leaf at a position, given the leaves of its subtree.

        Raises:
            ProofError: these are not the leaves that were committed to.
        """
        first, end = self.subtree_of(position)
        at, own = position >> self.level, hashes_of(leaves)
        if len(leaves) != end - first or subtree(0, len(leaves), own) != self.subtrees[at]:
            raise ProofError("These are not the leaves that were committed to.", code="proof-leaves")
        inside = inclusion_proof(position - first, len(leaves), own)
        return [*inside, *inclusion_proof(at, len(self.subtrees), hashes_of(self.subtrees))]


PART = 48
"""Bytes of a child's salt and reference."""


def leaves_of(parts: bytes) -> list[bytes]:
    """The leaves of many children, whose salts and references lie one after the other, `PART` bytes a child."""
    # The slices and the calls are most of the time; the hash itself is a fifth.
    sha256 = hashlib.sha256
    return [sha256(b"\x00" + parts[at : at + PART]).digest() for at in range(0, len(parts), PART)]


def subtrees_of(parts: bytes, level: int) -> bytes:
    """The roots, 32 bytes each, of the subtrees of 2**level leaves; the last one may be shorter."""
    size = PART << level
    return b"".join(_root_of(leaves_of(parts[at : at + size])) for at in range(0, len(parts), size))


def _root_of(leaves: list[bytes]) -> bytes:
    """As `root_hash`; a full subtree's without the calls between."""
    if len(leaves) & (len(leaves) - 1):
        return root_hash(leaves)
    sha256, nodes = hashlib.sha256, leaves
    while len(nodes) > 1:
        pairs = iter(nodes)
        nodes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return nodes[0]


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
