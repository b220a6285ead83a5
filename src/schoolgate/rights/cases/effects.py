"""What a case does to the record: an item is disputed, used again, corrected or annotated.

One place for all of it, so that who reads a case's code sees what it can change.
"""

from __future__ import annotations

from datetime import date

from schoolgate import consent, gate
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr


def dispute(pupil: int, item: str, *, case: str, actor: str, clock: Clock) -> bool:
    """Keep an item of a child out of every query from the next one on (UK GDPR Article 18(1)(a))."""
    return consent.dispute_item(Pmr(pupil), item, case=case, actor=actor, clock=clock)


def settle(pupil: int, item: str, *, case: str, actor: str, clock: Clock) -> bool:
    """Let an item be used again, as far as this case goes."""
    return consent.settle_item(Pmr(pupil), item, case=case, actor=actor, clock=clock)


def correct(
    pupil: int,
    item: str,
    row: str,
    new: str,
    *,
    wrong_since: date | None,
    case: str,
    actor: str,
    config: Config,
    clock: Clock,
) -> Refusal | None:
    """Put an item right; why it could not be, otherwise.

    One that was made for this case already is not made twice: a power cut may come between the record and the decision.
    """
    for one in gate.corrections_of(Pmr(pupil), config=config):
        if (one.case, one.item, one.kind, one.new) == (case, item, "corrected", new):
            return None
    made = gate.correct_item(
        Pmr(pupil), item, row, new, wrong_since=wrong_since, case=case, actor=actor, config=config, clock=clock
    )
    return made if isinstance(made, Refusal) else None


def annotate(
    pupil: int, item: str, row: str, text: str, *, case: str, actor: str, config: Config, clock: Clock
) -> Refusal | None:
    """Put a note beside an item without changing it; why it could not be, otherwise."""
    made = gate.annotate_item(Pmr(pupil), item, row, text, case=case, actor=actor, config=config, clock=clock)
    return made if isinstance(made, Refusal) else None


def restrict(pupil: int, reason: str, *, actor: str, clock: Clock) -> None:
    """Keep a child out of every query (UK GDPR Article 18(1)); `reason` of `consent.RESTRICTION_REASONS`."""
    consent.restrict(Pmr(pupil), reason=reason, actor=actor, clock=clock)
