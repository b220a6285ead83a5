"""What stands in the way of erasing a record: its family's open cases, and its family's word that it is kept.

Asked when an erasure is proposed, when it is decided and before it is carried out: a family may say so in between.
"""

from __future__ import annotations

from pyroaring import BitMap

from schoolgate import consent
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.gate.erasing.places import open_cases
from schoolgate.ids import Pmr

KEEPS = frozenset({"unlawful-use", "legal-claim"})
"""Restrictions by which a family has its record kept: instead of erasure, or for a claim (Article 18(1)(b), (c)). The
other two wait for a decision about the record, which may be that it goes."""


class DestructionWaits(SchoolgateError):
    """It was agreed to, and something stands against it for now; it is taken up again by itself."""


def against(pupil: Pmr) -> Refusal | None:
    """Why a record is not erased now; None when nothing stands against it."""
    if open_cases([int(pupil)]):
        return Refusal(
            "case-open",
            "A case of this family is open, and would be erased with the record.",
            provision="UK GDPR Article 17(3)(e)",
            remedy="Finish it first.",
        )
    if _is_kept(pupil):
        return Refusal(
            "kept-for-the-family",
            "This family has asked that the record is kept and not used.",
            provision="UK GDPR Article 18(1)(b), (c)",
            remedy="Ask the family. It can end that itself; until then nothing is erased.",
        )
    return None


def kept_back(pupils: BitMap) -> BitMap:
    """Those of many whose record is not erased now."""
    restricted = BitMap(consent.restricted_pupils()) & pupils
    return open_cases(pupils) | BitMap(pupil for pupil in restricted if _is_kept(Pmr(pupil)))


def _is_kept(pupil: Pmr) -> bool:
    every = (pupil, *consent.other_references(pupil))  # a family keeps its child's record under both
    return any(one.reason in KEEPS for each in every for one in consent.restrictions_of(each))
