"""The ledger: what ran. Which pupils × items went to whom; answers "who has my data"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.ledger.blocks import BLOCK_BITS
from schoolgate.ledger.exposure import Exposure, NewRelease, ReleaseRecord
from schoolgate.ledger.pupil_sets import pupil_set, references
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.ledger.budget import Spent, spent
    from schoolgate.ledger.exposing import members_of, reading
    from schoolgate.ledger.forgetting import FORGOTTEN, forget_askers
    from schoolgate.ledger.lookup import askers, who_has
    from schoolgate.ledger.service import (
        Commitment,
        NotWorkedOut,
        UnknownRelease,
        begin_release,
        commitment,
        left_out,
        mark_delivered,
        members,
        members_in,
        record_members,
        record_settlement,
        release,
        releases,
        undelivered,
        unsettled,
    )
    from schoolgate.ledger.sets import fold_segments

__all__ = [
    "BLOCK_BITS",
    "FORGOTTEN",
    "Commitment",
    "Exposure",
    "NewRelease",
    "NotWorkedOut",
    "ReleaseRecord",
    "Spent",
    "UnknownRelease",
    "askers",
    "begin_release",
    "commitment",
    "fold_segments",
    "forget_askers",
    "left_out",
    "mark_delivered",
    "members",
    "members_in",
    "members_of",
    "pupil_set",
    "reading",
    "record_members",
    "record_settlement",
    "references",
    "release",
    "releases",
    "spent",
    "undelivered",
    "unsettled",
    "who_has",
]

_ELSEWHERE = {
    "FORGOTTEN": "forgetting",
    "forget_askers": "forgetting",
    "fold_segments": "sets",
    "members_of": "exposing",
    "reading": "exposing",
    "Spent": "budget",
    "spent": "budget",
    "askers": "lookup",
    "who_has": "lookup",
}
__getattr__ = lazy_surface(
    __name__, {name: _ELSEWHERE.get(name, "service") for name in __all__ if name not in globals()}
)
