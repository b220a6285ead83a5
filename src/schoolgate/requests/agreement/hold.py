"""What an overdue destruction holds up: one rule, pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from schoolgate.clock import plain_day
from schoolgate.errors import Refusal

HELD_UP = frozenset(
    {
        "approve", "approve_in_emergency", "accept", "sign", "amend", "extend", "accept_version", "sign_version",
        "resume", "reaffirm",
    }
)  # fmt: skip
"""Steps that are not taken for an organisation while a destruction of its own is overdue. What stops a use, takes
something back or certifies goes on."""


@dataclass(frozen=True, slots=True)
class Ending:
    """An agreement that ended and whose data is not certified destroyed.

    Attributes:
        ended_on: the custodian's day.
        due: last day by which the data must be gone.
        stated_on: the day on which it was stated to be gone, while the witness has not said so; None: it was not.
    """

    agreement_id: str
    organisation_id: str
    organisation_name: str
    ended_on: date
    due: date
    stated_on: date | None = None


def held_up(overdue: Sequence[Ending], organisation_id: str) -> tuple[Refusal, ...]:
    """Why nothing more is approved for or signed with an organisation, given every overdue destruction. Pure."""
    return tuple(
        Refusal(
            "destruction-overdue",
            f"The data of agreement {one.agreement_id} had to be destroyed by {plain_day(one.due)}, and nobody"
            " certified it.",
            provision="UK GDPR Article 5(1)(e); the agreement's clause on destruction",
            remedy="Certify its destruction first.",
            where="organisation",
        )
        for one in overdue
        if one.organisation_id == organisation_id
    )
