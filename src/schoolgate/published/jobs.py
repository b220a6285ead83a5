"""What the worker does for the published register."""

from __future__ import annotations

from datetime import timedelta

from schoolgate import work
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.published.keeping import refresh as take_in_new
from schoolgate.published.keeping import standing
from schoolgate.published.telling import tell_followers


@work.job
def refresh(*, config: Config, clock: Clock) -> None:
    """Bring the published register up to date with the log."""
    take_in_new()


@work.job
def tell(*, config: Config, clock: Clock) -> None:
    """Write to the people who follow the register what is new in it."""
    tell_followers(clock)


def _behind(config: Config) -> bool:
    return standing().behind > 0


work.every(timedelta(seconds=1), refresh, _behind)
work.every(timedelta(hours=1), tell)
