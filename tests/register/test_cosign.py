"""C2SP tlog-cosignature: what a witness signs, byte for byte, and what is no cosignature."""

from __future__ import annotations

import base64
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.register import (
    COSIGNATURE_V1,
    SUBTREE_V1,
    Cosigner,
    CosignerKey,
    NoteError,
    Signer,
    open_note,
    sign_note,
    split_note,
)

# C2SP tlog-cosignature, the example of its introduction; it publishes no key for it.
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/behind-the-sofa"
    " Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n— witness.example.com/w1"
    " jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
BODY = EXAMPLE.split("\n\n", maxsplit=1)[0] + "\n"
TIME = 1679315147

# transparency-dev/formats, note package's tests: keys of witnesses in the wild form.
REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
# transparency-dev/witness, persistence tests: a signer key of the plain type, from whose seed a witness's key is made.
SEED = base64.b64decode("AaLa/dfyBhyo/m0Z7WCi98ENVZWtrP8pxgRNrx7tIWiA")[1:]


def test_the_specifications_example_has_a_key_id_a_time_and_a_signature() -> None:
    body, lines = split_note(EXAMPLE)
    assert body == BODY
    assert [line.name for line in lines] == ["example.com/behind-the-sofa", "witness.example.com/w1"]
    witness = lines[1]
    assert witness.key_id.hex() == "8d66cf3f"
    assert struct.unpack(">Q", witness.signature[:8]) == (TIME,)
    assert len(witness.signature) == 8 + 64
    assert body + "\n" + "".join(line.text for line in lines) == EXAMPLE


def test_the_signed_message_is_the_one_the_specification_shows() -> None:
    signer = Cosigner("witness", SEED)
    line = signer.cosign(BODY, TIME)
    message = (
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )
    blob = base64.b64decode(line.removeprefix("— witness ").rstrip("\n"))
    assert blob[12:] == Ed25519PrivateKey.from_private_bytes(SEED).sign(message)
    assert open_note(f"{BODY}\n{line}", signer.verifier).keys == (signer.verifier,)


def test_the_post_quantum_message_is_the_structure_the_specification_shows() -> None:
    signer = Cosigner("witness.example/w", SEED, SUBTREE_V1)
    blob = base64.b64decode(signer.cosign(BODY, TIME).split(" ")[2])
    root = base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    message = (
        b"subtree/v1\n\0" + bytes([17]) + b"witness.example/w" + struct.pack(">Q", TIME)
        + bytes([27]) + b"example.com/behind-the-sofa" + struct.pack(">QQ", 0, 20852163) + root
    )  # fmt: skip
    assert struct.unpack(">Q", blob[4:12]) == (TIME,)
    MLDSA44PublicKey.from_public_bytes(signer.verifier.public).verify(blob[12:], message)
    assert len(blob) == 4 + 8 + 2420


def test_keys_are_read_and_written_as_others_do() -> None:
    key = CosignerKey.parse(REMORA)
    assert (key.name, key.kind, str(key)) == ("remora.n621.de", COSIGNATURE_V1, REMORA)
    for kind in (COSIGNATURE_V1, SUBTREE_V1):
        signer = Cosigner("w.example", SEED, kind)
        assert Cosigner.parse(str(signer)) == signer
        assert CosignerKey.parse(str(signer.verifier)) == signer.verifier
    # One seed under several types, or another name, gives other ids (signed-note, "Signatures").
    ids = {Signer("w", SEED).verifier.id, Cosigner("w", SEED).verifier.id, Cosigner("x", SEED).verifier.id}
    assert len(ids | {Cosigner("w", SEED, SUBTREE_V1).verifier.id}) == 4


@pytest.mark.parametrize("parse", [CosignerKey.parse, Cosigner.parse])
def test_every_part_of_a_key_and_every_changed_letter_is_refused(parse: object) -> None:
    text = REMORA if parse == CosignerKey.parse else str(Cosigner("w.example", SEED))
    for at in range(len(text)):
        for bad in (text[:at], text[at + 1 :], text[:at] + chr(ord(text[at]) + 1) + text[at + 1 :]):
            with pytest.raises(NoteError):
                parse(bad)  # type: ignore[operator]
    for bad in (str(Signer("w.example", SEED).verifier), str(Signer("w.example", SEED)), REMORA + "=", ""):
        with pytest.raises(NoteError):
            parse(bad)  # type: ignore[operator]


@given(st.sampled_from([COSIGNATURE_V1, SUBTREE_V1]), st.integers(0, 2**64 - 1), st.integers(0, 10_000))
def test_another_time_text_or_bit_is_no_cosignature(kind: int, time: int, at: int) -> None:
    signer = Cosigner("w.example", SEED, kind)
    if not 0 < time < 2**63:
        with pytest.raises(NoteError, match="has a time"):
            signer.cosign(BODY, time)
        return
    blob = base64.b64decode(signer.cosign(BODY, time).split(" ")[2])[4:]
    key = signer.verifier
    assert key.verify(BODY.encode(), blob)
    assert not key.verify(BODY.replace("20852163", "20852164").encode(), blob)
    at %= len(blob) * 8
    changed = bytearray(blob)
    changed[at // 8] ^= 1 << at % 8
    assert not key.verify(BODY.encode(), bytes(changed))
    assert not key.verify(BODY.encode(), blob[:-1])
    assert not key.verify(BODY.encode(), bytes(8) + blob[8:])
    assert not key.verify(BODY.encode(), b"")


def test_a_log_signature_is_no_cosignature_and_a_cosignature_no_log_signature() -> None:
    log, witness = Signer("example.com/behind-the-sofa", SEED), Cosigner("example.com/behind-the-sofa", SEED)
    note = sign_note(BODY, log) + witness.cosign(BODY, TIME)
    assert open_note(note, [log.verifier, witness.verifier]).keys == (log.verifier, witness.verifier)
    swapped = base64.b64decode(witness.cosign(BODY, TIME).split(" ")[2])[12:]
    assert not log.verifier.verify(BODY.encode(), swapped)
    with pytest.raises(NoteError, match="None of the known keys"):
        open_note(sign_note(BODY, log), witness.verifier)


def test_only_a_checkpoint_is_cosigned() -> None:
    for kind in (COSIGNATURE_V1, SUBTREE_V1):
        for text in ("hello\n", "", "example.com/log\n5\n", BODY[:-1]):
            with pytest.raises(NoteError):
                Cosigner("w.example", SEED, kind).cosign(text, TIME)
    with pytest.raises(NoteError, match="too long"):
        Cosigner("w.example", SEED, SUBTREE_V1).cosign("x" * 256 + BODY, TIME)
