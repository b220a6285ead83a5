"""A monitor finds every attack on a published log, says which entry, and keeps what proves it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from schoolgate import register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.register import Alarm, LogBroken, Memory, Monitor, NoEvidence, VerifierKey, judge
from schoolgate.register.models import LogEntry, LogHead
from tests.register.logs import copy, files
from tests.register.test_address import folder
from tests.register.watchers import policy_of, set_policy, trust, watchers

pytestmark = pytest.mark.django_db(transaction=True)


def monitor(home: Config, clock: FixedClock, source: Path | str | None = None, **more: object) -> Monitor:
    return Monitor(
        str(source or home.log),
        VerifierKey.parse(register.verifier_key(home)),
        Memory(home.home / "memory.sqlite3"),
        home.home / "evidence",
        clock,
        patience=5,
        **more,  # type: ignore[arg-type]
    )


def alarm(watching: Monitor, *, everything: bool = True) -> Alarm:
    with pytest.raises(Alarm) as raised:
        watching.look(everything=everything)
    return raised.value


def rewrite(home: Config, clock: FixedClock, index: int, title: str = "Something else") -> None:
    """Change an entry, and publish everything anew with the right key: a history that never was."""
    body = register.canonical({**register.event(index).body, "title": title})
    LogEntry.objects.filter(index=index).update(body=body)
    shutil.rmtree(home.log)
    register.publish(clock, home)


def fill(size: int, clock: FixedClock) -> None:
    """Many entries, fast."""
    start = register.log_size()
    LogEntry.objects.bulk_create(
        (
            LogEntry(
                index=n,
                type="notice.published",
                subject=f"N-{n}",
                body=register.canonical(
                    register.event_body("notice.published", f"N-{n}", {"title": f"Notice {n} —"}, clock.now())
                ),
            )
            for n in range(start, size)
        ),
        batch_size=2000,
    )
    LogHead.objects.update_or_create(name="log", defaults={"size": size})


def grow(home: Config, clock: FixedClock, *sizes: int) -> None:
    """Publish at each size."""
    for size in sizes:
        fill(size, clock)
        register.publish(clock, home)


def proven(alarm: Alarm, home: Config) -> str:
    assert alarm.evidence is not None
    return judge(alarm.evidence.read_text(), [VerifierKey.parse(register.verifier_key(home))])


def test_a_log_that_grows_is_well_at_every_size(home: Config, clock: FixedClock) -> None:
    watching, before = monitor(home, clock), 0
    for size in (1, 2, 255, 256, 257, 511, 512, 513):
        grow(home, clock, size)
        looked = watching.look()
        assert (looked.checkpoint.size, looked.new) == (size, size - before)
        assert watching.look(everything=False).new == 0
        before = size
    assert not (home.home / "evidence").exists()


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600])
def test_every_missing_file_and_changed_byte_names_its_first_entry(
    size: int, home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    grow(home, clock, size)
    where = copy(home, tmp_path / "copy")
    watching = monitor(home, clock, where)
    watching.look()
    for name, data in files(where).items():
        tile = register.parse_path(name)
        if tile is None:
            continue
        (where / name).unlink()
        gone = alarm(watching)
        assert (gone.kind, name in gone.what) == ("missing", True)
        if not tile.level:
            assert gone.entry == tile.number * 256
            assert f"entries {tile.number * 256} to {min(size, tile.number * 256 + 256) - 1}" in gone.what
        for at in {0, tile.width // 2, tile.width - 1}:
            if tile.level is None:
                entries = register.decode_entries(data)
                entries[at] = entries[at].replace(b"Notice", b"Nothin")
                changed = register.encode_entries(entries)
            else:
                changed = data[: 32 * at] + bytes([data[32 * at] ^ 1]) + data[32 * at + 1 :]
            (where / name).write_bytes(changed)
            found = alarm(watching)
            assert (found.kind, name in found.what) == ("changed", True), (name, at)
            if not tile.level:
                assert found.entry == tile.number * 256 + at
                kept = json.loads(found.evidence.read_text())  # type: ignore[union-attr]
                if tile.level is None:
                    assert "Notice" in kept["before"]["entry_text"]
                    assert "Nothin" in kept["now"]["entry_text"]
            with pytest.raises(NoEvidence, match="does not prove"):
                proven(found, home)
        for cut in (b"", data[:-1], data + b"\x00", data[:-32], data * 2):
            if cut != data:
                (where / name).write_bytes(cut)
                assert name in alarm(watching).what
        (where / name).write_bytes(data)
    assert watching.look().new == 0


@pytest.mark.parametrize(("size", "then", "index"), [
    (1, 1, 0), (3, 3, 1), (255, 255, 254), (255, 256, 254), (256, 256, 0), (256, 257, 255), (257, 257, 256),
    (300, 700, 299), (600, 600, 255), (600, 600, 256), (600, 601, 0),
])  # fmt: skip
def test_a_rewritten_history_is_a_fork_named_to_the_entry_and_proven_by_two_signatures(
    size: int, then: int, index: int, home: Config, clock: FixedClock
) -> None:
    grow(home, clock, size)
    watching = monitor(home, clock)
    watching.look()
    fill(then, clock)
    rewrite(home, clock, index)
    found = alarm(watching)
    assert (found.kind, found.entry) == ("fork", index)
    assert f"Entry {index} is another one than was seen before" in found.what
    kept = json.loads(found.evidence.read_text())  # type: ignore[union-attr]
    assert f"Notice {index}" in kept["before"]["entry_text"]
    assert "Something else" in kept["now"]["entry_text"]
    said = proven(found, home)
    if then == size:
        assert said == f"Proven: the log signed two different trees of {size} entries."
    else:
        assert said == (
            f"Proven: the log signed two histories; entry {index} is one thing in the first and another in the second."
        )
    # It is found again at every look, and not believed meanwhile.
    assert alarm(watching).entry == index
    assert len(list((home.home / "evidence").iterdir())) == 1


@pytest.mark.parametrize(("size", "back"), [(2, 1), (257, 256), (257, 255), (600, 256), (600, 0)])
def test_entries_that_are_taken_away_are_a_rollback_and_the_first_one_gone_is_shown(
    size: int, back: int, home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    home.log.mkdir()
    signer = register.signer(home)
    (home.log / "key").write_text(f"{signer.verifier}\n")
    empty = register.Checkpoint(signer.name, 0, register.EMPTY_ROOT)
    (home.log / "checkpoint").write_text(register.sign_note(empty.body(), signer))
    grow(home, clock, *([back] if back else []))
    old = copy(home, tmp_path / "old")
    grow(home, clock, size)
    monitor(home, clock).look()
    for where in (old, home.log):  # the older files, and the older checkpoint among the newer files
        (home.log / "checkpoint").write_bytes((old / "checkpoint").read_bytes())
        found = alarm(monitor(home, clock, where))
        assert (found.kind, found.entry) == ("rollback", back)
        kept = json.loads(found.evidence.read_text())  # type: ignore[union-attr]
        assert f"Notice {back} " in kept["before"]["entry_text"]
        with pytest.raises(NoEvidence):  # an older statement is no false one
            proven(found, home)


def test_a_checkpoint_of_another_tree_is_a_fork_even_when_its_entries_are_never_shown(
    home: Config, clock: FixedClock
) -> None:
    grow(home, clock, 300)
    watching = monitor(home, clock)
    watching.look()
    right = (home.log / "checkpoint").read_bytes()
    for size, kind, proof in (
        (300, "fork", "two different trees of 300"),
        (257, "fork", "a tree of 257 entries that is not how its larger one begins"),
        (1, "fork", "a tree of 1 entries"),
    ):
        forged = register.Checkpoint(register.log_name(home), size, b"x" * 32)
        (home.log / "checkpoint").write_text(register.sign_note(forged.body(), register.signer(home)))
        found = alarm(watching)
        assert found.kind == kind
        assert proof in proven(found, home)
    (home.log / "checkpoint").write_bytes(right)
    assert watching.look().new == 0


def test_nobody_can_make_evidence_against_an_honest_log(home: Config, clock: FixedClock) -> None:
    grow(home, clock, 300)
    watching = monitor(home, clock)
    watching.look()
    rewrite(home, clock, 7)
    found = alarm(watching)
    text = found.evidence.read_text()  # type: ignore[union-attr]
    told = json.loads(text)
    key = VerifierKey.parse(register.verifier_key(home))
    wrong = [
        {**told, "now": told["before"]},
        {**told, "before": {**told["before"], "checkpoint": told["before"]["checkpoint"].replace("\n300\n", "\n301\n")}},
        {}, [], {"before": {}, "now": {}}, {**told, "now": {**told["now"], "checkpoint": 3}},
    ]  # fmt: skip
    for bad in wrong:
        with pytest.raises(NoEvidence):
            judge(json.dumps(bad), [key])
    with pytest.raises(NoEvidence):
        judge("[" * 100_000, [key])
    with pytest.raises(NoEvidence):
        judge(text, [register.Signer(register.log_name(home), b"x" * 32).verifier])
    # At two sizes the paths carry the proof, so each part of them matters.
    grow(home, clock, 301)
    told = json.loads(alarm(watching).evidence.read_text())  # type: ignore[union-attr]
    judge(json.dumps(told), [key])
    for side in ("before", "now"):
        for part in ("leaf", "entry", "proof"):
            other = {**told, side: {**told[side], part: told["before" if side == "now" else "now"][part]}}
            with pytest.raises(NoEvidence):
                judge(json.dumps(other), [key])
    with pytest.raises(NoEvidence):
        judge(json.dumps({**told, "entry": 8}), [key])


def test_a_large_log_is_watched_over_http_and_a_change_anywhere_is_named(
    home: Config, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Across the boundary of the third level: 256 full tiles make a full tile of the level above."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    fill(65_537, clock)
    register.publish(clock, home)
    where = copy(home, tmp_path / "copy")
    with folder(where) as address:
        watching = monitor(home, clock, address)
        assert watching.look().checkpoint.size == 65_537
        fill(65_800, clock)
        register.publish(clock, home)
        shutil.copytree(home.log, where, dirs_exist_ok=True)
        assert watching.look(everything=False).new == 263
        (where / "tile/0/257.p/8").write_bytes(bytes(256))
        found = alarm(watching, everything=False)
        assert (found.kind, found.entry) == ("changed", 65_792)
    beside = monitor(home, clock)
    bundle = home.log / "tile/entries/255"
    entries = register.decode_entries(bundle.read_bytes())
    bundle.write_bytes(register.encode_entries([*entries[:255], b"{}"]))
    found = alarm(beside)
    assert (found.kind, found.entry) == ("changed", 65_535)
    # A look at what is new alone does not read what was read before.
    assert beside.look(everything=False).new == 0


def test_a_key_that_changes_is_followed_and_one_that_was_stolen_or_lost_is_not(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    grow(home, clock, 5)
    first = VerifierKey.parse(register.verifier_key(home))
    watching = monitor(home, clock)
    watching.look()
    second = register.rotate_key(home, clock, "Yearly change.")
    assert str(watching.look().key) == second
    register.retire_key(home, clock)
    grow(home, clock, 300)
    assert watching.look().new == 294
    (home.keys / "log.key").unlink()
    third = register.replace_lost_key(home, clock, "The disk with the key burnt.")
    found = alarm(watching)
    assert found.kind == "key"
    assert "without the old key's word" in found.what
    accepting = Monitor(str(home.log), VerifierKey.parse(third), watching.memory, watching.evidence, clock, accept=True)
    assert str(accepting.look().key) == third
    assert str(watching.look().key) == third
    # Whoever stole the first key signs a history of their own under it: it is none of the keys that followed.
    where = copy(home, tmp_path / "stolen")
    body = register.open_note((where / "checkpoint").read_bytes(), third).text
    thief = register.Signer(first.name, b"t" * 32)
    (where / "checkpoint").write_text(register.sign_note(body, thief))
    (where / "key").write_text(f"{thief.verifier}\n")
    assert alarm(monitor(home, clock, where)).kind in ("key", "broken")


def test_a_stolen_key_cannot_fork_a_witnessed_log_unseen(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    """The thief shows one reader another log, signed with the right key: no quorum, and the witnesses' view differs."""
    with watchers(home, tmp_path / "w", 2) as every:
        set_policy(home, policy_of(every, 2))
        grow(home, clock, 5)
        strict = register.parse_policy(policy_of(every, 2, register.verifier_key(home)))
        watching = monitor(home, clock, policy=strict)
        looked = watching.look()
        assert looked.witnesses == looked.compared == ("w0", "w1")
        set_policy(home, "quorum none\n")
        rewrite(home, clock, 3)
        found = alarm(watching)
        assert found.kind == "broken"
        assert "not cosigned as the policy asks" in found.what
        # A monitor that has never looked and asks for no quorum still asks the witnesses what they saw.
        lax = register.parse_policy("".join(one.line for one in every) + "quorum none\n")
        fresh = Monitor(
            str(home.log), watching.key, Memory(tmp_path / "fresh"), tmp_path / "e", clock, policy=lax, patience=5
        )
        split = alarm(fresh)
        assert split.kind == "split"
        assert "Witness w0 saw another log: its tree of 5 entries is not this one's." in split.what
        assert "Proven: the log signed two different trees of 5" in proven(split, home)
        trust(every, register.verifier_key(home))


def test_a_witness_that_saw_more_is_told(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    with watchers(home, tmp_path / "w", 1) as every:
        set_policy(home, policy_of(every, 1))
        grow(home, clock, 5)
        old = (home.log / "checkpoint").read_bytes()
        grow(home, clock, 9)
        (home.log / "checkpoint").write_bytes(old)
        assert monitor(home, clock, policy=register.parse_policy(policy_of(every, 1))).look().longer == ("w0",)


def test_a_server_that_is_away_is_no_evidence(home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    grow(home, clock, 5)
    with folder(home.log) as address:
        watching = monitor(home, clock, address)
        watching.look()
    found = alarm(watching)
    assert (found.kind, found.evidence) == ("unreachable", None)
    assert not (home.home / "evidence").exists()


def test_a_memory_that_was_changed_is_named(home: Config, clock: FixedClock) -> None:
    grow(home, clock, 5)
    monitor(home, clock).look()
    (home.home / "memory.sqlite3").write_bytes(b"not a database" * 100)
    for file in home.home.glob("memory.sqlite3-*"):
        file.unlink()
    with pytest.raises(LogBroken, match="memory cannot be read"):
        monitor(home, clock).look()


def test_watching_goes_on_after_an_alarm(home: Config, clock: FixedClock) -> None:
    grow(home, clock, 5)
    told: list[object] = []
    right = (home.log / "checkpoint").read_bytes()
    between: list[Callable[[], object]] = [
        (home.log / "checkpoint").unlink,
        lambda: (home.log / "checkpoint").write_bytes(right),
    ]

    def wait() -> bool:
        if not between:
            return False
        between.pop(0)()
        return True

    register.watch(monitor(home, clock), wait, told.append, full_every=2)
    assert [isinstance(one, register.Look) for one in told] == [True, False, True]
    assert str(told[1]).startswith("checkpoint is missing.")
