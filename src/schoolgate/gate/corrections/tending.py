"""What happens to corrections and notices by themselves: they travel, are reminded of, escalate, and are counted.

Who does not answer hears before the last day and after it; then the custodian, whose queue shows the notice; then the
overseer; and at last policy refuses further reads under the agreement (`corrections-unanswered`) until it does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from pyroaring import BitMap

from schoolgate import people, register, requests, work
from schoolgate.clock import HERE, Clock, custodians_day
from schoolgate.config import Config
from schoolgate.gate.corrections.deciding import CORRECTED
from schoolgate.gate.corrections.limits import correction_limits
from schoolgate.gate.corrections.models import Correction, Notice
from schoolgate.gate.corrections.outputs import tell_affected
from schoolgate.gate.corrections.spreading import spread, waiting
from schoolgate.gate.corrections.states import WAITING
from schoolgate.gate.releases.letters import write_to

_WHERE = " See Corrections on the site, or: schoolgate corrections list"

SENT = (
    "Values that you were given were put right",
    "Some values in data that you were given were wrong and were put right. Fetch the notice, put right what you hold,"
    " and say what you did." + _WHERE,
)
SOON = (
    "Answer for corrections soon",
    "You have not yet said what you did about values that were put right. The last day to do so is near." + _WHERE,
)
LATE = (
    "Corrections were not answered for",
    "You did not say in time what you did about values that were put right. The custodian knows. If no answer comes,"
    " nothing more can be read under your agreement." + _WHERE,
)
CUSTODIAN = (
    "A recipient did not answer for corrections",
    "A recipient did not say in time what it did about values that were put right. Ask it." + _WHERE,
)
OVERSEER = (
    "A recipient still does not answer for corrections",
    "A recipient is two weeks late in saying what it did about values that were put right. The custodian was told."
    + _WHERE,
)

_STEPS = (1, 2, 3, 4)
"""Told so far: 1 of the notice, 2 that the day is near, 3 that it is past (custodian too), 4 the overseer."""


def _step(row: Notice, today: date) -> int:
    """How far a notice has escalated by this day."""
    limits = correction_limits()
    if today > row.due + timedelta(days=limits.overseer_days):
        return 4
    if today > row.due:
        return 3
    return 2 if today >= row.due - timedelta(days=limits.remind_days) else 1


def _of_role(role: str) -> list[str]:
    found = [one for organisation in people.organisations() for one in people.persons(organisation.id)]
    return [one.id for one in found if one.role == role and one.left_on is None]


def _researchers(agreement_id: str) -> list[str]:
    own = [people.person(person_id) for person_id in requests.get(agreement_id).people]
    return [one.id for one in own if one.left_on is None]


def _write(row: Notice, step: int, clock: Clock) -> None:
    letters: dict[int, tuple[tuple[Iterable[str], tuple[str, str]], ...]] = {
        1: ((_researchers(row.agreement_id), SENT),),
        2: ((_researchers(row.agreement_id), SOON),),
        3: ((_researchers(row.agreement_id), LATE), (_of_role("custodian"), CUSTODIAN)),
        4: ((_of_role("overseer"), OVERSEER),),
    }
    for whom, letter in letters[step]:
        write_to(whom, *letter, clock=clock)


def remind(*, clock: Clock) -> int:
    """Write what is due to be written of notices, and close those whose data was certified as destroyed. Idempotent.

    Returns:
        How many notices were written of or closed.
    """
    today, changed = custodians_day(clock), 0
    for key in list(Notice.objects.filter(state__in=WAITING).values_list("pk", flat=True)):
        with transaction.atomic():
            row = Notice.objects.select_for_update().get(pk=key)
            if row.state not in WAITING:
                continue
            if requests.get(row.agreement_id).state == "destroyed":
                row.state = "not needed"
                row.save(update_fields=["state"])
                changed += 1
                continue
            reached = _step(row, today)
            if reached <= row.told:
                continue
            # Only the last of several that came due meanwhile: a letter that the day is near, after it, helps nobody.
            _write(row, reached, clock)
            if reached == 4 and row.told < 3:
                _write(row, 3, clock)
            row.told = reached
            row.save(update_fields=["told"])
            changed += 1
    return changed


def _week_before(today: date) -> tuple[date, datetime]:
    """The Sunday of the last whole week, and the moment it ended."""
    monday = today - timedelta(days=today.weekday())
    return monday - timedelta(days=1), datetime.combine(monday, time(), HERE).astimezone(UTC)


def count_week(*, clock: Clock) -> int:
    """Tell the public, once a week has ended, how many corrections each recipient was sent and answered for.

    Returns:
        How many entries were written.
    """
    sunday, ended = _week_before(custodians_day(clock))
    written = 0
    with transaction.atomic():
        sent = list(Notice.objects.select_for_update().filter(sent_counted=False, sent_at__lt=ended))
        answered = list(
            Notice.objects.select_for_update().filter(
                acknowledged_counted=False, state="acknowledged", acknowledged_at__lt=ended
            )
        )
        written += _tell("correction.sent", sent, sunday, clock)
        written += _tell("correction.acknowledged", answered, sunday, clock)
        late = list(
            Notice.objects.select_for_update()
            .filter(state__in=WAITING, due__lt=sunday)
            .exclude(unanswered_week__gte=sunday)
        )
        written += _tell("correction.unanswered", late, sunday, clock)
        Notice.objects.filter(pk__in=[row.pk for row in late]).update(unanswered_week=sunday)
        Notice.objects.filter(pk__in=[row.pk for row in sent]).update(sent_counted=True)
        Notice.objects.filter(pk__in=[row.pk for row in answered]).update(acknowledged_counted=True)
    return written


def _tell(kind: str, rows: Iterable[Notice], sunday: date, clock: Clock) -> int:
    counts: dict[str, BitMap] = {}
    for row in rows:
        both = BitMap.deserialize(bytes(row.named)) | BitMap.deserialize(bytes(row.counted))
        counts[row.agreement_id] = counts.get(row.agreement_id, BitMap()) | both
    for agreement_id, keys in sorted(counts.items()):
        payload = {
            "agreement": agreement_id,
            "organisation": requests.get(agreement_id).organisation_name,
            "week_ended": sunday.isoformat(),
            "corrections": register.round_count(len(keys)),
        }
        register.append_event(kind, agreement_id, payload, clock.now())
    return len(counts)


def tend_corrections(*, config: Config, clock: Clock) -> int:
    """Let corrections travel, remind, escalate and count; how much was done. Idempotent."""
    done = spread(config=config, clock=clock) if waiting(clock) else 0
    done += remind(clock=clock)
    counted = count_week(clock=clock) + tell_affected(config=config, clock=clock)
    if counted:
        register.publish(clock, config)
    return done + counted


@work.job
def tend(*, config: Config, clock: Clock) -> None:
    """See to corrections on their way."""
    tend_corrections(config=config, clock=clock)


def _anything(config: Config) -> bool:
    """Whether a correction is still to travel, or a notice is not done with."""
    to_count = Q(sent_counted=False) | Q(acknowledged_counted=False, state="acknowledged")
    on_its_way = Correction.objects.filter(travelled_at=None, kind=CORRECTED).exists()
    return on_its_way or Notice.objects.filter(Q(state__in=WAITING) | to_count).exists()


work.every(timedelta(hours=1), tend, _anything)

__all__ = ["count_week", "remind", "tend", "tend_corrections"]
