"""Consent: who said no to which use, who said yes, whose record may not be used for now, who must not be found.

In: a family's objection to one purpose, or its withdrawal; a yes to one item; a restriction; a shield; a death.
Out: the pupils that a read under a purpose must leave out or is confined to. Never: an identity, in or out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.consent.views import RESTRICTION_REASONS, Objection, Restriction, Yes
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.consent.leftout import left_out_pupils
    from schoolgate.consent.protections import (
        correct_death,
        death_of,
        deceased_pupils,
        record_death,
        shield,
        shielded_pupils,
        unshield,
    )
    from schoolgate.consent.quiet import hold_revision, revision
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
    from schoolgate.consent.yes import consenting_pupils, consents_of, give_consent, withdraw_consent

__all__ = [
    "RESTRICTION_REASONS",
    "Objection",
    "Restriction",
    "UnknownPurpose",
    "Yes",
    "consenting_pupils",
    "consents_of",
    "correct_death",
    "death_of",
    "deceased_pupils",
    "give_consent",
    "hold_revision",
    "left_out_pupils",
    "lift_restriction",
    "lodge_objection",
    "objecting_pupils",
    "objections_of",
    "record_death",
    "restrict",
    "restricted_pupils",
    "restrictions_of",
    "revision",
    "shield",
    "shielded_pupils",
    "unshield",
    "withdraw_consent",
    "withdraw_objection",
]

_ELSEWHERE = {
    "left_out_pupils": "leftout",
    **dict.fromkeys(
        (
            "correct_death",
            "death_of",
            "deceased_pupils",
            "record_death",
            "shield",
            "shielded_pupils",
            "unshield",
        ),
        "protections",
    ),
    **dict.fromkeys(("hold_revision", "revision"), "quiet"),
    **dict.fromkeys(("consenting_pupils", "consents_of", "give_consent", "withdraw_consent"), "yes"),
}
__getattr__ = lazy_surface(
    __name__, {name: _ELSEWHERE.get(name, "service") for name in __all__ if name not in globals()}
)
