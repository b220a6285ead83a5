"""What is due again and again, and what the rooms have for the queue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as installed
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.module_loading import import_string
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from schoolgate import gate, ledger, register, work
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.work.regular import note_due
from tests.requests.at_once import at_once
from tests.work import tasks
from tests.work.conftest import Hands
from tests.world import build

pytestmark = pytest.mark.django_db(transaction=True)

REAL = tuple(installed.WORK_TASKS)
COUNT = "SELECT count(*) AS pupils FROM census_pupil WHERE year = 2026"


@pytest.fixture
def real(settings: Settings, only_test_tasks: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation's own tasks."""
    settings.WORK_TASKS = REAL
    from schoolgate.gate import settle
    from schoolgate.register import jobs
    from schoolgate.work import jobs as own

    work.every(timedelta(hours=1), settle.note_unsettled, settle._any_unsettled)
    work.every(timedelta(seconds=1), jobs.publish, jobs._behind)
    work.every(timedelta(hours=1), own.tidy)


def test_every_task_on_the_list_is_one_and_says_what_it_does() -> None:
    for path in REAL:
        task = import_string(path)
        assert isinstance(task, Task)
        assert task.module_path == path
        assert (task.func.__doc__ or "").strip().endswith(".")


def test_a_regular_task_is_noted_when_due_by_one_worker(hands: Hands) -> None:
    work.every(tasks.HOURLY, tasks.nothing)
    noted = at_once(*[lambda: note_due(hands.config, hands.clock)] * 4)
    assert sum(noted) == 1
    assert note_due(hands.config, hands.clock) == 0
    hands.pass_time(3601)
    assert note_due(hands.config, hands.clock) == 1
    assert DBTaskResult.objects.count() == 1


def test_a_question_that_cannot_be_answered_counts_as_yes(hands: Hands) -> None:
    def broken(config: Config) -> bool:
        raise SchoolgateError("The log cannot be read.")

    work.every(tasks.HOURLY, tasks.note, broken)
    assert note_due(hands.config, hands.clock) == 1


@pytest.mark.usefixtures("real")
def test_what_any_room_writes_is_published_soon(hands: Hands) -> None:
    with transaction.atomic():
        register.append_event("notice.published", "N-1", {"title": "One"}, hands.clock.now())
    assert register.published(hands.config) is None
    hands.burst()
    checkpoint = register.published(hands.config)
    assert checkpoint is not None
    assert checkpoint.size == register.log_size() == 1


@pytest.mark.usefixtures("real")
def test_a_read_is_settled_by_a_worker_without_anybody_asking(hands: Hands) -> None:
    world = build(hands.config, hands.clock)
    given = gate.read(world.agreement, world.person, COUNT, config=hands.config, clock=hands.clock)
    assert isinstance(given, gate.Handover)
    waiting = DBTaskResult.objects.get(task_path="schoolgate.gate.settle.settle_release")
    assert waiting.args_kwargs == {"args": [], "kwargs": {"release": given.release_id}}
    hands.burst()
    record = ledger.release(given.release_id)
    assert record.settled_at is not None
    assert record.member_count == len(world.pmrs)
    published = register.published(hands.config)
    assert published is not None
    assert published.size == register.log_size()


@pytest.mark.usefixtures("real")
def test_a_read_that_was_rolled_back_leaves_no_task(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    world = build(hands.config, hands.clock)

    def undone(*given: object, **more: object) -> None:
        raise OSError("the ledger's disk is full")

    monkeypatch.setattr("schoolgate.ledger.models.ExposureScan.objects.bulk_create", undone)
    with pytest.raises(SchoolgateError, match="Nothing was handed over"):
        gate.read(world.agreement, world.person, COUNT, config=hands.config, clock=hands.clock)
    assert ledger.releases() == ()
    assert DBTaskResult.objects.count() == 0


@pytest.mark.usefixtures("real")
def test_what_was_settled_at_once_leaves_nothing_to_do(hands: Hands) -> None:
    world = build(hands.config, hands.clock)
    gate.read(world.agreement, world.person, COUNT, config=hands.config, clock=hands.clock)
    gate.settle_pending(hands.config, hands.clock)
    assert work.status(hands.clock).waiting == 0


@pytest.mark.usefixtures("real")
def test_releases_that_nobody_noted_are_found(hands: Hands) -> None:
    """Those of a release of schoolgate that had no queue."""
    world = build(hands.config, hands.clock)
    gate.read(world.agreement, world.person, COUNT, config=hands.config, clock=hands.clock)
    DBTaskResult.objects.all().delete()
    hands.burst()
    assert ledger.unsettled() == ()


@pytest.mark.usefixtures("real")
def test_expired_sessions_and_old_tasks_are_forgotten(hands: Hands) -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=hands.moment - timedelta(seconds=1))
    Session.objects.create(session_key="new", session_data="", expire_date=hands.moment + timedelta(hours=1))
    hands.burst()
    assert [session.session_key for session in Session.objects.all()] == ["new"]
    assert work.status(hands.clock).done == 1
