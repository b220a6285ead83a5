"""The public commitment to a release's pupils, and what shows that one child is in it.

Version 2. Salts and references are made by AES, for millions at once; leaves and tree are those of version 1, so
whoever can check a proof of version 1 can check these. What differs is the order of the leaves, which must say
nothing of a child and still be found again without keeping 32 bytes a pupil:

- the ledger's blocks of 8,192 references come in an order drawn with the release's key;
- within a block the children come in an order drawn with that key.

So a position says nothing to whoever has one; two families who compare theirs learn no more than that their
children's references lie in one block, if they do. A proof reads the blocks that one subtree of the tree covers.
Once the release's key is destroyed nobody can make a proof or test a child, the custodian included.

Version 3 differs in whose key a child's reference is made with: that of its own block of references
(`Vault.own_child_refs`). When a child is erased its reference can no longer be worked out, so nobody can make its
proof again or test whether a leaf is its own. Its leaf, which says nothing without the reference, is kept for the
proofs of the children beside it.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from schoolgate import ledger, register
from schoolgate.records.vault import keyed_blocks

VERSION = 3

References = npt.NDArray[np.uint32]
ChildRefs = Callable[[References], npt.NDArray[np.uint8]]

_ORDER_OF_BLOCKS, _ORDER_OF_CHILDREN = 0, 1
_SALT_FIRST, _SALT_LAST = 0, 1
"""Domains of the release's two keys."""

_LEVEL_MOST = 13
"""A proof works out at most 8,192 leaves again: some 15 ms."""

_PORTION = 32
"""Blocks whose leaves are in memory at once: 262,144 at the most, 40 MiB."""

_HEADER = struct.Struct("<BIII")

_HERE = register.Beside(0)


@dataclass(frozen=True, slots=True)
class ReleaseKeys:
    """What a release's key is used for, each with a key of its own."""

    salts: bytes
    order: bytes

    @classmethod
    def of(cls, release_key: bytes) -> ReleaseKeys:
        """Derived by HMAC-SHA-256, a pseudorandom function (RFC 5869, the expand step)."""
        return cls(*(hmac.digest(release_key, f"members/2/{use}".encode(), "sha256") for use in ("salts", "order")))


def _parts(keys: ReleaseKeys, children: References, refs: ChildRefs) -> bytes:
    """Salt and reference of each child, 48 bytes, one after the other."""
    made = [
        keyed_blocks(keys.salts, _SALT_FIRST, children),
        keyed_blocks(keys.salts, _SALT_LAST, children),
        refs(children),
    ]
    return np.concatenate(made, axis=1).tobytes()


def _in_order(key: bytes, domain: int, numbers: References) -> References:
    drawn = keyed_blocks(key, domain, numbers)[:, :8]
    return numbers[np.argsort(np.ascontiguousarray(drawn).view("<u8").reshape(-1), kind="stable")]


def _blocks_of(children: References) -> tuple[References, npt.NDArray[np.int64]]:
    """The blocks of ascending references, and where each one's begin and the last one's end."""
    blocks = children >> np.uint32(ledger.BLOCK_BITS)
    starts = np.flatnonzero(np.diff(blocks, prepend=np.uint32(0xFFFFFFFF)))
    return blocks[starts], np.append(starts, len(children))


@dataclass(frozen=True, slots=True)
class Kept:
    """What the ledger keeps of a commitment.

    Attributes:
        top: the tree's upper part.
        blocks: the blocks that hold anybody, in the commitment's order.
        counts: how many children of each.
    """

    top: register.MemberTop
    blocks: References
    counts: npt.NDArray[np.int64]

    def to_bytes(self) -> bytes:
        """As the ledger keeps it."""
        head = _HEADER.pack(self.top.level, self.top.count, len(self.blocks), len(self.top.subtrees))
        return b"".join(
            (head, self.blocks.astype("<u4").tobytes(), self.counts.astype("<u2").tobytes(), *self.top.subtrees)
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Kept:
        """Read what `to_bytes` wrote."""
        level, count, blocks, subtrees = _HEADER.unpack_from(data)
        at = _HEADER.size + 4 * blocks
        roots = at + 2 * blocks
        return cls(
            register.MemberTop(
                count, level, tuple(data[roots + 32 * n : roots + 32 * (n + 1)] for n in range(subtrees))
            ),
            np.frombuffer(data, "<u4", blocks, _HEADER.size).astype(np.uint32),
            np.frombuffer(data, "<u2", blocks, at).astype(np.int64),
        )


def commit(everyone: BitMap, release_key: bytes, refs: ChildRefs, beside: register.Beside = _HERE) -> ledger.Commitment:
    """Commit to a set of pupils. The same set, key and references give the same root, wherever it is hashed."""
    keys, children = ReleaseKeys.of(release_key), ledger.references(everyone)
    found, edges = _blocks_of(children)
    # A subtree of one to two blocks' children: fewer roots to keep than there are blocks, and few leaves to work out
    # again for a proof.
    level = min(_LEVEL_MOST, (len(children) // max(1, len(found))).bit_length())
    blocks = _in_order(keys.order, _ORDER_OF_BLOCKS, found)
    place = np.searchsorted(found, blocks)

    def portions() -> Iterator[bytes]:
        for start in range(0, len(place), _PORTION):
            some = [
                _in_order(keys.order, _ORDER_OF_CHILDREN, children[edges[at] : edges[at + 1]])
                for at in place[start : start + _PORTION].tolist()
            ]
            yield _parts(keys, np.concatenate(some), refs)

    top = beside.top_of(portions(), level)
    kept = Kept(top, blocks, (edges[1:] - edges[:-1])[place])
    return ledger.Commitment(top.root.hex(), len(children), VERSION, kept.to_bytes())


def leaf_of(pupil: int, release_key: bytes, refs: ChildRefs) -> bytes:
    """One child's leaf."""
    keys = ReleaseKeys.of(release_key)
    return register.leaves_of(_parts(keys, np.array([pupil], np.uint32), refs))[0]


@dataclass(frozen=True, slots=True)
class Shown:
    """What shows that a child is in a commitment."""

    salt: bytes
    child_ref: bytes
    index: int
    count: int
    path: tuple[bytes, ...]


def show(
    pupil: int,
    kept: Kept,
    release_key: bytes,
    refs: ChildRefs,
    members_in: Callable[[list[int]], Mapping[int, BitMap]],
    leaves_kept: Mapping[int, bytes] = MappingProxyType({}),
) -> Shown | None:
    """The proof for one child; None when it is not in the release.

    Args:
        pupil: the child.
        kept: what the ledger keeps of the commitment.
        release_key: the release's.
        refs: children's references.
        members_in: the release's pupils of these blocks.
        leaves_kept: erased child -> its leaf.

    Raises:
        ProofError: the set or the key is not what was committed to.
    """
    keys, block = ReleaseKeys.of(release_key), pupil >> ledger.BLOCK_BITS
    at = np.flatnonzero(kept.blocks == block)
    if not len(at) or pupil in leaves_kept or pupil not in (own := members_in([block])[block]):
        return None
    ends = np.cumsum(kept.counts)
    starts = ends - kept.counts
    ordered = _in_order(keys.order, _ORDER_OF_CHILDREN, ledger.references(own))
    index = int(starts[at[0]]) + int(np.flatnonzero(ordered == pupil)[0])
    first, end = kept.top.subtree_of(index)
    covered = np.flatnonzero((starts < end) & (ends > first))
    members = members_in(kept.blocks[covered].tolist())
    children = np.concatenate(
        [
            _in_order(keys.order, _ORDER_OF_CHILDREN, ledger.references(members[at_block]))
            for at_block in kept.blocks[covered].tolist()
        ]
    )
    offset = first - int(starts[covered[0]])
    inside = children[offset : offset + end - first]
    parts = _parts(keys, inside, refs)
    own_at = 48 * (index - first)
    leaves = register.leaves_of(parts)
    for place in np.flatnonzero(np.isin(inside, list(leaves_kept))).tolist():
        leaves[place] = leaves_kept[int(inside[place])]
    path = kept.top.proof(index, leaves)
    return Shown(parts[own_at : own_at + 32], parts[own_at + 32 : own_at + 48], index, kept.top.count, tuple(path))
