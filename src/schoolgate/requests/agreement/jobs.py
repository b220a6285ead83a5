"""What the queue's worker does for agreements: their days, by themselves."""

from __future__ import annotations

from datetime import timedelta

from schoolgate import work
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.requests.agreement.ending import expire_due, note_overdue
from schoolgate.requests.agreement.reminders import send_reminders


@work.job
def mind_days(*, config: Config, clock: Clock) -> None:
    """End what is past its last day, tell of overdue destruction, and remind people of the days that come."""
    expire_due(clock)
    note_overdue(clock)
    send_reminders(clock)


def _here(config: Config) -> bool:
    """A worker of another user than the gate's may not change agreements: the gate's own does it."""
    return config.gate is None


work.every(timedelta(hours=1), mind_days, _here)
