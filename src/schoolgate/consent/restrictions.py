"""Placing and lifting restrictions of a whole record (UK GDPR Article 18)."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import IntegrityError, models, transaction

from schoolgate import register
from schoolgate.clock import Clock, custodians_day
from schoolgate.consent.models import Restriction as RestrictionRow
from schoolgate.consent.views import RESTRICTION_REASONS, Restriction
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr

NOTICE_BEFORE_LIFTING = timedelta(days=7)
"""Article 18(3): the family is told before. It names no number of days; a week leaves time to answer."""


def _tell(clock: Clock) -> None:
    """Tell the register how many records are restricted, rounded; without the reasons, which would tell more."""
    register.hold_log()
    payload = {"restricted": register.round_count(len(restricted_pupils()))}
    register.append_event("restriction.totals", "restrictions", payload, clock.now())


def _reason(reason: str) -> str:
    if reason not in RESTRICTION_REASONS:
        raise SchoolgateError(
            "This is not a reason to restrict a record.",
            hint="Known: " + ", ".join(RESTRICTION_REASONS) + ".",
            code="restriction-reason",
        )
    return reason


def _standing(pupil: Pmr, reason: str) -> models.QuerySet[RestrictionRow]:
    return RestrictionRow.objects.filter(pupil=pupil, reason=_reason(reason), lifted_at=None)


def _view(row: RestrictionRow) -> Restriction:
    return Restriction(row.reason, row.placed_at, row.placed_by, row.lifts_on)


def restrict(pupil: Pmr, *, reason: str, actor: str, clock: Clock) -> Restriction:
    """Stop every use of one child's record but storing it; placing it twice changes nothing.

    Raises:
        SchoolgateError: a reason that is not in `RESTRICTION_REASONS`.
    """
    in_force = _standing(pupil, reason)
    try:
        with transaction.atomic():
            row = in_force.first()
            if row is None:
                row = RestrictionRow.objects.create(pupil=pupil, reason=reason, placed_at=clock.now(), placed_by=actor)
                _tell(clock)
    except IntegrityError:
        row = in_force.get()
    return _view(row)


def tell_of_lifting(pupil: Pmr, *, reason: str, lifts_on: date, actor: str, clock: Clock) -> bool:
    """Record that the family was told on which day a restriction will be lifted; the family's page says it from now on.

    Returns:
        Whether there is such a restriction.

    Raises:
        SchoolgateError: an unknown reason, or a day too soon (`NOTICE_BEFORE_LIFTING`).
    """
    if lifts_on < custodians_day(clock) + NOTICE_BEFORE_LIFTING:
        raise SchoolgateError(
            "The family must be told in good time before a restriction is lifted.",
            hint=f"Name a day at least {NOTICE_BEFORE_LIFTING.days} days from today (UK GDPR Article 18(3)).",
            code="lift-too-soon",
        )
    told = _standing(pupil, reason).update(told_at=clock.now(), told_by=actor, lifts_on=lifts_on)
    return bool(told)


def lift_restriction(pupil: Pmr, *, reason: str, actor: str, clock: Clock) -> bool:
    """Lift a restriction, as the custodian. The family must have been told before (UK GDPR Article 18(3)).

    Returns:
        Whether there was one in force.

    Raises:
        SchoolgateError: an unknown reason; the family was not told, or the day it was told of has not come.
    """
    with transaction.atomic():
        row = _standing(pupil, reason).select_for_update().first()
        if row is None:
            return False
        if row.lifts_on is None or custodians_day(clock) < row.lifts_on:
            raise SchoolgateError(
                "The family was not told in time that this restriction is lifted, so it stays.",
                hint="Tell the family first, with the day; then lift it on that day (UK GDPR Article 18(3)).",
                code="lift-untold",
            )
        _lift(row, actor, clock)
    return True


def withdraw_restriction(pupil: Pmr, *, reason: str, actor: str, clock: Clock) -> bool:
    """Take back a restriction that a family asked for; nobody need be told, for who would be is who asks.

    Returns:
        Whether there was one that a family asked for.

    Raises:
        SchoolgateError: an unknown reason.
    """
    with transaction.atomic():
        row = _standing(pupil, reason).filter(placed_by__startswith="account:").select_for_update().first()
        if row is not None:
            _lift(row, actor, clock)
    return row is not None


def _lift(row: RestrictionRow, actor: str, clock: Clock) -> None:
    row.lifted_at, row.lifted_by = clock.now(), actor
    row.save(update_fields=["lifted_at", "lifted_by"])
    _tell(clock)


def restrictions_of(pupil: Pmr) -> tuple[Restriction, ...]:
    """The restrictions in force for one child, oldest first."""
    rows = RestrictionRow.objects.filter(pupil=pupil, lifted_at=None).order_by("placed_at", "pk")
    return tuple(map(_view, rows))


def restricted_pupils() -> list[int]:
    """The pupils that every read must leave out, ascending."""
    rows = RestrictionRow.objects.filter(lifted_at=None).order_by("pupil")
    return list(rows.values_list("pupil", flat=True).distinct())
