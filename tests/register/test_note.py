"""Notes, keys and checkpoints in the form of C2SP's specifications."""

from __future__ import annotations

import pytest

from schoolgate.register import (
    Checkpoint,
    NoteError,
    Signer,
    VerifierKey,
    open_note,
    parse_checkpoint,
    sign_note,
)

# golang.org/x/mod/sumdb/note, package example: the key pair and the note it signs.
SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = (
    TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_published_example_is_signed_and_opened_byte_for_byte() -> None:
    assert str(VerifierKey.parse(VKEY)) == VKEY
    assert str(Signer.parse(SKEY).verifier) == VKEY
    assert sign_note(TEXT, SKEY) == NOTE
    opened = open_note(NOTE, [VKEY])
    assert opened.text == TEXT
    assert opened.signed_by == ("PeterNeumann",)
    assert open_note(NOTE.encode(), VKEY).text == TEXT


OTHER = Signer("other.example/log", b"o" * 32)
OWN = Signer("own.example/log", b"w" * 32)


def test_an_unknown_signature_is_ignored_and_a_note_by_unknown_keys_alone_is_refused() -> None:
    both = sign_note("x\n", OTHER, OWN)
    assert open_note(both, [str(OWN.verifier)]).signed_by == (OWN.name,)
    with pytest.raises(NoteError, match="None of the known keys"):
        open_note(sign_note("x\n", OTHER), OWN.verifier)


def test_a_known_keys_wrong_signature_refuses_the_note_whatever_else_signed_it() -> None:
    both = sign_note("x\n", OTHER, OWN).replace("x\n\n", "y\n\n")
    with pytest.raises(NoteError):
        open_note(both, [OTHER.verifier, OWN.verifier])


def test_the_signatures_begin_after_the_last_blank_line() -> None:
    text = "a\n\nb\n"
    assert open_note(sign_note(text, OWN), OWN.verifier).text == text


@pytest.mark.parametrize(
    "note",
    [
        "", "no signatures\n", "text\n\n", "text\n\n— x\n", "text\n\n- own.example/log AAAA\n", "tab\there\n\n— a AAAAAAAA\n",
        "text\n\n— own.example/log !!!!\n", "text\n\n— own.example/log AAAAAAAA", b"\xff\xfe\n\n- a AAAAAAAA\n",
    ],
)  # fmt: skip
def test_a_malformed_note_is_refused(note: str | bytes) -> None:
    with pytest.raises(NoteError):
        open_note(note, OWN.verifier)


def test_any_single_bit_changed_in_a_signed_checkpoint_is_refused() -> None:
    signed = sign_note(Checkpoint(OWN.name, 7, b"r" * 32).body(), OWN).encode()
    for bit in range(len(signed) * 8):
        changed = bytearray(signed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(NoteError):
            parse_checkpoint(open_note(bytes(changed), OWN.verifier).text)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "a+b",
        "name+00000000+AQ==",
        VKEY.replace("c74f20a3", "c74f20a4"),
        VKEY[:-4],
        VKEY.replace("ARpc", "Bhpc"),
    ],
)
def test_a_malformed_key_is_refused(key: str) -> None:
    with pytest.raises(NoteError):
        VerifierKey.parse(key)


def test_the_checkpoint_of_the_specification_is_read() -> None:
    # C2SP tlog-checkpoint, the example checkpoint.
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    checkpoint = parse_checkpoint(text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.body() == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n",
        "a\n1\n",
        "a\n01\nAAAA\n",
        "\n1\n" + "A" * 43 + "=\n",
        "a\n-1\n" + "A" * 43 + "=\n",
        "a\n1\n" + "A" * 43 + "=",
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        parse_checkpoint(text)
