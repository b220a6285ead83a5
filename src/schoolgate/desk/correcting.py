"""Acts about corrections on their way: recipients fetch notices and answer for them, staff watch how they stand.

Deciding a correction is no act here: a case is decided where cases are (`rights`), and carried out by the gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from schoolgate import gate
from schoolgate.desk.act import Act, Doing
from schoolgate.errors import Refused

_RECIPIENT, _WATCHING = ("researcher",), ("custodian", "overseer")


def _list(doing: Doing) -> object:
    return gate.notices(doing.person.id, clock=doing.clock)


def _show(doing: Doing) -> object:
    given = doing.args
    return gate.notice(given["notice"], doing.person.id, given["after"], config=doing.config, clock=doing.clock)


def _answer(doing: Doing) -> object:
    given = doing.args
    return gate.acknowledge(given["notice"], given["did"], given["said"], doing.person.id, clock=doing.clock)


def _affected(doing: Doing) -> object:
    return gate.affected_for(doing.person.id, doing.args["threshold"])


def _school(doing: Doing) -> object:
    found = gate.school_files(doing.args["urn"], doing.person.id, config=doing.config, clock=doing.clock)
    return found if isinstance(found, gate.SchoolFiles) else Refused((found,))


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "corrections-list": Act(
            "see the correction notices", (*_RECIPIENT, *_WATCHING), {}, tuple[gate.NoticeView, ...], _list
        ),
        "corrections-show": Act(
            "fetch a correction notice", _RECIPIENT, {"notice": str, "after": int}, gate.NoticePage, _show
        ),
        "corrections-answer": Act(
            "answer for a correction notice",
            _RECIPIENT,
            {"notice": str, "did": str, "said": str},
            gate.NoticeView,
            _answer,
        ),
        "corrections-affected": Act(
            "see results that rest on values put right since",
            _WATCHING,
            {"threshold": int},
            tuple[gate.AffectedOutput, ...],
            _affected,
        ),
        "corrections-school": Act(
            "make a school's list of what to put right", ("custodian",), {"urn": int}, gate.SchoolFiles, _school
        ),
    }
)
