"""What every change of the lake shares: one at a time, and one database row that makes it visible."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Term
from schoolgate.records.models import LakeVersion, LakeVersionTable


@dataclass(frozen=True, slots=True)
class LakeVersionView:
    """A lake version as others see it: its number, and what this load put in (rows by table)."""

    number: int
    year: int
    term: Term
    recorded_at: datetime
    rows: Mapping[str, int]


class LoadUnderWay(SchoolgateError):
    """Another change of this lake has not ended."""


def nothing(step: str) -> None:
    """Called after each durable step; tests end the process here."""


@contextmanager
def one_writer(config: Config) -> Iterator[None]:
    """One change at a time: each begins by setting the lake back to what is visible, the other's work included.

    Raises:
        LoadUnderWay: another has not ended.
    """
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(config.home / "load.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LoadUnderWay(
                "Another term is being loaded.", hint="Wait until it has ended.", code="load-under-way"
            ) from None
        yield


def make_visible(
    year: int,
    term: Term,
    snapshots: Mapping[str, tuple[int, int]],
    return_ids: Sequence[str],
    clock: Clock,
    in_transaction: Callable[[LakeVersionView], None],
    step: Callable[[str], None],
) -> LakeVersionView:
    """Write the row that makes these snapshots the lake's newest version, with what belongs to it in one transaction.

    Args:
        year: of the census that was changed.
        term: its term.
        snapshots: table -> (Iceberg snapshot, rows this change put in).
        return_ids: the returns that were loaded.
        clock: the time.
        in_transaction: called with the version inside the transaction.
        step: called once it is durable.
    """
    with transaction.atomic():
        last = LakeVersion.objects.select_for_update().order_by("-number").first()
        row = LakeVersion.objects.create(
            number=(last.number if last else 0) + 1,
            year=year,
            term=str(term),
            recorded_at=clock.now(),
            return_ids=list(return_ids),
        )
        LakeVersionTable.objects.bulk_create(
            LakeVersionTable(version=row, table=name, snapshot_id=snapshot, rows=rows)
            for name, (snapshot, rows) in snapshots.items()
        )
        view = LakeVersionView(
            row.number, year, term, row.recorded_at, {name: rows for name, (_, rows) in snapshots.items()}
        )
        in_transaction(view)
    step("visible")
    return view
