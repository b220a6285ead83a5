"""What the worker does for the post."""

from __future__ import annotations

from datetime import timedelta

from schoolgate import work
from schoolgate.clock import Clock, SystemClock
from schoolgate.config import Config
from schoolgate.post.following import forget_unconfirmed
from schoolgate.post.letters import any_due, send_due


@work.job
def send(*, config: Config, clock: Clock) -> None:
    """Send the letters that wait."""
    send_due(clock)


@work.job
def forget(*, config: Config, clock: Clock) -> None:
    """Forget the addresses of people who were asked and did not say yes."""
    forget_unconfirmed(clock)


def _waiting(config: Config) -> bool:
    return any_due(SystemClock().now())


work.every(timedelta(seconds=5), send, _waiting)
work.every(timedelta(hours=1), forget)
