"""The desk's part for records that are not used for now: placing a restriction, announcing its end, ending it.

Rule of this table: a restriction ends after everybody who acts for the child was written to, and not before the day
they were told of (UK GDPR Article 18(3)). There is no other act that ends one which staff placed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from schoolgate import consent, gate, rights
from schoolgate.desk.act import Act, Doing
from schoolgate.errors import Refusal, Refused, SchoolgateError, with_reasons

_CUSTODIAN = ("custodian",)
_ONE = {"upn": str, "reason": str}


def _act(step: Callable[[Doing], object]) -> Callable[[Doing], object]:
    def run(doing: Doing) -> object:
        try:
            found = step(doing)
        except SchoolgateError as no:
            where = "lifts_on" if no.code == "lift-too-soon" else ""
            return Refused((Refusal(no.code, no.what, remedy=no.hint, where=where),))
        return with_reasons(found)

    return run


def _show(doing: Doing) -> object:
    pupil = gate.find_to_protect(doing.args["upn"], doing.person.id, config=doing.config, clock=doing.clock)
    return pupil if isinstance(pupil, Refusal) else consent.restrictions_of(pupil)


def _restrict(doing: Doing) -> object:
    given = doing.args
    return gate.set_restriction(
        given["upn"], given["reason"], actor=doing.person.id, config=doing.config, clock=doing.clock
    )


def _announce(doing: Doing) -> object:
    given = doing.args
    return rights.helping.announce_lifting(
        given["upn"], given["reason"], given["lifts_on"], actor=doing.person.id, config=doing.config, clock=doing.clock
    )


def _lift(doing: Doing) -> object:
    given = doing.args
    return rights.helping.lift(
        given["upn"], given["reason"], actor=doing.person.id, config=doing.config, clock=doing.clock
    )


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "restrictions-show": Act(
            "see whether a child’s record is not used for now",
            _CUSTODIAN,
            {"upn": str},
            tuple[consent.Restriction, ...],
            _act(_show),
        ),
        "restrict": Act("keep a child’s record and let nobody use it", _CUSTODIAN, _ONE, bool, _act(_restrict)),
        "lifting-announce": Act(
            "tell a family that its child’s record will be used again",
            _CUSTODIAN,
            {**_ONE, "lifts_on": date},
            rights.helping.Announced,
            _act(_announce),
        ),
        "lift": Act("let a child’s record be used again", _CUSTODIAN, _ONE, bool, _act(_lift)),
    }
)
"""What staff may do about records that are not used for now."""
