"""The gate: parse, ask policy, run, expose, write ledger and register, hand the result over.

Every read of pupil data passes one of `read`, `subject_access` and `find_own_pupil`. There is no other. With
SCHOOLGATE_GATE set they are asked of the process that owns lake and vault; names, arguments and answers are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.gate import withholding
from schoolgate.gate.asking.asked import allowed_functions
from schoolgate.gate.erasing import SURFACE
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.gate.asfile import FORMATS, AsFile
    from schoolgate.gate.claiming import ChildAccess, Claimant, find_for_paper, look_as_helper
    from schoolgate.gate.corrections.answering import acknowledge, notice, notices
    from schoolgate.gate.corrections.deciding import annotate_item, correct_item, correct_items
    from schoolgate.gate.corrections.door import correction_states, corrections_of
    from schoolgate.gate.corrections.holder import holders_of_rows, place_of_row
    from schoolgate.gate.corrections.outputs import affected_for
    from schoolgate.gate.corrections.schools import school_files
    from schoolgate.gate.corrections.sources import sent_by_school
    from schoolgate.gate.corrections.states import DID, NOTICE
    from schoolgate.gate.corrections.tending import tend_corrections
    from schoolgate.gate.corrections.views import (
        AffectedOutput,
        CorrectionView,
        NoticeCount,
        NoticeLine,
        NoticePage,
        NoticeView,
        RecipientState,
        SchoolFiles,
        SentBySchool,
        Wrong,
    )
    from schoolgate.gate.door import (
        access_of,
        ask_act,
        ask_family_act,
        ask_school_act,
        entry_proof,
        explain,
        exposures_of,
        find_former_pupil,
        find_own_pupil,
        log_key,
        member_proof,
        named_people,
        publish_log,
        read,
        settle_all,
        settle_pending,
        subject_access,
    )
    from schoolgate.gate.engines.beside import beside, shut_in
    from schoolgate.gate.engines.engine import Limits
    from schoolgate.gate.engines.sandbox import wall
    from schoolgate.gate.erasing.names import last_years
    from schoolgate.gate.erasing.past import decline_item, withdraw_declined
    from schoolgate.gate.erasing.schools import SchoolDeclined, declined_for_school, declined_table
    from schoolgate.gate.erasing.service import (
        carry_destruction,
        decide_destruction,
        destruction_of_case,
        destructions,
        erase_again,
        propose_erasure,
        propose_for_case,
        propose_items,
        propose_rule,
        withdraw_destruction,
    )
    from schoolgate.gate.erasing.states import DESTRUCTION
    from schoolgate.gate.erasing.views import DestructionView
    from schoolgate.gate.erasing.words import ERASURE_PLAN, GROUNDS, PlanLine
    from schoolgate.gate.family import ChildExposure
    from schoolgate.gate.handover import Handover, RefusedQuery, SubjectRecord, no_files
    from schoolgate.gate.protect import find_to_protect, set_consent, set_death, set_restriction, set_shield
    from schoolgate.gate.releases.delays import delays, lift_delay, set_delay
    from schoolgate.gate.releases.fetching import (
        REPORTS,
        extract_piece,
        extract_receipt,
        open_extract,
        report_extract,
        sign_extract,
        tend_extracts,
    )
    from schoolgate.gate.releases.limits import lookup_reasons
    from schoolgate.gate.releases.lookups import match_list, verify
    from schoolgate.gate.releases.orders import (
        EXTRACT_FORMS,
        UnknownExtract,
        decide_extract,
        extract,
        extracts,
        order_extract,
    )
    from schoolgate.gate.releases.states import EXTRACT
    from schoolgate.gate.releases.tracing import trace_extract
    from schoolgate.gate.releases.use import answer_stop, declare_lookups, lift_stop, lookups, lookups_to_declare, stops
    from schoolgate.gate.releases.views import (
        DelayView,
        ExtractView,
        Found,
        ListAnswer,
        LookupDeclared,
        LookupView,
        LookupWanted,
        Opened,
        PastLookup,
        StopView,
        Verified,
        Wanted,
    )
    from schoolgate.gate.serve.client import GateUnreachable
    from schoolgate.gate.serve.grants import can_reach_vault, grant, grants
    from schoolgate.gate.serve.lane import GateBusy
    from schoolgate.gate.serve.process import NotServed, Serving, findings, serve_gate, site_keys
    from schoolgate.gate.serve.values import from_json
    from schoolgate.gate.settle import NotAMember
    from schoolgate.gate.subject import SUBJECT_ACCESS
    from schoolgate.gate.terms.ruling import Explained
    from schoolgate.gate.writing import write_stream

_DOOR = (
    "access_of", "ask_act", "ask_family_act", "ask_school_act", "entry_proof", "explain", "exposures_of",
    "find_former_pupil", "find_own_pupil",
    "log_key", "member_proof", "named_people", "publish_log", "read", "settle_all", "settle_pending",
    "subject_access",
)  # fmt: skip

_RELEASES = {
    "delays": ("delays", "lift_delay", "set_delay"),
    "limits": ("lookup_reasons",),
    "lookups": (
        "match_list",
        "verify",
    ),
    "states": ("EXTRACT",),
    "tracing": ("trace_extract",),
    "use": (
        "answer_stop",
        "declare_lookups",
        "lift_stop",
        "lookups",
        "lookups_to_declare",
        "stops",
    ),
}

_CORRECTIONS = {
    **dict.fromkeys(("acknowledge", "notice", "notices"), "answering"),
    **dict.fromkeys(("annotate_item", "correct_item", "correct_items"), "deciding"),
    "correction_states": "door",
    "corrections_of": "door",
    "affected_for": "outputs",
    **dict.fromkeys(("holders_of_rows", "place_of_row"), "holder"),
    "school_files": "schools",
    "sent_by_school": "sources",
    "DID": "states",
    "NOTICE": "states",
    "tend_corrections": "tending",
    **dict.fromkeys(
        (
            "AffectedOutput",
            "CorrectionView",
            "NoticeCount",
            "NoticeLine",
            "NoticePage",
            "NoticeView",
            "RecipientState",
            "SchoolFiles",
            "SentBySchool",
            "Wrong",
        ),
        "views",
    ),
}

__all__ = [
    "DESTRUCTION",
    "DID",
    "ERASURE_PLAN",
    "EXTRACT",
    "EXTRACT_FORMS",
    "FORMATS",
    "GROUNDS",
    "NOTICE",
    "REPORTS",
    "SUBJECT_ACCESS",
    "AffectedOutput",
    "AsFile",
    "ChildAccess",
    "ChildExposure",
    "Claimant",
    "CorrectionView",
    "DelayView",
    "DestructionView",
    "Explained",
    "ExtractView",
    "Found",
    "GateBusy",
    "GateUnreachable",
    "Handover",
    "Limits",
    "ListAnswer",
    "LookupDeclared",
    "LookupView",
    "LookupWanted",
    "NotAMember",
    "NotServed",
    "NoticeCount",
    "NoticeLine",
    "NoticePage",
    "NoticeView",
    "Opened",
    "PastLookup",
    "PlanLine",
    "RecipientState",
    "RefusedQuery",
    "SchoolDeclined",
    "SchoolFiles",
    "SentBySchool",
    "Serving",
    "StopView",
    "SubjectRecord",
    "UnknownExtract",
    "Verified",
    "Wanted",
    "Wrong",
    "access_of",
    "acknowledge",
    "affected_for",
    "allowed_functions",
    "annotate_item",
    "answer_stop",
    "ask_act",
    "ask_family_act",
    "ask_school_act",
    "beside",
    "can_reach_vault",
    "carry_destruction",
    "correct_item",
    "correct_items",
    "correction_states",
    "corrections_of",
    "decide_destruction",
    "decide_extract",
    "declare_lookups",
    "decline_item",
    "declined_for_school",
    "declined_table",
    "delays",
    "destruction_of_case",
    "destructions",
    "entry_proof",
    "erase_again",
    "explain",
    "exposures_of",
    "extract",
    "extract_piece",
    "extract_receipt",
    "extracts",
    "find_for_paper",
    "find_former_pupil",
    "find_own_pupil",
    "find_to_protect",
    "findings",
    "from_json",
    "grant",
    "grants",
    "holders_of_rows",
    "last_years",
    "lift_delay",
    "lift_stop",
    "log_key",
    "look_as_helper",
    "lookup_reasons",
    "lookups",
    "lookups_to_declare",
    "match_list",
    "member_proof",
    "named_people",
    "no_files",
    "notice",
    "notices",
    "open_extract",
    "order_extract",
    "place_of_row",
    "propose_erasure",
    "propose_for_case",
    "propose_items",
    "propose_rule",
    "publish_log",
    "read",
    "report_extract",
    "school_files",
    "sent_by_school",
    "serve_gate",
    "set_consent",
    "set_death",
    "set_delay",
    "set_restriction",
    "set_shield",
    "settle_all",
    "settle_pending",
    "shut_in",
    "sign_extract",
    "site_keys",
    "stops",
    "subject_access",
    "tend_corrections",
    "tend_extracts",
    "trace_extract",
    "verify",
    "wall",
    "withdraw_declined",
    "withdraw_destruction",
    "withholding",
    "write_stream",
]

__getattr__ = lazy_surface(
    __name__,
    {
        **dict.fromkeys(_DOOR, "door"),
        "FORMATS": "asfile",
        "AsFile": "asfile",
        "Limits": "engines.engine",
        **dict.fromkeys(("ChildAccess", "Claimant", "find_for_paper", "look_as_helper"), "claiming"),
        "ChildExposure": "family",
        "Handover": "handover",
        "RefusedQuery": "handover",
        "SubjectRecord": "handover",
        "no_files": "handover",
        **dict.fromkeys(("beside", "shut_in"), "engines.beside"),
        "wall": "engines.sandbox",
        **dict.fromkeys(
            (
                "REPORTS",
                "extract_piece",
                "extract_receipt",
                "open_extract",
                "report_extract",
                "sign_extract",
                "tend_extracts",
            ),
            "releases.fetching",
        ),
        **dict.fromkeys(
            ("EXTRACT_FORMS", "UnknownExtract", "decide_extract", "extract", "extracts", "order_extract"),
            "releases.orders",
        ),
        **dict.fromkeys(
            (
                "DelayView",
                "ExtractView",
                "Found",
                "ListAnswer",
                "LookupDeclared",
                "LookupView",
                "LookupWanted",
                "Opened",
                "PastLookup",
                "StopView",
                "Verified",
                "Wanted",
            ),
            "releases.views",
        ),
        **{name: f"corrections.{part}" for name, part in _CORRECTIONS.items()},
        **SURFACE,
        **{name: f"releases.{part}" for part, names in _RELEASES.items() for name in names},
        "GateUnreachable": "serve.client",
        "can_reach_vault": "serve.grants",
        "grant": "serve.grants",
        "grants": "serve.grants",
        "GateBusy": "serve.lane",
        "NotServed": "serve.process",
        "Serving": "serve.process",
        "findings": "serve.process",
        "serve_gate": "serve.process",
        "site_keys": "serve.process",
        "from_json": "serve.values",
        "Explained": "terms.ruling",
        **dict.fromkeys(
            ("find_to_protect", "set_consent", "set_death", "set_restriction", "set_shield"),
            "protect",
        ),
        "NotAMember": "settle",
        "SUBJECT_ACCESS": "subject",
        "write_stream": "writing",
    },
)
