"""The one file asks for the witnesses that its user trusts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schoolgate import register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.register import Cosigner, parse_policy
from tests.register.test_receipts import release
from tests.register.test_trust import EXAMPLE, LINES, LOG
from tests.register.tool import verdict, verifier
from tests.register.watchers import Watcher, policy_of, set_policy, watchers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two(home: Config, tmp_path: Path) -> Iterator[list[Watcher]]:
    with watchers(home, tmp_path / "w", 2) as every:
        set_policy(home, policy_of(every, 2))
        yield every


def under(policy: str, receipt: dict[str, Any], folder: Path, *more: str) -> tuple[int, str]:
    (folder / "policy").write_text(policy)
    return verdict(receipt, folder, "--policy", str(folder / "policy"), *more)


def test_a_receipt_of_a_witnessed_log_holds_under_its_policy_and_no_other(
    home: Config, clock: FixedClock, tmp_path: Path, two: list[Watcher]
) -> None:
    receipt = release(home, clock)
    key = register.verifier_key(home)
    code, said = under(policy_of(two, 2, key), receipt, tmp_path)
    assert (code, "Enough of the witnesses" in said, "came from this same file" in said) == (0, True, False)
    assert under(policy_of(two, 2), receipt, tmp_path, "--key", key)[0] == 0
    assert under(policy_of(two, 2), receipt, tmp_path)[0] == 1
    assert under(policy_of(two, 2, str(LOG.verifier)), receipt, tmp_path)[0] == 1
    assert under(EXAMPLE.replace(str(LOG.verifier), key), receipt, tmp_path) == (
        1, "NOT TRUE: Too few of the witnesses you trust have cosigned the log's checkpoint.\n",
    )  # fmt: skip
    stranger = f"witness s {Cosigner('s.example', b's' * 32).verifier}\n"
    mixed = f"log {key}\n{two[0].line}{stranger}group g {{}} w0 s\nquorum g\n"
    assert under(mixed.format("any"), receipt, tmp_path)[0] == 0
    assert under(mixed.format("all"), receipt, tmp_path)[0] == 1
    assert under(f"log {key}\nquorum none\n", receipt, tmp_path)[0] == 0


def test_a_receipt_whose_cosignature_was_taken_away_or_changed_does_not_hold(
    home: Config, clock: FixedClock, tmp_path: Path, two: list[Watcher]
) -> None:
    receipt = release(home, clock)
    policy = policy_of(two, 2, register.verifier_key(home))
    lines = receipt["proof"].splitlines(keepends=True)
    for at in (-1, -2):
        assert lines[at].startswith("— w")
        without = "".join(line for line in lines if line != lines[at])
        assert "Too few" in under(policy, {**receipt, "proof": without}, tmp_path)[1]
        name, blob = lines[at].rstrip("\n").rsplit(" ", 1)
        letter = "A" if blob[30] != "A" else "B"
        changed = "".join(lines).replace(blob, blob[:30] + letter + blob[31:])
        assert name.startswith("— w")
        assert "cosignature is wrong" in under(policy, {**receipt, "proof": changed}, tmp_path)[1]
        # Who asks for no witness does not look at what is not theirs to judge.
        assert verdict({**receipt, "proof": changed}, tmp_path)[0] == 0


@pytest.mark.parametrize(
    "bad",
    [
        "", LINES, LINES + "quorum a b\n", LINES + "quorum c\n", LINES + "group g 3 a b\nquorum g\n", "quorum\n", "log\nquorum none\n",
        LINES + "group g 0 a b\nquorum g\n", LINES + "group g any a a\nquorum g\n", LINES + "group g any g\nquorum g\n",
        LINES + "group g any a\ngroup h any a\nquorum g\n", LINES + "group a any b\nquorum a\n", "trust a\nquorum none\n",
        LINES + "group none any b\nquorum none\n", LINES + "quorum a\nquorum b\n", "quorum none\nquorum none\n",
        LINES + "group g x a b\nquorum g\n", LINES + f"witness c {LINES.split()[2]}\nquorum a\n",
        f"witness a {LOG.verifier}\nquorum a\n",
        LINES + "group g any\nquorum g\n",
    ],
)  # fmt: skip
def test_a_policy_that_is_none_is_not_checked_with_and_refused_by_both_readers(
    bad: str, home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    receipt = release(home, clock)
    code, said = under(bad, receipt, tmp_path)
    assert (code, said.startswith("NOT CHECKED: The policy")) == (2, True)
    with pytest.raises(register.PolicyRefused):
        parse_policy(bad)


def test_a_witness_whose_key_the_one_file_cannot_check_is_said(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    post_quantum = f"witness a {Cosigner('q', b'q' * 32, register.SUBTREE_V1).verifier}\nquorum a\n"
    parse_policy(post_quantum)
    code, said = under(post_quantum, release(home, clock), tmp_path)
    assert (code, "whose key is not Ed25519" in said) == (2, True)


def test_both_readers_of_a_policy_agree_on_every_set_of_witnesses() -> None:
    names = ["X1", "X2", "X3", "Y1", "Y2", "Y3"]
    ours, alone = parse_policy(EXAMPLE), verifier.Policy(EXAMPLE)
    keys = {one.name: one.key for one in ours.witnesses}
    for number in range(64):
        chosen = {name for at, name in enumerate(names) if number >> at & 1}
        assert ours.met_by([keys[name] for name in chosen]) == alone.met(alone.quorum, chosen)
