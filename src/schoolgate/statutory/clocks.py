"""The clocks of the rights of the people in the data, each with its provision. Pure: days in, days out.

Read on legislation.gov.uk, June 2026 (Data (Use and Access) Act 2025 in force since 5 February, its s.103 since 19
June 2026), and in the ICO's guidance "How long do we have to comply?" and "How to deal with data protection
complaints". Where the Act's words and the regulator's reading of them give different last days the earlier counts:
who keeps it keeps both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType

from schoolgate.errors import Refusal
from schoolgate.statutory.calendar import months_after, working_day_from, working_days_after

_DAY = timedelta(days=1)
LOOK_AHEAD = 5
"""Working days before a last day from which a case counts as about to be late."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One period.

    Attributes:
        what: what has to be done, in plain words.
        period: how long, in plain words.
        provision: the law.
        source: where its counting is explained.
    """

    what: str
    period: str
    provision: str
    source: str


_ICO = "ICO, Right of access: how long do we have to comply?"

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "answer": Rule(
            "answer a request about one’s data",
            "one month from the day it was received; the same date in the next month, or that month’s last day; the "
            "next working day when that is a weekend or a bank holiday",
            "UK GDPR Articles 12(3) and 12A(1); DPA 2018 s.205(2) with Regulation (EEC, Euratom) 1182/71 art. 3",
            _ICO,
        ),
        "identity": Rule(
            "answer when proof of identity was asked for",
            "the month begins on the day the proof is received; not when it was asked for after the last day",
            "UK GDPR Articles 12(6) and 12A(2)(b)",
            _ICO,
        ),
        "clarification": Rule(
            "answer when a clarification was needed",
            "the days from the question to its answer, both included, do not count; of a question after the last day "
            "all do",
            "UK GDPR Article 12A(5) and (6), worded as DPA 2018 s.54(3C)",
            _ICO,
        ),
        "extension": Rule(
            "take longer because of complexity or number",
            "two further months, when told with reasons within the first month",
            "UK GDPR Article 12A(3) and (4)",
            _ICO,
        ),
        "acknowledge": Rule(
            "acknowledge a complaint",
            "within 30 days, the day it was received being the first",
            "DPA 2018 s.164A(3)",
            "ICO, How to deal with data protection complaints (its own count ends a day later, or on the next working "
            "day; the earlier day keeps both)",
        ),
        "outcome": Rule(
            "tell whoever complained what became of it",
            "without undue delay: the law has no number and no extension; counted here like a request, so that it can "
            "be seen to be late",
            "DPA 2018 s.164A(4) and (5)",
            "ICO, How to deal with data protection complaints (it names no number either, and wants progress told)",
        ),
    }
)
"""Every period the product counts."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which a needed clarification was awaited.

    Attributes:
        asked: the day the question went out.
        answered: the day the answer came; None: not yet.
    """

    asked: date
    answered: date | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """What bears on the clock of one request.

    Attributes:
        received: the day it was received, whatever day of the week that was.
        identity_asked: the day proof of identity was asked for; None when it was not needed.
        identity_received: the day it came; None while it is awaited.
        pauses: clarifications that were asked for.
        extended: the day on which the family was told of an extension with its reasons.
    """

    received: date
    identity_asked: date | None = None
    identity_received: date | None = None
    pauses: tuple[Pause, ...] = ()
    extended: date | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """When something must be done.

    Attributes:
        last_day: by the end of which; None while the clock stands still.
        extend_by: the last day on which an extension can still be told; None while the clock stands still.
        rule: key of `RULES` that decides.
    """

    last_day: date | None
    extend_by: date | None
    rule: str

    @property
    def stands_still(self) -> bool:
        """Whether something is awaited that the clock stops for."""
        return self.last_day is None

    def is_late(self, today: date) -> bool:
        """Whether the last day is past."""
        return self.last_day is not None and today > self.last_day

    def is_late_soon(self, today: date) -> bool:
        """Whether the last day is at most `LOOK_AHEAD` working days away, and not past."""
        return self.last_day is not None and today <= self.last_day <= working_days_after(today, LOOK_AHEAD)


def not_counted(pauses: Sequence[Pause], since: date) -> int:
    """How many days from `since` on are in answered pauses, each day once."""
    days: set[date] = set()
    for one in pauses:
        if one.answered is not None:
            length = (one.answered - one.asked).days + 1
            days |= {one.asked + number * _DAY for number in range(max(0, length))}
    return sum(day >= since for day in days)


def answer_by(running: Running) -> Due:
    """When a request must be answered.

    Only what was asked while there was still time moves the last day: who is late already cannot undo that by asking
    who somebody is or what they mean. Both are asked without delay, or do not stop the clock (ICO, as above).
    """
    asked = running.identity_asked
    if asked is None or _is_late_on(asked, running):
        return _counted(running.received, running, "answer")
    if running.identity_received is None:
        return Due(None, None, "identity")
    return _counted(max(running.received, running.identity_received), running, "identity")


def _is_late_on(day: date, running: Running) -> bool:
    earlier = replace(running, pauses=tuple(one for one in running.pauses if one.asked <= day))
    return _counted(running.received, earlier, "answer").is_late(day)


def _counted(begins: date, running: Running, rule: str) -> Due:
    """The last day counted from one on, with each clarification that was asked for before the day was past."""
    counted: list[Pause] = []
    due = _from(begins, counted, running.extended, rule)
    for one in sorted(running.pauses, key=lambda pause: pause.asked):
        if due.is_late(one.asked):
            continue
        if one.answered is None:
            return Due(None, None, "clarification")
        counted.append(one)
        due = _from(begins, counted, running.extended, "clarification")
    return due


def _from(begins: date, pauses: Sequence[Pause], extended: date | None, rule: str) -> Due:
    paused = not_counted(pauses, begins) * _DAY
    first_month = working_day_from(months_after(begins, 1) + paused)
    if extended is not None and extended <= first_month:
        return Due(working_day_from(months_after(begins, 3) + paused), first_month, "extension")
    return Due(first_month, first_month, rule)


def may_extend(running: Running, today: date) -> Refusal | None:
    """Why an extension can no longer be told on a day; None when it can."""
    if running.extended is not None:
        return Refusal(
            "extended-already",
            "The time was extended already, and can be once.",
            provision=RULES["extension"].provision,
        )
    due = answer_by(running)
    if due.extend_by is not None and today > due.extend_by:
        return Refusal(
            "too-late-to-extend",
            "The first month is over: an extension had to be told within it.",
            provision=RULES["extension"].provision,
            remedy="Answer now, and say why it is late.",
        )
    return None


def acknowledge_by(received: date) -> date:
    """The last day to acknowledge a complaint: the thirtieth, counting the day it was received as the first."""
    return received + 29 * _DAY
