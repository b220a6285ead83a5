"""The families' part for who may see: coming to a child, the young person's word on the adults, giving a child up.

A link is written here alone, where the gate is: a site that was broken into can try codes, as anybody can, and be told
that there were too many; it cannot write itself a link to a child.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from schoolgate import gate, rights
from schoolgate.desk.familyact import FamilyAct, FamilyDoing
from schoolgate.errors import Refusal, Refused, with_reasons


def _redeem(doing: FamilyDoing) -> rights.ChildLink | Refused:
    return _or_refused(rights.redeem_code(doing.account_id, doing.args["code"], clock=doing.clock, config=doing.config))


def _own_record(doing: FamilyDoing) -> rights.ChildLink | Refused:
    given = doing.args
    who = gate.Claimant(given["forename"], given["surname"], given["born"])
    return _or_refused(
        rights.claim_own_record(doing.account_id, given["upn"], who, clock=doing.clock, config=doing.config)
    )


def _or_refused(found: rights.ChildLink | Refusal) -> rights.ChildLink | Refused:
    return with_reasons(found)


def _give_leave(doing: FamilyDoing) -> Refused | None:
    try:
        rights.give_leave(doing.child, doing.args["other"], doing.args["given"], clock=doing.clock)
    except rights.UnknownLink:
        return Refused((Refusal("adult-unknown", "There is no such adult any more.", remedy="Look again."),))
    return None


def _call(doing: FamilyDoing) -> str:
    return rights.set_label(doing.child, doing.args["label"], config=doing.config)


def _give_up(doing: FamilyDoing) -> None:
    rights.end_link(doing.child, clock=doing.clock)


FAMILY_ACTS: Mapping[str, FamilyAct] = MappingProxyType(
    {
        "code-redeem": FamilyAct(
            "use a code from a letter", {"code": str}, rights.ChildLink, _redeem, about_child=False
        ),
        "own-record": FamilyAct(
            "come to the record of one's own schooldays",
            {"upn": str, "forename": str, "surname": str, "born": str},
            rights.ChildLink,
            _own_record,
            about_child=False,
        ),
        "leave-give": FamilyAct(
            "let an adult look, or no more",
            {"other": int, "given": bool},
            type(None),
            _give_leave,
            needs="manage",
        ),
        "link-label": FamilyAct("call a child something", {"label": str}, str, _call, needs="see"),
        "link-end": FamilyAct("give a child up", {}, type(None), _give_up, needs="see"),
    }
)
"""How an account comes to a child and gives it up, and what a young person says about who may see."""
