"""Consent: who said no to which use, who said yes, whose record may not be used for now, who must not be found.

In: a family's objection or its withdrawal; a yes to one item; a restriction; an item in dispute; a shield; a death.
Out: the pupils that a read must leave out or is confined to. Never: an identity, in or out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.consent.disputes import dispute_item, disputes_of, settle_item
    from schoolgate.consent.ending import end_no, nos_held
    from schoolgate.consent.leftout import Use, disputing_pupils, left_out_pupils
    from schoolgate.consent.objections import (
        lodge_objection,
        objecting_pupils,
        objections_of,
        uphold_objection,
        withdraw_objection,
    )
    from schoolgate.consent.protections import (
        FIRST_WORD_STANDS,
        ProtectionFigures,
        correct_death,
        death_of,
        deceased_pupils,
        protection_figures,
        record_death,
        shield,
        shielded_pupils,
        shielded_since,
        unshield,
    )
    from schoolgate.consent.quiet import hold_revision, revision
    from schoolgate.consent.restrictions import (
        LIFTING,
        NOTICE_BEFORE_LIFTING,
        RestrictionFigures,
        lift_restriction,
        restrict,
        restricted_pupils,
        restriction_figures,
        restrictions_of,
        tell_of_lifting,
        withdraw_restriction,
    )
    from schoolgate.consent.samechild import join_references, joined_pupils, other_references, part_references
    from schoolgate.consent.scopes import ALL, NOT_REFUSED, SCOPES, Scope, UnknownPurpose
    from schoolgate.consent.views import (
        ENDING_GROUNDS,
        RESTRICTION_REASONS,
        HeldNo,
        ItemDispute,
        Objection,
        Restriction,
        Yes,
    )
    from schoolgate.consent.yes import LONGEST, consenting_pupils, consents_of, give_consent, withdraw_consent

_PARTS = {
    "disputes": ("dispute_item", "disputes_of", "settle_item"),
    "ending": ("end_no", "nos_held"),
    "leftout": ("Use", "disputing_pupils", "left_out_pupils"),
    "objections": (
        "lodge_objection",
        "objecting_pupils",
        "objections_of",
        "uphold_objection",
        "withdraw_objection",
    ),
    "protections": (
        "FIRST_WORD_STANDS",
        "ProtectionFigures",
        "correct_death",
        "death_of",
        "deceased_pupils",
        "protection_figures",
        "record_death",
        "shield",
        "shielded_pupils",
        "shielded_since",
        "unshield",
    ),
    "quiet": ("hold_revision", "revision"),
    "restrictions": (
        "LIFTING",
        "NOTICE_BEFORE_LIFTING",
        "RestrictionFigures",
        "lift_restriction",
        "restrict",
        "restricted_pupils",
        "restriction_figures",
        "restrictions_of",
        "tell_of_lifting",
        "withdraw_restriction",
    ),
    "samechild": ("join_references", "joined_pupils", "other_references", "part_references"),
    "scopes": ("ALL", "NOT_REFUSED", "SCOPES", "Scope", "UnknownPurpose"),
    "views": ("ENDING_GROUNDS", "RESTRICTION_REASONS", "HeldNo", "ItemDispute", "Objection", "Restriction", "Yes"),
    "yes": ("LONGEST", "consenting_pupils", "consents_of", "give_consent", "withdraw_consent"),
}

__all__ = [
    "ALL",
    "ENDING_GROUNDS",
    "FIRST_WORD_STANDS",
    "LIFTING",
    "LONGEST",
    "NOTICE_BEFORE_LIFTING",
    "NOT_REFUSED",
    "RESTRICTION_REASONS",
    "SCOPES",
    "HeldNo",
    "ItemDispute",
    "Objection",
    "ProtectionFigures",
    "Restriction",
    "RestrictionFigures",
    "Scope",
    "UnknownPurpose",
    "Use",
    "Yes",
    "consenting_pupils",
    "consents_of",
    "correct_death",
    "death_of",
    "deceased_pupils",
    "dispute_item",
    "disputes_of",
    "disputing_pupils",
    "end_no",
    "give_consent",
    "hold_revision",
    "join_references",
    "joined_pupils",
    "left_out_pupils",
    "lift_restriction",
    "lodge_objection",
    "nos_held",
    "objecting_pupils",
    "objections_of",
    "other_references",
    "part_references",
    "protection_figures",
    "record_death",
    "restrict",
    "restricted_pupils",
    "restriction_figures",
    "restrictions_of",
    "revision",
    "settle_item",
    "shield",
    "shielded_pupils",
    "shielded_since",
    "tell_of_lifting",
    "unshield",
    "uphold_objection",
    "withdraw_consent",
    "withdraw_objection",
    "withdraw_restriction",
]

__getattr__ = lazy_surface(__name__, {name: part for part, names in _PARTS.items() for name in names})
