"""How the cases stand: the custodian's queue, the overseer's figures, and what the public log is told once a week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import median_high

from django.db import transaction

from schoolgate import register
from schoolgate.clock import Clock, custodians_day
from schoolgate.config import Config
from schoolgate.rights.cases import rules
from schoolgate.rights.cases.handling import clock_steps, take_by_clock
from schoolgate.rights.cases.kept import facts_of, line_of, locked
from schoolgate.rights.cases.lifting import lift_due
from schoolgate.rights.cases.models import Case, CaseRemains, EvidencePiece
from schoolgate.rights.cases.posting import wait_no_more
from schoolgate.rights.cases.states import KINDS, STOPPED
from schoolgate.rights.cases.views import CaseLine, KindFigures

TOTALS = "rights.totals"
_WEEK, _HALF_SENT = timedelta(days=7), timedelta(days=1)


def queue(clock: Clock, role: str = "custodian") -> tuple[CaseLine, ...]:
    """The open cases, those with the earliest last day first; those whose clock stands still come last.

    An overseer is given those that families brought before it.
    """
    rows = Case.objects.filter(closed_on=None).prefetch_related("pauses")
    if role == "overseer":
        rows = rows.filter(steps__event="escalate").distinct()
    today = custodians_day(clock)
    lines = [line_of(row, today) for row in rows.order_by("received_at", "pk")]
    return tuple(sorted(lines, key=lambda line: (line.last_day or date.max, line.received_on)))


def figures(clock: Clock) -> tuple[KindFigures, ...]:
    """How the cases of each kind stand, in numbers alone. Nothing in them is about one child.

    A case whose child was erased is counted by what is left of it: no figure of the past changes when a child goes.
    """
    today = custodians_day(clock)
    rows, left = list(Case.objects.prefetch_related("pauses")), list(CaseRemains.objects.all())
    return tuple(
        _of_kind(kind, [row for row in rows if row.kind == kind], [one for one in left if one.kind == kind], today)
        for kind in KINDS
    )


def _of_kind(kind: str, rows: Sequence[Case], left: Sequence[CaseRemains], today: date) -> KindFigures:
    waiting = [(row, rules.due(facts_of(row))) for row in rows if row.closed_on is None]
    open_ = [row for row, due in waiting if due.what]
    dues = [due for _, due in waiting]
    taken = [(row.decided_on - row.received_on).days for row in rows if row.decided_on is not None]
    taken += [one.took for one in left if one.took is not None]
    outcomes = [row.outcome for row in rows if row.decided_on] + [one.outcome for one in left if one.took is not None]
    return KindFigures(
        kind=kind,
        open=len(open_),
        late=sum(due.is_late(today) for due in dues),
        late_soon=sum(due.is_late_soon(today) for due in dues),
        waiting_for_family=sum(row.state in STOPPED for row in open_),
        outside=sum(row.state == "outside" for row in open_),
        decided=len(taken),
        decided_late=sum(row.decided_late for row in rows) + sum(one.was_late for one in left),
        refused=sum(outcome in ("refused", "not-upheld") for outcome in outcomes),
        appealed=sum(row.was_appealed for row in rows) + sum(one.was_appealed for one in left),
        lapsed=sum(row.lapsed for row in rows) + sum(one.was_lapsed for one in left),
        oldest=max(((today - row.received_on).days for row in open_), default=0),
        median=median_high(taken) if taken else 0,
    )


def mind_days(config: Config, clock: Clock) -> int:
    """Take the steps that days take, and let items be used again for which it is time; how many changed."""
    EvidencePiece.objects.filter(at__lt=clock.now() - _HALF_SENT).delete()  # nobody goes on with these
    done = wait_no_more(config, clock)
    for reference in Case.objects.filter(closed_on=None).values_list("reference", flat=True):
        with transaction.atomic():
            row = locked(reference)
            done += any(take_by_clock(row, event, config, clock) for event in clock_steps(row.state))
    return done + lift_due(clock)


def tell_totals(clock: Clock) -> bool:
    """Tell the public log once a week how many cases there are, rounded; whether it was time.

    Once a week and not at each step: a family acts at a moment that a neighbour or a colleague may know, and an entry
    at that moment would tell them what it did.
    """
    last = register.events(TOTALS, limit=1)
    if not last and not Case.objects.exists() and not CaseRemains.objects.exists():
        return False  # there is nothing to tell yet
    if last and clock.now() - datetime.fromisoformat(str(last[0].body["at"])) < _WEEK:
        return False
    found = figures(clock)
    payload = {
        "cases_open": register.round_count(sum(one.open for one in found)),
        "cases_late": register.round_count(sum(one.late for one in found)),
        "cases_decided": register.round_count(sum(one.decided for one in found)),
        "cases_refused": register.round_count(sum(one.refused for one in found)),
        "cases_appealed": register.round_count(sum(one.appealed for one in found)),
    }
    with transaction.atomic():
        register.append_event(TOTALS, "rights", payload, clock.now())
    return True
