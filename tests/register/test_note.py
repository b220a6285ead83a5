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


# The second signer of the same package's example: its key is made from 32 zero bytes.
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
PETER_LINE = NOTE.removeprefix(TEXT + "\n")
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)

# C2SP signed-note, "Example".
C2SP_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n\n— example.com/foo"
    " Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)


def test_the_specifications_example_is_opened_and_no_other_text_under_its_signature() -> None:
    assert str(VerifierKey.parse(C2SP_KEY)) == C2SP_KEY
    assert open_note(C2SP_NOTE, [C2SP_KEY]).text == "This is an example message.\n"
    with pytest.raises(NoteError):
        open_note(C2SP_NOTE.replace("an example", "our example"), [C2SP_KEY])


def test_two_signers_sign_as_in_the_published_example() -> None:
    enoch = Signer("EnochRoot", bytes(32))
    assert str(enoch.verifier) == ENOCH
    both = sign_note(TEXT, SKEY, enoch)
    assert both == TEXT + "\n" + PETER_LINE + ENOCH_LINE
    assert open_note(both, [VKEY, ENOCH]).signed_by == ("PeterNeumann", "EnochRoot")
    assert open_note(both, [VKEY]).signed_by == ("PeterNeumann",)
    assert open_note(text=TEXT + "\n" + PETER_LINE * 2 + ENOCH_LINE * 2, verifier_keys=[VKEY]).signed_by == (
        "PeterNeumann",
    )
    assert open_note(sign_note(text=TEXT, signer=SKEY), VKEY).text == TEXT


def test_every_part_and_every_changed_letter_of_a_key_is_refused() -> None:
    for key, parse in ((VKEY, VerifierKey.parse), (SKEY, Signer.parse)):
        parts = [key[i:j] for i in range(len(key) + 1) for j in range(i + 1, len(key) + 1) if (i, j) != (0, len(key))]
        changed = [key[:i] + chr(ord(key[i]) + 1) + key[i + 1 :] for i in range(len(key))]
        for bad in (*parts, *changed):
            with pytest.raises(NoteError):
                parse(bad)
    # A key that is too long and one of an unknown type, each with the id that belongs to it.
    for bad in (
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ):
        with pytest.raises(NoteError):
            VerifierKey.parse(bad)


@pytest.mark.parametrize(
    "note",
    [
        TEXT,
        TEXT + "\n",
        TEXT + PETER_LINE,
        NOTE[:-1],
        "\x01" + NOTE,
        NOTE.replace("problem,", "problem,\r"),
        b"\xff" + NOTE.encode(),
        b"\xed\xa0\x80" + NOTE.encode(),
        "\ud800" + NOTE,
        NOTE.replace("PeterNeumann", "Peter Neumann"),
        NOTE.replace("PeterNeumann", "Peter+Neumann"),
        NOTE.replace("PeterNeumann", "Peter\u00a0Neumann"),
        NOTE.replace("PeterNeumann", ""),
        NOTE.replace("—", "-"),
        NOTE.replace("—", "–"),
        NOTE.replace("— ", "—"),
        NOTE.replace("— ", " — "),
        NOTE.replace("AM=\n", "AM= \n"),
        NOTE.replace("AM=\n", "AM\n"),
        NOTE.replace("AM=\n", "AN=\n"),
        NOTE.replace("/ZJ", "_ZJ"),
        NOTE + "Unexpected line.\n",
        NOTE + "\n",
        TEXT + "\n— PeterNeumann x08g\n",
        TEXT + "\n" + PETER_LINE[:60] + "ABCD" + PETER_LINE[60:],
        TEXT + "\n" + PETER_LINE * 101,
        "\n" + TEXT + "\n" + PETER_LINE,
        TEXT + "\n\n" + PETER_LINE,
    ],
)
def test_a_note_that_is_not_in_the_specifications_form_or_not_signed_as_it_stands_is_refused(note: str | bytes) -> None:
    with pytest.raises(NoteError):
        open_note(note, [VKEY])


def test_a_signature_that_shares_a_name_or_an_id_with_a_known_key_is_an_unknown_one() -> None:
    for line in (PETER_LINE.replace("PeterNeumann", "CarmenSandiego"), PETER_LINE.replace("x08g", "xxxx")):
        with pytest.raises(NoteError, match="None of the known keys"):
            open_note(TEXT + "\n" + line, [VKEY])
        assert open_note(TEXT + "\n" + line + PETER_LINE, [VKEY]).text == TEXT


def test_sixteen_signatures_are_read_and_what_is_no_control_character_below_a_space_is_kept() -> None:
    others = "".join(
        sign_note(TEXT, Signer(f"w{n}.example", bytes([n]) * 32)).removeprefix(TEXT + "\n") for n in range(15)
    )
    assert open_note(TEXT + "\n" + others + PETER_LINE, [VKEY]).text == TEXT
    unusual = "\x7f «é» 🌍 \u2028\n"
    assert open_note(sign_note(unusual, SKEY), [VKEY]).text == unusual


@pytest.mark.parametrize("text", ["", "abc", "tab\there\n", "\x00\n", "\ud800\n", b"\xff\n"])
def test_what_cannot_be_a_note_is_not_signed(text: str | bytes) -> None:
    with pytest.raises(NoteError):
        sign_note(text, SKEY)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\x00", "\ud800"])
def test_a_key_with_a_name_no_key_can_have_cannot_be_made(name: str) -> None:
    with pytest.raises(NoteError):
        Signer(name, bytes(32))
    with pytest.raises(NoteError):
        VerifierKey(name, bytes(32))


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_key_of_another_length_cannot_be_made(length: int) -> None:
    with pytest.raises(NoteError):
        Signer("a", bytes(length))
    with pytest.raises(NoteError):
        VerifierKey("a", bytes(length))


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
    signature = "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    checkpoint = parse_checkpoint(text=text)
    assert parse_checkpoint(f"{text}\n{signature}") == checkpoint
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e1d90c808014aa89b")
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.body() == text


def test_extension_lines_are_kept_and_no_empty_line_hides_one() -> None:
    text = "a\n1\n" + "A" * 43 + "=\nmore\nstill more\n"
    assert parse_checkpoint(text).extensions == ("more", "still more")
    assert parse_checkpoint(text).body() == text
    with pytest.raises(NoteError):
        parse_checkpoint(text + "\n\n")


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
        "a\n1\n" + "A" * 42 + "B=\n",
        "a\n1\n" + "A" * 44 + "\n",
        "a\n1\nAAAA\n",
        "a\n+1\n" + "A" * 43 + "=\n",
        "a\n1 \n" + "A" * 43 + "=\n",
        "a\n0x1\n" + "A" * 43 + "=\n",
        "a\n١\n" + "A" * 43 + "=\n",
        "a\n\n" + "A" * 43 + "=\n",
        "a\n99999999999999999999\n" + "A" * 43 + "=\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        parse_checkpoint(text)
