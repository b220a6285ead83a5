"""The clock, passed in wherever time matters, so that every rule about time can be tested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Europe/London")
"""Where the custodian is: rules about days mean its days."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still: for tests, and for the demo world's past events."""

    moment: datetime

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.moment


def day_of(moment: datetime) -> date:
    """The day of a moment, where the custodian is."""
    return moment.astimezone(HERE).date()


def custodians_day(clock: Clock) -> date:
    """Today, where the custodian is."""
    return day_of(clock.now())


def plain_day(day: date) -> str:
    """A date as people write it."""
    return f"{day.day} {day:%B %Y}"
