"""The families' part for choices: no and yes to uses, a record that is not used for now, and each taken back.

Rules of this table: what is said is taken back with the same kind of act, and needs no more than saying it did; only
a yes needs more, since it opens what is closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from schoolgate import consent, rights
from schoolgate.desk.familyact import FamilyAct, FamilyDoing
from schoolgate.errors import Refused, with_reasons


def _show(doing: FamilyDoing) -> rights.Choices:
    return rights.choices_of(doing.child, clock=doing.clock)


def _scope(doing: FamilyDoing) -> consent.Scope:
    return consent.Scope(doing.args["of"], doing.args["target"])


def _object(doing: FamilyDoing) -> consent.Objection:
    return rights.object_to(doing.child, _scope(doing), clock=doing.clock)


def _object_no_more(doing: FamilyDoing) -> bool | Refused:
    found = rights.withdraw(doing.child, _scope(doing), clock=doing.clock)
    return with_reasons(found)


def _stop(doing: FamilyDoing) -> consent.Restriction:
    return rights.stop_use(doing.child, doing.args["reason"], clock=doing.clock)


def _stop_no_more(doing: FamilyDoing) -> bool | Refused:
    found = rights.end_stop(doing.child, doing.args["reason"], clock=doing.clock)
    return with_reasons(found)


def _yes(doing: FamilyDoing) -> consent.Yes | Refused:
    given = doing.args
    found = rights.say_yes(doing.child, given["agreement"], given["item"], given["last_day"], clock=doing.clock)
    return with_reasons(found)


def _yes_no_more(doing: FamilyDoing) -> bool:
    given = doing.args
    return rights.take_back_yes(doing.child, given["item"], given["purpose"], given["recipient"], clock=doing.clock)


_TO = {"of": str, "target": str}

FAMILY_ACTS: Mapping[str, FamilyAct] = MappingProxyType(
    {
        "choices-show": FamilyAct("see what is chosen", {}, rights.Choices, _show, needs="see"),
        "object": FamilyAct("say no to a use", _TO, consent.Objection, _object),
        "object-no-more": FamilyAct("take a no back", _TO, bool, _object_no_more),
        "stop": FamilyAct("ask that the record is not used for now", {"reason": str}, consent.Restriction, _stop),
        "stop-no-more": FamilyAct("let the record be used again", {"reason": str}, bool, _stop_no_more),
        "yes": FamilyAct(
            "say yes to one use of one item",
            {"agreement": str, "item": str, "last_day": date},
            consent.Yes,
            _yes,
            needs="consent",
        ),
        "yes-no-more": FamilyAct(
            "take a yes back", {"item": str, "purpose": str, "recipient": str}, bool, _yes_no_more
        ),
    }
)
"""What a family chooses for its child."""
