"""What a rule is, what it may look at, and the pack in force for a census. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Protocol

from schoolgate.collect.reader import PupilRow, ReturnHeader, day
from schoolgate.collect.upn import digits
from schoolgate.dictionary import CensusShape
from schoolgate.ids import Term

ALL_TERMS = (Term.AUTUMN, Term.SPRING, Term.SUMMER)
ON_ROLL, OFF_ROLL, EVERYONE = "on roll", "no longer on roll", "all pupils"
FIRST_YEAR = 2015


def census_day(year: int, term: Term) -> date:
    """Census day: the first Thursday of October, the third of January, the third of May.

    Confirmed for 3 October 2024, 15 January 2026, 16 January 2025, 16 May 2024 and 15 May 2025.
    """
    month, week = {Term.AUTUMN: (10, 1), Term.SPRING: (1, 3), Term.SUMMER: (5, 3)}[term]
    first = date(year, month, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 7 * (week - 1))


def easter_monday(year: int) -> date:
    """The day after Easter Sunday (Gregorian computus, Meeus, "Astronomical Algorithms", chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    el = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * el) // 451
    month, day_before = divmod(h + el - 7 * m + 114, 31)
    return date(year, month, day_before + 1) + timedelta(days=1)


def term_start(year: int, term: Term) -> date:
    """First day of the ministry's notional term: 1 August, 1 January, Easter Monday.

    Confirmed by published collection dates: 22 April 2019, 5 April 2021, 18 April 2022, 1 April 2024, 21 April 2025.
    """
    return {Term.AUTUMN: date(year, 8, 1), Term.SPRING: date(year, 1, 1), Term.SUMMER: easter_monday(year)}[term]


def term_before(year: int, term: Term) -> tuple[int, Term]:
    """The term before one: autumn before spring of the next year."""
    if term is Term.SPRING:
        return year - 1, Term.AUTUMN
    return year, Term.SPRING if term is Term.SUMMER else Term.SUMMER


def age_on(dob: date, when: date) -> int:
    """Age in whole years."""
    return when.year - dob.year - ((when.month, when.day) < (dob.month, dob.day))


Declined = Callable[[Iterable[str]], Mapping[str, Mapping[str, str]]]


def nothing_declined(upns: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    """What families declined, where nobody did."""
    return {}


class Census:
    """What every rule may look at besides the pupil: the header, the census's shape, its days and its code sets.

    Attributes:
        declined: UPNs -> of each of which anything is declined, the return's columns and the codes to send instead.
    """

    def __init__(self, header: ReturnHeader, shape: CensusShape, declined: Declined = nothing_declined) -> None:
        self.header, self.shape, self.declined = header, shape, declined
        self.year, self.term = shape.year, shape.term
        self.census_day = census_day(shape.year, shape.term)
        self.academic_year = shape.year if shape.term is Term.AUTUMN else shape.year - 1
        self.start = term_start(shape.year, shape.term)
        before = term_before(shape.year, shape.term)
        self.previous_start = term_start(*before)
        self.start_before_previous = term_start(*term_before(*before))
        self.previous_census_day = census_day(*before)
        self._codes: dict[tuple[str, str], frozenset[str]] = {}

    @cached_property
    def august(self) -> date:
        """The 31 August before the academic year: the age a school year goes by."""
        return date(self.academic_year, 8, 31)

    @cached_property
    def exclusions(self) -> tuple[date, date]:
        """First and last day of the exclusions this census collects.

        Two terms since 2020 (connect-up: 22 April to 31 December 2019 in spring 2020); before, the one term two
        back, a summer running to 31 August (ScholarPack: 2 April to 31 August 2018 in spring 2019).
        """
        if self.year >= 2020:
            return self.start_before_previous, self.start - timedelta(days=1)
        last = self.previous_start - timedelta(days=1)
        return self.start_before_previous, date(last.year, 8, 31) if last.month == 7 else last

    def codes(self, table: str, column: str) -> frozenset[str]:
        """The codes a column may hold in this census; empty when it has no set or is not collected."""
        found = self._codes.get((table, column))
        if found is None:
            columns = next((c for name, c in self.shape.tables.items() if name.startswith(table) and column in c), {})
            spec = columns.get(column)
            found = self._codes[table, column] = frozenset(code.code for code in spec.codes) if spec else frozenset()
        return found


def collects(shape: CensusShape, table: str, column: str) -> bool:
    """Whether a census asks for a column. Tables are named by their beginning: some come apart on and off roll."""
    return any(name.startswith(table) and column in columns for name, columns in shape.tables.items())


class Pupil:
    """One pupil's row with what most rules ask of it worked out once: dates and ages."""

    __slots__ = ("age", "august_age", "dob", "entry", "get", "leaving", "on_roll", "row")

    def __init__(self, row: PupilRow, census: Census) -> None:
        fields = row.fields
        self.row, self.on_roll, self.get = row, row.on_roll, fields.get
        self.dob = day(fields.get("dob"))
        self.entry = day(fields.get("entrydate"))
        self.leaving = day(fields.get("leavingdate"))
        self.age = age_on(self.dob, census.census_day) if self.dob else None
        self.august_age = age_on(self.dob, census.august) if self.dob else None

    def given(self, column: str) -> bool:
        """Whether an item is given."""
        return column in self.row.fields


RowCheck = Callable[[Pupil, Census], bool]
"""True when the pupil's row breaks the rule."""


class WholeCheck(Protocol):
    """A rule on the return as a whole: sees every pupil, then says which rows break it (0 is the return itself)."""

    def see(self, pupil: Pupil) -> None:
        """One more pupil."""
        ...

    def rows(self) -> Iterable[int]:
        """What breaks the rule, when every pupil was seen."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the pack.

    Attributes:
        number: the official sequence number, or a house number ("SG-…") that cannot be mistaken for one.
        kind: "error" (blocks) or "query" (needs an explanation).
        item: the item it is about.
        title: what is wrong, in plain words.
        remedy: what to do.
        breaks: the check of one pupil, or None.
        whole: makes the check of the whole return, or None.
        source: where number and meaning were found (a key of data/rules-sources.md); "house" for a house rule.
        reading: "" when the source states the test, else what of it is this project's reading.
        who: pupils on roll, no longer on roll, or all.
        terms: terms in which it applies.
        phases: phases it applies to; empty means all.
        first_year: first census year it is applied to here.
        last_year: last, or None.
        column: table and column it needs; where a census does not collect it, the rule is not in the pack.
    """

    number: str
    kind: str
    item: str
    title: str
    remedy: str
    breaks: RowCheck | None = None
    whole: Callable[[Census], WholeCheck] | None = None
    source: str = "house"
    reading: str = ""
    who: str = ON_ROLL
    terms: tuple[Term, ...] = ALL_TERMS
    phases: tuple[str, ...] = ()
    first_year: int = FIRST_YEAR
    last_year: int | None = None
    column: tuple[str, str] | None = None

    @property
    def official(self) -> bool:
        """Whether its number is the ministry's, found in a public source."""
        return self.source != "house"

    def in_force(self, shape: CensusShape) -> bool:
        """Whether it belongs to a census's pack."""
        return (
            shape.term in self.terms
            and self.first_year <= shape.year
            and (self.last_year is None or shape.year <= self.last_year)
            and (self.column is None or collects(shape, *self.column))
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: where, never the value. Row 0 is the header or the whole return."""

    rule: str
    kind: str
    row: int
    item: str
    title: str
    remedy: str


@dataclass(frozen=True, slots=True)
class RulePack:
    """The rules in force for one census."""

    year: int
    term: Term
    rules: tuple[Rule, ...]

    def for_phase(self, phase: str) -> tuple[Rule, ...]:
        """Those that apply to a school of this phase."""
        return tuple(rule for rule in self.rules if not rule.phases or phase in rule.phases)


def pack_for(rules: Sequence[Rule], shape: CensusShape) -> RulePack:
    """The rules that apply in a census, in the order of their numbers: official ones, then the house's."""

    def order(rule: Rule) -> tuple[bool, int]:
        return not rule.official, int(rule.number.removeprefix("SG-"))

    return RulePack(shape.year, shape.term, tuple(sorted((r for r in rules if r.in_force(shape)), key=order)))


def number_of(text: str | None) -> int | None:
    """A whole number of zero or more, or None."""
    return int(text) if text is not None and digits(text) and len(text) <= 9 else None


def hours_of(text: str | None) -> float:
    """Hours given as digits with or without a decimal part; 0 when not given or not a number."""
    if text is None:
        return 0.0
    whole, _, part = text.partition(".")
    return float(text) if digits(whole) and (not part or digits(part)) and len(text) <= 9 else 0.0


def sessions_of(parts: Sequence[Mapping[str, str]], code: str) -> int:
    """Sessions recorded under one attendance code."""
    return sum(number_of(part.get("sessions")) or 0 for part in parts if part.get("attendancereason") == code)
