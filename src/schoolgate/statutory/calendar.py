"""Days as the law counts them in England: working days, bank holidays, corresponding dates. Pure.

Bank holidays of England and Wales: GOV.UK, https://www.gov.uk/bank-holidays.json (division england-and-wales), kept as
data from 2019 on. A later year than the data has is computed from the standing rules, so that a last day never fails
for want of a list: Banking and Financial Dealings Act 1971 Sch. 1 para. 1 (Easter Monday, last Mondays of May and
August, 26 and 27 December), common law (Good Friday, Christmas Day), and the days proclaimed every year under s.1(3)
(New Year's Day, first Monday of May, substitute days).
"""

from __future__ import annotations

import calendar
import csv
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

_SATURDAY = 5
_DAY = timedelta(days=1)


@cache
def _listed() -> Mapping[date, str]:
    text = files(__package__).joinpath("data/bank-holidays.csv").read_text(encoding="utf-8")
    return {date.fromisoformat(row["day"]): row["name"] for row in csv.DictReader(text.splitlines())}


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """The bank and public holidays of a year that fall on a weekday, in England and Wales."""
    listed = frozenset(day for day in _listed() if day.year == year)
    return listed or standing_holidays(year)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous computus: Butcher 1876, Meeus, "Astronomical
    Algorithms", ch. 8; it gives the days of the Calendar (New Style) Act 1750).
    """
    golden, (century, rest) = year % 19, divmod(year, 100)
    leaps, odd = divmod(century, 4)
    moon = (19 * golden + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    quarter, last = divmod(rest, 4)
    sunday = (32 + 2 * odd + 2 * quarter - moon - last) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def standing_holidays(year: int) -> frozenset[date]:
    """The holidays that the standing rules give, without a day proclaimed for one year alone."""
    spring = easter(year)
    fixed = [date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)]
    found = {
        spring - 2 * _DAY,
        spring + _DAY,
        _monday_on_or_after(date(year, 5, 1)),
        _monday_on_or_after(date(year, 5, 25)),
        _monday_on_or_after(date(year, 8, 25)),
        *(day for day in fixed if day.weekday() < _SATURDAY),
    }
    for day in fixed:  # one that falls on a weekend is kept on the next weekday that is none yet
        if day.weekday() >= _SATURDAY:
            while day.weekday() >= _SATURDAY or day in found:
                day += _DAY  # noqa: PLW2901
            found.add(day)
    return frozenset(found)


def _monday_on_or_after(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def is_working_day(day: date) -> bool:
    """Neither Saturday, Sunday nor a public holiday: what Regulation 1182/71 art. 2(2) calls a working day."""
    return day.weekday() < _SATURDAY and day not in bank_holidays(day.year)


def working_day_from(day: date) -> date:
    """The day itself when it is a working day, otherwise the next (Regulation 1182/71 art. 3(4))."""
    while not is_working_day(day):
        day += _DAY
    return day


def working_days_after(day: date, number: int) -> date:
    """The working day that comes `number` working days after a day; the day itself for 0."""
    for _ in range(number):
        day = working_day_from(day + _DAY)
    return day


def months_after(day: date, months: int) -> date:
    """The corresponding date some months later; the last day of that month when it has none.

    Regulation 1182/71 art. 3(2)(c); ICO, "How long do we have to comply?".
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
