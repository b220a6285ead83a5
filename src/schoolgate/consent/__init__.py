"""Consent: who said no to which use, and whose record may not be used for now.

In: a family's objection to one purpose, or its withdrawal; a restriction.
Out: the pupils that a read under a purpose must leave out. Never: an identity, in or out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.consent.views import RESTRICTION_REASONS, Objection, Restriction
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.consent.service import (
        UnknownPurpose,
        lift_restriction,
        lodge_objection,
        objecting_pupils,
        objections_of,
        restrict,
        restricted_pupils,
        restrictions_of,
        withdraw_objection,
    )

__all__ = [
    "RESTRICTION_REASONS",
    "Objection",
    "Restriction",
    "UnknownPurpose",
    "lift_restriction",
    "lodge_objection",
    "objecting_pupils",
    "objections_of",
    "restrict",
    "restricted_pupils",
    "restrictions_of",
    "withdraw_objection",
]

__getattr__ = lazy_surface(__name__, {name: "service" for name in __all__ if name not in globals()})
