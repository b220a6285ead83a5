"""Every hostile query, in families."""

from __future__ import annotations

from tests.threats.inside import NAMES, NUMBERS, ORDER
from tests.threats.outside import CONFIGURATION, ENDLESS, FILES, SHAPES, STATEMENTS
from tests.threats.query import CANARY, Hostile

__all__ = ["ALL", "CANARY", "FAMILIES", "Hostile"]

FAMILIES: dict[str, tuple[Hostile, ...]] = {
    "files": FILES,
    "configuration": CONFIGURATION,
    "statements": STATEMENTS,
    "the internal number": NUMBERS,
    "the stored order": ORDER,
    "names": NAMES,
    "shapes": SHAPES,
    "without end": ENDLESS,
}

ALL = tuple((family, entry) for family, entries in FAMILIES.items() for entry in entries)
