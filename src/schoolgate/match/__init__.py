"""Match: whose record is this? Rules where they are sure, a clerk where they are not; allocates PMRs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.match.identity import REASONS, Verdict
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.match.about import Asked, asked_about
    from schoolgate.match.service import CaseView, MatchReport, NothingToLoad, load_term, queue, resolve

__all__ = [
    "REASONS",
    "Asked",
    "CaseView",
    "MatchReport",
    "NothingToLoad",
    "Verdict",
    "asked_about",
    "load_term",
    "queue",
    "resolve",
]

__getattr__ = lazy_surface(
    __name__,
    {name: "about" if name in ("Asked", "asked_about") else "service" for name in __all__ if name not in globals()},
)
