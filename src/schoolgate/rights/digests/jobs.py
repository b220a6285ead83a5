"""What the worker does for digests."""

from __future__ import annotations

from datetime import timedelta

from schoolgate import work
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.rights.digests.choosing import send_digests


@work.job
def tell_families(*, config: Config, clock: Clock) -> None:
    """Tell families who asked for it that something new is in their list."""
    send_digests(config=config, clock=clock)


work.every(timedelta(hours=1), tell_families)
