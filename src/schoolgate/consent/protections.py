"""Children who must not be found through the records, and pupils who have died.

A shield is for a child whose new name or whereabouts somebody must not learn: adopted, in a refuge, protected as a
witness. It takes the child out of every query, whatever the purpose: an undercount of one is mended by hand, a child
found is not. Why a child is shielded is not kept, no event is written, and nothing counts them in public.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from schoolgate.clock import Clock, custodians_day
from schoolgate.consent.models import Death, Shield
from schoolgate.consent.quiet import count_change
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr


def shield(pupil: Pmr, *, actor: str, clock: Clock) -> bool:
    """Keep a child from being found; it counts for reads recorded after it.

    Returns:
        Whether it was not shielded before.
    """
    with transaction.atomic():
        count_change()
        if Shield.objects.filter(pupil=pupil, lifted_at=None).exists():
            return False
        Shield.objects.create(pupil=pupil, placed_at=clock.now(), placed_by=actor)
    return True


def unshield(pupil: Pmr, *, actor: str, clock: Clock) -> bool:
    """Lift a shield.

    Returns:
        Whether there was one.
    """
    with transaction.atomic():
        count_change()
        rows = Shield.objects.filter(pupil=pupil, lifted_at=None)
        return bool(rows.update(lifted_at=clock.now(), lifted_by=actor))


def shielded_pupils() -> list[int]:
    """The children whom every query must leave out and no look-up may find, ascending."""
    return list(Shield.objects.filter(lifted_at=None).order_by("pupil").values_list("pupil", flat=True))


def shielded_since(pupil: Pmr) -> datetime | None:
    """When the shield of a child that is in force was placed; None without one."""
    row = Shield.objects.filter(pupil=pupil, lifted_at=None).first()
    return row.placed_at if row is not None else None


def record_death(pupil: Pmr, died_on: date, *, actor: str, clock: Clock) -> bool:
    """Record that a pupil has died; another day takes the place of the one recorded before.

    Returns:
        Whether anything changed.

    Raises:
        SchoolgateError: the day has not come.
    """
    if died_on > custodians_day(clock):
        raise SchoolgateError("This day has not come.", hint="Check the date.", code="death-date")
    with transaction.atomic():
        count_change()
        standing = Death.objects.filter(pupil=pupil, corrected_at=None)
        if standing.filter(died_on=died_on).exists():
            return False
        standing.update(corrected_at=clock.now(), corrected_by=actor)
        Death.objects.create(pupil=pupil, died_on=died_on, recorded_at=clock.now(), recorded_by=actor)
    return True


def correct_death(pupil: Pmr, *, actor: str, clock: Clock) -> bool:
    """Take back a death that was recorded in error.

    Returns:
        Whether one was recorded.
    """
    with transaction.atomic():
        count_change()
        standing = Death.objects.filter(pupil=pupil, corrected_at=None)
        return bool(standing.update(corrected_at=clock.now(), corrected_by=actor))


def death_of(pupil: Pmr) -> date | None:
    """The day a pupil died, or None."""
    row = Death.objects.filter(pupil=pupil, corrected_at=None).first()
    return row.died_on if row is not None else None


def deceased_pupils() -> list[int]:
    """The pupils who have died, ascending."""
    return list(Death.objects.filter(corrected_at=None).order_by("pupil").values_list("pupil", flat=True))
