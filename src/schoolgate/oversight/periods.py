"""Periods: days in a row, and the four quarters of a year, where the custodian is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from schoolgate.clock import HERE
from schoolgate.errors import SchoolgateError

_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_QUARTER = re.compile(r"([12][0-9]{3})-Q([1-4])")


class NoSuchPeriod(SchoolgateError):
    """Two days, or a quarter's name, that name no period."""


@lru_cache(maxsize=4096)
def _hour(text: str) -> tuple[date, date]:
    """The custodian's day at the first and the last second of an hour, as ``2026-09-01T09``."""
    first = datetime.strptime(f"{text}:00:00Z", _MOMENT).replace(tzinfo=UTC).astimezone(HERE)
    return first.date(), (first + timedelta(minutes=59, seconds=59)).date()


def day_of(at: str) -> date | None:
    """The custodian's day of an entry's time (``2026-09-01T09:00:00Z``); None when it is no time.

    The clock at the custodian differs from UTC by whole hours, so that an hour lies in one day; entries come in
    order, and an hour is worked out once.
    """
    try:
        first, last = _hour(at[:13])
    except ValueError:
        return None
    return first if first == last else None


@dataclass(frozen=True, slots=True)
class Period:
    """Days in a row; both ends are in it."""

    first: date
    last: date

    @classmethod
    def between(cls, first: date, last: date) -> Period:
        """A period.

        Raises:
            NoSuchPeriod: it ends before it begins.
        """
        if last < first:
            raise NoSuchPeriod("The last day is before the first.", code="period")
        return cls(first, last)

    @property
    def words(self) -> str:
        """As it is written: ``2026-07-01 to 2026-09-30``."""
        return f"{self.first.isoformat()} to {self.last.isoformat()}"


def quarter(name: str) -> Period:
    """The period of a quarter of the calendar year, e.g. ``2026-Q3``.

    Raises:
        NoSuchPeriod: it is none.
    """
    found = _QUARTER.fullmatch(name)
    if found is None:
        raise NoSuchPeriod("A quarter is written like 2026-Q3.", code="quarter")
    year, number = int(found.group(1)), int(found.group(2))
    after = date(year + 1, 1, 1) if number == 4 else date(year, 3 * number + 1, 1)
    return Period(date(year, 3 * number - 2, 1), after - timedelta(days=1))


def quarter_of(day: date) -> str:
    """The name of the quarter a day lies in."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def quarter_before(day: date) -> str:
    """The name of the last quarter that is over on a day."""
    return quarter_of(quarter(quarter_of(day)).first - timedelta(days=1))
