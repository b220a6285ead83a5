"""The tree is RFC 6962's, byte for byte, and a proof that is changed anywhere is refused."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schoolgate.register import (
    EMPTY_ROOT,
    ProofError,
    commit_members,
    consistency_proof,
    hashes_of,
    inclusion_proof,
    leaf_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
    verify_member,
)

# The eight leaves and roots of the reference implementation's Merkle tree tests (google/certificate-transparency,
# merkletree/merkle_tree_test), which RFC 6962 implementations share.
LEAVES = [
    bytes.fromhex(x)
    for x in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_hash([]) == EMPTY_ROOT


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference_implementation(size: int) -> None:
    assert root_hash([leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size - 1]


def _root_by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + _root_by_definition(leaves[:k]) + _root_by_definition(leaves[k:])).digest()


def _path_by_definition(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*_path_by_definition(m, leaves[:k]), _root_by_definition(leaves[k:])]
    return [*_path_by_definition(m - k, leaves[k:]), _root_by_definition(leaves[:k])]


def _proof_by_definition(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [_root_by_definition(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*_proof_by_definition(m, leaves[:k], whole), _root_by_definition(leaves[k:])]
    return [*_proof_by_definition(m - k, leaves[k:], False), _root_by_definition(leaves[:k])]


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40), st.data())
@settings(deadline=None)
def test_proofs_are_those_of_the_definition_and_hold(leaves: list[bytes], data: st.DataObject) -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves]
    root, hash_at = root_hash(hashes), hashes_of(hashes)
    assert root == _root_by_definition(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(index, len(leaves), hash_at)
    assert proof == _path_by_definition(index, leaves)
    verify_inclusion(hashes[index], index, len(leaves), proof, root)
    first = data.draw(st.integers(1, len(leaves)))
    between = consistency_proof(first, len(leaves), hash_at)
    assert between == _proof_by_definition(first, leaves)
    verify_consistency(first, len(leaves), between, root_hash(hashes[:first]), root)


def _flip(value: bytes, bit: int) -> bytes:
    return bytes(b ^ (1 << bit % 8 if at == bit // 8 else 0) for at, b in enumerate(value))


@given(st.integers(1, 33), st.data())
@settings(max_examples=60, deadline=None)
def test_any_single_bit_changed_in_an_inclusion_proof_is_refused(size: int, data: st.DataObject) -> None:
    hashes = [leaf_hash(bytes([i])) for i in range(size)]
    root, index = root_hash(hashes), data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, hashes_of(hashes))
    bit = data.draw(st.integers(0, 255))
    broken = [
        (_flip(hashes[index], bit), index, size, proof, root),
        (hashes[index], index, size, proof, _flip(root, bit)),
    ]
    for at in range(len(proof)):
        changed = [*proof[:at], _flip(proof[at], bit), *proof[at + 1 :]]
        broken.append((hashes[index], index, size, changed, root))
    broken += [
        (hashes[index], index, size, [*proof, root], root),
        (hashes[index], index ^ 1, size, proof, root),
    ]
    if proof:
        broken.append((hashes[index], index, size, proof[:-1], root))
    for arguments in broken:
        with pytest.raises(ProofError):
            verify_inclusion(*arguments)


@given(st.integers(2, 33), st.data())
@settings(max_examples=60, deadline=None)
def test_any_single_bit_changed_in_a_consistency_proof_is_refused(size: int, data: st.DataObject) -> None:
    hashes = [leaf_hash(bytes([i])) for i in range(size)]
    first = data.draw(st.integers(1, size - 1))
    root1, root2 = root_hash(hashes[:first]), root_hash(hashes)
    proof = consistency_proof(first, size, hashes_of(hashes))
    bit = data.draw(st.integers(0, 255))
    broken = [(first, size, proof, _flip(root1, bit), root2), (first, size, proof, root1, _flip(root2, bit))]
    for at in range(len(proof)):
        broken.append((first, size, [*proof[:at], _flip(proof[at], bit), *proof[at + 1 :]], root1, root2))
    broken += [(first, size, [*proof, root1], root1, root2), (size, first, proof, root2, root1)]
    for arguments in broken:
        with pytest.raises(ProofError):
            verify_consistency(*arguments)


def test_every_bit_of_every_proof_of_small_trees_counts() -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(9)]
    for size in range(1, 10):
        hash_at, root = hashes_of(leaves[:size]), root_hash(leaves[:size])
        for index in range(size):
            path = [leaves[index], *inclusion_proof(index, size, hash_at), root]
            for at in range(len(path)):
                for bit in range(256):
                    leaf, *proof, top = [*path[:at], _flip(path[at], bit), *path[at + 1 :]]
                    with pytest.raises(ProofError):
                        verify_inclusion(leaf, index, size, proof, top)
        for first in range(1, size):
            path = [root_hash(leaves[:first]), *consistency_proof(first, size, hash_at), root]
            for at in range(len(path)):
                for bit in range(256):
                    old, *proof, new = [*path[:at], _flip(path[at], bit), *path[at + 1 :]]
                    with pytest.raises(ProofError):
                        verify_consistency(first, size, proof, old, new)


def test_a_proof_holds_for_its_own_index_only() -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(13)]
    for size in range(1, 14):
        hash_at, root = hashes_of(leaves[:size]), root_hash(leaves[:size])
        for index in range(size):
            proof = inclusion_proof(index, size, hash_at)
            for other in set(range(size)) - {index}:
                with pytest.raises(ProofError):
                    verify_inclusion(leaves[index], other, size, proof, root)


A, B = leaf_hash(b"a"), leaf_hash(b"b")
AB = root_hash([A, B])


@pytest.mark.parametrize(
    ("leaf", "index", "size", "proof", "root"),
    [
        (A, 1, 1, [], A),
        (A, -1, 1, [], A),
        (A, 0, 0, [], A),
        (A, 0, 0, [], EMPTY_ROOT),
        (A, 0, 2, [], A),
        (A, 0, 1, [B], AB),
        (A, 0, 2, [B, B], AB),
        (A, 0, 2, [B[:31]], AB),
        (A, 0, 2, [B + b"x"], AB),
        (A, 0, 2, [b""], AB),
        (A[:31], 0, 1, [], A[:31]),
        (b"", 0, 1, [], b""),
        (A.hex(), 0, 1, [], A.hex()),
        (bytearray(A), 0, 1, [], A),
        (A, 0, 2, [B.hex()], AB),
        (A, 0, 2, B, AB),
        (A, 0, 2, None, AB),
        (A, 0, 2, [None], AB),
        (A, 0, 2, [B], None),
        (A, 0.0, 2, [B], AB),
        (A, False, 2, [B], AB),
        (A, "0", 2, [B], AB),
        (A, 0, "2", [B], AB),
        (A, 0, 2**70, [B], AB),
    ],
)
def test_an_inclusion_proof_that_is_malformed_in_any_way_is_refused_by_name(
    leaf: Any, index: Any, size: Any, proof: Any, root: Any
) -> None:
    with pytest.raises(ProofError):
        verify_inclusion(leaf, index, size, proof, root)


@pytest.mark.parametrize(
    ("size1", "size2", "proof", "root1", "root2"),
    [
        (2, 1, [], AB, A),
        (-1, 1, [], A, A),
        (1, 1, [A], A, A),
        (1, 1, [], A, B),
        (0, 0, [A], EMPTY_ROOT, EMPTY_ROOT),
        (0, 0, [], A, A),
        (0, 1, [A], EMPTY_ROOT, A),
        (0, 1, [], A, A),
        (1, 2, [], A, AB),
        (1, 2, [B, B], A, AB),
        (1, 2, [B[:31]], A, AB),
        (1, 2, [B], A[:31], AB),
        (1, 2, [B], A, AB + b"x"),
        (1, 2, B, A, AB),
        (1, 2, None, A, AB),
        (True, 2, [B], A, AB),
        (1.0, 2, [B], A, AB),
        (3, 4, [], A, AB),
    ],
)
def test_a_consistency_proof_that_is_malformed_in_any_way_is_refused_by_name(
    size1: Any, size2: Any, proof: Any, root1: Any, root2: Any
) -> None:
    with pytest.raises(ProofError):
        verify_consistency(size1, size2, proof, root1, root2)


def test_the_least_proofs_hold_and_arguments_go_by_name() -> None:
    verify_inclusion(leaf_hash=A, index=0, size=1, proof=[], root=A)
    verify_inclusion(leaf_hash=B, index=1, size=2, proof=(A,), root=AB)
    verify_consistency(size1=0, size2=0, proof=[], root1=EMPTY_ROOT, root2=EMPTY_ROOT)
    verify_consistency(size1=0, size2=1, proof=[], root1=EMPTY_ROOT, root2=A)
    verify_consistency(size1=1, size2=1, proof=[], root1=A, root2=A)
    verify_consistency(size1=1, size2=2, proof=[B], root1=A, root2=AB)
    assert leaf_hash(data=b"a") == A


def test_a_commitment_to_members_proves_each_and_no_other() -> None:
    members = [(bytes([i]) * 32, bytes([i + 100]) * 16) for i in range(7)]
    commitment = commit_members(members)
    assert list(commitment.leaves) == sorted(commitment.leaves)
    for salt, ref in members:
        leaf = hashlib.sha256(b"\x00" + salt + ref).digest()
        index = commitment.leaves.index(leaf)
        verify_member(salt, ref, index, 7, commitment.proof(index), commitment.root)
        for other in ((b"z" * 32, ref, index, 7), (salt, b"z" * 16, index, 7), (salt, ref, index ^ 1, 7)):
            with pytest.raises(ProofError):
                verify_member(*other, commitment.proof(index), commitment.root)
        # A path alone fits trees of several sizes; the commitment says which one it is.
        for size in (*range(7), *range(8, 20)):
            with pytest.raises(ProofError):
                verify_member(salt, ref, index, size, commitment.proof(index), commitment.root)
    assert commit_members(members[::-1]).root == commitment.root
    by_hand = hashlib.sha256(b"\x02" + (7).to_bytes(8, "big") + root_hash(commitment.leaves)).digest()
    assert commitment.root == by_hand
