"""Requests: application → panel decision → agreement → ended → destruction certified, each step in public.

In: an application (a TOML file, or an `ApplicationSpec`), a panel's decision, signatures.
Out: agreements as the gate reads them, applications, the state table. Never: a pupil.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.requests.conditions import CONDITION_KINDS, Condition
from schoolgate.requests.form import example, examples, read_application
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.terms import (
    Agreement,
    Application,
    ApplicationSpec,
    CohortCondition,
    Refused,
    Step,
    insist,
)
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.requests.built_in import SUBJECT_ACCESS, ensure_built_in
    from schoolgate.requests.found import (
        UnknownRequest,
        agreements,
        application,
        applications,
        get,
        history,
    )
    from schoolgate.requests.service import certify_destruction, decide, end, sign, submit_application

__all__ = [
    "CONDITION_KINDS",
    "LIFECYCLE",
    "SUBJECT_ACCESS",
    "Agreement",
    "Application",
    "ApplicationSpec",
    "CohortCondition",
    "Condition",
    "Refused",
    "Step",
    "UnknownRequest",
    "agreements",
    "application",
    "applications",
    "certify_destruction",
    "decide",
    "end",
    "ensure_built_in",
    "example",
    "examples",
    "get",
    "history",
    "insist",
    "read_application",
    "sign",
    "submit_application",
]

__getattr__ = lazy_surface(
    __name__,
    {
        "SUBJECT_ACCESS": "built_in",
        "ensure_built_in": "built_in",
        "UnknownRequest": "found",
        "agreements": "found",
        "application": "found",
        "applications": "found",
        "get": "found",
        "history": "found",
        "certify_destruction": "service",
        "decide": "service",
        "end": "service",
        "sign": "service",
        "submit_application": "service",
    },
)
