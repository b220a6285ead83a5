"""Statutory: the clocks of people's rights, counted as the law counts them.

In: days. Out: last days, each with its provision. Never: a last day that rests on no provision.
"""

from schoolgate.statutory.calendar import (
    bank_holidays,
    is_working_day,
    months_after,
    standing_holidays,
    working_day_from,
    working_days_after,
)
from schoolgate.statutory.clocks import (
    LOOK_AHEAD,
    RULES,
    Due,
    Pause,
    Rule,
    Running,
    acknowledge_by,
    answer_by,
    may_extend,
)

__all__ = [
    "LOOK_AHEAD",
    "RULES",
    "Due",
    "Pause",
    "Rule",
    "Running",
    "acknowledge_by",
    "answer_by",
    "bank_holidays",
    "is_working_day",
    "may_extend",
    "months_after",
    "standing_holidays",
    "working_day_from",
    "working_days_after",
]
