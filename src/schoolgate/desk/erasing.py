"""The desk's part for what the custodian destroys of its own: proposed by one person, decided by another."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from schoolgate import dictionary, gate, oversight
from schoolgate.desk.act import Act, Doing
from schoolgate.errors import Refusal, Refused

_CUSTODIAN = ("custodian",)


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


def _rule(doing: Doing) -> gate.DestructionView | Refused:
    """What a retention rule says is past its last day; nothing else can be named so."""
    given = doing.args
    late = oversight.past_its_day(doing.clock)
    if (given["rule"], given["year"]) not in {(one.rule, one.census) for one in late}:
        no = Refusal("not-past-its-day", "This is not past its last day, or is not held.", provision="Article 5(1)(e)")
        return Refused((no,))
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
