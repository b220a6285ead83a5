"""A task is noted with what it follows from, done once it can be, and what went wrong is said without a name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from schoolgate import work
from schoolgate.errors import SchoolgateError
from schoolgate.work.queue import claim, failed, succeeded, take_over
from tests.requests.at_once import at_once
from tests.work import tasks
from tests.work.conftest import Hands

pytestmark = pytest.mark.django_db(transaction=True)


class UndoneError(Exception):
    """Something else in the transaction failed."""


def note(*numbers: int, task: object = tasks.note) -> None:
    with transaction.atomic():
        for number in numbers:
            work.later(task, number=number)  # type: ignore[arg-type]


def test_a_task_is_done_by_a_worker(hands: Hands) -> None:
    note(1, 2)
    assert tasks.did == []
    assert hands.burst() == 2
    assert sorted(tasks.did) == [1, 2]
    assert hands.burst() == 0
    assert work.status(hands.clock) == work.Status(workers=0, waiting=0, running=0, done=2, oldest=None, failed=())


def test_a_task_is_there_exactly_when_what_it_follows_from_is(hands: Hands) -> None:
    def undone() -> None:
        with transaction.atomic():
            work.later(tasks.note, number=1)
            raise UndoneError

    with pytest.raises(UndoneError):
        undone()
    assert hands.burst() == 0
    with pytest.raises(SchoolgateError, match="inside a transaction"):
        work.later(tasks.note, number=1)


def test_a_task_noted_twice_is_done_once_and_again_when_asked_again(hands: Hands) -> None:
    note(1, 1)
    note(1)
    assert hands.burst() == 1
    note(1)
    assert hands.burst() == 0
    with transaction.atomic():
        work.later(tasks.note, again=True, number=1)
    assert hands.burst() == 1


def test_what_was_done_by_hand_need_not_be_done(hands: Hands) -> None:
    note(1, 2)
    work.done(tasks.note, number=1)
    assert hands.burst() == 1
    assert tasks.did == [2]


def test_once_does_one(hands: Hands) -> None:
    note(1, 2, 3)
    assert hands.worker().run(once=True) == 1
    assert len(tasks.did) == 1


def test_a_failed_try_waits_longer_each_time_and_in_the_end_for_a_person(hands: Hands) -> None:
    note(1, task=tasks.refuse)
    waits = []
    for tries in range(1, hands.pace.tries + 1):
        assert hands.burst() == 1
        (shown,) = work.status(hands.clock).failed
        assert (shown.what, shown.about, shown.tries) == ("Fail in plain words.", "number 1", tries)
        assert shown.words == "The log's disk is full. Make room."
        if shown.next_try is None:
            break
        waits.append((shown.next_try - hands.moment).total_seconds())
        hands.pass_time(waits[-1] - 0.5)
        assert hands.burst() == 0
        hands.pass_time(0.5)
    assert waits[:8] == [5, 10, 20, 40, 80, 160, 320, 600]
    assert set(waits[8:]) == {600}
    assert sum(waits) > 7 * 3600
    hands.pass_time(1_000_000)
    assert hands.burst() == 0
    assert work.put_back() == 1
    assert hands.burst() == 1


def test_no_word_of_a_foreign_exception_is_kept(hands: Hands) -> None:
    note(77, task=tasks.fail)
    hands.burst()
    (shown,) = work.status(hands.clock).failed
    assert shown.words.startswith("A fault: ValueError in tests.work.tasks line ")
    for row in DBTaskResult.objects.values():
        assert "Canarysynth" not in repr(row)
    assert not any("Canary" in words for words in hands.told)


def test_one_task_that_fails_does_not_keep_the_others_waiting(hands: Hands) -> None:
    note(1, task=tasks.fail)
    note(2, 3)
    assert hands.burst() == 3
    assert sorted(tasks.did) == [2, 3]


def test_a_row_that_names_anything_else_is_not_obeyed(hands: Hands, settings: Settings) -> None:
    settings.WORK_TASKS = (f"{tasks.__name__}.fail",)
    note(1)
    assert hands.burst() == 1
    assert tasks.did == []
    (shown,) = work.status(hands.clock).failed
    assert shown.what == "A task that this release does not know."
    assert "no such task" in shown.words


def test_workers_that_claim_at_once_never_take_the_same_task(hands: Hands) -> None:
    note(*range(12))

    def take(name: str) -> Callable[[], list[object]]:
        def acting() -> list[object]:
            return [row.id for row in iter(lambda: claim(name, hands.clock), None) if row is not None]

        return acting

    taken = at_once(take("a"), take("b"), take("c"))
    everything = [row for each in taken for row in each]
    assert len(everything) == len(set(everything))
    running = DBTaskResult.objects.filter(status="RUNNING")
    assert running.count() == 12
    assert all(len(row.worker_ids) == 1 for row in running)


def test_a_claim_passes_over_a_task_that_another_is_claiming(hands: Hands) -> None:
    """PostgreSQL only in its effect: SQLite has one writer, who is waited for."""
    note(1, 2)
    if connection.vendor == "sqlite":
        first, second = claim("a", hands.clock), claim("b", hands.clock)
        assert first is not None
        assert second is not None
        assert first.id != second.id
        return
    with transaction.atomic():
        mine = claim("a", hands.clock)
        (other,) = at_once(lambda: claim("b", hands.clock))  # returns although the first has not committed
        assert mine is not None
        assert other is not None
        assert mine.id != other.id


def test_the_task_of_a_worker_that_fell_silent_is_taken_over(hands: Hands) -> None:
    note(1)
    lost = hands.worker()
    lost._seen()  # a worker that was killed: it was seen, it claimed, and it says nothing more
    assert claim(lost.name, hands.clock) is not None
    hands.pass_time(hands.pace.lease.total_seconds() - 1)
    assert hands.burst() == 0
    hands.pass_time(2)
    assert hands.burst() == 1
    assert tasks.did == [1]
    assert "Taken over from workers that are no more: 1." in hands.told


def test_a_worker_that_lives_keeps_its_task(hands: Hands) -> None:
    note(1)
    slow = hands.worker()
    slow._seen()
    claim(slow.name, hands.clock)
    hands.pass_time(45)
    slow._clock = hands.clock
    slow._seen()
    hands.pass_time(45)
    assert hands.burst() == 0
    assert work.status(hands.clock).running == 1


def test_a_slow_worker_changes_nothing_of_what_was_taken_over(hands: Hands) -> None:
    note(1)
    slow = claim("slow", hands.clock)
    assert slow is not None
    assert take_over("other", hands.clock, hands.pace) == 1
    new = claim("other", hands.clock)
    assert new is not None
    assert not succeeded(slow, hands.clock)
    assert not failed(slow, ValueError(), hands.clock, hands.pace)
    assert succeeded(new, hands.clock)


def test_a_task_that_ends_every_worker_is_given_up_in_plain_words(hands: Hands) -> None:
    note(1)
    for _ in range(hands.pace.tries):
        assert claim("killed", hands.clock) is not None
        take_over("other", hands.clock, hands.pace)
        hands.pass_time(3600)
    (shown,) = work.status(hands.clock).failed
    assert shown.next_try is None
    assert shown.words == "The worker was ended in the middle of it."
