"""The gate: parse, ask policy, run, expose, write ledger and register, hand the result over.

Every read of pupil data passes one of `read`, `subject_access` and `find_own_pupil`. There is no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.gate.asked import allowed_functions
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.gate.engine import Limits
    from schoolgate.gate.handover import Handover, RefusedQuery, SubjectRecord
    from schoolgate.gate.service import Explained, explain, read
    from schoolgate.gate.settle import NotAMember, member_proof, settle_pending
    from schoolgate.gate.subject import SUBJECT_ACCESS, find_own_pupil, subject_access
    from schoolgate.gate.writing import write_stream

__all__ = [
    "SUBJECT_ACCESS",
    "Explained",
    "Handover",
    "Limits",
    "NotAMember",
    "RefusedQuery",
    "SubjectRecord",
    "allowed_functions",
    "explain",
    "find_own_pupil",
    "member_proof",
    "read",
    "settle_pending",
    "subject_access",
    "write_stream",
]

__getattr__ = lazy_surface(
    __name__,
    {
        "Limits": "engine",
        "Handover": "handover",
        "RefusedQuery": "handover",
        "SubjectRecord": "handover",
        "read": "service",
        "Explained": "service",
        "explain": "service",
        "NotAMember": "settle",
        "member_proof": "settle",
        "settle_pending": "settle",
        "SUBJECT_ACCESS": "subject",
        "find_own_pupil": "subject",
        "subject_access": "subject",
        "write_stream": "writing",
    },
)
