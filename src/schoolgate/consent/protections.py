"""Children who must not be found through the records, and pupils who have died.

A shield is for a child whose new name or whereabouts somebody must not learn: adopted, in a refuge, protected as a
witness. It takes the child out of every query, whatever the purpose: an undercount of one is mended by hand, a child
found is not. Why a child is shielded is not kept, no event is written, and nothing counts them in public.

One person places a shield, at once. Lifting it opens pages to whom it kept out, and a death closes them to everybody:
each takes two people, and so does taking a death back that was recorded in error. The first says so, the second does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models, transaction

from schoolgate import people
from schoolgate.clock import Clock, custodians_day
from schoolgate.consent.models import Death, SameChild, Shield
from schoolgate.consent.quiet import count_change
from schoolgate.consent.samechild import with_others
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.ids import Pmr

FIRST_WORD_STANDS = timedelta(days=30)
"""For how long the first person's word waits for the second's. What was so a month ago is looked at anew: who was in
danger then, and who is now, are two questions."""


def _is_second(first_by: str, first_at: datetime | None, actor: str, clock: Clock) -> bool | Refusal:
    """Whether a first word of another human being waits; False when none does."""
    if not first_by or first_at is None or clock.now() >= first_at + FIRST_WORD_STANDS:
        return False
    if people.same_human(first_by, actor):
        return Refusal("same-person", "Two people decide this; you were the first.", remedy="Ask a colleague.")
    return True


def shield(pupil: Pmr, *, actor: str, clock: Clock) -> bool:
    """Keep a child from being found; it counts for reads recorded after it.

    Placed again while somebody wants it lifted, it stays: both begin anew.

    Returns:
        Whether it was not shielded before, or its lifting waited for a second person.
    """
    with transaction.atomic():
        count_change()
        standing = Shield.objects.filter(pupil=pupil, lifted_at=None)
        if standing.exists():
            return bool(standing.exclude(lift_first_by="").update(lift_first_by="", lift_first_at=None))
        Shield.objects.create(pupil=pupil, placed_at=clock.now(), placed_by=actor)
    return True


def unshield(pupil: Pmr, *, actor: str, clock: Clock) -> bool | Refusal:
    """Say, as a person of the custodian, that a shield is to be lifted; the second human being who says so lifts it.

    Returns:
        Whether it is lifted; False while it waits for the second. Or why neither.
    """
    with transaction.atomic():
        count_change()
        row = Shield.objects.filter(pupil=pupil, lifted_at=None).first()
        if row is None:
            return Refusal("not-shielded", "There is no shield.", remedy="Nothing has to be done.")
        second = _is_second(row.lift_first_by, row.lift_first_at, actor, clock)
        if isinstance(second, Refusal):
            return second
        if second:
            row.lifted_at, row.lifted_by = clock.now(), actor
        else:
            row.lift_first_at, row.lift_first_by = clock.now(), actor
        row.save()
    return second


def shielded_pupils() -> list[int]:
    """The children whom every query must leave out and no look-up may find, ascending, under every reference."""
    return with_others(Shield.objects.filter(lifted_at=None).values_list("pupil", flat=True))


def shielded_since(pupil: Pmr) -> datetime | None:
    """When the shield of a child that is in force was placed, under whichever reference, the last of two; None without
    one.
    """
    joined = SameChild.objects.filter(pupil=pupil, parted_at=None).values("child")
    rows = Shield.objects.filter(models.Q(pupil=pupil) | models.Q(pupil__in=joined), lifted_at=None)
    return rows.order_by("-placed_at").values_list("placed_at", flat=True).first()


def record_death(pupil: Pmr, died_on: date, *, actor: str, clock: Clock) -> bool | Refusal:
    """Say, as a person of the custodian, that a pupil has died; the second human being who says so records it.

    Until then nothing changes. Another day takes the place of the one recorded before, by two people again.

    Returns:
        Whether it is recorded; False while it waits for the second. Or why neither.

    Raises:
        SchoolgateError: the day has not come.
    """
    if died_on > custodians_day(clock):
        raise SchoolgateError("This day has not come.", hint="Check the date.", code="death-date")
    now = clock.now()
    with transaction.atomic():
        count_change()
        standing, waiting = _deaths(pupil)
        if standing.filter(died_on=died_on).exists():
            return Refusal("death-recorded", "It is recorded so already.", remedy="Nothing has to be done.")
        row = waiting.filter(died_on=died_on).first()
        second = _is_second(row.recorded_by, row.recorded_at, actor, clock) if row is not None else False
        if isinstance(second, Refusal):
            return second
        if row is None or not second:
            # Two who do not agree on the day have not decided: it begins anew with the later one.
            waiting.update(corrected_at=now, corrected_by=actor)
            Death.objects.create(pupil=pupil, died_on=died_on, recorded_at=now, recorded_by=actor)
            return False
        standing.update(corrected_at=now, corrected_by=actor)
        row.decided_at, row.decided_by = now, actor
        row.save(update_fields=["decided_at", "decided_by"])
    return True


def _deaths(pupil: Pmr) -> tuple[models.QuerySet[Death], models.QuerySet[Death]]:
    """The death that is recorded, and the one that one person alone has spoken of."""
    open_ = Death.objects.filter(pupil=pupil, corrected_at=None)
    return open_.exclude(decided_at=None), open_.filter(decided_at=None)


def correct_death(pupil: Pmr, *, actor: str, clock: Clock) -> bool | Refusal:
    """Say, as a person of the custodian, that a death was recorded in error; the second who says so takes it back.

    One that waits for its second person is taken back by anybody, at once: nothing has come of it.

    Returns:
        Whether it is taken back; False while it waits for the second. Or why neither.
    """
    now = clock.now()
    with transaction.atomic():
        count_change()
        standing, waiting = _deaths(pupil)
        withdrawn = waiting.update(corrected_at=now, corrected_by=actor)
        row = standing.first()
        if row is None:
            return bool(withdrawn) or Refusal("no-death", "No death is recorded.", remedy="Nothing has to be done.")
        second = _is_second(row.correct_first_by, row.correct_first_at, actor, clock)
        if isinstance(second, Refusal):
            return second
        if second:
            row.corrected_at, row.corrected_by = now, actor
        else:
            row.correct_first_at, row.correct_first_by = now, actor
        row.save()
    return second


def death_of(pupil: Pmr) -> date | None:
    """The day a pupil died, or None."""
    row = _deaths(pupil)[0].first()
    return row.died_on if row is not None else None


def deceased_pupils() -> list[int]:
    """The pupils who have died, ascending, under every reference."""
    recorded = Death.objects.filter(corrected_at=None).exclude(decided_at=None)
    return with_others(recorded.values_list("pupil", flat=True))


@dataclass(frozen=True, slots=True)
class ProtectionFigures:
    """How shields are lifted and deaths recorded. Counts, never one child, and not how many are shielded.

    Attributes:
        lifting: shields that one person wants lifted, and the second has not spoken.
        lifted: shields that two people lifted in the span.
        dying: deaths that one person spoke of, and the second has not.
        died: deaths that were recorded in the span.
        returning: recorded deaths that one person says are an error, and the second has not spoken.
        returned: deaths that were found to be an error in the span.
    """

    lifting: int
    lifted: int
    dying: int
    died: int
    returning: int
    returned: int

    @property
    def waiting(self) -> int:
        """What waits for a second person."""
        return self.lifting + self.dying + self.returning


def protection_figures(span: timedelta, clock: Clock) -> ProtectionFigures:
    """How shields are lifted and deaths recorded, for the overseer; `span` is how far back is counted."""
    since, waits = clock.now() - span, clock.now() - FIRST_WORD_STANDS
    deaths = Death.objects.exclude(decided_at=None)
    spoken = Death.objects.filter(decided_at=None, corrected_at=None)
    return ProtectionFigures(
        lifting=Shield.objects.filter(lifted_at=None, lift_first_at__gt=waits).count(),
        lifted=Shield.objects.filter(lifted_at__gte=since).count(),
        dying=spoken.filter(recorded_at__gt=waits).count(),
        died=deaths.filter(decided_at__gte=since).count(),
        returning=deaths.filter(corrected_at=None, correct_first_at__gt=waits).count(),
        returned=deaths.filter(corrected_at__gte=since).exclude(correct_first_by="").count(),
    )
