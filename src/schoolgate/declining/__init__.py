"""Declining: the items that a family would rather not give, and what a return and a load must know of it.

In: a family's word about one item of its child. Out: what to send instead, for the school; what not to store, for the
load. Never: an item that the law makes a school send; a UPN that can be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.declining.service import (
        DeclinedItem,
        KeptOut,
        NotDeclinable,
        declinable,
        decline,
        declined_among,
        declined_by_upn,
        declined_of,
        declining_pupils,
        hide_from_schools,
        in_force,
        kept_out,
        know_by,
        note_kept_out,
        note_past_done,
        past_to_do,
        speakers,
        withdraw,
    )

__all__ = [
    "DeclinedItem",
    "KeptOut",
    "NotDeclinable",
    "declinable",
    "decline",
    "declined_among",
    "declined_by_upn",
    "declined_of",
    "declining_pupils",
    "hide_from_schools",
    "in_force",
    "kept_out",
    "know_by",
    "note_kept_out",
    "note_past_done",
    "past_to_do",
    "speakers",
    "withdraw",
]

__getattr__ = lazy_surface(__name__, dict.fromkeys(__all__, "service"))
