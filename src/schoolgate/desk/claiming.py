"""The desk's part for coming to a child's record: schools' accounts, papers, who holds a link.

Rule of this table: nobody is let in by one person alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.db import transaction

from schoolgate import people, post, register, rights
from schoolgate.desk.act import Act, Doing
from schoolgate.errors import Refusal, Refused, SchoolgateError, with_reasons

_CUSTODIAN = ("custodian",)


def _no(code: str, reason: str, remedy: str = "", where: str = "") -> Refused:
    return Refused((Refusal(code, reason, remedy=remedy, where=where),))


def _school_account(doing: Doing) -> object:
    given = doing.args
    try:
        account = people.find_account(given["email"]).id
        if account == doing.person.account_id:
            return _no("own-person", "Nobody does this for themselves.", "Ask a colleague.")
        with transaction.atomic():
            before = people.account(account).urn
            made = people.set_school(account, given["urn"])
            if made.urn != before:
                _tell_of_school_account(int(given["urn"]), account, doing)
        return made
    except SchoolgateError as no:
        return _no(no.code, no.what, no.hint)


def _tell_of_school_account(urn: int, account: int, doing: Doing) -> None:
    """One person of the custodian's says who acts for a school, and could say it of an account of their own: the
    register says so to everybody, and whoever acts for that school already is written to.
    """
    register.append_event("school.account", str(urn), {"urn": urn}, doing.clock.now())
    text = [
        f"Another account can act for your school ({urn}) from now on. The custodian set this up.",
        "It can print code letters, answer families’ questions and fetch what is to be put right.",
        "If your school did not ask for it, tell the custodian and the overseer at once.",
    ]
    for one in people.accounts_of("school"):
        if one.urn == urn and one.id != account:
            post.write(one.email, "Another account acts for your school", "\n\n".join(text), clock=doing.clock)


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
    return with_reasons(found)


def _way_end(doing: Doing) -> object:
    given = doing.args
    found = rights.end_way_for_custodian(
        given["upn"], given["way"], by_order=given["by_order"],
        actor=doing.person.id, clock=doing.clock, config=doing.config,
    )  # fmt: skip
    return with_reasons(found)


def _nos_show(doing: Doing) -> object:
    found = rights.nos_for_custodian(doing.args["upn"], actor=doing.person.id, clock=doing.clock, config=doing.config)
    return with_reasons(found)


def _no_end(doing: Doing) -> object:
    given = doing.args
    found = rights.end_no_of_another(
        given["upn"], given["number"], given["ground"], given["reason"],
        actor=doing.person.id, clock=doing.clock, config=doing.config,
    )  # fmt: skip
    return with_reasons(found)


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
        "nos-show": Act(
            "see what is said no to for a child",
            _CUSTODIAN,
            {"upn": str},
            tuple[rights.NoOfSomebody, ...],
            _nos_show,
        ),
        "no-end": Act(
            "decide that somebody’s no ends",
            _CUSTODIAN,
            {"upn": str, "number": int, "ground": str, "reason": str},
            bool,
            _no_end,
        ),
    }
)
"""What staff may do about who comes to a child's record."""
