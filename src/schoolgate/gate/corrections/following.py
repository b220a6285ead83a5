"""What a family sees of a correction's way: each recipient, what it was told and when, and what it says it did."""

from __future__ import annotations

from datetime import timedelta

from pyroaring import BitMap

from schoolgate import requests
from schoolgate.clock import Clock, custodians_day, day_of
from schoolgate.config import Config
from schoolgate.gate.corrections.history import own_rows
from schoolgate.gate.corrections.models import Notice
from schoolgate.gate.corrections.states import WAITING
from schoolgate.gate.corrections.views import RecipientState
from schoolgate.gate.releases.delays import is_untold, untold
from schoolgate.ids import Pmr


def correction_states(pupil: Pmr, *, config: Config, clock: Clock) -> tuple[RecipientState, ...]:
    """How far each recipient has come with each correction of a child, oldest first.

    Agreements of which the family is told later by law are not among them until the day after the last, as they are
    not among those who have the data.
    """
    own = {row.pk: row for row in own_rows(pupil)}
    if not own:
        return ()
    later, today = untold(pupil, clock), custodians_day(clock)
    wanted = BitMap(own)
    rows = Notice.objects.filter(first__lte=wanted.max(), last__gte=wanted.min()).order_by("pk")
    told = [
        (row, BitMap.deserialize(bytes(row.named)) & wanted, BitMap.deserialize(bytes(row.counted)) & wanted)
        for row in rows.iterator()
        if not is_untold(row.agreement_id, row.sent_at, later)
    ]
    names = requests.recipients({row.agreement_id for row, named, counted in told if named or counted})
    found: list[RecipientState] = []
    for row, named, counted in told:
        for key in named | counted:
            late = row.state in WAITING and today > row.due
            found.append(
                RecipientState(
                    correction=own[key].correction_id,
                    agreement_id=row.agreement_id,
                    organisation=names[row.agreement_id],
                    by_reference=key in named,
                    state=row.state,
                    told_on=day_of(row.sent_at),
                    fetched_on=None if row.fetched_at is None else day_of(row.fetched_at),
                    acknowledged_on=None if row.acknowledged_at is None else day_of(row.acknowledged_at),
                    did=row.did,
                    said=row.said,
                    due=row.due,
                    late_since=row.due + timedelta(days=1) if late else None,
                    kind=own[key].kind,
                )
            )
    return tuple(found)
