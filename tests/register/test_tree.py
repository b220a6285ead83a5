"""The tree is RFC 6962's, byte for byte, and a proof that is changed anywhere is refused."""

from __future__ import annotations

import base64
import hashlib

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


def test_numbers_out_of_range_and_hashes_of_the_wrong_length_are_refused() -> None:
    leaf = leaf_hash(b"x")
    for index, size, proof in ((1, 1, []), (-1, 1, []), (0, 0, []), (0, 1, [b"short"]), (0, 2, [])):
        with pytest.raises(ProofError):
            verify_inclusion(leaf, index, size, proof, leaf)
    with pytest.raises(ProofError):
        verify_consistency(0, 1, [leaf], EMPTY_ROOT, leaf)
    verify_consistency(0, 1, [], EMPTY_ROOT, leaf)
    verify_consistency(1, 1, [], leaf, leaf)


def test_a_commitment_to_members_proves_each_and_no_other() -> None:
    members = [(bytes([i]) * 32, bytes([i + 100]) * 16) for i in range(7)]
    commitment = commit_members(members)
    assert list(commitment.leaves) == sorted(commitment.leaves)
    for salt, ref in members:
        leaf = hashlib.sha256(b"\x00" + salt + ref).digest()
        index = commitment.leaves.index(leaf)
        verify_member(salt, ref, index, 7, commitment.proof(index), commitment.root)
        with pytest.raises(ProofError):
            verify_member(salt, b"z" * 16, index, 7, commitment.proof(index), commitment.root)
    assert commit_members([]).root == EMPTY_ROOT
    assert base64.b64encode(commit_members(members[::-1]).root) == base64.b64encode(commitment.root)
