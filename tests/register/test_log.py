"""The published log: whole or named broken, the same after any interruption, and checked offline by one file."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from schoolgate import register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.register.logs import add, check, files

pytestmark = pytest.mark.django_db(transaction=True)


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
    assert files(home.log) == files(other.log)


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
        assert files(part.log) == files(whole.log)


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
