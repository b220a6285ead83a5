"""What withholding gives out: frozen values that cross the gate's socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class WithholdingView:
    """One, as the custodian's people see it: not whose record it is.

    Attributes:
        professional: name and profession of who gave the reason; hidden from repr, as the reason is.
        may: what the reader may do now, events of `WITHHOLDING`.
    """

    number: str
    rule: str
    item: str
    state: str
    professional: str = field(repr=False)
    reason: str = field(repr=False)
    until: date
    review_on: date
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    is_over: bool
    review_late: bool
    review_soon: bool
    may: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WithholdingFigures:
    """How withholdings stand. Counts, never one family.

    Attributes:
        waiting: proposed, and not decided.
        in_force: holding something back today.
        review_soon: of these, to be looked at again within ten working days.
        review_late: of these, not looked at again in time.
        refused: of all that were decided, how many a second person refused.
    """

    waiting: int
    in_force: int
    review_soon: int
    review_late: int
    refused: int
