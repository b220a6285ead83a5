"""The desk's part for children who must not be found, and pupils who have died.

Rule of this table: one person places a shield, at once; lifting it, recording a death and taking one back take two, who
each sign in and say so (`consent.unshield`, `record_death`, `correct_death`). Nothing is shown of the child.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from schoolgate import gate
from schoolgate.desk.act import Act, Doing
from schoolgate.errors import Refusal, Refused, SchoolgateError, with_reasons

_CUSTODIAN = ("custodian",)
_ONE = {"upn": str}


def _shield(doing: Doing, shielded: bool) -> object:
    found = gate.set_shield(doing.args["upn"], shielded, actor=doing.person.id, config=doing.config, clock=doing.clock)
    return with_reasons(found)


def _place(doing: Doing) -> object:
    return _shield(doing, True)


def _lift(doing: Doing) -> object:
    return _shield(doing, False)


def _death(doing: Doing, died_on: date | None) -> object:
    try:
        found = gate.set_death(
            doing.args["upn"], died_on, actor=doing.person.id, config=doing.config, clock=doing.clock
        )
    except SchoolgateError as no:
        if no.code != "death-date":
            raise
        return Refused((Refusal(no.code, no.what, remedy=no.hint, where="died_on"),))
    return with_reasons(found)


def _record(doing: Doing) -> object:
    return _death(doing, doing.args["died_on"])


def _back(doing: Doing) -> object:
    return _death(doing, None)


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "shield-place": Act("keep a child from being found", _CUSTODIAN, _ONE, bool, _place),
        "shield-lift": Act("say that a child may be found again, as one of two", _CUSTODIAN, _ONE, bool, _lift),
        "death-record": Act(
            "say that a pupil has died, as one of two", _CUSTODIAN, {**_ONE, "died_on": date}, bool, _record
        ),
        "death-back": Act("say that a death was recorded in error, as one of two", _CUSTODIAN, _ONE, bool, _back),
    }
)
"""What staff may do about who must not be found and who has died. True: it is so now; False: a second has to say so."""
