"""Packs: a copy of everything that is held about a child, made once through the gate, sealed, and soon deleted.

In: a family's asking, for a child of its own. Out: a document, JSON with the dictionary, tables: fetched signed in.
Never: a pack in a backup, a name of another adult or of staff, a copy that nobody asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.rights.packs.states import PACK
from schoolgate.rights.packs.views import FORMS, STAGES, AccessFigures, PackStepView, PackView
from schoolgate.rights.packs.withheld import decidable
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.rights.packs.asking import (
        access_figures,
        access_soon,
        ask_for_pack,
        drop_pack,
        drop_packs_of,
        own_pack,
        pack_piece,
    )
    from schoolgate.rights.packs.making import make_pack, tend_packs

_SURFACE = {
    **dict.fromkeys(
        ("access_figures", "access_soon", "ask_for_pack", "drop_pack", "drop_packs_of", "own_pack", "pack_piece"),
        "asking",
    ),
    **dict.fromkeys(("make_pack", "tend_packs"), "making"),
}

__all__ = [
    "FORMS",
    "PACK",
    "STAGES",
    "AccessFigures",
    "PackStepView",
    "PackView",
    "access_figures",
    "access_soon",
    "ask_for_pack",
    "decidable",
    "drop_pack",
    "drop_packs_of",
    "make_pack",
    "own_pack",
    "pack_piece",
    "tend_packs",
]

__getattr__ = lazy_surface(__name__, _SURFACE)
