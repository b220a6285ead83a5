"""Publishing a quarter's statement: once, when the quarter is over."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from schoolgate import register, work
from schoolgate.clock import Clock, SystemClock, custodians_day, day_of
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.oversight.entries import from_database
from schoolgate.oversight.metrics import definitions_hash
from schoolgate.oversight.models import Statement
from schoolgate.oversight.periods import quarter, quarter_before
from schoolgate.oversight.statement import make
from schoolgate.oversight.views import StatementView

_SETTLING = timedelta(minutes=10)
"""After a quarter's last midnight: an entry may be five minutes earlier than the one before it (`register.journal`),
and a statement leaves out none of its quarter."""


def _view(row: Statement) -> StatementView:
    return StatementView(row.quarter, row.text, row.log_index)


def statements() -> tuple[StatementView, ...]:
    """Every statement, the newest quarter first."""
    return tuple(_view(row) for row in Statement.objects.order_by("-quarter"))


def statement_of(name: str) -> StatementView | None:
    """A quarter's statement; None when there is none."""
    row = Statement.objects.filter(quarter=name).first()
    return None if row is None else _view(row)


def publish_statement(name: str, config: Config, clock: Clock) -> StatementView | Refused:
    """Compute a quarter's statement and sign it into the register.

    It is computed from the entries there are at the start; what is appended meanwhile is of a later day, since the
    quarter has been over for longer than the log's times may go back.

    Raises:
        NoSuchPeriod: no quarter has this name.
    """
    period = quarter(name)
    found = []
    if day_of(clock.now() - _SETTLING) <= period.last:
        found.append(Refusal("quarter-not-over", f"The quarter {name} is not over.", where="quarter"))
    if Statement.objects.filter(quarter=name).exists():
        found.append(Refusal("already-stated", f"There is a statement of {name}.", where="quarter"))
    if found:
        return Refused(tuple(found))
    size = register.log_size()
    made = make(name, register.log_name(config), size, from_database(size))
    payload = {
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "log_size": made.size,
        "figures": list(made.lines),
        "definitions": definitions_hash(),
        "text_hash": made.text_hash,
    }
    with transaction.atomic():
        register.hold_log()
        if Statement.objects.filter(quarter=name).exists():
            return Refused((Refusal("already-stated", f"There is a statement of {name}.", where="quarter"),))
        index = register.append_event("statement.published", name, payload, clock.now())
        row = Statement.objects.create(quarter=name, text=made.text, log_index=index)
    return _view(row)


def quarters_to_state(clock: Clock) -> tuple[str, ...]:
    """Every quarter that is over, has entries or comes after one that has, and has no statement; the oldest first."""
    first = next(iter(from_database(min(1, register.log_size()))), None)
    if first is None:
        return ()
    stated = set(Statement.objects.values_list("quarter", flat=True))
    found, name = [], quarter_before(custodians_day(clock))
    while quarter(name).last >= first.day:
        found.append(name)
        name = quarter_before(quarter(name).first)
    return tuple(name for name in reversed(found) if name not in stated)


@work.job
def state_quarter(*, config: Config, clock: Clock) -> None:
    """Publish the statement of each quarter that is over: also of one during whose end no worker ran."""
    for name in quarters_to_state(clock):
        publish_statement(name, config, clock)
    register.publish(clock, config)


def _is_due(config: Config) -> bool:
    """Whether a quarter that is over has no statement; only the gate's own worker may publish."""
    return config.gate is None and bool(quarters_to_state(SystemClock()))


work.every(timedelta(hours=6), state_quarter, _is_due)
