"""The ledger: what ran. Which pupils × items went to whom; answers "who has my data"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.ledger.exposure import Exposure, NewRelease, ReleaseRecord
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.ledger.service import (
        UnknownRelease,
        begin_release,
        commitment_leaves,
        mark_delivered,
        record_settlement,
        release,
        releases,
        unsettled,
        who_has,
    )

__all__ = [
    "Exposure",
    "NewRelease",
    "ReleaseRecord",
    "UnknownRelease",
    "begin_release",
    "commitment_leaves",
    "mark_delivered",
    "record_settlement",
    "release",
    "releases",
    "unsettled",
    "who_has",
]

__getattr__ = lazy_surface(__name__, {name: "service" for name in __all__ if name not in globals()})
