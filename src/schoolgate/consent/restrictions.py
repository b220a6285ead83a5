"""Placing and lifting restrictions of a whole record (UK GDPR Article 18)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

from django.db import IntegrityError, models, transaction

from schoolgate import register
from schoolgate.clock import Clock, custodians_day
from schoolgate.consent.models import Restriction as RestrictionRow
from schoolgate.consent.samechild import with_others
from schoolgate.consent.views import RESTRICTION_REASONS, Restriction
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr


@dataclass(frozen=True, slots=True)
class Lifting:
    """How long before a restriction is lifted the family is told.

    Attributes:
        notice: between telling and lifting.
        posted: between a paper letter's leaving and lifting.
    """

    notice: timedelta
    posted: timedelta


def read_lifting(text: str) -> Lifting:
    """Read `data/lifting.toml`.

    Raises:
        SchoolgateError: it is not understood, names no source, or would have a family told on the day or after it.
    """
    try:
        held = tomllib.loads(text)["lifting"]
        days, posted, source = int(held["days"]), int(held["posted_days"]), str(held["source"])
    except (KeyError, TypeError, ValueError) as problem:
        raise SchoolgateError(
            "How long before lifting a family is told is not understood.", code="lifting"
        ) from problem
    if not 0 < posted <= days or not source.strip():
        raise SchoolgateError(
            "A family is told before a restriction is lifted, and a letter is under way for some of the days.",
            hint="Set days to one or more, posted_days to no more than days, and name the source.",
            code="lifting",
        )
    return Lifting(timedelta(days=days), timedelta(days=posted))


LIFTING = read_lifting((files(__package__) / "data" / "lifting.toml").read_text(encoding="utf-8"))

NOTICE_BEFORE_LIFTING = LIFTING.notice
"""Article 18(3): the family is told before."""


@dataclass(frozen=True, slots=True)
class RestrictionFigures:
    """How restrictions of whole records stand. Counts, never one family.

    Attributes:
        standing: restrictions in force.
        by_family: of these, how many a family asked for.
        announced: of these, how many a family was told of a day for.
        due: of these, how many whose day has come and that are not lifted.
    """

    standing: int
    by_family: int
    announced: int
    due: int


def _tell(clock: Clock) -> None:
    """Tell the register how many records are restricted, rounded; without the reasons, which would tell more."""
    register.hold_log()
    payload = {"restricted": register.round_count(_restricted().count())}
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
    """Stop every use of one child's record but storing it; placing it twice changes nothing, another's stays theirs.

    Raises:
        SchoolgateError: a reason that is not in `RESTRICTION_REASONS`.
    """
    in_force = _standing(pupil, reason).filter(placed_by=actor)
    try:
        with transaction.atomic():
            row = in_force.first()
            if row is None:
                row = RestrictionRow.objects.create(pupil=pupil, reason=reason, placed_at=clock.now(), placed_by=actor)
                _tell(clock)
    except IntegrityError:
        row = in_force.get()
    return _view(row)


def tell_of_lifting(
    pupil: Pmr, *, reason: str, lifts_on: date, tell: Callable[[], object], actor: str, clock: Clock
) -> bool:
    """Tell the family on which day a restriction will be lifted; its page says so from now on, and `tell` writes to it.

    Both happen or neither: no day counts as told without its letters.

    Args:
        pupil: the child.
        reason: of the restriction.
        lifts_on: the day.
        tell: writes to everybody who acts for the child, in this transaction; called when there is such a restriction.
        actor: who announces it.
        clock: the time.

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
    with transaction.atomic():
        told = _standing(pupil, reason).update(told_at=clock.now(), told_by=actor, lifts_on=lifts_on)
        if told:
            tell()
    return bool(told)


def lift_restriction(pupil: Pmr, *, reason: str, actor: str, clock: Clock) -> bool:
    """Lift a restriction, as the custodian. The family must have been told before (UK GDPR Article 18(3)).

    Returns:
        Whether there was one in force.

    Raises:
        SchoolgateError: an unknown reason; the family was not told, or the day it was told of has not come.
    """
    with transaction.atomic():
        rows = list(_standing(pupil, reason).select_for_update().order_by("pk"))
        # What was asked for after the family had been told is not covered by that telling.
        if any(row.lifts_on is None or custodians_day(clock) < row.lifts_on for row in rows):
            raise SchoolgateError(
                "The family was not told in time that this restriction is lifted, so it stays.",
                hint="Tell the family first, with the day; then lift it on that day (UK GDPR Article 18(3)).",
                code="lift-untold",
            )
        _lift(rows, actor, clock)
    return bool(rows)


def withdraw_restriction(pupil: Pmr, *, reason: str, actor: str, clock: Clock, everybodys: bool = False) -> bool:
    """Take back a restriction that one asked for; nobody need be told, for who would be is who asks.

    Args:
        pupil: the child.
        reason: one of `RESTRICTION_REASONS`.
        actor: who takes it back: their own, for what somebody else asked for protects the child as long as they want.
        clock: the time.
        everybodys: whatever anybody of the family asked for: the young person's, whose right it is.

    Returns:
        Whether there was one of theirs.

    Raises:
        SchoolgateError: an unknown reason.
    """
    with transaction.atomic():
        asked = _standing(pupil, reason).filter(placed_by__startswith="account:")
        rows = list((asked if everybodys else asked.filter(placed_by=actor)).select_for_update().order_by("pk"))
        _lift(rows, actor, clock)
    return bool(rows)


def _lift(rows: list[RestrictionRow], actor: str, clock: Clock) -> None:
    for row in rows:
        row.lifted_at, row.lifted_by = clock.now(), actor
        row.save(update_fields=["lifted_at", "lifted_by"])
    if rows:
        _tell(clock)


def restrictions_of(pupil: Pmr) -> tuple[Restriction, ...]:
    """The restrictions in force for one child, oldest first."""
    rows = RestrictionRow.objects.filter(pupil=pupil, lifted_at=None).order_by("placed_at", "pk")
    return tuple(map(_view, rows))


def restricted_pupils() -> list[int]:
    """The pupils that every read must leave out, ascending, under every reference."""
    return with_others(_restricted())


def _restricted() -> models.QuerySet[RestrictionRow, int]:
    return RestrictionRow.objects.filter(lifted_at=None).values_list("pupil", flat=True).distinct()


def restriction_figures(clock: Clock) -> RestrictionFigures:
    """How restrictions stand, for the overseer."""
    rows = RestrictionRow.objects.filter(lifted_at=None)
    return RestrictionFigures(
        standing=rows.count(),
        by_family=rows.filter(placed_by__startswith="account:").count(),
        announced=rows.exclude(lifts_on=None).count(),
        due=rows.filter(lifts_on__lte=custodians_day(clock)).count(),
    )
