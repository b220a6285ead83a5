"""What is true of the children of an area in one academic year: free meals and special needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from schoolgate.synthetic.areas import FIRST_GROUP
from schoolgate.synthetic.children import ETHNICITIES, Children
from schoolgate.synthetic.lives import ordinal
from schoolgate.synthetic.tables import Flags, Floats, Ints, column, factors, shares, values, white_british, yearly

LEVELS = ("nursery", "primary", "secondary", "special")
SEN_CODES = ("N", "K", "E")
_ALL_WITH_PLAN = 2.0


@dataclass(frozen=True, slots=True)
class Status:
    """Columns, one entry a child, for one academic year.

    Attributes:
        group: year group.
        level: position in `LEVELS`.
        meals: whether eligible for free meals in the year, once the eligibility has begun.
        meals_from, meals_to: ordinals of the days it began and ended; 0 when it did not.
        sen: position in `SEN_CODES`.
    """

    group: Ints
    level: Ints
    meals: Flags
    meals_from: Ints
    meals_to: Ints
    sen: Ints


def _levels(children: Children, year: int) -> tuple[Ints, Ints]:
    group = year - children.cohort
    level = np.where(group < 0, 0, np.where(group <= 6, 1, 2))
    return group, np.where(children.special, 3, level)


@cache
def _meals_by_ethnicity() -> Floats:
    """How much more often by ethnicity, such that the nation's rate stays what it is."""
    raw = column("fsm-by-ethnicity", ETHNICITIES)
    mean = 0.0
    for region, weight in (("london", 1 / 6), ("rest", 5 / 6)):
        mix, white = shares("minority", region), white_british()[region]
        mean += weight * (white * raw[0] + (1 - white) * float(mix.weights @ column("fsm-by-ethnicity", mix.codes)))
    found: Floats = raw / mean
    return found


def _eligible(children: Children, year: int, by_ethnicity: Floats) -> Flags:
    """Free meals: the level's rate of that year, more or less by ethnicity; a child's lot stays the same."""
    group, level = _levels(children, year)
    rates = np.array([yearly("fsm", name, year) for name in LEVELS])
    return (children.meals < np.minimum(rates[level] * by_ethnicity, 0.95)) & (group >= FIRST_GROUP)


def status(children: Children, year: int) -> Status:
    """The children's status in an academic year. It depends on nothing that happens later."""
    by_ethnicity = _meals_by_ethnicity()[children.ethnicity]
    begun = np.zeros(len(children.sex), dtype=np.int64)
    held = np.zeros(len(children.sex), dtype=bool)
    last = held
    for earlier in range(max(int(children.cohort.min()) + FIRST_GROUP, year - 16), year + 1):
        now = _eligible(children, earlier, by_ethnicity)
        begun = np.where(now & ~held, earlier, begun)
        last, held = held, now
    # Most eligibility begins with a school year; the rest on any day of it.
    late = np.where(children.meals_when < 0.75, 0, ((children.meals_when - 0.75) * 1_200).astype(np.int64))
    starts = np.array([ordinal(year - 17 + n, 9, 1) for n in range(18)])
    ended = last & ~held
    known = held | ended
    meals_from = np.where(known, starts[np.clip(begun - year + 17, 0, 17)] + late, 0)
    group, level = _levels(children, year)
    return Status(
        group, level, held, meals_from, np.where(ended, ordinal(year, 8, 31), 0), _sen(children, held, level, year)
    )


def _sen(children: Children, meals: Flags, level: Ints, year: int) -> Ints:
    eligible = np.where(meals, 0, 1)
    plan, support = values("sen-level", "E"), values("sen-level", "K")

    def chance(levels: dict[str, float], special: float, kind: str) -> Floats:
        trend = yearly(f"sen-{kind}", "all", year) / yearly(f"sen-{kind}", "all", 2024)
        base = np.array([levels["nursery"], levels["primary"], levels["secondary"], 0.0]) * trend / 100
        base[3] = special
        by_sex = factors(f"sen-{kind}-by-sex")
        by_meals = factors(f"sen-{kind}-by-fsm")
        found: Floats = base[level] * np.array([by_sex["M"], by_sex["F"]])[children.sex]
        found *= np.array([by_meals["yes"], by_meals["no"]])[eligible]
        return found

    with_plan = chance(plan, _ALL_WITH_PLAN, "plan")
    return np.where(
        children.sen < with_plan, 2, np.where(children.sen < with_plan + chance(support, 0.0, "support"), 1, 0)
    )
