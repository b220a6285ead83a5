"""The families' part for who may see: the young person's word on the adults, and giving a child up."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from schoolgate import rights
from schoolgate.desk.familyact import FamilyAct, FamilyDoing
from schoolgate.errors import Refusal, Refused


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
"""What a young person says about who may see, and how an account gives a child up."""
