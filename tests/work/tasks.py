"""Tasks that only these tests know."""

from __future__ import annotations

from datetime import timedelta

from schoolgate import work
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError

PATHS = tuple(f"{__name__}.{name}" for name in ("note", "fail", "refuse"))

did: list[int] = []


@work.job
def note(number: int, *, config: Config, clock: Clock) -> None:
    """Write a number down."""
    did.append(number)


@work.job
def fail(number: int, *, config: Config, clock: Clock) -> None:
    """Fail with a child's name in the exception."""
    raise ValueError(f"Canarysynth {number}")


@work.job
def refuse(number: int, *, config: Config, clock: Clock) -> None:
    """Fail in plain words."""
    raise SchoolgateError("The log's disk is full.", hint="Make room.", code="disk")


@work.job
def nothing(*, config: Config, clock: Clock) -> None:
    """Do nothing."""


HOURLY = timedelta(hours=1)
