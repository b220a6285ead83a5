"""The life of a correction notice, as a table, and what a recipient can say it did."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from schoolgate.machine import Move, StateTable

NOTICE = StateTable(
    name="correction notice",
    start="sent",
    moves=(
        # When one was fetched is the recipient's and the family's to know; the public is told weekly counts alone.
        Move("sent", "fetch", "fetched", ("researcher",), "", "Looked at; the register has counts alone."),
        Move("sent", "acknowledge", "acknowledged", ("researcher",), "correction.acknowledged", "Said what was done."),
        Move("fetched", "acknowledge", "acknowledged", ("researcher",), "correction.acknowledged", "The same."),
        Move("sent", "close", "not needed", ("gate",), "", "The data was certified as destroyed, which has an entry."),
        Move("fetched", "close", "not needed", ("gate",), "", "The same."),
    ),
)
"""Every state change of a notice; ``gate`` is nobody's role: the gate itself does it."""

WAITING = ("sent", "fetched")
"""States in which an answer is owed."""

CORRECTIONS, ERASED = "corrections", "erased"
"""What a notice tells: values put right or taken back by a family; or records and items that were erased."""

DID: Mapping[str, str] = MappingProxyType(
    {
        "corrected": "put right in the data that we hold",
        "not-used": "the item was not used, and what we hold of it was put right or deleted",
        "erased": "deleted from the data that we hold",
        "destroyed": "the data was destroyed already",
        "cannot": "it cannot be done",
    }
)
"""What a recipient can say it did -> in words. UK GDPR Article 19 asks for no less; why it cannot needs a reason."""

FITS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {CORRECTIONS: ("corrected", "not-used", "destroyed", "cannot"), ERASED: ("erased", "destroyed", "cannot")}
)
"""Kind of notice -> what fits it as an answer."""
