"""The days a census turns on: census day, the terms, and what each census looks back on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from schoolgate.ids import CensusPoint, Term


def census_day(point: CensusPoint) -> date:
    """The Thursday on which the census is taken: first of October, third of January, third of May."""
    month, week = {Term.AUTUMN: (10, 1), Term.SPRING: (1, 3), Term.SUMMER: (5, 3)}[point.term]
    first = date(point.year, month, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 7 * (week - 1))


def easter_monday(year: int) -> date:
    """The day after Easter Sunday, by the Gregorian rule in Gauss's manner (valid 1900 to 2099)."""
    moon = (19 * (year % 19) + 24) % 30
    week = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7
    sunday = date(year, 3, 22) + timedelta(days=moon + week)
    # Two exceptions of the rule: 26 April becomes the 19th, and the 25th the 18th when the moon is late.
    if sunday == date(year, 4, 26) or (sunday == date(year, 4, 25) and moon == 28 and year % 19 > 10):
        sunday -= timedelta(days=7)
    return sunday + timedelta(days=1)


def before(point: CensusPoint) -> CensusPoint:
    """The census before."""
    if point.term is Term.SPRING:
        return CensusPoint(point.year - 1, Term.AUTUMN)
    return CensusPoint(point.year, Term.SPRING if point.term is Term.SUMMER else Term.SUMMER)


def term_start(point: CensusPoint) -> date:
    """The first day of a term as the census counts: 1 August, 1 January, Easter Monday (rule 1925's dates)."""
    if point.term is Term.SUMMER:
        return easter_monday(point.year)
    return date(point.year, 8 if point.term is Term.AUTUMN else 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of a term that schools report on.

    Attributes:
        term: the term it is (part of).
        first, last: ordinals of its days.
        sessions: half-days of a pupil who was there all along.
    """

    term: CensusPoint
    first: int
    last: int
    sessions: int


def _period(term: CensusPoint, first: date, last: date, holidays: int) -> Period:
    weekdays = sum((first + timedelta(days=n)).weekday() < 5 for n in range((last - first).days + 1))
    return Period(term, first.toordinal(), last.toordinal(), 2 * (weekdays - holidays))


def periods(term: CensusPoint) -> tuple[Period, ...]:
    """The school days of a term; of a summer term the part until half-term, then the part after it."""
    year = term.year
    if term.term is Term.AUTUMN:
        return (_period(term, date(year, 9, 3), date(year, 12, 18), 6),)
    easter = easter_monday(year)
    if term.term is Term.SPRING:
        return (_period(term, date(year, 1, 5), min(date(year, 3, 28), easter - timedelta(days=4)), 5),)
    begins = max(date(year, 4, 15), easter + timedelta(days=7))
    return (
        _period(term, begins, date(year, 5, 25), 1),
        _period(term, date(year, 6, 3), date(year, 7, 19), 1),
    )


def attendance_term(point: CensusPoint) -> CensusPoint:
    """The term whose attendance a census collects: the one before."""
    return before(point)


def exclusion_terms(point: CensusPoint) -> tuple[CensusPoint, ...]:
    """The terms whose suspensions and exclusions a census collects.

    Since 2020 the two terms before; until then the one two terms back (collection dates of spring 2019 and 2020).
    """
    last = before(point)
    return (before(last), last) if point.year >= 2020 else (before(last),)
