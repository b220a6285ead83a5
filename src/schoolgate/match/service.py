"""A term's load: every accepted return's rows matched to pupils, then all facts made visible in one step."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.db import transaction

from schoolgate import collect, register
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.dictionary import lake_tables
from schoolgate.errors import SchoolgateError
from schoolgate.ids import CensusPoint, Pmr, Term
from schoolgate.match.facts import Fact, Sent, module_facts, pupil_fact, record_statuses
from schoolgate.match.identity import REASONS, Row, Verdict, compare, identity_of, renewed
from schoolgate.match.models import MatchCase
from schoolgate.progress import Progress, silent
from schoolgate.records.append import LakeVersionView, arrow_schema
from schoolgate.records.append import load_term as append_term
from schoolgate.records.vault import Identity, NewIdentity, Vault

_BATCH_ROWS = 20_000


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
    """

    version: int
    returns: int
    rows: int
    matched: int
    new: int
    changed: int
    queued: int


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


class _Matcher:
    """Matches the rows of one return after another against the vault."""

    def __init__(self, point: CensusPoint, config: Config, clock: Clock) -> None:
        self._point, self._clock = point, clock
        self._vault, self._keys = Vault(config), config.keyring()
        self.matched = self.new = self.changed = self.queued = 0

    def match(self, rows: Sequence[Row]) -> dict[int, Pmr]:
        """Row number -> pupil, for the rows that no clerk has to look at."""
        wanted = {upn for row in rows for upn in (row.identity.upn, *row.identity.former_upns) if upn}
        found = self._vault.find_many(wanted)
        holders = self._vault.identities(set(found.values()))
        given: dict[int, Pmr] = {}
        unknown: list[Row] = []
        renewals: dict[Pmr, NewIdentity] = {}
        for row in rows:
            candidate = next(
                (found[upn] for upn in (row.identity.upn, *row.identity.former_upns) if upn in found), None
            )
            if candidate is None:
                unknown.append(row)
                continue
            pupil = self._known(row, holders[candidate])
            if pupil is None:
                continue
            given[row.number] = pupil
            fresh = renewed(holders[candidate], row.identity) if pupil == candidate else None
            if fresh is not None:
                renewals[pupil] = fresh
        self._vault.update(renewals)
        self.changed += len(renewals)
        given.update(self._admit(unknown))
        return given

    def _known(self, row: Row, holder: Identity) -> Pmr | None:
        verdict = compare(holder, row.identity)
        if verdict is Verdict.SAME:
            self.matched += 1
            return holder.pmr
        return self._ask(row, holder.pmr, verdict)

    def _admit(self, unknown: Sequence[Row]) -> dict[int, Pmr]:
        """Rows with a UPN nobody has: possible second records go to a clerk, the others are new pupils."""
        alike = self._vault.find_same_child([row.identity for row in unknown])
        fresh: list[Row] = []
        given: dict[int, Pmr] = {}
        for at, row in enumerate(unknown):
            if at not in alike or not row.identity.postcode:
                fresh.append(row)
                continue
            pupil = self._ask(row, alike[at], Verdict.SAME_CHILD_OTHER_UPN)
            if pupil is not None:
                given[row.number] = pupil
        for row, pupil in zip(fresh, self._vault.allocate([row.identity for row in fresh]), strict=True):
            given[row.number] = pupil
        self.new += len(fresh)
        return given

    def _ask(self, row: Row, candidate: Pmr, verdict: Verdict) -> Pmr | None:
        """Open a case, or use the decision that a clerk has made of it."""
        who = "|".join([row.identity.upn, row.identity.dob, row.identity.surname, row.identity.forename])
        with transaction.atomic():
            case, _ = MatchCase.objects.get_or_create(
                row_digest=self._keys.blind("match-row", who),
                candidate=int(candidate),
                defaults={
                    "case_id": f"C-{secrets.token_hex(6)}",
                    "year": self._point.year,
                    "term": str(self._point.term),
                    "return_id": row.return_id,
                    "return_row": row.number,
                    "reason": str(verdict),
                    "opened_at": self._clock.now(),
                },
            )
            if case.state == "different" and case.pmr is None:
                (case.pmr,) = self._vault.allocate([row.identity], disputed=True)
                case.save(update_fields=["pmr"])
                self.new += 1
        if case.state == "open":
            self.queued += 1
            return None
        if case.state == "same":
            self._vault.update({candidate: renewed(self._vault.identity(candidate), row.identity) or row.identity})
        self.matched += case.state == "same"
        return Pmr(case.pmr) if case.pmr is not None else candidate


def _rows_of(return_id: str, config: Config) -> list[Row]:
    _, pupils = collect.open_paper(return_id, config)
    return [Row(return_id, pupil.row, identity_of(pupil.fields, pupil.addresses)) for pupil in pupils]


def _parts(pupil: collect.PupilRow) -> Mapping[str, Any]:
    return {
        "fsm_periods": pupil.fsm_periods,
        "sen_needs": pupil.sen_needs,
        "exclusions": pupil.exclusions,
        "sessions": pupil.sessions,
    }


class _Batches:
    """Facts gathered by table and given out as Arrow batches."""

    def __init__(self) -> None:
        self._shapes = {table.name: arrow_schema(table) for table in lake_tables()}
        self._held: dict[str, list[Fact]] = {name: [] for name in self._shapes}

    def add(self, table: str, facts: Sequence[Fact]) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Take facts; give a batch when there are enough."""
        self._held[table] += facts
        if len(self._held[table]) >= _BATCH_ROWS:
            yield from self._give(table)

    def _give(self, table: str) -> Iterator[tuple[str, pa.RecordBatch]]:
        if self._held[table]:
            yield table, pa.RecordBatch.from_pylist(self._held[table], schema=self._shapes[table])
            self._held[table] = []

    def rest(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """What is left."""
        for table in self._held:
            yield from self._give(table)


def _facts(
    returns: Sequence[collect.ReturnRef],
    given: Mapping[str, Mapping[int, Pmr]],
    point: CensusPoint,
    config: Config,
    clock: Clock,
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Every fact of the term. Pupils in several schools are held until the last, to say which record is main."""
    times = Counter(pupil for rows in given.values() for pupil in rows.values())
    several: dict[Pmr, list[Fact]] = {}
    batches = _Batches()
    for ref in returns:
        header, pupils = collect.open_paper(ref.return_id, config)
        sent = Sent(
            point, int(ref.urn), str(ref.laestab)[:3], header.phase, header.reference_date, ref.return_id, clock.now()
        )
        for row in pupils:
            pupil = given[ref.return_id].get(row.row)
            if pupil is None:
                continue
            fact = pupil_fact(pupil, row.row, row.on_roll, row.fields, _parts(row), sent)
            if times[pupil] > 1:
                several.setdefault(pupil, []).append(fact)
            else:
                yield from batches.add("census_pupil", [fact])
            for table, facts in module_facts(pupil, row.row, _parts(row), sent).items():
                yield from batches.add(table, facts)
    for facts in several.values():
        for fact, status in zip(facts, record_statuses(facts), strict=True):
            fact["recordstatus"] = status
        yield from batches.add("census_pupil", facts)
    yield from batches.rest()


def load_term(
    year: int,
    term: Term,
    *,
    clock: Clock,
    config: Config,
    progress: Progress = silent,
    step: Callable[[str], None] = _nothing,
) -> MatchReport:
    """Match every accepted return of a census and load the term; what it replaces is the whole term.

    Raises:
        NothingToLoad: no return has been accepted.
    """
    point = CensusPoint(year, term)
    returns = collect.accepted_returns(year, term)
    if not returns:
        raise NothingToLoad(
            f"No return has been accepted for the {point} census.", hint="Submit returns first.", code="nothing-to-load"
        )
    matcher = _Matcher(point, config, clock)
    given: dict[str, dict[int, Pmr]] = {}
    rows = 0
    for done, ref in enumerate(returns, start=1):
        of_school = _rows_of(ref.return_id, config)
        given[ref.return_id] = matcher.match(of_school)
        rows += len(of_school)
        progress("matching pupils, school by school", done, len(returns))
        step("matched a school")

    def write_event(version: LakeVersionView) -> None:
        payload = {"year": year, "term": term.label, "schools": len(returns), "snapshot": version.number}
        register.append_event("term.loaded", f"{year}-{term}", payload, clock.now())

    version = append_term(
        year,
        term,
        _facts(returns, given, point, config, clock),
        return_ids=[ref.return_id for ref in returns],
        config=config,
        clock=clock,
        in_transaction=write_event,
        progress=progress,
        step=step,
    )
    register.publish(clock, config)
    return MatchReport(
        version.number, len(returns), rows, matcher.matched, matcher.new, matcher.changed, matcher.queued
    )


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
