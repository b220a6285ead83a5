"""What the worker does for packs."""

from __future__ import annotations

from datetime import timedelta

from schoolgate import work
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.rights.packs.making import make_pack, tend_packs


@work.job
def make(*, pack: str, config: Config, clock: Clock) -> None:
    """Make the copy of a record that a family asked for."""
    make_pack(pack, config=config, clock=clock)


@work.job
def tend(*, config: Config, clock: Clock) -> None:
    """Delete families' copies that are past their last day."""
    tend_packs(config=config, clock=clock)


work.every(timedelta(hours=1), tend)
