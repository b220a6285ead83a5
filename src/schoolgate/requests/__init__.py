"""Requests: application → panel decision → agreement → ended → destruction certified, each step in public.

In: an application (a TOML file, or an `ApplicationSpec`), a panel's decision, signatures.
Out: agreements as the gate reads them, applications, the state table. Never: a pupil.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.requests import drafting
from schoolgate.requests.conditions import CONDITION_KINDS, ENFORCED, Condition, Enforced, enforced
from schoolgate.requests.drafting.form import example, examples, read_application
from schoolgate.requests.drafting.readability import Readability, measure
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.terms import (
    Addition,
    Agreement,
    Answer,
    Application,
    ApplicationSpec,
    CohortCondition,
    ItemReason,
    Linkage,
    Processor,
    Refused,
    Step,
    insist,
)
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.requests.agreement.changes import give_notice
    from schoolgate.requests.agreement.clocks import destruction_due, methods
    from schoolgate.requests.agreement.destroying import (
        CertificateView,
        certificate,
        state_destruction,
        to_witness,
        witness_destruction,
    )
    from schoolgate.requests.agreement.ending import end, expire_due, note_overdue
    from schoolgate.requests.agreement.hold import Ending, held_up
    from schoolgate.requests.agreement.overdue import endings, overdue, overdue_problems
    from schoolgate.requests.agreement.pdf import as_pdf
    from schoolgate.requests.agreement.signing import accept, sign
    from schoolgate.requests.agreement.standing import (
        OrganisationChanged,
        organisation_changed,
        organisation_merged,
        suspend,
    )
    from schoolgate.requests.agreement.text import Difference, Line, compare, read, text_hash
    from schoolgate.requests.agreement.versions import (
        SignatureView,
        VersionView,
        differences,
        to_sign,
        versions,
    )
    from schoolgate.requests.built_in import SUBJECT_ACCESS, ensure_built_in
    from schoolgate.requests.drafting.found import may_see
    from schoolgate.requests.drafting.submit import resubmit_application, submit_application
    from schoolgate.requests.found import (
        Listed,
        UnknownRequest,
        agreements,
        application,
        applications,
        get,
        history,
        listed,
    )
    from schoolgate.requests.panel.allocate import (
        allocate,
        allocate_in_emergency,
        allocate_proposal,
        change_members,
    )
    from schoolgate.requests.panel.appeal import appeal
    from schoolgate.requests.panel.cases import CASES, PROPOSALS, UnknownCase
    from schoolgate.requests.panel.complete import check_completeness, checklist, return_application
    from schoolgate.requests.panel.conclude import conclude
    from schoolgate.requests.panel.conflict import CONFLICT_KINDS, declare_conflict
    from schoolgate.requests.panel.document import panel_document
    from schoolgate.requests.panel.meeting import (
        MEETINGS,
        UnknownMeeting,
        approve_minutes,
        call_meeting,
        close_meeting,
        correct_minutes,
        open_meeting,
    )
    from schoolgate.requests.panel.proposal import (
        ProposalView,
        own_proposal,
        proposals,
        propose,
        withdraw_proposal,
    )
    from schoolgate.requests.panel.quorum import CHOICES, ITEM_CHOICES, ItemVote, Outcome, Vote
    from schoolgate.requests.panel.reading import (
        Candidate,
        CaseView,
        MeetingView,
        NotYours,
        Risk,
        Waiting,
        candidates,
        case,
        cases_for,
        cases_of,
        completeness,
        meeting,
        meeting_members,
        meetings,
        named_for,
        published_minutes,
        queue,
        risk,
    )
    from schoolgate.requests.panel.voting import vote

__all__ = [
    "CASES",
    "CHOICES",
    "CONDITION_KINDS",
    "CONFLICT_KINDS",
    "ENFORCED",
    "ITEM_CHOICES",
    "LIFECYCLE",
    "MEETINGS",
    "PROPOSALS",
    "SUBJECT_ACCESS",
    "Addition",
    "Agreement",
    "Answer",
    "Application",
    "ApplicationSpec",
    "Candidate",
    "CaseView",
    "CertificateView",
    "CohortCondition",
    "Condition",
    "Difference",
    "Ending",
    "Enforced",
    "ItemReason",
    "ItemVote",
    "Line",
    "Linkage",
    "Listed",
    "MeetingView",
    "NotYours",
    "OrganisationChanged",
    "Outcome",
    "Processor",
    "ProposalView",
    "Readability",
    "Refused",
    "Risk",
    "SignatureView",
    "Step",
    "UnknownCase",
    "UnknownMeeting",
    "UnknownRequest",
    "VersionView",
    "Vote",
    "Waiting",
    "accept",
    "agreements",
    "allocate",
    "allocate_in_emergency",
    "allocate_proposal",
    "appeal",
    "application",
    "applications",
    "approve_minutes",
    "as_pdf",
    "call_meeting",
    "candidates",
    "case",
    "cases_for",
    "cases_of",
    "certificate",
    "change_members",
    "check_completeness",
    "checklist",
    "close_meeting",
    "compare",
    "completeness",
    "conclude",
    "correct_minutes",
    "declare_conflict",
    "destruction_due",
    "differences",
    "drafting",
    "end",
    "endings",
    "enforced",
    "ensure_built_in",
    "example",
    "examples",
    "expire_due",
    "get",
    "give_notice",
    "held_up",
    "history",
    "insist",
    "listed",
    "may_see",
    "measure",
    "meeting",
    "meeting_members",
    "meetings",
    "methods",
    "named_for",
    "note_overdue",
    "open_meeting",
    "organisation_changed",
    "organisation_merged",
    "overdue",
    "overdue_problems",
    "own_proposal",
    "panel_document",
    "proposals",
    "propose",
    "published_minutes",
    "queue",
    "read",
    "read_application",
    "resubmit_application",
    "return_application",
    "risk",
    "sign",
    "state_destruction",
    "submit_application",
    "suspend",
    "text_hash",
    "to_sign",
    "to_witness",
    "versions",
    "vote",
    "withdraw_proposal",
    "witness_destruction",
]

__getattr__ = lazy_surface(
    __name__,
    {
        "give_notice": "agreement.changes",
        **dict.fromkeys(("destruction_due", "methods"), "agreement.clocks"),
        **dict.fromkeys(
            ("CertificateView", "certificate", "state_destruction", "to_witness", "witness_destruction"),
            "agreement.destroying",
        ),
        **dict.fromkeys(("end", "expire_due", "note_overdue"), "agreement.ending"),
        **dict.fromkeys(("Ending", "held_up"), "agreement.hold"),
        **dict.fromkeys(("endings", "overdue", "overdue_problems"), "agreement.overdue"),
        **dict.fromkeys(("accept", "sign"), "agreement.signing"),
        **dict.fromkeys(
            ("OrganisationChanged", "organisation_changed", "organisation_merged", "suspend"),
            "agreement.standing",
        ),
        **dict.fromkeys(("Difference", "Line", "compare", "read", "text_hash"), "agreement.text"),
        **dict.fromkeys(("SignatureView", "VersionView", "differences", "to_sign", "versions"), "agreement.versions"),
        "SUBJECT_ACCESS": "built_in",
        "ensure_built_in": "built_in",
        "UnknownRequest": "found",
        "agreements": "found",
        "application": "found",
        "applications": "found",
        "get": "found",
        "history": "found",
        "Listed": "found",
        "as_pdf": "agreement.pdf",
        "listed": "found",
        "allocate": "panel.allocate",
        "allocate_in_emergency": "panel.allocate",
        "allocate_proposal": "panel.allocate",
        "change_members": "panel.allocate",
        "appeal": "panel.appeal",
        "CASES": "panel.cases",
        "PROPOSALS": "panel.cases",
        "UnknownCase": "panel.cases",
        "check_completeness": "panel.complete",
        "checklist": "panel.complete",
        "return_application": "panel.complete",
        "conclude": "panel.conclude",
        "CONFLICT_KINDS": "panel.conflict",
        "declare_conflict": "panel.conflict",
        "MEETINGS": "panel.meeting",
        "UnknownMeeting": "panel.meeting",
        "approve_minutes": "panel.meeting",
        "call_meeting": "panel.meeting",
        "close_meeting": "panel.meeting",
        "correct_minutes": "panel.meeting",
        "open_meeting": "panel.meeting",
        **dict.fromkeys(
            ("ProposalView", "own_proposal", "proposals", "propose", "withdraw_proposal"), "panel.proposal"
        ),
        "CHOICES": "panel.quorum",
        "ITEM_CHOICES": "panel.quorum",
        "ItemVote": "panel.quorum",
        "Outcome": "panel.quorum",
        "Vote": "panel.quorum",
        "Candidate": "panel.reading",
        "CaseView": "panel.reading",
        "MeetingView": "panel.reading",
        "NotYours": "panel.reading",
        "Waiting": "panel.reading",
        "candidates": "panel.reading",
        "case": "panel.reading",
        "cases_for": "panel.reading",
        "cases_of": "panel.reading",
        "completeness": "panel.reading",
        "meeting": "panel.reading",
        "meetings": "panel.reading",
        "named_for": "panel.reading",
        "panel_document": "panel.document",
        "published_minutes": "panel.reading",
        "meeting_members": "panel.reading",
        "risk": "panel.reading",
        "Risk": "panel.reading",
        "queue": "panel.reading",
        "vote": "panel.voting",
        "may_see": "drafting.found",
        "resubmit_application": "drafting.submit",
        "submit_application": "drafting.submit",
    },
)
