"""Collect: read a school's return, run its rule pack, hold it sealed until it is loaded.

In: School Census returns as XML (data/shape.md). Out: a report for the school; accepted returns for `match`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.collect.checking import RuleCount
from schoolgate.collect.guard import ReturnUnreadable
from schoolgate.collect.pack import rules
from schoolgate.collect.reader import PupilRow, ReturnHeader, read_return
from schoolgate.collect.rulebook import Finding, Rule, RulePack, census_day
from schoolgate.collect.states import RETURN_STATES
from schoolgate.collect.upn import upn_faults
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.collect.named import returns_named
    from schoolgate.collect.redacting import Redaction, destroy_paper, mentions, papers, redact, rows_about
    from schoolgate.collect.report import as_report
    from schoolgate.collect.service import (
        ReturnRef,
        Submission,
        UnknownReturn,
        accepted_returns,
        explain,
        open_paper,
        submit,
    )

__all__ = [
    "RETURN_STATES",
    "Finding",
    "PupilRow",
    "Redaction",
    "ReturnHeader",
    "ReturnRef",
    "ReturnUnreadable",
    "Rule",
    "RuleCount",
    "RulePack",
    "Submission",
    "UnknownReturn",
    "accepted_returns",
    "as_report",
    "census_day",
    "destroy_paper",
    "explain",
    "mentions",
    "open_paper",
    "papers",
    "read_return",
    "redact",
    "returns_named",
    "rows_about",
    "rules",
    "submit",
    "upn_faults",
]

_SURFACE = {
    "as_report": "report",
    "returns_named": "named",
    **dict.fromkeys(("Redaction", "destroy_paper", "mentions", "papers", "redact", "rows_about"), "redacting"),
}

__getattr__ = lazy_surface(__name__, {name: _SURFACE.get(name, "service") for name in __all__ if name not in globals()})
