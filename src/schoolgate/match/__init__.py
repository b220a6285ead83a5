"""Match: whose record is this? Rules where they are sure, a clerk where they are not; allocates PMRs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.match.identity import REASONS, Verdict
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.match.service import CaseView, MatchReport, NothingToLoad, load_term, queue, resolve

__all__ = ["REASONS", "CaseView", "MatchReport", "NothingToLoad", "Verdict", "load_term", "queue", "resolve"]

__getattr__ = lazy_surface(__name__, {name: "service" for name in __all__ if name not in globals()})
