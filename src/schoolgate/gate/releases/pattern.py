"""Use out of pattern: who, how many, what for, at which hours, against what was applied for and its own past. Pure.

In 2018 to 2020 a firm that had become something else than what had been let in ran 22,000 look-ups, and the ministry
learned it from a newspaper. Here the first one past what was declared is not made, and nothing more until somebody has
answered for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from schoolgate.errors import Refusal
from schoolgate.gate.releases.limits import Limits
from schoolgate.gate.releases.views import LookupDeclared

_PROVISION = "use out of pattern is stopped and asked about"
_REMEDY = "Answer the custodian's question about this use."


@dataclass(frozen=True, slots=True)
class Past:
    """What was looked up under an agreement before.

    Attributes:
        minute: in the last minute.
        today: on the custodian's day.
        month: in the thirty days that end today.
        days: of each earlier day of these with any look-up, how many.
        person_today: by the same person today.
        person_before: by the same person before today.
        others_before: by others before today.
        answered: of this kind, in these thirty days, and since the last stop was lifted.
        missed: of these, people who were not found.
    """

    minute: int = 0
    today: int = 0
    month: int = 0
    days: tuple[int, ...] = ()
    person_today: int = 0
    person_before: int = 0
    others_before: int = 0
    answered: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Use:
    """What is to be done now.

    Attributes:
        kind: of `limits.KINDS`.
        reasons: of every look-up.
        count: how many look-ups.
        hour: of the custodian's day.
    """

    kind: str
    reasons: frozenset[str]
    count: int
    hour: int


def too_fast(past: Past, use: Use, most: Limits) -> tuple[Refusal, ...]:
    """Refused and no more: whoever waits a minute may go on."""
    if use.kind == "verification" and past.minute + use.count > most.per_minute:
        return (
            Refusal(
                "too-fast",
                f"More than {most.per_minute} questions a minute.",
                provision="look-ups: a rate for each agreement",
                remedy="Wait a minute.",
            ),
        )
    return ()


def same_child(times: int, most: Limits) -> tuple[Refusal, ...]:
    """One child asked about by claim after claim: a record read out, one "no" after the other."""
    if times < most.same_child:
        return ()
    words = f"One child was asked about more than {most.same_child} times in a day."
    return (Refusal("same-child", words, _PROVISION, _REMEDY),)


def breaches(declared: LookupDeclared, past: Past, use: Use, most: Limits) -> tuple[Refusal, ...]:
    """Everything in which this use is not what was applied for, or not like its own past."""
    return tuple(
        Refusal(code, words, _PROVISION, _REMEDY)
        for code, words in (
            *_against_declared(declared, past, use),
            *_against_past(past, use, most),
        )
    )


def _against_declared(declared: LookupDeclared, past: Past, use: Use) -> Sequence[tuple[str, str]]:
    found = []
    if use.kind not in declared.kinds:
        found.append(("kind-not-declared", "This kind of look-up was not applied for."))
    if not use.reasons <= set(declared.reasons):
        found.append(("reason-not-declared", "Look-ups for this reason were not applied for."))
    if past.today + use.count > declared.per_day:
        found.append(("more-than-a-day", f"More than the {declared.per_day:,} look-ups a day that were applied for."))
    if past.month + use.count > declared.per_month:
        words = f"More than the {declared.per_month:,} look-ups in thirty days that were applied for."
        found.append(("more-than-a-month", words))
    if not declared.first_hour <= use.hour <= declared.last_hour:
        words = f"Outside the hours that were applied for ({declared.first_hour}:00 to {declared.last_hour}:59)."
        found.append(("outside-hours", words))
    return found


def _against_past(past: Past, use: Use, most: Limits) -> Sequence[tuple[str, str]]:
    found = []
    today = past.today + use.count
    if past.days and today > most.burst_least and today > most.burst_factor * median(past.days):
        found.append(("unlike-before", "Far more look-ups than on a usual day under this agreement."))
    by_newcomer = past.person_before == 0 and past.others_before > 0
    if by_newcomer and past.person_today + use.count > most.newcomer_most:
        found.append(("newcomer", "Many look-ups by somebody who made none under this agreement before."))
    percent = most.miss_percent_lists if use.kind == "matching" else most.miss_percent_claims
    if past.missed >= most.miss_least and 100 * past.missed > percent * past.answered:
        found.append(("mostly-nobody", "Most of the people who were asked about were not found: is it guessing?"))
    return found
