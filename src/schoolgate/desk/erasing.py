"""The desk's part for what the custodian destroys of its own: proposed by one person, decided by another."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from schoolgate import dictionary, gate, oversight, register
from schoolgate.clock import custodians_day
from schoolgate.desk.act import Act, Doing
from schoolgate.errors import Refusal, Refused

_CUSTODIAN = ("custodian",)
_NAMES = "identity"
"""Where names are kept, as retention rules say it."""


def _list(doing: Doing) -> tuple[gate.DestructionView, ...]:
    return gate.destructions()


def _pupil(doing: Doing) -> gate.DestructionView | Refused:
    given = doing.args
    return gate.propose_erasure(
        given["upn"], given["ground"], given["because"], actor=doing.person.id, config=doing.config, clock=doing.clock
    )


def _items(doing: Doing) -> gate.DestructionView | Refused:
    given = doing.args
    return gate.propose_items(
        given["items"], given["years"], given["ground"], given["because"], actor=doing.person.id, clock=doing.clock
    )


@dataclass(frozen=True, slots=True)
class DueView:
    """Something of one year's censuses that is past its last day.

    Attributes:
        rule: the retention rule.
        holds: what, in words.
        pupils: of names: how many pupils', rounded; "" of all else.
        must_wait: what has to go first, in words; "" when it may be proposed.
    """

    rule: str
    holds: str
    census: int
    last_day: date
    pupils: str
    must_wait: str


def _due(doing: Doing) -> tuple[DueView, ...]:
    late = oversight.past_its_day(doing.clock)
    places = {one.id: one.place for one in oversight.rules()}
    names = any(places[one.rule] == _NAMES for one in late)
    last = gate.last_years(doing.config) if names else {}
    return tuple(
        DueView(
            one.rule,
            one.holds,
            one.census,
            one.last_day,
            register.round_count(len(last.get(one.census, ()))) if places[one.rule] == _NAMES else "",
            _facts_first(one.rule, one.census, late, doing),
        )
        for one in late
    )


def _facts_first(rule_id: str, census: int, late: Collection[oversight.HeldTooLong], doing: Doing) -> str:
    """Why a year's names have to wait: as long as there is a fact its family finds it by the name alone."""
    rules = oversight.rules()
    if next(one for one in rules if one.id == rule_id).place != _NAMES:
        return ""
    others = {one.id: one for one in rules if one.place != _NAMES}
    if any(one.rule in others and one.census <= census for one in late):
        return "The facts and returns of this year and of years before go first."
    if any(custodians_day(doing.clock) <= one.last_day(census) for one in others.values()):
        return "Facts of this year are still kept, and are found by the name alone."
    return ""


def _rule(doing: Doing) -> gate.DestructionView | Refused:
    """What a retention rule says is past its last day; nothing else can be named so."""
    given = doing.args
    late = oversight.past_its_day(doing.clock)
    if (given["rule"], given["year"]) not in {(one.rule, one.census) for one in late}:
        no = Refusal("not-past-its-day", "This is not past its last day, or is not held.", provision="Article 5(1)(e)")
        return Refused((no,))
    if wait := _facts_first(given["rule"], given["year"], late, doing):
        return Refused((Refusal("facts-first", wait, provision="UK GDPR Articles 11 and 15"),))
    rule = next(one for one in oversight.rules() if one.id == given["rule"])
    items = [item for item, own in oversight.kept_until().items() if own.id == rule.id and item in _lake()]
    what = f"{rule.holds}, of the censuses of {given['year']}"
    return gate.propose_rule(
        rule.id, rule.place, items, given["year"], what, rule.why, actor=doing.person.id, clock=doing.clock
    )


def _lake() -> Mapping[str, dictionary.LakeColumn]:
    return dictionary.lake_columns()


def _decide(doing: Doing) -> gate.DestructionView | Refused:
    given = doing.args
    return gate.decide_destruction(
        given["number"], given["agree"], given["because"], actor=doing.person.id, clock=doing.clock
    )


def _withdraw(doing: Doing) -> gate.DestructionView | Refused:
    return gate.withdraw_destruction(doing.args["number"], actor=doing.person.id, clock=doing.clock)


_SAID = {"ground": str, "because": str}

ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "destructions": Act(
            "see what is to be destroyed and what was",
            ("custodian", "overseer"),
            {},
            tuple[gate.DestructionView, ...],
            _list,
        ),
        "destroy-due": Act("see what is past its last day", ("custodian", "overseer"), {}, tuple[DueView, ...], _due),
        "destroy-pupil": Act(
            "propose that a pupil's record is erased", _CUSTODIAN, {"upn": str, **_SAID}, gate.DestructionView, _pupil
        ),
        "destroy-items": Act(
            "propose that items are destroyed nation-wide",
            _CUSTODIAN,
            {"items": tuple[str, ...], "years": tuple[int, ...], **_SAID},
            gate.DestructionView,
            _items,
        ),
        "destroy-by-rule": Act(
            "propose that what is past its last day is destroyed",
            _CUSTODIAN,
            {"rule": str, "year": int},
            gate.DestructionView,
            _rule,
        ),
        "destroy-decide": Act(
            "decide on a destruction that somebody else proposed",
            _CUSTODIAN,
            {"number": str, "agree": bool, "because": str},
            gate.DestructionView,
            _decide,
        ),
        "destroy-withdraw": Act(
            "take back that something is destroyed", _CUSTODIAN, {"number": str}, gate.DestructionView, _withdraw
        ),
    }
)
"""What a person may do about destroying what is the custodian's own."""
