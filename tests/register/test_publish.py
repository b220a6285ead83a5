"""Publishing: only what is committed, in proportion to what is new, old or new whatever happens."""

from __future__ import annotations

import base64
import errno
import os
import random
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from schoolgate import register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.register.models import LogEntry, LogHead
from tests.register.logs import add, check, files, grow

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_is_published_from_inside_a_transaction_that_could_be_undone(home: Config, clock: FixedClock) -> None:
    grow(home, clock, 2)
    before = files(home.log)

    def publishes_inside() -> None:
        with transaction.atomic():
            register.append_event("notice.published", "N", {"title": "never"}, clock.now())
            register.publish(clock, home)

    with pytest.raises(SchoolgateError, match="not published from inside a transaction"):
        publishes_inside()
    assert files(home.log) == before
    assert register.publish(clock, home).size == 2


def test_a_full_tile_makes_its_partial_ones_superfluous_and_proofs_still_hold(home: Config, clock: FixedClock) -> None:
    grow(home, clock, 1, 5, 255)
    assert len(list((home.log / "tile/0/000.p").iterdir())) == 3
    grow(home, clock, 257, 258)
    assert not (home.log / "tile/0/000.p").exists()
    assert not (home.log / "tile/entries/000.p").exists()
    assert sorted(path.name for path in (home.log / "tile/0/001.p").iterdir()) == ["1", "2"]
    check(home)


def test_a_proof_asked_for_while_another_process_publishes_is_made_from_the_full_tile(
    home: Config, clock: FixedClock
) -> None:
    grow(home, clock, 200)
    old = (home.log / "checkpoint").read_bytes()
    proof = register.receipt_proof(7, home)
    grow(home, clock, 300)
    (home.log / "checkpoint").write_bytes(old)  # what a reader saw just before the new one was put in place
    assert register.receipt_proof(7, home) == proof


def test_a_new_folder_is_flushed_into_the_one_above_it(
    home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: set[str] = set()
    real = os.fsync

    def note(descriptor: int) -> None:
        flushed.add(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    grow(home, clock, 3)
    folders = {home.home, *(path for path in home.log.rglob("*") if path.is_dir()), home.log}
    assert {str(path) for path in folders} <= flushed


def test_what_a_checkpoint_vouches_for_is_on_disk_names_and_all_before_it_is_in_its_place(
    home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut keeps what was flushed and may lose everything else, in any order."""
    told: list[tuple[str, str]] = []
    flush, replace, unlink = os.fsync, os.replace, Path.unlink

    def flushing(descriptor: int) -> None:
        told.append(("flush", os.readlink(f"/proc/self/fd/{descriptor}")))
        flush(descriptor)

    def placing(source: Any, target: Any) -> None:
        told.append(("place", str(target)))
        replace(source, target)

    def removing(path: Path, missing_ok: bool = False) -> None:
        told.append(("remove", str(path)))
        unlink(path, missing_ok=missing_ok)

    grow(home, clock, 250)
    monkeypatch.setattr(os, "fsync", flushing)
    monkeypatch.setattr(os, "replace", placing)
    monkeypatch.setattr(Path, "unlink", removing)
    for size in (251, 300, 515):
        told.clear()
        grow(home, clock, size)
        end = told.index(("place", str(home.log / "checkpoint")))
        placed = [at for at, (what, path) in enumerate(told) if what == "place" and "/tile/" in path]
        assert len(placed) >= 2
        for at in placed:
            path = Path(told[at][1])
            assert ("flush", f"{path}.new") in told[:at]
            assert ("flush", str(path.parent)) in told[at:end], path
        assert told[-1] == ("flush", str(home.log))
        for at, (what, gone) in enumerate(told):
            if what == "remove":
                full = Path(gone).parent.with_suffix("")
                assert ("flush", str(full.parent)) in told[told.index(("place", str(full))) : at], gone


def test_a_full_disk_leaves_the_old_log_and_no_half_file(
    home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(home, clock, 250)
    before = files(home.log)
    add(clock, 10, 250)
    real, calls = os.fsync, 0
    said: list[int] = []
    for failing in range(1, 40):
        calls = 0

        def full(descriptor: int, failing: int = failing) -> None:
            nonlocal calls
            calls += 1
            if calls == failing:
                raise OSError(errno.ENOSPC, "No space left on device")
            real(descriptor)

        monkeypatch.setattr(os, "fsync", full)
        try:
            register.publish(clock, home)
        except register.LogNotWritten as problem:
            said.append(problem.errno)
            monkeypatch.setattr(os, "fsync", real)
            check(home, remember=False)
            if files(home.log)["checkpoint"] != before["checkpoint"]:
                break  # the last flush is the folder's, after the checkpoint was put in place
            assert not list(home.log.rglob("*.new"))
            continue
        break
    assert failing > 8
    assert set(said) == {errno.ENOSPC}
    monkeypatch.setattr(os, "fsync", real)
    assert register.publish(clock, home).size == 260
    check(home)


def test_a_single_entry_costs_the_same_whatever_the_logs_length(
    home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes read for one more entry, and questions to the database, at 300 and at 10,300 entries."""
    body = register.canonical(register.event_body("notice.published", "N", {"title": "x"}, clock.now()))
    costs: list[tuple[int, int]] = []
    for size in (300, 10_300):
        LogEntry.objects.bulk_create(
            (
                LogEntry(index=n, type="notice.published", subject="N", body=body)
                for n in range(register.log_size(), size)
            ),
            batch_size=2000,
        )
        LogHead.objects.update_or_create(name="log", defaults={"size": size})
        register.publish(clock, home)
        add(clock, 1, size)
        read: list[int] = []
        rows: list[int] = []
        real = Path.read_bytes

        def counting(path: Path, read: list[int] = read, real: Any = real) -> bytes:
            data: bytes = real(path)
            read.append(len(data))
            return data

        def asked(execute: Any, sql: str, params: Any, many: bool, context: Any, rows: list[int] = rows) -> Any:
            rows.append(1)
            return execute(sql, params, many, context)

        monkeypatch.setattr(Path, "read_bytes", counting)
        with connection.execute_wrapper(asked):
            register.publish(clock, home)
        monkeypatch.setattr(Path, "read_bytes", real)
        costs.append((sum(read), len(rows)))
    (small, questions), (large, more_questions) = costs
    assert more_questions == questions
    assert large <= small + 2 * 8192, "a tile or two for each further level of the tree"
    assert register.published(home).size == 10_301  # type: ignore[union-attr]


def test_proofs_from_tiles_are_the_trees_own(home: Config, clock: FixedClock) -> None:
    grow(home, clock, 700)
    leaves = [register.leaf_hash(register.canonical(dict(register.event(n).body))) for n in range(700)]
    hash_at = register.hashes_of(leaves)
    for index in random.Random(5).sample(range(700), 40):
        head, _, signed = register.receipt_proof(index, home).partition("\n\n")
        assert signed == (home.log / "checkpoint").read_text()
        proof = register.inclusion_proof(index, 700, hash_at)
        assert [base64.b64decode(line) for line in head.split("\n")[2:]] == proof
        register.verify_inclusion(leaves[index], index, 700, proof, register.parse_checkpoint(signed).root)
