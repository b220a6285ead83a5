"""The log's key changes, is lost, is stolen: whoever checks the log knows what to believe."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from schoolgate import register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.register import LogBroken, NotWitnessed, Signer, VerifierKey, parse_policy
from tests.register.logs import add, check, copy, files, grow
from tests.register.test_receipts import release
from tests.register.tool import verdict
from tests.register.watchers import policy_of, set_policy, trust, watchers

pytestmark = pytest.mark.django_db(transaction=True)


def signed_by(home: Config, *keys: str) -> list[bool]:
    """Which of these keys signed the checkpoint in place."""
    lines = register.split_note((home.log / "checkpoint").read_bytes())[1]
    return [any(line.is_of(VerifierKey.parse(key)) for line in lines) for key in keys]


def test_a_log_has_a_name_of_its_own_and_keeps_it(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    name = register.log_name(home)
    assert name == register.log_name(home)
    other = Config(tmp_path / "other", home.database)
    assert register.log_name(other) != name
    chosen = Config(tmp_path / "chosen", home.database)
    register.choose_name(chosen, "data.example.org/log")
    register.choose_name(chosen, "data.example.org/log")
    assert VerifierKey.parse(register.verifier_key(chosen)).name == "data.example.org/log"
    with pytest.raises(SchoolgateError, match="has a name already"):
        register.choose_name(chosen, "data.example.org/other")
    for bad in (
        "",
        "a b",
        "a+b",
        "https://data.example.org/log",
        "x",
        "data.example.org/",
        "é.example/log",
        "a\nb.example",
    ):
        with pytest.raises(SchoolgateError, match="cannot be a log's name"):
            register.choose_name(Config(tmp_path / "bad", home.database), bad)
    # A log from before names were its own.
    first = Config(tmp_path / "first", home.database)
    first.keys.mkdir(parents=True)
    (first.keys / "log.key").write_bytes(b"k" * 32)
    assert register.log_name(first) == "schoolgate.example/log"
    with pytest.raises(SchoolgateError, match="has a name already"):
        register.choose_name(first, "data.example.org/log")


def test_the_old_key_names_the_new_one_and_both_sign_until_the_old_one_is_retired(
    home: Config, clock: FixedClock
) -> None:
    grow(home, clock, 3)
    old = register.verifier_key(home)
    new = register.rotate_key(home, clock, "Yearly change.")
    assert new != old
    told = register.event(3).body
    assert (told["type"], told["key"], told["previous"], told["reason"]) == ("key.changed", new, old, "Yearly change.")
    assert signed_by(home, old, new) == [True, True]
    for key in (old, new):
        assert str(register.verify_log(str(home.log), key).key) == new
    with pytest.raises(SchoolgateError, match="End that first"):
        register.rotate_key(home, clock, "Again.")
    grow(home, clock, 300)
    assert signed_by(home, old, new) == [True, True]
    register.retire_key(home, clock)
    assert signed_by(home, old, new) == [False, True]
    assert sorted(path.name for path in home.keys.iterdir()) == ["log-name", "log.key"]
    # Whoever has the old key only follows the old key's word to the new one.
    assert str(register.verify_log(str(home.log), old).key) == new
    third = register.rotate_key(home, clock, "Again.")
    register.retire_key(home, clock)
    assert str(register.verify_log(str(home.log), old).key) == third
    with pytest.raises(SchoolgateError, match="one key's signature only"):
        register.retire_key(home, clock)
    with pytest.raises(SchoolgateError, match="with its reason"):
        register.rotate_key(home, clock, " ")


def test_receipts_from_before_a_change_of_key_hold_with_the_old_key_and_under_a_policy(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    receipt = release(home, clock)
    old = register.verifier_key(home)
    new = register.rotate_key(home, clock, "Yearly change.")
    register.retire_key(home, clock)
    assert verdict(receipt, tmp_path, "--key", old)[0] == 0
    assert verdict(receipt, tmp_path, "--key", new)[0] == 1
    (tmp_path / "policy").write_text(f"log {old}\nlog {new}\nquorum none\n")
    assert verdict(receipt, tmp_path, "--policy", str(tmp_path / "policy"))[0] == 0


class _Cut(Exception):
    """The power goes."""


def test_a_change_of_key_cut_short_anywhere_is_taken_up_again_with_one_entry_and_one_new_key(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    grow(home, clock, 3)
    old = register.verifier_key(home)
    steps = ["new key ready", "change recorded", "change published", "key changed"]
    for count, at in enumerate(steps, start=1):

        def cut(step: str, at: str = at) -> None:
            if step == at:
                raise _Cut

        with pytest.raises(_Cut):
            register.rotate_key(home, clock, "Yearly change.", step=cut)
        assert len(register.events("key.changed")) == (count - 1 if at == "new key ready" else count)
        register.verify_log(str(home.log), old)
        add(clock, 1, 100 * count)
        register.publish(clock, home)
        assert register.verify_log(str(home.log), old).checkpoint.size == register.log_size()
        if at != "key changed":
            register.rotate_key(home, clock, "Yearly change.")
        assert len(register.events("key.changed")) == count
        register.retire_key(home, clock)
        newest = register.verifier_key(home)
        assert str(register.verify_log(str(home.log), old).key) == newest
    assert len(register.events("key.changed")) == 4
    assert not (home.keys / "log-next.key").exists()


def test_without_its_key_a_log_does_not_go_on_in_silence(home: Config, clock: FixedClock) -> None:
    grow(home, clock, 3)
    before = files(home.log)
    (home.keys / "log.key").unlink()
    add(clock, 1, 3)
    with pytest.raises(register.KeyLost, match="signing key is gone"):
        register.publish(clock, home)
    with pytest.raises(register.KeyLost):
        register.verifier_key(home)
    assert files(home.log) == before
    assert not (home.keys / "log.key").exists()


def test_a_lost_key_is_replaced_in_public_and_witnesses_carry_the_log_on(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    with watchers(home, tmp_path / "w", 2) as every:
        set_policy(home, policy_of(every, 2))
        grow(home, clock, 5)
        old = register.verifier_key(home)
        (home.keys / "log.key").unlink()
        # The witnesses' operators must be told by another way; until then nothing is published.
        with pytest.raises(NotWitnessed, match="does not know the key this log is signed with"):
            register.replace_lost_key(home, clock, "The disk with the key burnt.")
        assert signed_by(home, old) == [True]
        new = VerifierKey.parse(register.next_key(home))
        trust(every, new)
        assert register.replace_lost_key(home, clock, "The disk with the key burnt.") == str(new)
        assert [entry.body["key"] for entry in register.events("key.changed")] == [str(new)]
        assert signed_by(home, old, str(new)) == [False, True]
        with pytest.raises(LogBroken, match="without the old key's word"):
            register.verify_log(str(home.log), old)
        policy = parse_policy(policy_of(every, 2))
        report = register.verify_log(str(home.log), str(new), policy=policy)
        assert report.witnesses == ("w0", "w1")
        grow(home, clock, 300)
        with pytest.raises(SchoolgateError, match="No key of a published log is missing"):
            register.replace_lost_key(home, clock, "Again.")
        # Continuity is what the witnesses vouch for: under the new key, too, another history is refused.
        seen = every[0].state.logs()
        assert {watched.size for _, watched in seen if watched} == {300}


def test_an_old_key_is_not_given_up_before_the_witnesses_know_the_new_one(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    with watchers(home, tmp_path / "w", 2) as every:
        set_policy(home, policy_of(every, 2))
        grow(home, clock, 5)
        old = register.verifier_key(home)
        new = register.rotate_key(home, clock, "Yearly change.")
        with pytest.raises(NotWitnessed, match="does not know the key"):
            register.retire_key(home, clock)
        grow(home, clock, 7)
        assert signed_by(home, old, new) == [True, True]
        trust(every, new)
        register.retire_key(home, clock)
        assert signed_by(home, old, new) == [False, True]
        for one in every:
            one.state.remove_key(VerifierKey.parse(old))
        grow(home, clock, 9)
        with pytest.raises(SchoolgateError, match="No new key is waiting"):
            register.next_key(home)


def test_a_lost_key_of_a_log_without_witnesses_is_believed_by_who_kept_a_checkpoint(
    home: Config, clock: FixedClock
) -> None:
    grow(home, clock, 5)
    check(home)
    (home.keys / "log.key").unlink()
    register.replace_lost_key(home, clock, "Lost.")
    assert check(home).earlier == 1


def test_a_thief_with_a_retired_key_convinces_nobody_who_saw_the_log_since(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    """The thief names a key of their own as successor, in a history that branches off before the real change."""
    grow(home, clock, 3)
    stolen = (home.keys / "log.key").read_bytes()
    old = register.verifier_key(home)
    branch = copy(home, tmp_path / "branch")
    register.rotate_key(home, clock, "It may have been stolen.")
    register.retire_key(home, clock)
    check(home)
    thief = Config(tmp_path / "thief", home.database)
    shutil.copytree(branch, thief.log)
    shutil.copytree(home.keys, thief.keys)
    (thief.keys / "log.key").write_bytes(stolen)
    from schoolgate.register.models import LogEntry, LogHead

    LogEntry.objects.filter(index__gte=3).delete()
    LogHead.objects.update(size=3)
    register.rotate_key(thief, clock, "Nothing to see here.")
    # Who knows nothing but the old key cannot tell the two apart; who has looked since, can.
    register.verify_log(str(thief.log), old)
    with pytest.raises(LogBroken, match="not those of an earlier visit"):
        register.verify_log(str(thief.log), old, state=home.home / "seen.json")


@pytest.mark.parametrize("spoil", ["text", "signer", "name", "missing"])
def test_a_change_without_the_old_keys_word_is_not_followed(
    spoil: str, home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    from django.db import transaction

    from schoolgate.register.follow import endorse

    grow(home, clock, 3)
    old = register.signer(home)
    new, other = Signer(old.name, b"n" * 32), Signer("other.example", b"n" * 32)
    word: dict[str, Any] = {
        "text": {"endorsed": endorse(old, Signer(old.name, b"m" * 32))},
        "signer": {"endorsed": endorse(Signer(old.name, b"m" * 32), new)},
        "name": {"endorsed": endorse(old, other)},
        "missing": {},
    }[spoil]
    key = other if spoil == "name" else new
    with transaction.atomic():
        payload = {"key": str(key.verifier), "reason": "r", **word}
        register.append_event("key.changed", "log", payload, clock.now())
    register.publish(clock, home)
    body = register.open_note((home.log / "checkpoint").read_bytes(), old.verifier).text
    (home.log / "checkpoint").write_text(register.sign_note(body, new))
    (home.log / "key").write_text(f"{new.verifier}\n")
    with pytest.raises(LogBroken, match="None of the known keys signed"):
        register.verify_log(str(home.log), old.verifier)


def test_a_face_never_makes_a_key_of_its_own(home: Config) -> None:
    """What it would sign, or call the log's key, would be a false one."""
    face = Config(home.home, home.database, gate=Path("/run/schoolgate/gate.sock"))
    for ask in (register.signer, register.verifier_key):
        with pytest.raises(SchoolgateError, match="runs as the gate's user only"):
            ask(face)
    assert not (home.keys / "log.key").exists()
