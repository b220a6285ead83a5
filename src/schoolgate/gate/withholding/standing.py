"""What is held back from a child's family today."""

from __future__ import annotations

from schoolgate.clock import Clock, custodians_day
from schoolgate.gate.withholding.models import Withholding
from schoolgate.ids import Pmr


def withheld_of(pupil: Pmr, clock: Clock) -> tuple[tuple[str, str], ...]:
    """What is held back: (rule, item), in the order in which it was proposed."""
    rows = Withholding.objects.filter(pupil=pupil, state="in_force", until__gte=custodians_day(clock))
    return tuple(rows.order_by("pk").values_list("rule", "item"))
