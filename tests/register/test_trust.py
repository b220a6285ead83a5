"""C2SP tlog-policy: files as the specification writes them, and which cosignatures are enough."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.register import (
    Checkpoint,
    Cosigner,
    NoteError,
    NotEnough,
    PolicyRefused,
    Signer,
    TrustPolicy,
    parse_policy,
    sign_note,
)

LOG = Signer("log.example.org/pupils", b"l" * 32)
WITNESSES = {name: Cosigner(f"{name}.example", name[:1].encode() * 31 + name[1:].encode()) for name in
             ("X1", "X2", "X3", "Y1", "Y2", "Y3")}  # fmt: skip
V = {name: str(one.verifier) for name, one in WITNESSES.items()}

# The specification's own example, with keys in the places it leaves out.
EXAMPLE = f"""
log {LOG.verifier}

witness X1 {V["X1"]}
witness X2 {V["X2"]}
witness X3 {V["X3"]}
group X-witnesses 2 X1 X2 X3

witness Y1 {V["Y1"]}
witness Y2 {V["Y2"]}
witness Y3 {V["Y3"]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
CHECKPOINT = Checkpoint(LOG.name, 5, b"r" * 32)


def signed(names: Sequence[str] = (), by: Signer = LOG, checkpoint: Checkpoint = CHECKPOINT) -> str:
    return sign_note(checkpoint.body(), by) + "".join(
        WITNESSES[name].cosign(checkpoint.body(), 1_790_000_000) for name in names
    )


@given(st.sets(st.sampled_from(sorted(WITNESSES))))
def test_the_specifications_example_asks_for_two_of_one_group_and_one_of_the_other(names: set[str]) -> None:
    policy = parse_policy(EXAMPLE)
    enough = sum(name[0] == "X" for name in names) >= 2 and any(name[0] == "Y" for name in names)
    assert policy.met_by([WITNESSES[name].verifier for name in names]) == enough
    if enough:
        assert policy.open(signed(sorted(names))) == (CHECKPOINT, tuple(sorted(names)))
    else:
        with pytest.raises(NotEnough, match=r"2 of \(2 of X1, X2, X3\), \(1 of Y1, Y2, Y3\)"):
            policy.open(signed(sorted(names)))


def test_comments_blanks_tabs_addresses_and_other_alphabets_are_read() -> None:
    text = (
        b"# who watches\n \t# again\n\t\n"
        + f"\tlog\t{LOG.verifier}  https://data.example.org/log \n".encode()
        + f"witness \xc3\xa9t\xc3\xa9 {V['X1']} https://w.example/prefix\n".encode("latin-1")
        + f"witness \xff {V['X2']}\nquorum \xff".encode("latin-1")
    )
    policy = parse_policy(text)
    assert policy.logs[0].url == "https://data.example.org/log"
    assert [one.url for one in policy.witnesses] == ["https://w.example/prefix", ""]
    assert policy.witnesses[0].name == "été"
    assert policy.met_by([WITNESSES["X2"].verifier])
    assert not policy.met_by([WITNESSES["X1"].verifier])


def test_a_policy_may_ask_for_nobody() -> None:
    policy = parse_policy("quorum none\n")
    assert policy == TrustPolicy((), (), {}, "none")
    assert policy.met_by([])
    assert policy.open(signed(), [LOG.verifier]) == (CHECKPOINT, ())
    assert policy.in_words() == "no cosignature is asked for"


LINES = f"witness a {V['X1']}\nwitness b {V['X2']}\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no quorum"),
        (LINES, "no quorum"),
        ("quorum a\n" + LINES, "Line 1 .*not defined above"),
        (LINES + "quorum a\nquorum b\n", "one quorum"),
        (LINES + "quorum a b\n", "one quorum"),
        (LINES + "quorum\n", "one quorum"),
        (LINES + "group g 3 a b\nquorum g\n", "larger than the group"),
        (LINES + "group g 0 a b\nquorum g\n", "threshold"),
        (LINES + "group g 01 a b\nquorum g\n", "threshold"),
        (LINES + "group g +1 a b\nquorum g\n", "threshold"),
        (LINES + "group g any\nquorum g\n", "members"),
        (LINES + "group g any a a\nquorum g\n", "once"),
        (LINES + "group g any a\ngroup h any a\nquorum g\n", "once"),
        (LINES + "group g any g\nquorum g\n", "not defined above"),
        (LINES + "group g any none\nquorum g\n", "not defined above"),
        (LINES + "group a any b\nquorum a\n", "taken"),
        (LINES + "group none any b\nquorum none\n", "taken"),
        (LINES + f"witness a {V['Y1']}\nquorum a\n", "taken"),
        (LINES + f"witness c {V['X1']}\nquorum a\n", "there already"),
        (LINES + f"witness c {Cosigner('other', WITNESSES['X1'].secret).verifier}\nquorum a\n", "there already"),
        (f"log {LOG.verifier}\nlog {Signer('other', LOG.secret).verifier}\nquorum none\n", "there already"),
        (f"witness a {LOG.verifier}\nquorum a\n", "not the key of a witness"),
        (f"log {V['X1']}\nquorum none\n", "Ed25519"),
        ("log x\nquorum none\n", "name\\+id\\+key"),
        ("log\nquorum none\n", "a log has"),
        (f"witness a {V['X1']} https://x y\nquorum a\n", "a witness has"),
        ("trust a\nquorum none\n", "Line 1 .*begins"),
        ("QUORUM none\n", "begins"),
        ("quorum none\r\n", "control"),
        ("quorum none\x00", "control"),
        ("quorum\x7fnone", "control"),
        ("quorum\u2003none\n", "begins"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(PolicyRefused, match=why):
        parse_policy(text)


def test_thirty_two_of_each_are_read() -> None:
    many = [Cosigner(f"w{n}", bytes([n]) * 32) for n in range(32)]
    text = "".join(f"log {Signer(f'l{n}', bytes([n]) * 32).verifier}\n" for n in range(32))
    text += "".join(f"witness w{n} {one.verifier}\n" for n, one in enumerate(many))
    text += "group g0 2 w0 w1\n" + "".join(f"group g{n} all g{n - 1} w{n + 1}\n" for n in range(1, 31))
    policy = parse_policy(text + "quorum g30\n")
    assert policy.met_by([one.verifier for one in many])
    assert not policy.met_by([one.verifier for one in many[:31]])


def test_a_checkpoint_of_another_log_or_with_a_wrong_line_is_refused() -> None:
    policy = parse_policy(f"log {LOG.verifier}\nwitness X1 {V['X1']}\nquorum X1\n")
    assert policy.open(signed(["X1"]))[1] == ("X1",)
    assert policy.open(signed(["X1", "Y1"]))[1] == ("X1",)
    other = Signer("other.example", b"o" * 32)
    of_other = Checkpoint("other.example", 5, b"r" * 32)
    for text in (
        signed(["X1"], by=Signer(LOG.name, b"o" * 32)),
        signed(["X1"], by=other, checkpoint=of_other),
        signed(["X1"], checkpoint=of_other),  # the known key under another log's name
        signed(["X1"]).replace("\n5\n", "\n6\n"),
    ):
        with pytest.raises(NoteError):
            policy.open(text)
    # One witness's cosignature over another tree does not count, and spoils the note.
    wrong = signed() + WITNESSES["X1"].cosign(Checkpoint(LOG.name, 6, b"r" * 32).body(), 1_790_000_000)
    with pytest.raises(NoteError, match="does not fit"):
        policy.open(wrong)
