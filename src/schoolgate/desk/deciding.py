"""Acts of deciding: complete or sent back, members named, votes, decisions, appeals, meetings and their minutes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from schoolgate import requests
from schoolgate.desk.act import Act, calling

_CUSTODIAN, _PANEL, _BOTH = ("custodian",), ("panel",), ("custodian", "panel")
_TEXTS = tuple[str, ...]


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "application-check": Act(
            "check whether an application is complete",
            _CUSTODIAN,
            {"request_id": str, "missing": _TEXTS},
            str,
            calling(requests.check_completeness),
        ),
        "application-return": Act(
            "send an application back",
            _CUSTODIAN,
            {"request_id": str, "reasons": _TEXTS},
            str,
            calling(requests.return_application),
        ),
        "application-allocate": Act(
            "name the members who decide an application or look at an appeal",
            _CUSTODIAN,
            {"request_id": str, "members": _TEXTS, "chair": str},
            str,
            calling(requests.allocate),
        ),
        "application-emergency": Act(
            "put an application that cannot wait before a few members",
            _CUSTODIAN,
            {"request_id": str, "members": _TEXTS, "why": str},
            str,
            calling(requests.allocate_in_emergency),
        ),
        "application-appeal": Act(
            "appeal against a decision",
            ("researcher",),
            {"request_id": str, "reasons": _TEXTS},
            str,
            calling(requests.appeal),
        ),
        "change-propose": Act(
            "propose a change of an agreement",
            ("custodian", "researcher"),
            {
                "agreement_id": str,
                "kind": str,
                "items": _TEXTS,
                "added": _TEXTS,
                "valid_until": date | None,
                "reasons": _TEXTS,
                "replacing": bool,
            },
            str,
            calling(requests.propose),
        ),
        "change-withdraw": Act(
            "take a proposal back",
            ("custodian", "researcher"),
            {"case_id": str},
            str,
            calling(requests.withdraw_proposal),
        ),
        "change-allocate": Act(
            "name the members who decide a proposal",
            _CUSTODIAN,
            {"case_id": str, "members": _TEXTS, "chair": str},
            str,
            calling(requests.allocate_proposal),
        ),
        "case-members": Act(
            "change the members of a case",
            _CUSTODIAN,
            {"case_id": str, "added": _TEXTS, "removed": _TEXTS, "chair": str},
            str,
            calling(requests.change_members),
        ),
        "case-conflict": Act(
            "declare a conflict",
            _PANEL,
            {"case_id": str, "kind": str},
            str,
            calling(requests.declare_conflict),
        ),
        "case-vote": Act(
            "vote",
            _PANEL,
            {
                "case_id": str,
                "choice": str,
                "reasons": _TEXTS,
                "items": tuple[requests.ItemVote, ...],
                "conditions": _TEXTS,
            },
            str,
            calling(requests.vote),
        ),
        "case-conclude": Act(
            "write down what the votes come to",
            _BOTH,
            {"case_id": str},
            str,
            calling(requests.conclude),
        ),
        "meeting-call": Act(
            "call a meeting",
            _CUSTODIAN,
            {"day": date, "case_ids": _TEXTS},
            str,
            calling(requests.call_meeting),
        ),
        "meeting-open": Act(
            "open a meeting",
            _BOTH,
            {"meeting_id": str, "present": _TEXTS},
            str,
            calling(requests.open_meeting),
        ),
        "meeting-close": Act(
            "close a meeting",
            _BOTH,
            {"meeting_id": str},
            str,
            calling(requests.close_meeting),
        ),
        "minutes-correct": Act(
            "add a note under minutes",
            _BOTH,
            {"meeting_id": str, "note": str},
            str,
            calling(requests.correct_minutes),
        ),
        "minutes-approve": Act(
            "approve minutes",
            _PANEL,
            {"meeting_id": str, "shown_hash": str},
            str,
            calling(requests.approve_minutes),
        ),
    }
)
"""Act -> what it takes and who may; the rooms' own rules say when."""
