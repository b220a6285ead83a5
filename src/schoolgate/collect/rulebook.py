"""What a rule is, and the pack in force for a census. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from schoolgate.collect.reader import PupilRow, ReturnHeader
from schoolgate.dictionary import CensusShape
from schoolgate.ids import Term

ALL_TERMS = (Term.AUTUMN, Term.SPRING, Term.SUMMER)


@dataclass(frozen=True, slots=True)
class Census:
    """What every rule may look at besides the row: the header, the census's shape, its days."""

    header: ReturnHeader
    shape: CensusShape
    census_day: date

    @property
    def previous_term_start(self) -> date:
        """Start of the term before, when periods and leavers begin to count."""
        back = {Term.AUTUMN: (4, 1, 0), Term.SPRING: (8, 1, -1), Term.SUMMER: (1, 1, 0)}[self.shape.term]
        return date(self.shape.year + back[2], back[0], back[1])

    def codes(self, table: str, column: str) -> frozenset[str]:
        """The codes a column may hold this year; empty when it has no set or is not collected."""
        spec = self.shape.tables.get(table, {}).get(column)
        return frozenset(code.code for code in spec.codes) if spec else frozenset()

    def collected(self, column: str) -> bool:
        """Whether a pupil column is asked for in this census."""
        return column in self.shape.tables.get("pupilonroll", {})


RowCheck = Callable[[PupilRow, Census], bool]
"""True when the row breaks the rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the pack.

    Attributes:
        number: the official sequence number.
        kind: "error" (blocks) or "query" (needs an explanation).
        title: what is wrong, in plain words.
        remedy: what to do.
        item: the item it is about.
        breaks: the check.
        terms: terms in which it applies.
        phases: phases it applies to; empty means all.
        first_year: first census year it is applied to here.
        confirmed: whether number and meaning were found in a public source (see README).
    """

    number: str
    kind: str
    title: str
    remedy: str
    item: str
    breaks: RowCheck
    terms: tuple[Term, ...] = ALL_TERMS
    phases: tuple[str, ...] = ()
    first_year: int = 2015
    confirmed: bool = True


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

    def check_row(self, row: PupilRow, census: Census) -> Iterator[Finding]:
        """What the rules find in one pupil's row."""
        phase = census.header.phase
        for rule in self.rules:
            if (not rule.phases or phase in rule.phases) and rule.breaks(row, census):
                yield Finding(rule.number, rule.kind, row.row, rule.item, rule.title, rule.remedy)


def pack_for(rules: Sequence[Rule], year: int, term: Term) -> RulePack:
    """The rules that apply in a census."""
    return RulePack(year, term, tuple(rule for rule in rules if term in rule.terms and rule.first_year <= year))


def day(text: str | None) -> date | None:
    """A date, or None when it is missing or not one."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def census_day(year: int, term: Term) -> date:
    """Census day: the first Thursday of October, the third of January, the third of May.

    Confirmed for 3 October 2024, 15 January 2026, 16 January 2025, 16 May 2024 and 15 May 2025.
    """
    month, week = {Term.AUTUMN: (10, 1), Term.SPRING: (1, 3), Term.SUMMER: (5, 3)}[term]
    first = date(year, month, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 7 * (week - 1))


def age_on(dob: date, when: date) -> int:
    """Age in whole years."""
    return when.year - dob.year - ((when.month, when.day) < (dob.month, dob.day))


def whole_number(text: str | None) -> bool:
    """Whether a value is a whole number of zero or more."""
    return bool(text) and str(text).isdigit()


def get(row: PupilRow, name: str) -> str:
    """A field, "" when not given."""
    return row.fields.get(name, "")


def listed(parts: Sequence[Mapping[str, str]], name: str) -> list[str]:
    """A column of a row's module."""
    return [part.get(name, "") for part in parts]
