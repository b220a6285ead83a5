"""Figures for pages: computed once for each state of the log, not once for each visitor."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from threading import Lock
from typing import TypeVar

from django.core.cache import cache

from schoolgate import oversight, register
from schoolgate.clock import custodians_day
from schoolgate.web.ports import clock, installation

_MINUTE = 60
_DAY = 86_400

Rows = list[tuple[str, tuple[oversight.Row, ...]]]


_ONE_AT_A_TIME = Lock()
"""A log of 200,000 entries takes seconds: of many who ask at once one counts, and the others wait for it."""

_T = TypeVar("_T")


def _kept(key: str, seconds: int, make: Callable[[], _T]) -> _T:
    found: _T | None = cache.get(key)
    if found is None:
        with _ONE_AT_A_TIME:
            found = cache.get(key)
            if found is None:
                found = make()
                cache.set(key, found, seconds)
    return found


def figures(period: oversight.Period) -> tuple[oversight.Figure, ...]:
    """Every metric of a period. One that is over stays as it is for a day; others are counted once a minute."""
    is_over = custodians_day(clock()) > period.last + timedelta(days=1)
    key = f"oversight-{installation().home}-{oversight.definitions_hash()[:16]}-{period.first}-{period.last}"

    def counted() -> Rows:
        return [(one.metric.id, one.rows) for one in oversight.compute(oversight.from_database(), period)]

    rows = _kept(key, _DAY if is_over else _MINUTE, counted)
    known = {metric.id: metric for metric in oversight.METRICS}
    return tuple(oversight.Figure(known[name], found) for name, found in rows)


def checked() -> oversight.Checked:
    """What ran against what was agreed, looked at once a minute."""
    today = custodians_day(clock())
    key = f"oversight-checked-{installation().home}-{today}"
    return _kept(key, _MINUTE, lambda: oversight.check_processing(oversight.from_database(), today))


def quarters() -> list[str]:
    """The quarters the log has entries of, the newest first."""
    today = custodians_day(clock())
    first = next(iter(_first_entry()), None)
    names, name = [], oversight.quarter_of(today)
    while first is not None and oversight.quarter(name).last >= first.day:
        names.append(name)
        name = oversight.quarter_before(oversight.quarter(name).first)
    return names or [name]


def _first_entry() -> Iterable[oversight.Entry]:
    return oversight.from_database(min(1, register.log_size()))


def now() -> oversight.Period:
    """This quarter so far."""
    today = custodians_day(clock())
    return oversight.Period(oversight.quarter(oversight.quarter_of(today)).first, today)
