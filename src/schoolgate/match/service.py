"""A term's load: every accepted return's rows matched to pupils, then all facts made visible in one step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from django.db import transaction

from schoolgate import collect, register
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import CensusPoint, Pmr, Term
from schoolgate.match.declined import KeepingOut
from schoolgate.match.identity import REASONS, Verdict
from schoolgate.match.matcher import Matcher
from schoolgate.match.models import MatchCase
from schoolgate.match.reading import ReturnRead, read_all
from schoolgate.match.spool import Spool
from schoolgate.progress import Progress, silent
from schoolgate.records.append import LakeVersionView
from schoolgate.records.append import load_term as append_term

_GROUP_ROWS = 2_000
"""Rows matched in one transaction: few enough that others who write wait a fraction of a second."""


class NothingToLoad(SchoolgateError):
    """No accepted return for this census."""


@dataclass(frozen=True, slots=True)
class MatchReport:
    """What a term's load did, in numbers.

    Attributes:
        version: the lake version it made.
        returns: returns read.
        rows: pupil rows in them.
        matched: rows of pupils known before.
        new: pupils given a reference.
        changed: identities renewed (a name, an address, a UPN).
        queued: rows held back for a clerk.
        declined: values that were not stored because the family declined to give them.
    """

    version: int
    returns: int
    rows: int
    matched: int
    new: int
    changed: int
    queued: int
    declined: int = 0


@dataclass(frozen=True, slots=True)
class CaseView:
    """A clerk's case; whose it is stays in the vault and the sealed paper."""

    case_id: str
    year: int
    term: Term
    return_id: str
    return_row: int
    candidate: Pmr
    reason: str
    state: str


def _nothing(step: str) -> None:
    """Called after each durable step; tests end the process here."""


def _groups(reads: Iterator[ReturnRead]) -> Iterator[list[ReturnRead]]:
    """Whole returns, enough of them to be worth a transaction."""
    group: list[ReturnRead] = []
    for read in reads:
        group.append(read)
        if sum(len(one.rows) for one in group) >= _GROUP_ROWS:
            yield group
            group = []
    if group:
        yield group


class _Load:
    """One term's load under way: matched group by group, its facts given out as they come."""

    def __init__(self, point: CensusPoint, returns: Sequence[collect.ReturnRef], config: Config, clock: Clock) -> None:
        self._returns, self._config, self._clock = returns, config, clock
        self.matcher = Matcher(point, config, clock)
        self.declined = KeepingOut()
        self.rows = 0

    def facts(
        self, processes: int | None, progress: Progress, step: Callable[[str], None]
    ) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Every fact of the term. Each return is opened once, and what was read of it is let go of."""
        done = 0
        with Spool(self._config) as spool:
            for group in _groups(read_all(self._returns, self._clock.now(), self._config, processes)):
                rows = [row for read in group for row in read.rows]
                given = iter(self.matcher.match(rows))
                for read in group:
                    for table, batch in read.of_pupils([next(given) for _ in read.rows]):
                        yield from spool.add(table, self.declined.without(table, batch))
                self.rows += len(rows)
                done += len(group)
                progress("matching pupils, school by school", done, len(self._returns))
                step("matched schools")
            yield from spool.rest()


def load_term(
    year: int,
    term: Term,
    *,
    clock: Clock,
    config: Config,
    processes: int | None = None,
    progress: Progress = silent,
    step: Callable[[str], None] = _nothing,
) -> MatchReport:
    """Match every accepted return of a census and load the term; what it replaces is the whole term.

    Args:
        year: calendar year of the census.
        term: its term.
        clock: the time.
        config: the installation.
        processes: how many processes read returns beside this one, which matches; None chooses.
        progress: told how far it is.
        step: called after each durable step.

    Raises:
        NothingToLoad: no return has been accepted.
    """
    point = CensusPoint(year, term)
    returns = collect.accepted_returns(year, term)
    if not returns:
        raise NothingToLoad(
            f"No return has been accepted for the {point} census.", hint="Submit returns first.", code="nothing-to-load"
        )
    load = _Load(point, returns, config, clock)

    def in_transaction(version: LakeVersionView) -> None:
        _withdraw(point, load.matcher.asked)
        load.declined.note(point)
        payload = {"year": year, "term": term.label, "schools": len(returns), "snapshot": version.number}
        register.append_event("term.loaded", f"{year}-{term}", payload, clock.now())

    version = append_term(
        year,
        term,
        load.facts(processes, progress, step),
        return_ids=[ref.return_id for ref in returns],
        config=config,
        clock=clock,
        in_transaction=in_transaction,
        progress=progress,
        step=step,
    )
    register.publish(clock, config)
    found = load.matcher
    return MatchReport(
        version.number, len(returns), load.rows, found.matched, found.new, found.changed, found.queued,
        load.declined.values,
    )  # fmt: skip


def _withdraw(point: CensusPoint, asked: set[int]) -> None:
    """Close the questions of this census that its returns no longer raise: the school has corrected the row."""
    waiting = MatchCase.objects.filter(state="open", year=point.year, term=str(point.term))
    gone = [key for key in waiting.values_list("pk", flat=True) if key not in asked]
    for start in range(0, len(gone), 500):
        MatchCase.objects.filter(pk__in=gone[start : start + 500]).update(state="withdrawn")


def queue() -> tuple[CaseView, ...]:
    """Open cases, oldest first."""
    return tuple(_view(case) for case in MatchCase.objects.filter(state="open").order_by("opened_at", "pk"))


def _view(case: MatchCase) -> CaseView:
    return CaseView(
        case.case_id, case.year, Term(case.term), case.return_id, case.return_row, Pmr(case.candidate),
        REASONS[Verdict(case.reason)], case.state,
    )  # fmt: skip


def resolve(case_id: str, decision: str, actor: str, clock: Clock) -> CaseView:
    """Record a clerk's decision; the next load of the term follows it.

    Args:
        case_id: the case.
        decision: "same" or "different".
        actor: the clerk's person id.
        clock: the time.

    Raises:
        SchoolgateError: no such open case, or no such decision.
    """
    if decision not in ("same", "different"):
        raise SchoolgateError("A case is decided 'same' or 'different'.", code="case-decision")
    with transaction.atomic():
        case = MatchCase.objects.select_for_update().filter(case_id=case_id, state="open").first()
        if case is None:
            raise SchoolgateError(
                "There is no such open case.", hint="`schoolgate match queue` lists them.", code="case"
            )
        case.state, case.decided_by, case.decided_at = decision, actor, clock.now()
        case.save(update_fields=["state", "decided_by", "decided_at"])
    return _view(case)
