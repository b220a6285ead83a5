"""Policy: (agreement, items, person, today) -> the rows and items allowed, or a refusal in plain words.

Pure: no Django, no clock, no files. Objections and restrictions reach a read as a set of pupils that the
gate removes from every scan; which of them count is decided by `consent`, from the purpose.
"""

from schoolgate.policy.decide import decide
from schoolgate.policy.terms import (
    AgreementTerms,
    CohortTerm,
    Decision,
    ItemRuling,
    PersonTerms,
    RowRule,
    ScanRequest,
)

__all__ = [
    "AgreementTerms",
    "CohortTerm",
    "Decision",
    "ItemRuling",
    "PersonTerms",
    "RowRule",
    "ScanRequest",
    "decide",
]
