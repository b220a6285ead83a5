"""How the cases stand: the custodian's queue, the overseer's figures, and what the public log is told once a week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from statistics import median_high

from django.db import transaction

from schoolgate import register, statutory
from schoolgate.clock import Clock, custodians_day, day_of
from schoolgate.config import Config
from schoolgate.rights.cases import rules
from schoolgate.rights.cases.handling import clock_steps, take_by_clock
from schoolgate.rights.cases.kept import facts_of, line_of, locked
from schoolgate.rights.cases.lifting import lift_due
from schoolgate.rights.cases.models import Case, CaseStep, EvidencePiece
from schoolgate.rights.cases.states import DECIDED, KINDS, STOPPED
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
    """How the cases of each kind stand, in numbers alone. Nothing in them is about one child."""
    today = custodians_day(clock)
    rows = list(Case.objects.prefetch_related("pauses"))
    appealed = set(CaseStep.objects.filter(event="appeal").values_list("case_id", flat=True))
    decisions = CaseStep.objects.filter(event="decide").values_list("case_id", "at")
    decided_on = {case: day_of(at) for case, at in decisions}
    return tuple(
        _of_kind(kind, [row for row in rows if row.kind == kind], today, appealed, decided_on) for kind in KINDS
    )


def _of_kind(
    kind: str, rows: Sequence[Case], today: date, appealed: AbstractSet[int], decided_on: Mapping[int, date]
) -> KindFigures:
    open_ = [row for row in rows if row.closed_on is None and row.state not in (*DECIDED, "outside")]
    dues = [rules.due(facts_of(row)) for row in open_]
    decided = [row for row in rows if row.pk in decided_on]
    taken = [(decided_on[row.pk] - row.received_on).days for row in decided]
    late = [row for row in decided if _was_late(row, decided_on[row.pk])]
    return KindFigures(
        kind=kind,
        open=len(open_),
        late=sum(due.is_late(today) for due in dues),
        late_soon=sum(due.is_late_soon(today) for due in dues),
        waiting_for_family=sum(row.state in STOPPED for row in open_),
        decided=len(decided),
        decided_late=len(late),
        refused=sum(row.outcome in ("refused", "not-upheld") for row in decided),
        appealed=sum(row.pk in appealed for row in rows),
        oldest=max(((today - row.received_on).days for row in open_), default=0),
        median=median_high(taken) if taken else 0,
    )


def _was_late(row: Case, decided: date) -> bool:
    last = statutory.answer_by(facts_of(row).running).last_day
    return last is not None and decided > last


def mind_days(config: Config, clock: Clock) -> int:
    """Take the steps that days take, and let items be used again for which it is time; how many changed."""
    EvidencePiece.objects.filter(at__lt=clock.now() - _HALF_SENT).delete()  # nobody goes on with these
    done = 0
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
    if not last and not Case.objects.exists():
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
