"""What happens in a term at a school: who misses how many half-days and why, who is suspended.

The same term is reported in one census or in two; its events follow from the seed, the school and the term.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from schoolgate.ids import CensusPoint, Term
from schoolgate.synthetic.children import Children
from schoolgate.synthetic.days import Period, periods
from schoolgate.synthetic.lives import EXCLUDED, Stays
from schoolgate.synthetic.status import SEN_CODES, Status
from schoolgate.synthetic.tables import Floats, Ints, factors, shares, values, yearly

REFORM = CensusPoint(2024, Term.AUTUMN)
"""The first term with the attendance codes of August 2024."""

_OLD_ONLY = frozenset({"H"})
_NEW_ONLY = frozenset({"C1", "C2"})
_MEAN = float(np.exp(0.85**2 / 2))
"""Mean of the children's absence, whose log is drawn from a normal distribution of that spread."""

_PLACES = ("nursery", "primary", "secondary", "special", "pru")


@dataclass(frozen=True, slots=True)
class Absence:
    """One period's attendance, one row a stay.

    Attributes:
        possible: half-days the child could attend.
        codes: codes of the columns of `missed`.
        missed: half-days missed, by code.
    """

    period: Period
    possible: Ints
    codes: tuple[str, ...]
    missed: Ints


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Suspensions and exclusions of a term, one entry each.

    Attributes:
        stay: position among the stays of the term.
        start: ordinal of the first day.
        sessions: half-days in which the child was kept away.
        permanent: whether for good.
        reasons: positions in the reasons' codes, up to three; -1 for none.
    """

    stay: Ints
    start: Ints
    sessions: Ints
    permanent: Ints
    reasons: Ints


@dataclass(frozen=True, slots=True)
class TermEvents:
    """A term at a school.

    Attributes:
        stays: numbers of the stays, ascending.
    """

    stays: Ints
    absences: tuple[Absence, ...]
    exclusions: Exclusions


SUSPENSION_REASONS = shares("reason", "suspension")
_PERMANENT_REASONS = np.array([SUSPENSION_REASONS.codes.index(code) for code in shares("reason", "permanent").codes])


def term_events(
    seed: int, urn: int, place_kind: str, term: CensusPoint, stays: Stays, here: Ints, children: Children, of: Status
) -> TermEvents:
    """Everything that happened in a term at a school.

    Args:
        seed: the nation's seed.
        urn: the school.
        place_kind: "special", "pru" or "" for what goes by year group.
        term: the term.
        stays: all stays of the area.
        here: numbers of this school's stays, ascending.
        children: the area's children.
        of: their status in the term's academic year.
    """
    parts = periods(term)
    here = here[(stays.entered[here] <= parts[-1].last) & (stays.left[here] >= parts[0].first)]
    child = stays.child[here]
    rng = np.random.default_rng([seed, 30, urn, term.year, term.term.order])
    level = of.level[child] if not place_kind else np.full(len(here), _PLACES.index(place_kind))
    exclusions = _exclusions(rng, term, parts, stays, here, children, of, level)
    absences = [_absence(rng, term, part, stays, here, children, of, level, exclusions) for part in parts]
    return TermEvents(here, tuple(absences), exclusions)


def _by_group(table: str, group: Ints) -> Floats:
    known = factors(table)
    return np.array([known[str(n)] for n in range(12)])[np.clip(group, 0, 11)]


def _exclusions(
    rng: np.random.Generator, term: CensusPoint, parts: tuple[Period, ...], stays: Stays, here: Ints,
    children: Children, of: Status, level: Ints,
) -> Exclusions:  # fmt: skip
    child = stays.child[here]
    known = factors("suspensions-by-phase")
    year = term.academic_year
    trend = yearly("suspensions", "all", year) / yearly("suspensions", "all", 2023)
    by_sen, by_meals, by_sex = (factors(f"suspensions-by-{name}") for name in ("sen", "fsm", "sex"))
    chance = (
        np.array([known[name] for name in _PLACES])[level] / 300 * trend
        * np.where(level >= 3, 1.0, np.array([by_sen[code] for code in SEN_CODES])[of.sen[child]])
        * np.where(of.meals[child], by_meals["yes"], by_meals["no"])
        * np.array([by_sex["M"], by_sex["F"]])[children.sex[child]]
        * _by_group("suspensions-by-group", of.group[child])
        * children.behaviour[child]
    )  # fmt: skip
    # A summer's suspensions fall before half-term, those of year 11 end with it, and the youngest are not suspended:
    # each is seen in the attendance of the same census too (rule 2485).
    group, until = of.group[child], parts[0].last
    first = np.maximum(stays.entered[here] + 7, parts[0].first)
    last = np.minimum(stays.left[here] - 21, until)
    oldest = 10 if term.term is Term.SUMMER else 11
    boards = children.boarder[child] & (group >= 7)
    chance[(group < 1) | (group > oldest) | boards | (last - first < 21)] = 0
    times = np.minimum(rng.poisson(chance), 4)
    stay = np.repeat(np.arange(len(here)), times)
    # Each in a stretch of its own, so that no two overlap.
    at = np.arange(len(stay)) - np.repeat(np.cumsum(times) - times, times)
    width = (last - first)[stay] // times[stay] if len(stay) else stay
    start = first[stay] + at * width + (rng.random(len(stay)) * np.maximum(width - 8, 1)).astype(np.int64)
    weekday = (start - 1) % 7  # ordinal 1 was a Monday
    start += np.where(weekday > 4, 7 - weekday, 0)  # never back: a term may begin on a Saturday here
    sessions = np.minimum(1 + rng.geometric(0.35, len(stay)), 10)
    # A school takes an excluded child off its roll when the review is over, some two weeks later.
    gone = np.flatnonzero((stays.why[here] == EXCLUDED) & (stays.left[here] <= parts[-1].last) & ~boards)
    gone_on = stays.left[here[gone]] - 14
    reasons = np.concatenate(
        [
            SUSPENSION_REASONS.draw(rng, len(stay)),
            _PERMANENT_REASONS[shares("reason", "permanent").draw(rng, len(gone))],
        ]
    )
    more = SUSPENSION_REASONS.draw(rng, len(reasons))
    third = SUSPENSION_REASONS.draw(rng, len(reasons))
    two = (rng.random(len(reasons)) < 0.15) & (more != reasons)
    three = two & (rng.random(len(reasons)) < 0.2) & (third != reasons) & (third != more)
    return Exclusions(
        np.concatenate([stay, gone]),
        np.concatenate([start, gone_on - np.maximum((gone_on - 1) % 7 - 4, 0)]),
        np.concatenate([sessions, np.full(len(gone), 10)]),
        np.concatenate([np.zeros(len(stay), dtype=np.int64), np.ones(len(gone), dtype=np.int64)]),
        np.stack([reasons, np.where(two, more, -1), np.where(three, third, -1)], axis=1),
    )


def _absence(
    rng: np.random.Generator, term: CensusPoint, part: Period, stays: Stays, here: Ints, children: Children,
    of: Status, level: Ints, exclusions: Exclusions,
) -> Absence:  # fmt: skip
    child, year = stays.child[here], term.academic_year
    days = np.minimum(stays.left[here], part.last) - np.maximum(stays.entered[here], part.first) + 1
    whole = part.last - part.first + 1
    possible = np.maximum(days, 0) * part.sessions // whole
    base = np.array([yearly("absence", "primary" if name == "nursery" else name, year) for name in _PLACES])
    by_meals, by_sen = factors("absence-by-fsm"), factors("absence-by-sen")
    chance = (
        base[level]
        * factors("absence-by-term")[term.term]
        * np.where(of.meals[child], by_meals["yes"], by_meals["no"])
        * np.where(level >= 3, 1.0, np.array([by_sen[code] for code in SEN_CODES])[of.sen[child]])
        * np.where(level >= 3, 1.0, _by_group("absence-by-group", of.group[child]))
        * np.exp(children.absence[child])
        / _MEAN
    )
    away = _suspended(part, exclusions, len(here))
    away = np.minimum(away, possible)
    missed = rng.binomial(possible - away, np.minimum(chance, 0.97))
    allowed = values("authorised", "phase")
    authorised = rng.binomial(missed, np.array([allowed[name] for name in _PLACES])[level])
    dropped = _OLD_ONLY if term >= REFORM else _NEW_ONLY
    yes = shares("absence-reason", "authorised", only=_codes("authorised") - dropped)
    no = shares("absence-reason", "unauthorised")
    counts = np.concatenate(
        [rng.multinomial(authorised, yes.weights), rng.multinomial(missed - authorised, no.weights)], axis=1
    )
    codes = (*yes.codes, *no.codes)
    counts[:, codes.index("E")] = away
    return Absence(part, possible, codes, counts)


def _codes(given: str) -> frozenset[str]:
    return frozenset(values("absence-reason", given))


def _suspended(part: Period, exclusions: Exclusions, size: int) -> Ints:
    """Half-days of suspension that fall in a period."""
    inside = (exclusions.start >= part.first) & (exclusions.start <= part.last)
    return np.bincount(exclusions.stay[inside], weights=exclusions.sessions[inside], minlength=size).astype(np.int64)
