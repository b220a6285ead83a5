"""Policy: (agreement, items, person, today) -> the rows and items allowed, or a refusal in plain words.

Pure: no Django, no clock, no files. Objections, restrictions, protections and consents reach a read as sets of
pupils that the gate removes from scans or confines them to; which of them count is decided by `consent`.
"""

from schoolgate.policy.collected import Told
from schoolgate.policy.decide import consent_needed, decide
from schoolgate.policy.document import as_markdown
from schoolgate.policy.held import HOLDS_EVERYTHING, is_late
from schoolgate.policy.terms import (
    HANDED_OVER,
    IN_THE_SETTING,
    Addition,
    AgreementTerms,
    AreaTerm,
    CohortTerm,
    Decision,
    Holding,
    ItemRuling,
    Notice,
    PersonTerms,
    QueryShape,
    RowRule,
    Ruling,
    ScanRequest,
    Used,
)

__all__ = [
    "HANDED_OVER",
    "HOLDS_EVERYTHING",
    "IN_THE_SETTING",
    "Addition",
    "AgreementTerms",
    "AreaTerm",
    "CohortTerm",
    "Decision",
    "Holding",
    "ItemRuling",
    "Notice",
    "PersonTerms",
    "QueryShape",
    "RowRule",
    "Ruling",
    "ScanRequest",
    "Told",
    "Used",
    "as_markdown",
    "consent_needed",
    "decide",
    "is_late",
]
