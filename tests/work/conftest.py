"""A queue with the tests' own tasks."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from schoolgate import work
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.work import tasks


@pytest.fixture(autouse=True)
def only_test_tasks(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's list is these tests' own; what is regular in an installation is not due here."""
    settings.WORK_TASKS = tasks.PATHS
    monkeypatch.setattr("schoolgate.work.regular._REGULAR", {})
    tasks.did.clear()


@pytest.fixture
def pace() -> work.Pace:
    """No real waiting."""
    return work.Pace(poll=timedelta(seconds=0.01))


class Hands:
    """Workers of one installation, at a time of their own."""

    def __init__(self, config: Config, clock: FixedClock, pace: work.Pace) -> None:
        self.config, self.moment, self.pace = config, clock.now(), pace
        self.told: list[str] = []

    @property
    def clock(self) -> FixedClock:
        """The time now."""
        return FixedClock(self.moment)

    def pass_time(self, seconds: float) -> datetime:
        """Let time pass."""
        self.moment += timedelta(seconds=seconds)
        return self.moment

    def worker(self) -> work.Worker:
        """A worker that was just started."""
        return work.Worker(self.config, self.clock, pace=self.pace, tell=self.told.append)

    def burst(self) -> int:
        """Do what may be done now."""
        return self.worker().run(burst=True)


@pytest.fixture
def hands(home: Config, clock: FixedClock, pace: work.Pace) -> Hands:
    """Nobody works yet."""
    return Hands(home, clock, pace)
