"""The whole pack: every rule of every census, one table."""

from __future__ import annotations

from functools import cache

from schoolgate.collect import (
    rules_attendance,
    rules_declined,
    rules_identity,
    rules_needs,
    rules_placements,
    rules_return,
    rules_status,
)
from schoolgate.collect.rulebook import Rule, RulePack, pack_for
from schoolgate.dictionary import census_shape
from schoolgate.ids import Term

ALL_RULES: tuple[Rule, ...] = (
    *rules_return.RULES,
    *rules_identity.RULES,
    *rules_status.RULES,
    *rules_needs.RULES,
    *rules_attendance.RULES,
    *rules_placements.RULES,
    *rules_declined.RULES,
)


@cache
def rules(year: int, term: Term) -> RulePack:
    """The rules in force for a census.

    Raises:
        NoShape: no census is known for this year and term.
    """
    return pack_for(ALL_RULES, census_shape(year, term))
