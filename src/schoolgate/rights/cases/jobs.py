"""What the queue's worker does for cases: their days, by themselves."""

from __future__ import annotations

from datetime import timedelta

from schoolgate import work
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.rights.cases.moved import mind_rows
from schoolgate.rights.cases.seen import mind_days, tell_totals


@work.job
def mind_cases(*, config: Config, clock: Clock) -> None:
    """Close what is over, let what was disputed be used again when it is time, tell the weekly totals; last, since it
    reads the lake and the days must not wait for that, find the rows that are another pupil's now.
    """
    mind_days(config, clock)
    tell_totals(clock)
    mind_rows(config, clock)


def _here(config: Config) -> bool:
    """A worker of another user than the gate's may not change cases: the gate's own does it."""
    return config.gate is None


work.every(timedelta(hours=1), mind_cases, _here)
