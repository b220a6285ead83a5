"""What a family's page asks about corrections: here, or of the process that owns the gate."""

from __future__ import annotations

from schoolgate.clock import Clock, SystemClock
from schoolgate.config import Config
from schoolgate.gate.corrections import following, history
from schoolgate.gate.corrections.views import CorrectionView, RecipientState
from schoolgate.gate.serve.answers import value_of
from schoolgate.gate.serve.client import ask
from schoolgate.gate.withholding.standing import withheld_of
from schoolgate.ids import Pmr


def corrections_of(
    pupil: Pmr, *, config: Config, clock: Clock | None = None, every: bool = False
) -> tuple[CorrectionView, ...]:
    """Every correction of a child's record and every note beside it, oldest first, with values before and since.

    What is held back from the child's family is left out, unless `every` is asked for, in the gate's own process.
    """
    if config.gate is not None:
        return tuple(value_of(ask(config.gate, "corrections_of", pupil=pupil), tuple[CorrectionView, ...]))
    found = history.corrections_of(pupil, config=config)
    return found if every else not_withheld(pupil, found, clock or SystemClock())


def not_withheld(pupil: Pmr, found: tuple[CorrectionView, ...], clock: Clock) -> tuple[CorrectionView, ...]:
    """Without those of items that are held back from the child's family."""
    held = {item for _rule, item in withheld_of(pupil, clock)}
    return tuple(one for one in found if one.item not in held)


def correction_states(pupil: Pmr, *, config: Config, clock: Clock) -> tuple[RecipientState, ...]:
    """How far each recipient has come with each correction of a child; a gate that is served uses its own clock."""
    if config.gate is None:
        return following.correction_states(pupil, config=config, clock=clock)
    return tuple(value_of(ask(config.gate, "correction_states", pupil=pupil), tuple[RecipientState, ...]))
