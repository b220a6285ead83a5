"""C2SP tlog-witness, rule by rule: what is cosigned, what is refused, and with which answer."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schoolgate.register import (
    EMPTY_ROOT,
    Checkpoint,
    Cosigner,
    Signer,
    VerifierKey,
    open_note,
    parse_checkpoint,
    sign_note,
)
from schoolgate.witness import State, Witness, WitnessError, open_keys
from tests.witness.growing import Hand, Tree, key, request, submit, watching

# transparency-dev/witness, persistence tests: the log "monkeys" at 5 and at 8 entries, with the proof between them.
MONKEYS = "monkeys+db4d9f7e+AULaJMvTtDLHPUcUrjdDad9vDlh/PTfC2VV60JUtCfWT"
AT_FIVE = (
    "monkeys\n5\n41smjBUiAU70EtKlT6lIOIYtRTYxYXsDB+XHfcvu/BE=\n\n— monkeys"
    " 202fftzGl3LVoqjXfwCFZZXs8I+5G22+Ek2K0AOyBuSJ/8/CZawNF+6fNlTKOCd622pbzJNkkJFWuw9DbicZCkEx9AY=\n"
)
AT_EIGHT = (
    "monkeys\n8\nV8K9aklZ4EPB+RMOk1/8VsJUdFZR77GDtZUQq84vSbo=\n\n— monkeys"
    " 202ffoUEboiQYpHzICeaFmoy3RNviHTpAxYrq/eO4QQVQMvu9UebKBMX2MJC76NLthZaKsnKbCA8GxrjePZhvDCH7Ag=\n"
)
FIVE_TO_EIGHT = [
    bytes.fromhex(part)
    for part in (
        "b9e1d62618f7fee8034e4c5010f727ab24d8e4705cb296c374bf2025a87a10d2",
        "aac66cd7a79ce4012d80762fe8eec3a77f22d1ca4145c3f4cee022e7efcd599d",
        "89d0f753f66a290c483b39cd5e9eafb12021293395fad3d4a2ad053cfbcfdc9e",
        "29e40bb79c966f4c6fe96aff6f30acfce5f3e8d84c02215175d6e018a5dee833",
    )
]


def test_the_log_of_another_implementations_tests_is_cosigned_and_followed(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.add_log(VerifierKey.parse(MONKEYS))
    witness = Witness(state, open_keys(tmp_path, "witness"), Hand())
    assert witness.add_checkpoint(request(0, [], AT_FIVE)).status == 200
    assert witness.add_checkpoint(request(5, FIVE_TO_EIGHT[::-1], AT_EIGHT)).status == 422
    answer = witness.add_checkpoint(request(5, FIVE_TO_EIGHT, AT_EIGHT))
    assert answer.status == 200
    note = open_note(AT_EIGHT + answer.body, [MONKEYS, key(witness).verifier])
    assert len(note.keys) == 2


def test_a_cosignature_is_over_the_time_and_the_whole_text_and_carries_both_keys(tmp_path: Path) -> None:
    tree, clock = Tree().grow(7), Hand()
    witness = watching(tmp_path, tree, clock=clock, post_quantum=True)
    answer = submit(witness, tree, 0)
    assert (answer.status, answer.kind) == (200, "text/plain; charset=utf-8")
    lines = answer.body.splitlines()
    assert [line.startswith(f"— {key(witness).name} ") for line in lines] == [True, True]
    assert answer.body.endswith("\n")
    for one, line in zip(witness.keys, lines, strict=True):
        blob = base64.b64decode(line.split(" ")[2])
        assert blob[:4] == one.verifier.id
        assert int.from_bytes(blob[4:12], "big") == int(clock.moment.timestamp())
        note = f"{tree.checkpoint().body()}\n{line}\n"
        assert open_note(note, one.verifier).keys == (one.verifier,)
        changed = note.replace("\n7\n", "\n8\n")
        with pytest.raises(Exception, match="does not fit"):
            open_note(changed, one.verifier)


@pytest.mark.parametrize("sizes", [(1, 2, 3), (255, 256, 257), (1, 1, 1), (0, 1, 0, 0)])
def test_what_continues_the_tree_before_is_cosigned_again_and_again(sizes: tuple[int, ...], tmp_path: Path) -> None:
    tree = Tree().grow(300)
    witness = watching(tmp_path, tree)
    seen = 0
    for size in sizes:
        answer = submit(witness, tree, seen, size)
        if size >= seen:
            assert answer.status == 200, size
            seen = size
        else:
            assert answer.status == 400


def test_another_old_size_is_answered_with_the_one_that_was_cosigned(tmp_path: Path) -> None:
    tree = Tree().grow(20)
    witness = watching(tmp_path, tree)
    answer = submit(witness, tree, 3, 10)
    assert (answer.status, answer.kind, answer.body) == (409, "text/x.tlog.size", "0\n")
    submit(witness, tree, 0, 10)
    for old in (0, 9, 11):
        answer = submit(witness, tree, old, 20)
        assert (answer.status, answer.kind, answer.body) == (409, "text/x.tlog.size", "10\n")
    # A smaller tree of an honest log is not a new statement either.
    assert submit(witness, tree, 4, 9).status == 409
    assert submit(witness, tree, 10, 9).status == 400


def test_a_fork_is_refused_at_every_size_and_kept_as_evidence(tmp_path: Path) -> None:
    tree = Tree().grow(600)
    for at in (0, 1, 254, 255, 256, 257):
        witness = watching(tmp_path / str(at), tree)
        other = tree.fork(at).grow(600, "another")
        assert submit(witness, tree, 0, 257 if at < 257 else 300).status == 200
        size = 257 if at < 257 else 300
        assert submit(witness, other, size, size).status == 422, at
        assert submit(witness, other, size, 600).status == 422, at
        kept = witness.state.evidence()
        assert [parse_checkpoint(one.note).size for one in kept] == [size, 600]
        for one in kept:
            open_note(one.note, tree.signer.verifier)
            open_note(one.against, [tree.signer.verifier, key(witness).verifier])
        assert submit(witness, tree, size, 600).status == 200


def test_no_more_evidence_is_kept_than_shows_it(tmp_path: Path) -> None:
    tree = Tree().grow(1)
    witness = watching(tmp_path, tree)
    submit(witness, tree, 0)
    for n in range(130):
        assert submit(witness, Tree(tree.signer).grow(1, f"fork {n}"), 1).status == 422
    assert len(witness.state.evidence()) == 100


def test_only_trusted_keys_of_known_logs_are_cosigned(tmp_path: Path) -> None:
    tree = Tree().grow(5)
    witness = watching(tmp_path, tree)
    assert submit(witness, Tree(Signer("log.example.org/other", b"l" * 32)).grow(5), 0).status == 404
    stranger = Tree(Signer(tree.signer.name, b"x" * 32), tree.leaves)
    assert submit(witness, stranger, 0).status == 403
    other_text = stranger.signed().split("\n\n")[0] + "\n\n" + tree.fork(0).grow(5, "x").signed().split("\n\n")[1]
    assert witness.add_checkpoint(request(0, [], other_text)).status == 403
    # A trusted key's line that is wrong spoils the note, whatever stands beside it.
    both = tree.signed() + other_text.split("\n\n")[1]
    assert witness.add_checkpoint(request(0, [], both)).status == 403
    # Signatures of unknown keys are ignored, and are not passed on.
    more = sign_note(tree.checkpoint().body(), tree.signer, Signer("somebody.example", b"s" * 32))
    assert witness.add_checkpoint(request(0, [], more)).status == 200
    latest = witness.latest(hashlib.sha256(tree.signer.name.encode()).hexdigest())
    assert latest is not None
    assert "somebody.example" not in latest


def test_what_is_not_a_request_is_refused(tmp_path: Path) -> None:
    tree = Tree().grow(5)
    witness = watching(tmp_path, tree)
    good, signed = request(0, [], tree.signed()), tree.signed()
    bad = [
        b"", b"old 0", b"old 0\n", b"old 0\n\n", good[:-1], good.replace(b"old 0", b"old  0"),
        good.replace(b"old 0", b"old 00"), good.replace(b"old 0", b"old -1"), good.replace(b"old 0", b"OLD 0"),
        good.replace(b"old 0", b"old 0\r"), good.replace(b"old 0", b"old \xd9\xa0"), b"\n" + good, good + b"x\n",
        good.replace("—".encode(), b"-"), b"old 0\n" + signed.encode(), good.replace(b"\n5\n", b"\n05\n"),
        request(0, [b"x" * 31], signed), request(0, [b"x" * 33], signed), request(0, [b"x" * 32] * 64, signed),
        good.replace(b"old 0\n", b"old 0\n!!!!\n"), request("99999999999999999999", [], signed),
        good.replace(b"old 0", b"old 0 \xff"),
    ]  # fmt: skip
    for body in bad:
        assert witness.add_checkpoint(body).status == 400, body
    assert witness.state.logs()[0][1] is None
    assert witness.add_checkpoint(good).status == 200


def test_a_proof_where_nothing_is_to_prove_and_an_empty_tree_with_a_root_are_refused(tmp_path: Path) -> None:
    tree = Tree().grow(5)
    witness = watching(tmp_path, tree)
    assert witness.add_checkpoint(request(0, [b"x" * 32], tree.signed())).status == 422
    wrong = sign_note(Checkpoint(tree.signer.name, 0, b"x" * 32).body(), tree.signer)
    assert witness.add_checkpoint(request(0, [], wrong)).status == 422
    empty = sign_note(Checkpoint(tree.signer.name, 0, EMPTY_ROOT).body(), tree.signer)
    assert witness.add_checkpoint(request(0, [], empty)).status == 200
    assert submit(witness, tree, 0).status == 200
    assert witness.add_checkpoint(request(5, [b"x" * 32], tree.signed())).status == 422


def test_a_log_that_changes_its_key_goes_on_and_cannot_go_back(tmp_path: Path) -> None:
    tree = Tree().grow(5)
    witness = watching(tmp_path, tree)
    submit(witness, tree, 0)
    new = Tree(Signer(tree.signer.name, b"n" * 32), list(tree.leaves)).grow(9)
    assert submit(witness, new, 5).status == 403
    witness.state.add_log(new.signer.verifier)
    assert submit(witness, new, 5).status == 200
    witness.state.remove_key(tree.signer.verifier)
    assert submit(witness, Tree(tree.signer, list(new.leaves)).grow(12), 9).status == 403
    # A new key is no excuse for a new history.
    assert submit(witness, Tree(new.signer).grow(12, "another"), 9).status == 422
    with pytest.raises(WitnessError, match="not one that is trusted"):
        witness.state.remove_key(tree.signer.verifier)


def test_a_clock_that_was_set_back_is_not_stated(tmp_path: Path) -> None:
    tree, clock = Tree().grow(9), Hand()
    witness = watching(tmp_path, tree, clock=clock)
    submit(witness, tree, 0, 3)
    clock.turn(-299)
    assert submit(witness, tree, 3, 4).status == 200
    clock.turn(-301)
    assert submit(witness, tree, 4, 5).status == 503
    clock.turn(600)
    assert submit(witness, tree, 4, 5).status == 200


def test_the_witness_itself_refuses_to_go_back(tmp_path: Path) -> None:
    tree = Tree().grow(9)
    witness = watching(tmp_path, tree)
    submit(witness, tree, 0)
    seen = witness.state.logs()[0][1]
    assert seen is not None
    for size, root in ((8, seen.root), (9, b"x" * 32)):
        with pytest.raises(WitnessError, match="does not go back"), witness.state.turn() as turn:
            turn.note_latest(tree.signer.name, type(seen)(size, root, seen.time, seen.note))
    assert witness.state.logs()[0][1] == seen


def test_a_key_is_made_once_under_one_name_and_kept_from_others(tmp_path: Path) -> None:
    with pytest.raises(WitnessError, match="no key yet"):
        open_keys(tmp_path / "w")
    (made,) = open_keys(tmp_path / "w", "w.example")
    assert open_keys(tmp_path / "w") == (made,)
    assert (tmp_path / "w" / "witness.key").stat().st_mode & 0o777 == 0o600
    assert Cosigner.parse((tmp_path / "w" / "witness.key").read_text()) == made
    with pytest.raises(WitnessError, match="another name"):
        open_keys(tmp_path / "w", "other.example")
    (tmp_path / "w" / "witness.key").write_text("PRIVATE+KEY+w")
    with pytest.raises(WitnessError, match="was changed"):
        open_keys(tmp_path / "w")


@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 12), st.integers(0, 40)), max_size=25))
@settings(deadline=None, max_examples=30)
def test_whatever_is_submitted_all_that_was_cosigned_is_one_history(
    steps: list[tuple[bool, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("w")
    honest = Tree().grow(40)
    witness = watching(folder, honest)
    signed: list[tuple[int, bytes]] = []
    for forks, at, size in steps:
        tree = honest.fork(min(at, size)).grow(size, f"fork {at}") if forks else honest
        before = witness.state.logs()[0][1]
        old = before.size if before else 0
        if submit(witness, tree, old, size).status == 200:
            signed.append((size, tree.checkpoint(size).root))
            history = tree.leaves[:size]
    assert signed == sorted(signed, key=lambda one: one[0])
    for size, root in signed:
        assert Checkpoint(honest.signer.name, size, root) == Tree(honest.signer, history[:size]).checkpoint()
