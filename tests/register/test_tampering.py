"""Whoever changes a published log anywhere is found, and told where."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from django.db import connection

from schoolgate import register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.register import Checkpoint, LogBroken, Signer
from schoolgate.register.models import LogEntry, LogHead
from tests.register.logs import add, check, copy, files, grow, names_the_place

pytestmark = pytest.mark.django_db(transaction=True)


def refused(home: Config, where: Path, *, remember: bool = False) -> str:
    with pytest.raises(LogBroken) as raised:
        check(home, where, remember=remember)
    return raised.value.what


def test_a_changed_hash_or_entry_anywhere_in_a_log_with_full_and_upper_tiles_is_found(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    grow(home, clock, 200, 515)
    where = copy(home, tmp_path / "copy")
    assert {"tile/0/000", "tile/0/001", "tile/0/002.p/3", "tile/1/000.p/2", "tile/entries/002.p/3"} <= set(files(where))
    for name, data in files(where).items():
        pace = 31 if "entries" in name else 32
        for at in range(0, len(data), pace * 7 if len(data) > 4096 else pace):
            (where / name).write_bytes(data[:at] + bytes([data[at] ^ 0x80]) + data[at + 1 :])
            assert names_the_place(refused(home, where), name), (name, at)
        (where / name).write_bytes(data)
    check(home, where)


def test_a_file_that_is_missing_cut_short_longer_or_empty_is_found(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    grow(home, clock, 3, 260)
    add(clock, 1, 260)
    register.publish(clock, home)
    where = copy(home, tmp_path / "copy")
    for name, data in files(where).items():
        (where / name).unlink()
        if not name.endswith(".p/4"):  # an older size's partial tile: a log keeps it as long as it likes
            assert names_the_place(refused(home, where), name)
        for wrong in (
            b"",
            data[:-1],
            data[:-32],
            data[:32],
            data + b"\x00",
            data + data[-32:],
            data * 2,
            bytes(40_000),
        ):
            if wrong != data:
                (where / name).write_bytes(wrong)
                assert names_the_place(refused(home, where), name), (name, len(wrong))
        (where / name).write_bytes(data)
    check(home, where)


def test_two_tiles_that_changed_places_are_found(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    grow(home, clock, 513)
    where = copy(home, tmp_path / "copy")
    for level in ("0", "entries"):
        one, two = where / f"tile/{level}/000", where / f"tile/{level}/001"
        first, second = one.read_bytes(), two.read_bytes()
        one.write_bytes(second)
        two.write_bytes(first)
        assert "Entry 0 does not fit" in refused(home, where)
        one.write_bytes(first)
        two.write_bytes(second)
    # Entries and hashes together: the level above notices.
    for level in ("0", "entries"):
        one, two = where / f"tile/{level}/000", where / f"tile/{level}/001"
        first, second = one.read_bytes(), two.read_bytes()
        one.write_bytes(second)
        two.write_bytes(first)
    assert "tile/1/000.p/2 was changed: it does not fit from entry 0 on" in refused(home, where)


def test_a_log_changed_with_all_its_tiles_does_not_fit_its_checkpoint(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    grow(home, clock, 3)
    where = copy(home, tmp_path / "copy")
    entries = register.decode_entries((where / "tile/entries/000.p/3").read_bytes())
    entries[1] = entries[1].replace(b"Notice 1", b"Notice 9")
    (where / "tile/entries/000.p/3").write_bytes(register.encode_entries(entries))
    (where / "tile/0/000.p/3").write_bytes(b"".join(register.leaf_hash(entry) for entry in entries))
    assert "checkpoint: its root does not fit the entries" in refused(home, where)


@pytest.mark.parametrize(
    "name",
    [
        "note.txt", "tile/0/000.p/256", "tile/0/000.p/0", "tile/0/0", "tile/00/000", "tile/64/000", "tile/entries/x000/000",
        "tile/0/000.p/03", "tile/0/000.bak", "tile/notes", "checkpoint.old", "secret.new", "tile/0/000.p/1.new.new", "Key",
    ],
)  # fmt: skip
def test_a_file_that_is_no_part_of_a_log_is_named(name: str, home: Config, clock: FixedClock) -> None:
    grow(home, clock, 3)
    (home.log / name).parent.mkdir(parents=True, exist_ok=True)
    (home.log / name).write_bytes(b"x" * 32)
    assert refused(home, home.log) == f"{name} is not a file of a log."


def test_what_an_interrupted_publication_left_is_no_fault_and_tiles_beyond_the_checkpoint_must_have_their_size(
    home: Config, clock: FixedClock
) -> None:
    grow(home, clock, 3)
    for name in ("checkpoint.new", "key.new", "tile/0/000.p/5.new", "tile/entries/000.p/5.new"):
        (home.log / name).write_bytes(b"half")
    (home.log / "tile/0/000.p/5").write_bytes((home.log / "tile/0/000.p/3").read_bytes() + bytes(64))
    check(home)
    for wrong in (b"", b"x", bytes(160), bytes(2 * 8192)):
        (home.log / "tile/0/000.p/5").write_bytes(wrong)
        assert "tile/0/000.p/5" in refused(home, home.log)


def test_a_pipe_or_a_folder_in_the_place_of_a_file_keeps_nobody_waiting(home: Config, clock: FixedClock) -> None:
    grow(home, clock, 3)
    (home.log / "checkpoint").rename(home.home / "away")
    os.mkfifo(home.log / "checkpoint")
    assert refused(home, home.log) == "checkpoint is not a file."
    (home.log / "checkpoint").unlink()
    (home.log / "checkpoint").mkdir()
    assert refused(home, home.log) == "checkpoint is not a file."


def test_an_older_checkpoint_is_found_by_who_saw_the_newer_one(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    grow(home, clock, 3)
    old = copy(home, tmp_path / "old")
    grow(home, clock, 5)
    check(home)
    assert "the log has 3 entries; it had 5 on an earlier visit" in refused(home, old, remember=True)
    # The old checkpoint among the new tiles is the same lie.
    (home.log / "checkpoint").write_bytes((old / "checkpoint").read_bytes())
    assert "the log has 3 entries; it had 5" in refused(home, home.log, remember=True)


def test_a_checkpoint_signed_by_another_key_of_the_same_name_is_refused(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    grow(home, clock, 3)
    where = copy(home, tmp_path / "copy")
    body = register.open_note((where / "checkpoint").read_bytes(), register.verifier_key(home)).text
    other = Signer(register.log_name(home), b"x" * 32)
    (where / "checkpoint").write_text(register.sign_note(body, other))
    assert "checkpoint: None of the known keys signed" in refused(home, where)
    # Under its own key the same tiles are another installation's log, whose "key" file gives it away.
    with pytest.raises(LogBroken, match="key: it is not the key you gave"):
        register.verify_log(str(where), other.verifier)
    named = Signer("somebody.example/log", b"x" * 32)
    (where / "checkpoint").write_text(register.sign_note(body, named))
    with pytest.raises(LogBroken, match="checkpoint: it is another log's"):
        register.verify_log(str(where), named.verifier)


def rewrite(home: Config, clock: FixedClock, title: str) -> None:
    body = register.canonical({**register.event(1).body, "title": title})
    LogEntry.objects.filter(index=1).update(body=body)
    shutil.rmtree(home.log)
    register.publish(clock, home)


def test_a_rewritten_history_signed_with_the_right_key_is_found_by_who_saw_the_old_one(
    home: Config, clock: FixedClock
) -> None:
    grow(home, clock, 3)
    check(home)
    rewrite(home, clock, "Something else")
    assert "the first 3 entries are not those of an earlier visit" in refused(home, home.log, remember=True)
    grow(home, clock, 300)
    assert "the first 3 entries are not those of an earlier visit" in refused(home, home.log, remember=True)
    assert len(json.loads((home.home / "seen.json").read_text())) == 1


def test_a_new_key_does_not_excuse_a_new_history(home: Config, clock: FixedClock) -> None:
    grow(home, clock, 3)
    check(home)
    (home.keys / "log.key").unlink()
    shutil.rmtree(home.log)
    register.publish(clock, home)
    assert check(home).earlier == 1  # the same entries under a new key continue the log
    rewrite(home, clock, "Something else")
    (home.keys / "log.key").write_bytes(b"k" * 32)
    shutil.rmtree(home.log)
    register.publish(clock, home)
    what = refused(home, home.log, remember=True)
    assert "the first 3 entries are not those of an earlier visit" in what
    assert "signed by another key" in what


def test_the_memory_of_earlier_visits_cannot_be_changed_unnoticed(home: Config, clock: FixedClock) -> None:
    grow(home, clock, 3)
    check(home)
    state = home.home / "seen.json"
    kept = json.loads(state.read_text())
    (key,) = kept
    for wrong in (
        "not json", "[]", "3", json.dumps({key: "x"}), json.dumps({key: [3]}), json.dumps({"x": []}),
        json.dumps({key: [kept[key][0].replace("\n3\n", "\n2\n")]}), json.dumps({key: ["x"]}),
    ):  # fmt: skip
        state.write_text(wrong)
        assert "checkpoints seen before cannot be read" in refused(home, home.log, remember=True)
        assert state.read_text() == wrong


def test_an_empty_log_is_whole_and_the_memory_starts_there(home: Config, clock: FixedClock) -> None:
    empty = Checkpoint(register.log_name(home), 0, register.EMPTY_ROOT)
    home.log.mkdir()
    (home.log / "key").write_text(register.verifier_key(home) + "\n")
    (home.log / "checkpoint").write_text(register.sign_note(empty.body(), register.signer(home)))
    assert check(home).checkpoint.size == 0
    grow(home, clock, 3)
    assert check(home).earlier == 1


def test_a_publisher_does_not_build_on_files_that_were_changed(home: Config, clock: FixedClock) -> None:
    grow(home, clock, 260)
    before = (home.log / "checkpoint").read_bytes()
    add(clock, 5, 260)
    for name in ("tile/0/001.p/4", "tile/1/000.p/1"):
        path = home.log / name
        data = path.read_bytes()
        for wrong in (None, b"", data[:-1], bytes([data[0] ^ 1]) + data[1:]):
            path.unlink() if wrong is None else path.write_bytes(wrong)
            with pytest.raises(register.LogAhead, match="they were changed"):
                register.publish(clock, home)
            path.write_bytes(data)
    assert (home.log / "checkpoint").read_bytes() == before
    register.publish(clock, home)
    check(home)


def test_a_database_that_differs_from_the_published_log_is_named_to_the_entry(home: Config, clock: FixedClock) -> None:
    grow(home, clock, 300)
    assert register.check_journal(home) == 300
    right = LogEntry.objects.get(index=7)
    LogEntry.objects.filter(index=7).update(body=register.canonical({**register.event(7).body, "title": "Other"}))
    with pytest.raises(register.LogAhead, match="Entry 7 of the database is not the one that was published"):
        register.check_journal(home)
    LogEntry.objects.filter(index=7).update(body=right.body)
    LogEntry.objects.filter(index=299).delete()
    with pytest.raises(register.LogAhead, match="missing"):
        register.check_journal(home)
    LogHead.objects.update(size=299)
    with pytest.raises(register.LogAhead, match="published log has 300 entries, the database 299"):
        register.publish(clock, home)


def test_an_error_half_way_leaves_no_question_open_on_the_server(home: Config, clock: FixedClock) -> None:
    """A cursor that the garbage collector closes in the middle of another statement blocks a connection for ever."""
    grow(home, clock, 300)
    LogEntry.objects.filter(index=7).update(body=b"{}")
    with pytest.raises(register.LogAhead) as raised:
        register.check_journal(home)
    with connection.cursor() as cursor:
        # SQLite has no server; there the same is true of the statements this connection has not read to the end.
        if connection.vendor == "postgresql":
            cursor.execute("SELECT count(*) FROM pg_cursors")
            assert cursor.fetchone() == (0,)
    assert raised.value.code == "log-diverged"
    grow(home, clock, 301)
    assert register.log_size() == 301
