"""What happens to notices by themselves: what they tell travels, they are reminded of, escalate, and are counted.

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
from schoolgate.gate.corrections.erased import forget, forget_unanswered, send, to_send
from schoolgate.gate.corrections.letters import LETTERS, Letter
from schoolgate.gate.corrections.limits import correction_limits
from schoolgate.gate.corrections.models import Notice
from schoolgate.gate.corrections.outputs import tell_affected
from schoolgate.gate.corrections.spreading import on_the_way, spread, waiting
from schoolgate.gate.corrections.states import ERASED, WAITING
from schoolgate.gate.releases.letters import write_to

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
    words = LETTERS[row.kind]
    letters: dict[int, tuple[tuple[Iterable[str], Letter], ...]] = {
        1: ((_researchers(row.agreement_id), words.sent),),
        2: ((_researchers(row.agreement_id), words.soon),),
        3: ((_researchers(row.agreement_id), words.late), (_of_role("custodian"), words.custodian)),
        4: ((_of_role("overseer"), words.overseer),),
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
                forget(row.notice_id)
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
    """Tell the public, once a week has ended, how much each recipient was sent and answered for.

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
        written += _tell("sent", sent, sunday, clock)
        written += _tell("acknowledged", answered, sunday, clock)
        late = list(
            Notice.objects.select_for_update()
            .filter(state__in=WAITING, due__lt=sunday)
            .exclude(unanswered_week__gte=sunday)
        )
        written += _tell("unanswered", late, sunday, clock)
        Notice.objects.filter(pk__in=[row.pk for row in late]).update(unanswered_week=sunday)
        Notice.objects.filter(pk__in=[row.pk for row in sent]).update(sent_counted=True)
        Notice.objects.filter(pk__in=[row.pk for row in answered]).update(acknowledged_counted=True)
    return written


def _tell(what: str, rows: Iterable[Notice], sunday: date, clock: Clock) -> int:
    """An entry for each agreement and kind of notice."""
    keys: dict[tuple[str, str], BitMap] = {}
    erasures: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.kind == ERASED:
            about = (row.agreement_id, "erasure")
            erasures[about] = erasures.get(about, 0) + row.corrections
        else:
            about = (row.agreement_id, "correction")
            both = BitMap.deserialize(bytes(row.named)) | BitMap.deserialize(bytes(row.counted))
            keys[about] = keys.get(about, BitMap()) | both
    counts = {about: len(found) for about, found in keys.items()} | erasures
    for (agreement_id, kind), count in sorted(counts.items()):
        payload = {
            "agreement": agreement_id,
            "organisation": requests.get(agreement_id).organisation_name,
            "week_ended": sunday.isoformat(),
            f"{kind}s": register.round_count(count),
        }
        register.append_event(f"{kind}.{what}", agreement_id, payload, clock.now())
    return len(counts)


def tend_corrections(*, config: Config, clock: Clock) -> int:
    """Let corrections travel, remind, escalate and count; how much was done. Idempotent."""
    done = spread(config=config, clock=clock) if waiting(clock) else 0
    done += send(clock=clock) + remind(clock=clock) + forget_unanswered(clock=clock)
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
    return on_the_way().exists() or to_send() or Notice.objects.filter(Q(state__in=WAITING) | to_count).exists()


work.every(timedelta(hours=1), tend, _anything)

__all__ = ["count_week", "remind", "tend", "tend_corrections"]
