"""Overdue destruction: who is late, asked of the tables; what that holds up is `hold`'s to say."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import F

from schoolgate import people
from schoolgate.clock import day_of
from schoolgate.errors import Refusal
from schoolgate.requests.agreement.clocks import destruction_due, is_overdue, witness_days
from schoolgate.requests.agreement.hold import Ending, held_up
from schoolgate.requests.models import Request, RequestStep
from schoolgate.requests.stored import from_json


def due_of(row: Request) -> date:
    """The last day by which a request's data must be gone."""
    spec = from_json(row.spec)
    until = max(
        [
            spec.valid_until or date.max,
            *(one.valid_until for one in row.versions.all() if one.signed_index is not None and one.valid_until),
        ]
    )
    return destruction_due(until, spec.retention_until, row.ended_on, end_planned=row.end_planned)


def endings(organisation_id: str | None = None) -> tuple[Ending, ...]:
    """Every agreement that ended and whose data is not certified destroyed, the earliest due first."""
    rows = Request.objects.filter(state="ended", built_in=False, ended_on__isnull=False)
    if organisation_id is not None:
        rows = rows.filter(organisation_id=organisation_id)
    rows = rows.prefetch_related("versions")
    pending = RequestStep.objects.filter(request__in=rows, request__certificate__seen_index=None)
    stated = {
        one.request_id: day_of(one.at)
        for one in pending.filter(log_index=F("request__certificate__log_index"), event="state_destruction")
    }
    names = {one: people.organisation(one).name for one in {row.organisation_id for row in rows}}
    found = [
        Ending(
            row.agreement_id or row.application_id,
            row.organisation_id,
            names[row.organisation_id],
            row.ended_on,
            due_of(row),
            stated.get(row.pk),
        )
        for row in rows
        if row.ended_on is not None
    ]
    return tuple(sorted(found, key=lambda one: (one.due, one.agreement_id)))


def overdue(today: date, organisation_id: str | None = None) -> tuple[Ending, ...]:
    """Every overdue destruction on a day, the longest overdue first.

    Args:
        today: the custodian's date.
        organisation_id: of one organisation only.
    """
    return tuple(one for one in endings(organisation_id) if _is_late(one, today))


def _is_late(one: Ending, today: date) -> bool:
    """What was stated in time waits some days for its witness: who destroyed in time is not late for another's sake."""
    in_time = one.stated_on is not None and one.stated_on <= one.due
    return is_overdue(one.due + timedelta(days=witness_days()) if in_time else one.due, today)


def overdue_problems(organisation_id: str, today: date) -> list[Refusal]:
    """Why nothing is approved for or signed with an organisation today because of what it did not destroy.

    What became part of it counts as it: nobody leaves data behind by merging.
    """
    return [one for part in people.stands_for(organisation_id) for one in held_up(overdue(today, part), part)]
