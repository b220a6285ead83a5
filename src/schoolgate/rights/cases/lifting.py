"""When a disputed item is used again: never before the family was told (UK GDPR Article 18(3))."""

from __future__ import annotations

from django.db import transaction

from schoolgate.clock import Clock, custodians_day
from schoolgate.rights.cases import effects, rules
from schoolgate.rights.cases.kept import facts_of, locked
from schoolgate.rights.cases.models import Case


def lift_now(row: Case, actor: str, clock: Clock) -> bool:
    """Let the item of a case be used again when it is time; whether it was. Inside the caller's transaction."""
    if not rules.may_lift(facts_of(row), custodians_day(clock)):
        return False
    row.disputed = False
    row.save(update_fields=["disputed"])
    effects.settle(row.pupil, row.item, case=row.reference, actor=actor, clock=clock)
    if row.pmr is not None:
        effects.settle(row.pmr, row.item, case=row.reference, actor=actor, clock=clock)
    return True


def lift_due(clock: Clock) -> int:
    """Let every item be used again for which it is time; how many."""
    lifted = 0
    for reference in Case.objects.filter(disputed=True).values_list("reference", flat=True):
        with transaction.atomic():
            lifted += lift_now(locked(reference), "clock", clock)
    return lifted
