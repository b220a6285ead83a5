"""The desk's part for who has no computer: staff identify the person, act for them, and the person is told on paper.

Rules of this table: an act is done for a child of the person who was identified, in a conversation that is going on, by
whoever identified them; act, note and letter are one transaction, and an act that is refused leaves none of them (the
look with which the conversation began stays in the child's own list); whoever acted does not post the letter about it.
It is for somebody who does not sign in, never for an account that somebody can use.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.db import transaction

from schoolgate import rights
from schoolgate.desk import families
from schoolgate.desk.act import Act, Doing
from schoolgate.errors import Refusal, Refused, SchoolgateError

_CUSTODIAN = ("custodian",)


def _no(code: str, reason: str, remedy: str = "", where: str = "") -> Refused:
    return Refused((Refusal(code, reason, remedy=remedy, where=where),))


def _begin(doing: Doing) -> object:
    given = doing.args
    return rights.helping.begin_serving(
        given["link"], given["channel"], given["how"], actor=doing.person.id, config=doing.config, clock=doing.clock
    )


def _show(doing: Doing) -> object:
    return rights.helping.served(doing.args["serving"], actor=doing.person.id, config=doing.config, clock=doing.clock)


def _act(doing: Doing) -> object:
    given, helping = doing.args, rights.helping
    who: dict[str, Any] = {"actor": doing.person.id, "clock": doing.clock}
    if given["act"] not in helping.ACTS:
        return _no("act-unknown", "Staff do no such act for a family.", where="act")
    if not given["reason"].strip():
        return _no("reason-missing", "Whoever acts for a family says why.", where="reason")
    try:
        with transaction.atomic():
            found = helping.served_link(given["serving"], given["link"], config=doing.config, **who)
            if isinstance(found, Refused):
                return found
            outcome = families.within(given["act"], *found, given["given"], doing.config, doing.clock)
            if isinstance(outcome, Refused) or outcome is False:
                transaction.set_rollback(True)
                return outcome or _no("nothing-there", "There was nothing to take back.")
            return helping.note_done(
                given["serving"], given["link"], given["act"], given["given"], given["reason"], **who
            )
    except SchoolgateError as no:
        return _no(no.code, no.what, no.hint)


def _letters(doing: Doing) -> object:
    return rights.helping.letters(doing.clock, doing.config)


def _letter(doing: Doing) -> object:
    return rights.helping.letter(doing.args["letter"], config=doing.config, clock=doing.clock)


def _copy(doing: Doing) -> object:
    given = doing.args
    return rights.helping.copy_to_post(
        given["letter"], given["at"], actor=doing.person.id, config=doing.config, clock=doing.clock
    )


def _posted(doing: Doing) -> object:
    return rights.helping.note_posted(
        doing.args["letter"], actor=doing.person.id, config=doing.config, clock=doing.clock
    )


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "behalf-begin": Act(
            "serve somebody who has no computer",
            _CUSTODIAN,
            {"link": int, "channel": str, "how": str},
            int,
            _begin,
        ),
        "behalf-show": Act("see whom one serves", _CUSTODIAN, {"serving": int}, rights.helping.Served, _show),
        "on-behalf": Act(
            "act for a family that does not sign in",
            _CUSTODIAN,
            {"serving": int, "link": int, "act": str, "given": Mapping[str, Any], "reason": str},
            int,
            _act,
        ),
        "behalf-letters": Act(
            "see which letters wait to be posted", _CUSTODIAN, {}, tuple[rights.helping.LetterLine, ...], _letters
        ),
        "behalf-letter": Act("print a letter to a family", _CUSTODIAN, {"letter": int}, str, _letter),
        "behalf-copy": Act(
            "print a copy of a record, to be posted", _CUSTODIAN, {"letter": int, "at": int}, str, _copy
        ),
        "behalf-posted": Act("note that a letter was posted", _CUSTODIAN, {"letter": int}, bool, _posted),
    }
)
"""What staff do for a family that does not sign in."""
