"""The desk's part for facts that are held back from a child's family, because seeing them would cause serious harm.

Rules of this table: a named professional's reason, a last day, and a second person who decides (Data Protection Act
2018 Schedule 3). It is looked at again within its time; it is ended by one person alone, since ending it only opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from schoolgate import rights
from schoolgate.desk.act import Act, Doing
from schoolgate.errors import Refusal, Refused
from schoolgate.gate import withholding

_CUSTODIAN = ("custodian",)


def _propose(doing: Doing) -> object:
    given = doing.args
    if given["rule"] not in rights.packs.decidable():
        return Refused((Refusal("rule-unknown", "The law has no such ground for it.", where="rule"),))
    return withholding.propose_withholding(
        given["upn"], given["rule"], given["item"], given["professional"], given["reason"], given["until"],
        actor=doing.person.id, config=doing.config, clock=doing.clock,
    )  # fmt: skip


def _decide(doing: Doing) -> object:
    given = doing.args
    return withholding.decide_withholding(given["number"], given["agree"], actor=doing.person.id, clock=doing.clock)


def _review(doing: Doing) -> object:
    return withholding.review_withholding(doing.args["number"], actor=doing.person.id, clock=doing.clock)


def _end(doing: Doing) -> object:
    return withholding.end_withholding(doing.args["number"], actor=doing.person.id, clock=doing.clock)


def _list(doing: Doing) -> object:
    return withholding.withholdings(doing.person.id, config=doing.config, clock=doing.clock)


_ONE = {"number": str}

ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "withhold-propose": Act(
            "propose that a fact is held back from a child’s family",
            _CUSTODIAN,
            {"upn": str, "rule": str, "item": str, "professional": str, "reason": str, "until": date},
            str,
            _propose,
        ),
        "withhold-decide": Act(
            "decide whether a fact is held back, as the second person",
            _CUSTODIAN,
            {**_ONE, "agree": bool},
            bool,
            _decide,
        ),
        "withhold-review": Act("look again whether a fact is held back rightly", _CUSTODIAN, _ONE, bool, _review),
        "withhold-end": Act("show a family a fact that was held back", _CUSTODIAN, _ONE, bool, _end),
        "withholdings": Act(
            "see which facts are held back", _CUSTODIAN, {}, tuple[withholding.WithholdingView, ...], _list
        ),
    }
)
"""What staff do about facts that are held back."""
