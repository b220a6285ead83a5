"""From corrections to notices: once a day, for all that were decided before the day, one notice an agreement.

By the day and not one by one, so that neither a recipient nor whoever watches the register sees when one family's
case was decided; and one notice holds many.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from pyroaring import BitMap

from schoolgate import declining, requests
from schoolgate.clock import HERE, Clock, day_of
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.gate.corrections.exposed import Reached, groups_of, reached
from schoolgate.gate.corrections.limits import correction_limits
from schoolgate.gate.corrections.models import ANNOTATED, CORRECTED, EMPTIED, Affected, Correction, Notice
from schoolgate.gate.corrections.tokens import IDENTITY
from schoolgate.gate.settle import settle_pending
from schoolgate.ids import Pmr

Entropy = Callable[[int], bytes]

_STILL_RUNNING = timedelta(minutes=15)
"""A read that began before a correction may be recorded after it: what was put right just before the day's end waits
for the next, or such a read would be looked for too early."""

_AT_ONCE = 200_000
"""Corrections that travel together; more wait for the next time."""


@dataclass(slots=True)
class _Told:
    """What one agreement is told."""

    named: BitMap = field(default_factory=BitMap)
    counted: BitMap = field(default_factory=BitMap)
    moved: dict[str, int] = field(default_factory=dict)


def waiting(clock: Clock) -> bool:
    """Whether some corrections are to travel."""
    return bool(_due(clock).exists())


def _due(clock: Clock) -> QuerySet[Correction]:
    start = datetime.combine(day_of(clock.now()), time(), HERE).astimezone(UTC)
    return on_the_way().filter(decided_at__lt=start - _STILL_RUNNING)


def on_the_way() -> QuerySet[Correction]:
    """What of it is not yet worked out; a note beside a value stays with the family, and what went goes nowhere."""
    return Correction.objects.filter(travelled_at=None).exclude(kind__in=(ANNOTATED, EMPTIED))


def without_declined(found: Iterable[Correction]) -> list[Correction]:
    """Without what was put right of an item that the family declined since: nobody is given the new value anew."""
    rows = list(found)
    declined = declining.in_force((Pmr(row.pupil), row.item) for row in rows if row.kind == CORRECTED)
    return [row for row in rows if row.kind != CORRECTED or (row.pupil, row.item) not in declined]


def spread(*, config: Config, clock: Clock, entropy: Entropy = os.urandom) -> int:
    """Work out who was given what was put right, and write their notices. All in one transaction, or nothing.

    Returns:
        How many notices were written.
    """
    rows = without_declined(_due(clock).order_by("pk")[:_AT_ONCE])
    if not rows:
        return 0
    with contextlib.suppress(SchoolgateError):
        # Who is in a release is known exactly once it is settled; of those that cannot be, whoever may be in them
        # counts (`exposed`).
        settle_pending(config, clock)
    groups = list(groups_of(rows, config))
    own_pupil = {row.pk: row.pupil for row in rows}
    never_named = BitMap(row.pk for row in rows if row.item.startswith(f"{IDENTITY}."))
    was_wrong = BitMap(row.pk for row in rows if row.kind == CORRECTED)
    told: dict[str, _Told] = {}
    affected: list[Reached] = []
    for one in reached(groups, config):
        wrong = {key: holder for key, holder in one.holders.items() if key in was_wrong}
        if wrong:  # a result with what a family took back since is not a wrong result
            affected.append(replace(one, holders=wrong))
        mine = told.setdefault(one.agreement_id, _Told())
        keys = BitMap(one.holders)
        if one.named:
            mine.named |= keys - never_named  # no notice names anybody
            mine.counted |= keys & never_named
            mine.moved |= {str(k): holder for k, holder in one.holders.items() if own_pupil[k] != holder}
        else:
            mine.counted |= keys
    with transaction.atomic():
        _write(told, clock, entropy)
        _affect(affected)
        for start in range(0, len(rows), 5_000):
            done = [row.pk for row in rows[start : start + 5_000]]
            Correction.objects.filter(pk__in=done).update(travelled_at=clock.now())
    return len(told)


def _write(told: dict[str, _Told], clock: Clock, entropy: Entropy) -> None:
    limits, today = correction_limits(), day_of(clock.now())
    due = today + timedelta(days=limits.acknowledge_days)
    notices = []
    for agreement_id, one in sorted(told.items()):
        counted = one.counted - one.named
        everything = one.named | counted
        destroyed = requests.get(agreement_id).state == "destroyed"
        notices.append(
            Notice(
                notice_id="N-" + entropy(8).hex(),
                agreement_id=agreement_id,
                # Whoever certified that nothing is left has nothing to put right, and is given nothing to compare.
                state="not needed" if destroyed else "sent",
                first=everything.min(),
                last=everything.max(),
                named=one.named.serialize(),
                counted=counted.serialize(),
                moved=one.moved,
                corrections=len(everything),
                sent_at=clock.now(),
                due=due,
                refuse_after=due + timedelta(days=limits.refuse_days),
                sent_counted=destroyed,
                acknowledged_counted=destroyed,
            )
        )
    Notice.objects.bulk_create(notices)


def _affect(found: Sequence[Reached]) -> None:
    """Add to what is known of each release: how many of its pupils had a value put right."""
    known = {row.release_id: row for row in Affected.objects.filter(release_id__in=[one.release_id for one in found])}
    fresh: list[Affected] = []
    for one in found:
        row = known.get(one.release_id)
        pupils = BitMap(one.holders.values())
        if row is not None:
            pupils |= BitMap.deserialize(bytes(row.pupils))
            row.pupils, row.corrected = pupils.serialize(), len(pupils)
        else:
            fresh.append(
                Affected(
                    release_id=one.release_id,
                    agreement_id=one.agreement_id,
                    pupils=pupils.serialize(),
                    corrected=len(pupils),
                )
            )
    Affected.objects.bulk_update(known.values(), ["pupils", "corrected"], batch_size=200)
    Affected.objects.bulk_create(fresh)
