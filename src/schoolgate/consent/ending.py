"""Ending a "no" that is somebody else's, by a decision: two people, a ground of a closed list, and a reason.

Nobody's "no" ends because its speaker's access to the page did, or because they died: the objection is the child's
(UK GDPR Article 21(1)), and whoever spoke for the child then had the right to. It stays until its speaker, the young
person, or a decision ends it. A court's order to keep away says nothing about it, so it needs one of its own.
"""

from __future__ import annotations

from django.db import transaction

from schoolgate import people
from schoolgate.clock import Clock
from schoolgate.consent.models import Objection as ObjectionRow
from schoolgate.consent.objections import tell_totals
from schoolgate.consent.scopes import Scope
from schoolgate.consent.views import ENDING_GROUNDS, HeldNo
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr

_REASON = 500


def nos_held(pupil: Pmr) -> tuple[HeldNo, ...]:
    """Every "no" in force for one child, oldest first, as staff see it."""
    return tuple(_view(row) for row in ObjectionRow.objects.filter(pupil=pupil, withdrawn_at=None).order_by("pk"))


def end_no(pupil: Pmr, number: int, *, ground: str, reason: str, actor: str, clock: Clock) -> bool | Refusal:
    """Say that a "no" is to end; the second human being who says so on the same ground ends it.

    Args:
        pupil: the child.
        number: `HeldNo.number`.
        ground: a key of `ENDING_GROUNDS`.
        reason: what was decided, where and when, in a few words; the second adds theirs.
        actor: a person of the custodian.
        clock: the time.

    Returns:
        Whether it has ended; False while it waits for the second. Or why neither.
    """
    if ground not in ENDING_GROUNDS:
        return Refusal(
            "ground-unknown", "A no of somebody else ends on a ground.", remedy="Choose one.", where="ground"
        )
    said = reason.strip()[:_REASON]
    if not said:
        return Refusal("reason-missing", "Whoever ends a no says what was decided.", where="reason")
    with transaction.atomic():
        rows = ObjectionRow.objects.filter(pupil=pupil, withdrawn_at=None, pk=number)
        row = rows.select_for_update().first()
        if row is None:
            return Refusal("no-unknown", "There is no such no in force.", remedy="Look at the list again.")
        if row.first_by and people.same_human(row.first_by, actor):
            return Refusal("same-person", "Two people decide this; you were the first.", remedy="Ask a colleague.")
        if not row.first_by or row.ended_ground != ground:
            # Two who do not agree on the ground have not decided: it begins anew with the later one.
            row.first_by, row.first_at, row.ended_ground, row.ended_reason = actor, clock.now(), ground, said
            row.save(update_fields=["first_by", "first_at", "ended_ground", "ended_reason"])
            return False
        row.withdrawn_at, row.withdrawn_by = clock.now(), actor
        row.ended_reason = f"{row.ended_reason} / {said}"[:_REASON]
        row.save(update_fields=["withdrawn_at", "withdrawn_by", "ended_reason"])
        tell_totals(Scope(row.scope, row.target), clock)
    return True


def _view(row: ObjectionRow) -> HeldNo:
    return HeldNo(row.pk, Scope(row.scope, row.target), row.lodged_at, row.lodged_by, row.ended_ground, row.first_by)
