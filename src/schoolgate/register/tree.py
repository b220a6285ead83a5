"""The Merkle tree of RFC 6962 section 2.1, with the proofs and their checks of RFC 9162 sections 2.1.3 and 2.1.4."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from schoolgate.errors import SchoolgateError


class ProofError(SchoolgateError):
    """A proof does not show what it claims."""


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf: SHA-256 of 0x00 and the entry (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256 of 0x01 and its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


EMPTY_ROOT = hashlib.sha256(b"").digest()


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


HashAt = Callable[[int, int], bytes]
"""(level, index) -> hash of the complete subtree of 2**level leaves that starts at leaf index * 2**level."""


def hashes_of(leaves: Sequence[bytes]) -> HashAt:
    """Subtree hashes of leaves held in memory, each worked out once."""
    levels: list[list[bytes]] = [list(leaves)]
    while len(levels[-1]) > 1:
        last = levels[-1]
        levels.append([node_hash(last[i], last[i + 1]) for i in range(0, len(last) - 1, 2)])
    return lambda level, index: levels[level][index]


def subtree(start: int, end: int, hash_at: HashAt) -> bytes:
    """Hash of the subtree over leaves start to end (exclusive); start is a multiple of its size's power of two."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return hash_at(level, start >> level)
    middle = start + _split(size)
    return node_hash(subtree(start, middle, hash_at), subtree(middle, end, hash_at))


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """Root over leaf hashes; of no leaves, SHA-256 of nothing."""
    return subtree(0, len(leaves), hashes_of(leaves)) if leaves else EMPTY_ROOT


def inclusion_proof(index: int, size: int, hash_at: HashAt) -> list[bytes]:
    """The audit path of a leaf, lowest first (RFC 6962 section 2.1.1).

    Raises:
        ProofError: the leaf is not in a tree of this size.
    """
    if not 0 <= index < size:
        raise ProofError("There is no such leaf in a tree of this size.", code="proof-range")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(subtree(middle, end, hash_at))
            end = middle
        else:
            proof.append(subtree(start, middle, hash_at))
            start = middle
    return proof[::-1]


def consistency_proof(first: int, second: int, hash_at: HashAt) -> list[bytes]:
    """Shows that a tree of size `first` is a prefix of one of size `second` (RFC 6962 section 2.1.2).

    Raises:
        ProofError: the sizes are out of order.
    """
    if not 0 <= first <= second:
        raise ProofError("A consistency proof goes from a smaller to a larger tree.", code="proof-range")
    if first in (0, second):
        return []

    def part(size: int, start: int, end: int, whole: bool) -> list[bytes]:
        if size == end - start:
            return [] if whole else [subtree(start, end, hash_at)]
        middle = start + _split(end - start)
        if start + size <= middle:
            return [*part(size, start, middle, whole), subtree(middle, end, hash_at)]
        return [*part(size - (middle - start), middle, end, False), subtree(start, middle, hash_at)]

    return part(first, 0, second, True)


def _check_hashes(*groups: Sequence[bytes]) -> None:
    for group in groups:
        if not isinstance(group, Sequence):
            raise ProofError("A proof is a list of hashes.", code="proof-hash")
        for value in group:
            if not isinstance(value, bytes) or len(value) != 32:
                raise ProofError("A hash in the proof is not 32 bytes.", code="proof-hash")


def _check_numbers(*numbers: int) -> None:
    for number in numbers:
        if not isinstance(number, int) or isinstance(number, bool):
            raise ProofError("An index or a size is not a whole number.", code="proof-range")


def climb(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root to which a leaf hash and its path lead (RFC 9162 section 2.1.3.2).

    Raises:
        ProofError: the path is not as long as this tree's, or a value is malformed.
    """
    _check_hashes([leaf], proof)
    _check_numbers(index, size)
    if not 0 <= index < size:
        raise ProofError("The leaf's index is not below the tree's size.", code="proof-range")
    position, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("The proof is longer than the tree is high.", code="proof-length")
        if position & 1 or position == last:
            current = node_hash(sibling, current)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            current = node_hash(current, sibling)
        position >>= 1
        last >>= 1
    if last != 0:
        raise ProofError("The proof is shorter than the tree is high.", code="proof-length")
    return current


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf hash stands at an index of the tree with this size and root.

    Raises:
        ProofError: it does not.
    """
    _check_hashes([root])
    if climb(leaf_hash, index, size, proof) != root:
        raise ProofError("The proof does not lead from this entry to the root.", code="proof-root")


def verify_consistency(size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes) -> None:
    """Check that the tree (size1, root1) is a prefix of (size2, root2) (RFC 9162 section 2.1.4.2).

    Raises:
        ProofError: it is not.
    """
    _check_hashes([root1, root2], proof)
    _check_numbers(size1, size2)
    if not 0 <= size1 <= size2:
        raise ProofError("The log has shrunk.", code="proof-range")
    if size1 == 0 and root1 != EMPTY_ROOT:
        raise ProofError("The empty tree has another root.", code="proof-root")
    if size1 in (0, size2):
        if proof:
            raise ProofError("Between these two trees there is nothing to prove.", code="proof-length")
        if size1 == size2 and root1 != root2:
            raise ProofError("Two trees of one size have different roots.", code="proof-root")
        return
    path = [root1, *proof] if size1 & (size1 - 1) == 0 else list(proof)
    if not path:
        raise ProofError("The proof is too short.", code="proof-length")
    position, last = size1 - 1, size2 - 1
    while position & 1:
        position >>= 1
        last >>= 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("The proof is longer than the tree is high.", code="proof-length")
        if position & 1 or position == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            second = node_hash(second, sibling)
        position >>= 1
        last >>= 1
    if last != 0 or first != root1 or second != root2:
        raise ProofError("The newer tree does not contain the older one unchanged.", code="proof-root")
