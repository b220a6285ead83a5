"""The families' part for being informed: a copy of everything, and a word when something new is in the list."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from schoolgate import rights
from schoolgate.desk.familyact import FamilyAct, FamilyDoing
from schoolgate.errors import Refusal, Refused, SchoolgateError


def _ask(doing: FamilyDoing) -> rights.packs.PackView | Refused:
    return rights.packs.ask_for_pack(doing.child, doing.clock)


def _show(doing: FamilyDoing) -> rights.packs.PackView | None:
    return rights.packs.own_pack(doing.child)


def _piece(doing: FamilyDoing) -> str | Refused:
    given = doing.args
    return rights.packs.pack_piece(
        doing.child, given["pack"], given["form"], given["at"], config=doing.config, clock=doing.clock
    )


def _drop(doing: FamilyDoing) -> bool:
    return rights.packs.drop_pack(doing.child, config=doing.config, clock=doing.clock)


def _digest(doing: FamilyDoing) -> rights.digests.DigestView:
    return rights.digests.digest_of(doing.child)


def _set_digest(doing: FamilyDoing) -> rights.digests.DigestView | Refused:
    given = doing.args
    try:
        return rights.digests.set_digest(
            doing.child, given["every"], address=given["address"], config=doing.config, clock=doing.clock
        )
    except SchoolgateError as no:
        if no.code == "digest":
            raise
        return Refused((Refusal(no.code, no.what, remedy=no.hint, where="address"),))


FAMILY_ACTS: Mapping[str, FamilyAct] = MappingProxyType(
    {
        "copy-ask": FamilyAct("ask for a copy of everything", {}, rights.packs.PackView, _ask, needs="see"),
        "copy-show": FamilyAct("see how the copy stands", {}, rights.packs.PackView | None, _show, needs="see"),
        "copy-piece": FamilyAct(
            "fetch a part of the copy", {"pack": str, "form": str, "at": int}, str, _piece, needs="see"
        ),
        "copy-drop": FamilyAct("have the copy deleted", {}, bool, _drop, needs="see"),
        "digest-show": FamilyAct("see how often one is told", {}, rights.digests.DigestView, _digest, needs="see"),
        "digest-set": FamilyAct(
            "choose how often one is told",
            {"every": str, "address": str},
            rights.digests.DigestView,
            _set_digest,
            needs="see",
        ),
    }
)
"""What a family asks to be told."""
