"""The families' part for declining: which items a family would rather not give, and taking that back.

Taking it back is one act with one argument, as saying it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from schoolgate import declining, rights
from schoolgate.desk.familyact import FamilyAct, FamilyDoing
from schoolgate.errors import Refused, with_reasons


def _show(doing: FamilyDoing) -> tuple[declining.DeclinedItem, ...]:
    return rights.declined(doing.child, config=doing.config, clock=doing.clock)


def _decline(doing: FamilyDoing) -> declining.DeclinedItem:
    return rights.decline_item(doing.child, doing.args["item"], config=doing.config, clock=doing.clock)


def _withdraw(doing: FamilyDoing) -> bool | Refused:
    found = rights.withdraw_declined(doing.child, doing.args["item"], config=doing.config, clock=doing.clock)
    return with_reasons(found)


_ITEM = {"item": str}

FAMILY_ACTS: Mapping[str, FamilyAct] = MappingProxyType(
    {
        "declined-show": FamilyAct("see what was declined", {}, tuple[declining.DeclinedItem, ...], _show, needs="see"),
        "decline": FamilyAct("decline to give an item", _ITEM, declining.DeclinedItem, _decline, needs="decline"),
        "decline-no-more": FamilyAct("take back that an item was declined", _ITEM, bool, _withdraw, needs="decline"),
    }
)
"""What a family may do about items that are its own to give."""
