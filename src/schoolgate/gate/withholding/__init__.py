"""Withholding: a fact that a child's family is not shown, because seeing it would be likely to cause serious harm.

In: a named professional's reason, a person who proposes and a second who decides, a last day. Out: the items that are
left out of what a family is shown of its child; figures.
Never: without two people, without an end, without being looked at again; the reason to anybody but who decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.gate.withholding.states import WITHHOLDING
from schoolgate.gate.withholding.terms import Terms, read_terms, the_terms
from schoolgate.gate.withholding.views import WithholdingFigures, WithholdingView
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.gate.withholding.leaving import HeldBack, left_out
    from schoolgate.gate.withholding.service import (
        decide_withholding,
        end_withholding,
        propose_withholding,
        review_withholding,
        withholding_figures,
        withholdings,
    )
    from schoolgate.gate.withholding.standing import withheld_of

__all__ = [
    "WITHHOLDING",
    "HeldBack",
    "Terms",
    "WithholdingFigures",
    "WithholdingView",
    "decide_withholding",
    "end_withholding",
    "left_out",
    "propose_withholding",
    "read_terms",
    "review_withholding",
    "the_terms",
    "withheld_of",
    "withholding_figures",
    "withholdings",
]

__getattr__ = lazy_surface(
    __name__,
    {
        "withheld_of": "standing",
        **dict.fromkeys(("HeldBack", "left_out"), "leaving"),
        **dict.fromkeys(
            (
                "decide_withholding",
                "end_withholding",
                "propose_withholding",
                "review_withholding",
                "withholding_figures",
                "withholdings",
            ),
            "service",
        ),
    },
)
