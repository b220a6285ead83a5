"""The one door: every read of pupil data passes `read`, `subject_access` or `find_own_pupil`.

Order of a read: parse, qualify, scans, policy, rewrite, run, define, write (ledger and log durable), hand
over, settle. "No receipt, no data": when the write fails there is no result.

What counts is what is so at the moment of writing: an objection, a restriction, an agreement's end or a lapsed
accreditation that is recorded before the read is recorded is honoured by that very read, which is checked and
run again; one that comes after counts for the next.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import pyarrow as pa

from schoolgate import consent, ledger, register, requests
from schoolgate.clock import Clock, custodians_day
from schoolgate.config import Config
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.gate.asking.shown import public_form
from schoolgate.gate.definition import define
from schoolgate.gate.engines.engine import EngineRefused, Limits, NothingRead
from schoolgate.gate.engines.lake import EngineRequest, ReadEngine, open_engine
from schoolgate.gate.engines.sandbox import cells
from schoolgate.gate.failclosed import plainly
from schoolgate.gate.handover import Handover, RefusedQuery, Render, no_files, nothing
from schoolgate.gate.manner import PLAIN, Manner
from schoolgate.gate.rewrite import Plan, rewrite
from schoolgate.gate.terms.leftout import PupilSets, pupil_sets
from schoolgate.gate.terms.rowrules import looked_at, reads_census
from schoolgate.gate.terms.ruling import Explained, asked_of, everything, explain_query, rule_on, shape_of
from schoolgate.gate.terms.small_cells import cell_problems
from schoolgate.gate.terms.withhold import withhold
from schoolgate.gate.understand import Asked, understand
from schoolgate.gate.whereabouts import placed
from schoolgate.gate.writing import (
    ChangedMeanwhile,
    Entropy,
    Taken,
    begin,
    new_release_id,
    receipt_for,
    refuse,
    result_digest,
)
from schoolgate.policy import HANDED_OVER, IN_THE_SETTING, Decision
from schoolgate.records.read import NoData, current_snapshot
from schoolgate.records.vault import Vault

_ATTEMPTS = 4
"""How often a read is run again when something it depends on changes while it runs."""

_UNWRITTEN = Refusal(
    "not-writable-so",
    "The result cannot be written in the form it was asked for.",
    "the file's format",
    "Name the file .arrow, which holds every result, or ask for plain columns.",
)
_FAULT = Refusal("engine", "The engine could not answer the query.", "gate engine")


def explain(agreement_id: str, person_id: str, sql: str, *, clock: Clock, output: str = IN_THE_SETTING) -> Explained:
    """Which rule allows or refuses each item of a query; nothing is read."""
    found = explain_query(agreement_id, person_id, sql, clock=clock, output=output)
    further = _against(understand(sql), output, PLAIN)
    return replace(found, refusals=(*found.refusals, *further))


def read(
    agreement_id: str,
    person_id: str,
    sql: str,
    *,
    config: Config,
    clock: Clock,
    limits: Limits | None = None,
    entropy: Entropy = os.urandom,
    render: Render = no_files,
    step: Callable[[str], None] = nothing,
    output: str = IN_THE_SETTING,
    manner: Manner = PLAIN,
) -> Handover | RefusedQuery:
    """Run a researcher's query under an agreement.

    `render` turns the result into the files it leaves as (name -> bytes), before the read is recorded: the log
    vouches for their digests, and `Handover.files` are those very bytes. `output` is where the result goes
    (`policy.HANDED_OVER`, `policy.IN_THE_SETTING`); `manner`, how it differs from a person's own query.

    Returns:
        The result with its receipt, or every reason why there is none; both are on record.

    Raises:
        SchoolgateError: it could not be recorded, published or done; no result leaves, whatever it was
            (`failclosed`). What is on record by then stays begun, not delivered.
    """
    with plainly():
        for _ in range(_ATTEMPTS):
            try:
                return _attempt(
                    agreement_id,
                    person_id,
                    sql,
                    config=config,
                    clock=clock,
                    limits=limits or Limits(),
                    entropy=entropy,
                    render=render,
                    step=step,
                    output=output,
                    manner=manner,
                )
            except ChangedMeanwhile:
                continue
        changing = Refusal(
            "changed-meanwhile",
            "Objections or terms changed again and again while the query ran.",
            provision="what is recorded before a read is honoured by it",
            remedy="Ask again in a minute.",
        )
        return refuse(agreement_id, (changing,), config=config, clock=clock)


def _attempt(
    agreement_id: str,
    person_id: str,
    sql: str,
    *,
    config: Config,
    clock: Clock,
    limits: Limits,
    entropy: Entropy,
    render: Render,
    step: Callable[[str], None],
    output: str,
    manner: Manner,
) -> Handover | RefusedQuery:
    asked = understand(sql)
    if not isinstance(asked, tuple):
        cells().soon()
    try:
        agreement = requests.get(agreement_id)
    except requests.UnknownRequest as unknown:
        missing = Refusal(unknown.code, unknown.what, "agreements in the register", unknown.hint)
        reasons = (*(asked if isinstance(asked, tuple) else ()), missing)
        return refuse(None, reasons, config=config, clock=clock)
    seen, quiet, today = register.log_size(), consent.revision(), custodians_day(clock)
    decision, reasons = everything(agreement, person_id, sql, asked, clock, output)
    reasons = (*reasons, *_against(asked, output, manner))
    if reasons or isinstance(asked, tuple):
        return refuse(agreement_id, reasons, config=config, clock=clock)
    scans, shape = asked_of(asked.scans), shape_of(asked, agreement, output)
    shown = public_form(asked.named) if agreement.publish_queries else None
    if decision.minimum_cell:
        asked = withhold(asked, decision.minimum_cell)
    asked = manner.confined(asked)
    reads = _items_by_scan(asked, decision, manner)
    sets = pupil_sets(agreement, reads, decision.rows, today)
    try:
        snapshot = current_snapshot(config)
    except NoData as none:
        empty = Refusal(none.code, none.what, "the pupil lake", none.hint)
        return refuse(agreement_id, (empty,), config=config, clock=clock)
    request = EngineRequest(
        snapshot=snapshot,
        tables=_tables(asked, decision),
        denied=sets.denied,
        pseudonym_key=Vault(config).agreement_key(agreement_id),
        limits=_within_budget(limits, decision),
        sets=sets.named,
        items=frozenset[str]().union(*reads.values()),
    )
    try:
        plan, result, failure = _rewritten_and_run(asked, request, sets, decision, config, step)
    except NothingRead as unread:
        return refuse(
            agreement_id, (Refusal(unread.code, unread.what, "gate engine", unread.hint),), config=config, clock=clock
        )
    plan = manner.exposing(plan)
    failure = placed(failure, sql)
    step("run")

    def confirm(index: int) -> None:
        again = rule_on(agreement, person_id, scans, clock, shape)
        held = again.refusals or manner.check()
        if requests.get(agreement_id) != agreement or held:
            raise ChangedMeanwhile
        # Nobody else records a read until this one is recorded, so two cannot both take what is left of a budget.
        if result is not None and again.rows_left is not None and result.num_rows > again.rows_left:
            raise ChangedMeanwhile
        unheard = consent.hold_revision() != quiet or custodians_day(clock) != today
        if (unheard or _may_have_changed(seen, index)) and sets != pupil_sets(
            agreement, reads, decision.rows, custodians_day(clock)
        ):
            raise ChangedMeanwhile

    nonce = entropy(16)
    taken, files = (None, {}) if result is None else _taken_as(result, plan, render, manner, nonce)
    if result is not None and taken is None:
        result, failure = None, _UNWRITTEN
    record = begin(
        agreement,
        person_id,
        define(snapshot, plan.scans, sets, sql, nonce),
        plan,
        snapshot=snapshot,
        release_id=new_release_id(entropy),
        query_hash=hashlib.sha256(nonce + sql.encode()).hexdigest(),
        shown=shown,
        taken=taken,
        pupils=None,
        clock=clock,
        confirm=confirm,
        engine=config.spark and "spark",
        manner=manner,
    )
    with plainly(record.release_id):
        step("recorded")
        register.publish(clock, config)
        step("published")
        if result is None or taken is None:
            return RefusedQuery((failure,) if failure else (), record.log_index, exposed=True)
        receipt = receipt_for(record, taken, config)
        # Last of all: whoever has a result, it is on record as delivered. One that breaks off after this, on its way
        # to the caller, stays on record as delivered: counted too much, never too little.
        ledger.mark_delivered(
            record.release_id,
            lambda: register.append_event(
                "release.delivered",
                record.release_id,
                {"rows": register.round_count(result.num_rows)},
                clock.now(),
            ),
            clock,
        )
        step("delivered")
        return Handover(result, record.release_id, receipt, record.log_index, files)


_EXTRACT_NEEDED = Refusal(
    "extract-needed",
    "Single records stay in the safe setting; outside it only numbers about many pupils are given out.",
    provision="the safe setting is where data is used",
    remedy="Ask from inside the setting, or order an extract with your reasons: schoolgate extract order.",
)


def _against(asked: Asked | tuple[Refusal, ...], output: str, manner: Manner) -> tuple[Refusal, ...]:
    """What no rule on the query says: where single records go, and the manner's own reasons."""
    leaves = output == HANDED_OVER and not manner.leaves
    single = leaves and not isinstance(asked, tuple) and bool(cell_problems(asked.named, asked.references))
    return (*((_EXTRACT_NEEDED,) if single else ()), *manner.check())


def _taken_as(
    result: pa.Table, plan: Plan, render: Render, manner: Manner, nonce: bytes
) -> tuple[Taken | None, dict[str, bytes]]:
    """The files a result leaves as, and what a receipt says of it; None when it cannot be written so."""
    try:
        leaving = manner.leaving(result, plan)
        files = dict(render(leaving))
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        return Taken(nonce, result.num_rows, result_digest(leaving), digests), files
    except Exception:  # noqa: BLE001 - what cannot be written may be a matter of its values: an exposure
        return None, {}


_CHOICES = ("objection.totals", "objection.wider_totals", "restriction.totals")
"""What the register is told when a family's choice changes whom reads leave out."""


def _may_have_changed(seen: int, index: int) -> bool:
    """Whether an objection or restriction was recorded since the log had `seen` entries.

    Each change writes its event in its own transaction, and entries are numbered one transaction at a time, so
    what is not among the entries between has not happened.
    """
    between = index - seen
    if between > 100:  # not worth reading them all: ask who is left out instead
        return True
    told = register.events(before=index, limit=between) if between else ()
    return any(event.type in _CHOICES for event in told)


def _items_by_scan(asked: Asked, decision: Decision, manner: Manner) -> dict[int, frozenset[str]]:
    """Number of a scan -> the items it reads, those that the row rule looks at included.

    What was opened in the vault for the read counts with the first, as it is recorded.
    """
    found = {scan.number: scan.items | looked_at(scan.table, decision.rows) for scan in asked.scans}
    if found and manner.identity:
        first = asked.scans[0].number
        found[first] |= {f"identity.{name}" for name in manner.identity}
    return found


def _tables(asked: Asked, decision: Decision) -> frozenset[str]:
    tables = {scan.table for scan in asked.scans}
    return frozenset(tables | ({"census_pupil"} if reads_census(decision.rows) and tables else set()))


def _within_budget(limits: Limits, decision: Decision) -> Limits:
    """A result larger than what is left of the rows does not leave the engine."""
    return limits if decision.rows_left is None else replace(limits, rows=min(limits.rows, decision.rows_left))


def _rewritten_and_run(
    asked: Asked,
    request: EngineRequest,
    sets: PupilSets,
    decision: Decision,
    config: Config,
    step: Callable[[str], None],
) -> tuple[Plan, pa.Table | None, Refusal | None]:
    with ExitStack() as opened:
        # A cell opens its files while the query is rewritten; whatever comes between, it is ended.
        early = None if config.spark else opened.push(open_engine(request, config, wait=False))
        plan = rewrite(
            asked.named, asked.references, asked.scans, decision.rows,
            anyone_denied=bool(sets.denied), disputed=sets.disputed.keys(),
        )  # fmt: skip
        step("checked")
        return plan, *_run(plan, request, config, early)


def _run(
    plan: Plan, request: EngineRequest, config: Config, early: ReadEngine | None
) -> tuple[pa.Table | None, Refusal | None]:
    try:
        with early or open_engine(request, config) as engine:
            return engine.run(plan.sql, plan.finish), None
    except NothingRead:
        raise
    except EngineRefused as error:
        return None, Refusal(error.code, error.what, "gate engine", error.hint)
    except SchoolgateError:  # the lake's files could not be opened: the query did not run
        raise
    except Exception:  # noqa: BLE001 - it may have run, and that it failed may tell something: an exposure
        return None, _FAULT
