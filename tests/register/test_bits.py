"""A log laid out by hand from the specification is whole, and every single bit of it counts."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import pytest

from schoolgate.register import Checkpoint, LogBroken, Signer, sign_note, verify_log
from tests.register.logs import files, names_the_place

SIGNER = Signer("own.example/log", b"w" * 32)
ENTRIES = (b"first entry", b"", b"third")


def by_hand(folder: Path) -> None:
    """Three entries, published at sizes 1 and 3 (tlog-tiles); nothing of the publisher's own code."""
    leaves = [hashlib.sha256(b"\x00" + entry).digest() for entry in ENTRIES]
    pair = hashlib.sha256(b"\x01" + leaves[0] + leaves[1]).digest()
    root = hashlib.sha256(b"\x01" + pair + leaves[2]).digest()
    for size in (1, 3):
        for level, data in (
            ("0", b"".join(leaves[:size])),
            ("entries", b"".join(struct.pack(">H", len(entry)) + entry for entry in ENTRIES[:size])),
        ):
            path = folder / f"tile/{level}/000.p/{size}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    (folder / "checkpoint").write_text(sign_note(Checkpoint(SIGNER.name, 3, root).body(), SIGNER))
    (folder / "key").write_text(f"{SIGNER.verifier}\n")


def test_every_single_bit_of_every_file_of_a_small_log_counts(tmp_path: Path) -> None:
    by_hand(tmp_path)
    assert verify_log(str(tmp_path), SIGNER.verifier).checkpoint.size == 3
    tried = 0
    for name, data in files(tmp_path).items():
        for bit in range(8 * len(data)):
            changed = bytearray(data)
            changed[bit // 8] ^= 1 << bit % 8
            (tmp_path / name).write_bytes(changed)
            with pytest.raises(LogBroken) as raised:
                verify_log(str(tmp_path), SIGNER.verifier)
            assert names_the_place(raised.value.what, name), (name, bit)
            tried += 1
        (tmp_path / name).write_bytes(data)
    assert tried == 8 * sum(len(data) for data in files(tmp_path).values())
    assert verify_log(str(tmp_path), SIGNER.verifier).files == 3
