"""A family's "yes" to an item that nobody may read without one. There is no yes to everything, nor for ever."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models, transaction

from schoolgate import people
from schoolgate.clock import Clock, custodians_day
from schoolgate.consent.models import Consent
from schoolgate.consent.quiet import count_change
from schoolgate.consent.scopes import known_purpose
from schoolgate.consent.views import Yes
from schoolgate.dictionary import consent_only_items
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr

LONGEST = timedelta(days=731)
"""Two years: the ICO asks for consent to be refreshed, and names two years as a usual time."""


def _refuse(what: str, hint: str = "") -> SchoolgateError:
    return SchoolgateError(what, hint=hint, code="consent-not-possible")


def give_consent(
    pupil: Pmr, *, item: str, purpose_id: str, recipient: str, last_day: date, actor: str, clock: Clock
) -> Yes:
    """Record a yes; it counts for reads recorded after it. Given again it is given anew, with the new last day.

    Args:
        pupil: the child.
        item: an item that needs a yes.
        purpose_id: purpose of the published taxonomy.
        recipient: id of the one organisation that may read it.
        last_day: until when; at most two years from today.
        actor: who says so, as an account reference without a name.
        clock: the time.

    Raises:
        UnknownPurpose: not in the taxonomy.
        UnknownOrganisation: nobody of this id.
        SchoolgateError: the item needs no yes, or the last day is past or too far away.
    """
    known_purpose(purpose_id)
    people.organisation(recipient)
    if item not in {one.item for one in consent_only_items()}:
        raise _refuse("This item needs no yes.", "An objection keeps a child out of a purpose.")
    today = custodians_day(clock)
    if not today <= last_day <= today + LONGEST:
        raise _refuse("A yes has a last day, within two years.", "Ask again when it is over.")
    with transaction.atomic():
        count_change()  # first, so that two parents who click at once come one after the other
        _in_force(pupil, item, purpose_id, recipient).update(withdrawn_at=clock.now(), withdrawn_by=actor)
        row = Consent.objects.create(
            pupil=pupil,
            item=item,
            purpose_id=purpose_id,
            recipient=recipient,
            given_at=clock.now(),
            given_by=actor,
            last_day=last_day,
        )
    return _view(row)


def _in_force(pupil: Pmr, item: str, purpose_id: str, recipient: str) -> models.QuerySet[Consent]:
    return Consent.objects.filter(pupil=pupil, item=item, purpose_id=purpose_id, recipient=recipient, withdrawn_at=None)


def withdraw_consent(pupil: Pmr, *, item: str, purpose_id: str, recipient: str, actor: str, clock: Clock) -> bool:
    """Take a yes back; it counts for reads recorded after it.

    Returns:
        Whether there was one.
    """
    with transaction.atomic():
        count_change()
        changed = _in_force(pupil, item, purpose_id, recipient).update(withdrawn_at=clock.now(), withdrawn_by=actor)
    return bool(changed)


def consents_of(pupil: Pmr) -> tuple[Yes, ...]:
    """The yeses of one child that were not taken back, those past their last day included, oldest first."""
    return tuple(_view(row) for row in Consent.objects.filter(pupil=pupil, withdrawn_at=None).order_by("pk"))


def consenting_pupils(item: str, purpose_id: str, recipient: str, today: date) -> list[int]:
    """The pupils of whom this recipient may read this item for this purpose today, ascending."""
    rows = Consent.objects.filter(
        item=item, purpose_id=purpose_id, recipient=recipient, withdrawn_at=None, last_day__gte=today
    )
    return list(rows.order_by("pupil").values_list("pupil", flat=True).distinct())


def _view(row: Consent) -> Yes:
    return Yes(row.item, row.purpose_id, row.recipient, row.given_at, row.last_day, row.given_by)
