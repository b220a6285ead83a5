"""The desk's part for coming to a child's record: schools' accounts, papers, acts on behalf of a family.

Rules of this table: nobody is let in by one person alone; an act on behalf says why before it is done, and is done for
somebody who does not sign in, never for an account that somebody can use.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from schoolgate import people, rights
from schoolgate.desk import families
from schoolgate.desk.act import Act, Doing
from schoolgate.errors import Refusal, Refused, SchoolgateError

_CUSTODIAN = ("custodian",)


def _no(code: str, reason: str, remedy: str = "", where: str = "") -> Refused:
    return Refused((Refusal(code, reason, remedy=remedy, where=where),))


def _school_account(doing: Doing) -> object:
    given = doing.args
    try:
        account = people.find_account(given["email"]).id
        if account == doing.person.account_id:
            return _no("own-person", "Nobody does this for themselves.", "Ask a colleague.")
        return people.set_school(account, given["urn"])
    except SchoolgateError as no:
        return _no(no.code, no.what, no.hint)


def _paper_open(doing: Doing) -> object:
    given = doing.args
    return rights.open_paper(
        given["upn"], given["standing"], given["evidence"],
        actor=doing.person.id, clock=doing.clock, config=doing.config,
    )  # fmt: skip


def _paper_decide(doing: Doing) -> object:
    given = doing.args
    return rights.decide_paper(
        given["claim"], given["agree"], given["way"], given["reason"],
        actor=doing.person.id, clock=doing.clock, config=doing.config,
    )  # fmt: skip


def _papers_waiting(doing: Doing) -> object:
    return rights.papers_waiting()


def _ways_show(doing: Doing) -> object:
    found = rights.ways_for_custodian(doing.args["upn"], actor=doing.person.id, clock=doing.clock, config=doing.config)
    return Refused((found,)) if isinstance(found, Refusal) else found


def _way_end(doing: Doing) -> object:
    given = doing.args
    found = rights.end_way_for_custodian(
        given["upn"], given["way"], by_order=given["by_order"],
        actor=doing.person.id, clock=doing.clock, config=doing.config,
    )  # fmt: skip
    return Refused((found,)) if isinstance(found, Refusal) else found


def _on_behalf(doing: Doing) -> object:
    given = doing.args
    held = rights.held_link(given["link"])
    if held is None:
        return _no("link-unknown", "Staff look after no such link.", "Enter the papers first.", "link")
    if given["act"] not in families.family_acts():
        return _no("act-unknown", "There is no such act.", where="act")
    if not given["reason"].strip():
        return _no("reason-missing", "Whoever acts for a family says why.", where="reason")
    account, link = held
    rights.note_on_behalf(link, doing.person.id, given["act"], given["reason"], clock=doing.clock)
    try:
        return families.for_family_given(given["act"], account, link, given["given"], doing.config, doing.clock)
    except SchoolgateError as no:
        return _no(no.code, no.what, no.hint)


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "school-account": Act(
            "let a school’s account act for the school",
            _CUSTODIAN,
            {"email": str, "urn": int},
            people.AccountView,
            _school_account,
        ),
        "paper-open": Act(
            "enter a claim with papers",
            _CUSTODIAN,
            {"upn": str, "standing": str, "evidence": Mapping[str, str]},
            rights.PaperView,
            _paper_open,
        ),
        "paper-decide": Act(
            "check a claim a second time",
            _CUSTODIAN,
            {"claim": int, "agree": bool, "way": str, "reason": str},
            rights.PaperDecided,
            _paper_decide,
        ),
        "papers-waiting": Act("see which claims wait", _CUSTODIAN, {}, tuple[rights.PaperView, ...], _papers_waiting),
        "ways-show": Act(
            "see who holds a link to a child",
            _CUSTODIAN,
            {"upn": str},
            tuple[rights.OpenedWay, ...],
            _ways_show,
        ),
        "way-end": Act("end one adult’s access", _CUSTODIAN, {"upn": str, "way": str, "by_order": bool}, int, _way_end),
        "on-behalf": Act(
            "act for a family that does not sign in",
            _CUSTODIAN,
            {"link": int, "act": str, "given": Mapping[str, Any], "reason": str},
            Any,
            _on_behalf,
        ),
    }
)
"""What staff may do about who comes to a child's record."""
