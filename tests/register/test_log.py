"""The published log: whole or named broken, the same after any interruption, and checked offline by one file."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from schoolgate import register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.register import LogBroken

pytestmark = pytest.mark.django_db(transaction=True)

VERIFIER = Path(__file__).resolve().parents[2] / "tools" / "verify_receipt.py"


def add(clock: FixedClock, count: int, start: int = 0) -> None:
    with transaction.atomic():
        for number in range(start, start + count):
            register.append_event("notice.published", f"N-{number}", {"title": f"Notice {number} — «é»"}, clock.now())


def files(config: Config) -> dict[str, bytes]:
    return {
        str(path.relative_to(config.log)): path.read_bytes()
        for path in sorted(config.log.rglob("*"))
        if path.is_file() and not path.name.endswith(".new")
    }


def check(config: Config, where: Path | None = None) -> register.LogReport:
    return register.verify_log(str(where or config.log), register.verifier_key(config), state=config.home / "seen.json")


def test_indexes_are_dense_and_an_event_of_a_transaction_that_failed_leaves_no_gap(clock: FixedClock) -> None:
    add(clock, 2)

    def fails() -> None:
        with transaction.atomic():
            register.append_event("notice.published", "N", {"title": "x"}, clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    add(clock, 1, 2)
    assert [event.index for event in register.events()] == [2, 1, 0]
    assert register.log_size() == 3


def test_an_event_that_does_not_fit_its_type_is_refused_and_nothing_is_written(clock: FixedClock) -> None:
    bad: list[tuple[str, dict[str, Any]]] = [
        ("no.such.event", {}),
        ("notice.published", {}),
        ("notice.published", {"title": "x", "pupil": "y"}),
        ("notice.published", {"title": {"a": 1}}),
        ("notice.published", {"title": 1.5}),
        ("notice.published", {"title": 2**53}),
    ]
    for type_, payload in bad:
        with pytest.raises(register.EventRefused), transaction.atomic():
            register.append_event(type_, "N", payload, clock.now())
    with pytest.raises(register.TileError, match="65,535"), transaction.atomic():
        register.append_event("notice.published", "N", {"title": "x" * 65_536}, clock.now())
    assert register.log_size() == 0


def test_a_log_that_grew_in_steps_is_whole_and_its_proofs_hold(home: Config, clock: FixedClock) -> None:
    size = 0
    for step in (1, 2, 253, 1, 300, 255):
        add(clock, step, size)
        size += step
        assert register.publish(clock, home).size == size
        assert check(home).checkpoint.size == size
    assert check(home).earlier == 6
    checkpoint = register.published(home)
    assert checkpoint is not None
    for index in (0, 1, 255, 256, 600, size - 1):
        text = register.receipt_proof(index, home)
        assert text.startswith(f"c2sp.org/tlog-proof@v1\nindex {index}\n")
    assert (home.log / "tile/1/000.p/3").stat().st_size == 96
    assert (home.log / "tile/0/000").stat().st_size == 8192


def test_publishing_in_one_go_or_in_steps_gives_the_same_tiles(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    add(clock, 600)
    register.publish(clock, home)
    other = Config(tmp_path / "other", home.database)
    shutil.copytree(home.keys, other.keys)
    register.publish(clock, other)
    assert files(home) == files(other)


class _PowerCut(Exception):
    """Stands for the process ending at a step."""


def test_a_publication_cut_short_at_any_step_leaves_the_old_checkpoint_and_a_retry_gives_the_same_bytes(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    add(clock, 200)
    register.publish(clock, home)
    before = (home.log / "checkpoint").read_bytes()
    add(clock, 120, 200)
    steps: list[str] = []
    whole = Config(tmp_path / "whole", home.database)
    shutil.copytree(home.home, whole.home)
    register.publish(clock, whole, step=steps.append)
    assert len(steps) >= 8
    for cut_at in range(len(steps)):
        part = Config(tmp_path / f"part-{cut_at}", home.database)
        shutil.copytree(home.home, part.home)
        seen: list[str] = []

        def cut(step: str, seen: list[str] = seen, cut_at: int = cut_at) -> None:
            seen.append(step)
            if len(seen) > cut_at:
                raise _PowerCut

        with pytest.raises(_PowerCut):
            register.publish(clock, part, step=cut)
        if cut_at < len(steps) - 1:
            assert (part.log / "checkpoint").read_bytes() == before
        check(part)
        register.publish(clock, part)
        assert files(part) == files(whole)


def test_every_single_changed_byte_of_every_file_is_found(home: Config, clock: FixedClock, tmp_path: Path) -> None:
    add(clock, 3)
    register.publish(clock, home)
    add(clock, 4, 3)
    register.publish(clock, home)
    check(home)
    copy = tmp_path / "copy"
    shutil.copytree(home.log, copy)
    for name, data in files(home).items():
        for at in range(len(data)):
            (copy / name).write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            with pytest.raises(LogBroken) as raised:
                check(home, copy)
            place = name if name in ("checkpoint", "key") else ("tile/", "Entry", "checkpoint")
            assert any(part in raised.value.what for part in ([place] if isinstance(place, str) else place)), name
        (copy / name).write_bytes(data)
    check(home, copy)


def test_a_missing_file_a_foreign_file_and_a_shorter_log_are_found(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    add(clock, 3)
    register.publish(clock, home)
    short = tmp_path / "short"
    shutil.copytree(home.log, short)
    add(clock, 2, 3)
    register.publish(clock, home)
    check(home)
    with pytest.raises(LogBroken, match="earlier visit"):
        check(home, short)
    (home.log / "tile/entries/000.p/5").rename(tmp_path / "gone")
    with pytest.raises(LogBroken, match=r"tile/entries/000\.p/5 is missing"):
        check(home)
    (tmp_path / "gone").rename(home.log / "tile/entries/000.p/5")
    (home.log / "note.txt").write_text("x")
    with pytest.raises(LogBroken, match=r"note\.txt is not a file of a log"):
        check(home)


def test_a_rewritten_history_signed_with_the_right_key_is_found_by_who_saw_the_old_one(
    home: Config, clock: FixedClock
) -> None:
    from schoolgate.register.models import LogEntry

    add(clock, 3)
    register.publish(clock, home)
    check(home)
    body = register.canonical({**register.event(1).body, "title": "Something else"})
    LogEntry.objects.filter(index=1).update(body=body)
    shutil.rmtree(home.log)
    register.publish(clock, home)
    with pytest.raises(LogBroken, match="not those of an earlier visit"):
        check(home)


def test_a_database_older_than_the_published_log_refuses_to_publish(home: Config, clock: FixedClock) -> None:
    from schoolgate.register.models import LogEntry, LogHead

    add(clock, 5)
    register.publish(clock, home)
    LogEntry.objects.filter(index__gte=3).delete()
    LogHead.objects.update(size=3)
    with pytest.raises(register.LogAhead, match="published log has 5 entries, the database 3"):
        register.publish(clock, home)
    add(clock, 5, 100)
    with pytest.raises(register.LogAhead, match="not those that were published"):
        register.publish(clock, home)


def verifier(path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", VERIFIER, path, *more], capture_output=True, text=True, check=False)


def _receipt(home: Config, clock: FixedClock) -> dict[str, Any]:
    payload = {
        "agreement": "A-1", "organisation": "Test University — synthetic", "purpose": "education-research",
        "lawful_basis": "UK GDPR Article 6(1)(e)", "query": None, "query_hash": "00", "items": ["census_pupil.sex"],
        "snapshot": 1, "definition_hash": "00", "pupils": None,
    }  # fmt: skip
    with transaction.atomic():
        index = register.append_event("release.begun", "R-1", payload, clock.now() + timedelta(seconds=1))
    add(clock, 3, 10)
    register.publish(clock, home)
    return {
        "schoolgate": "receipt/1", "event": dict(register.event(index).body), "index": index,
        "proof": register.receipt_proof(index, home), "key": register.verifier_key(home), "result_sha256": "00", "rows": 1,
    }  # fmt: skip


def test_the_one_file_verifier_accepts_a_receipt_and_refuses_it_changed_anywhere(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    receipt = _receipt(home, clock)
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(receipt))
    good = verifier(path, "--key", register.verifier_key(home))
    assert good.returncode == 0, good.stdout + good.stderr
    assert "TRUE." in good.stdout
    assert "key came from this same file" in verifier(path).stdout
    changes: list[dict[str, Any]] = [
        {"event": {**receipt["event"], "purpose": "commercial-product"}},
        {"event": {**receipt["event"], "items": ["census_pupil.sex", "census_pupil.urn"]}},
        {"index": receipt["index"] + 1},
        {"proof": receipt["proof"].replace("index 0", "index 1")},
        {"proof": receipt["proof"][:-10] + "AAAAAAAA=\n"},
        {"proof": ""},
        {"schoolgate": "receipt/9"},
        {"event": None},
    ]
    for change in changes:
        path.write_text(json.dumps({**receipt, **change}))
        bad = verifier(path, "--key", register.verifier_key(home))
        assert bad.returncode == 1, change
        assert "NOT TRUE" in bad.stdout
        assert "Traceback" not in bad.stderr
    path.write_text("not json")
    assert verifier(path).returncode == 1


def test_a_key_from_elsewhere_refuses_a_forged_file_that_carries_its_own(
    home: Config, clock: FixedClock, tmp_path: Path
) -> None:
    receipt = _receipt(home, clock)
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(receipt))
    other = str(register.Signer("schoolgate.example/log", b"x" * 32).verifier)
    assert verifier(path, "--key", other).returncode == 1
