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
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import pyarrow as pa
from pyroaring import BitMap

from schoolgate import consent, ledger, people, register, requests
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.gate.definition import define
from schoolgate.gate.engine import EngineRefused, Limits
from schoolgate.gate.handover import Handover, RefusedQuery, Render, no_files, nothing
from schoolgate.gate.lake import EngineRequest, open_engine
from schoolgate.gate.mention import mentioned
from schoolgate.gate.rewrite import Plan, rewrite
from schoolgate.gate.scans import Scan
from schoolgate.gate.shown import public_form
from schoolgate.gate.understand import Asked, understand
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
from schoolgate.policy import (
    AgreementTerms,
    CohortTerm,
    Decision,
    ItemRuling,
    PersonTerms,
    ScanRequest,
    decide,
)
from schoolgate.records.read import NoData, current_snapshot
from schoolgate.records.vault import Vault

_HERE = ZoneInfo("Europe/London")

_ATTEMPTS = 4
"""How often a read is run again when something it depends on changes while it runs."""


def agreement_terms(agreement: requests.Agreement) -> AgreementTerms:
    """The terms of an agreement that policy looks at."""
    return AgreementTerms(
        id=agreement.id,
        state=agreement.state,
        purpose=agreement.purpose,
        lawful_basis=agreement.lawful_basis,
        items=agreement.items,
        years=agreement.years,
        terms=agreement.terms,
        cohort=tuple(CohortTerm(part.column, tuple(part.values)) for part in agreement.cohort),
        valid_from=agreement.valid_from,
        valid_until=agreement.valid_until,
        people=agreement.people,
    )


def asked_of(scans: tuple[Scan, ...]) -> tuple[ScanRequest, ...]:
    """What policy is asked about a query's scans."""
    return tuple(
        ScanRequest(scan.table, scan.items, {f"{scan.table}.{c}": p for c, p in scan.places.items()}) for scan in scans
    )


def rule_on(agreement: requests.Agreement, person_id: str, scans: tuple[ScanRequest, ...], clock: Clock) -> Decision:
    """Step 4: ask policy about these scans today."""
    beforehand: list[Refusal] = []
    try:
        person = people.person(person_id)
        asker = PersonTerms(person.id, person.accredited_until)
    except people.UnknownPerson:
        asker = PersonTerms(person_id, None)
        beforehand.append(
            Refusal(
                "person-unknown", "There is no such person.", "people entered by the custodian", "See `people list`."
            )
        )
    if agreement.built_in:
        beforehand.append(
            Refusal(
                "agreement-built-in",
                "This agreement is for a family's look at its own child, not for queries.",
                provision=f"agreement {agreement.id}",
                remedy="Apply for an agreement of your own.",
            )
        )
    decision = decide(agreement_terms(agreement), asker, scans, clock.now().astimezone(_HERE).date())
    return replace(decision, refusals=(*beforehand, *decision.refusals))


def left_out(purpose: str) -> BitMap:
    """The pupils no scan under this purpose may take: objections in force and restrictions."""
    return BitMap(consent.objecting_pupils([purpose])) | BitMap(consent.restricted_pupils())


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a query would be run or refused, without running it."""

    refusals: tuple[Refusal, ...]
    rulings: tuple[ItemRuling, ...]


def explain(agreement_id: str, person_id: str, sql: str, *, clock: Clock) -> Explained:
    """Which rule allows or refuses each item of a query; nothing is read."""
    agreement = requests.get(agreement_id)
    asked = understand(sql)
    decision, reasons = _everything(agreement, person_id, sql, asked, clock)
    return Explained(reasons, decision.rulings)


def _everything(
    agreement: requests.Agreement,
    person_id: str,
    sql: str,
    asked: Asked | tuple[Refusal, ...],
    clock: Clock,
) -> tuple[Decision, tuple[Refusal, ...]]:
    """The decision, and every reason against the read at once: the query's, the agreement's, each item's."""
    if isinstance(asked, tuple):
        decision = rule_on(agreement, person_id, mentioned(sql), clock)
        return decision, (*asked, *decision.refusals)
    decision = rule_on(agreement, person_id, asked_of(asked.scans), clock)
    return decision, decision.refusals


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
) -> Handover | RefusedQuery:
    """Run a researcher's query under an agreement.

    `render` turns the result into the files it leaves as (name -> bytes), before the read is recorded: the log
    vouches for their digests, and `Handover.files` are those very bytes.

    Returns:
        The result with its receipt, or every reason why there is none; both are on record.
    """
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
) -> Handover | RefusedQuery:
    asked = understand(sql)
    try:
        agreement = requests.get(agreement_id)
    except requests.UnknownRequest as unknown:
        missing = Refusal(unknown.code, unknown.what, "agreements in the register", unknown.hint)
        reasons = (*(asked if isinstance(asked, tuple) else ()), missing)
        return refuse(None, reasons, config=config, clock=clock)
    seen = register.log_size()
    decision, reasons = _everything(agreement, person_id, sql, asked, clock)
    if reasons or isinstance(asked, tuple):
        return refuse(agreement_id, reasons, config=config, clock=clock)
    denied = left_out(agreement.purpose)
    scans = asked_of(asked.scans)
    shown = public_form(asked.named) if agreement.publish_queries else None
    plan = rewrite(asked.named, asked.references, asked.scans, decision.rows, anyone_denied=bool(denied))
    try:
        snapshot = current_snapshot(config)
    except NoData as none:
        empty = Refusal(none.code, none.what, "the pupil lake", none.hint)
        return refuse(agreement_id, (empty,), config=config, clock=clock)
    request = EngineRequest(
        snapshot=snapshot,
        tables=_tables(plan, decision),
        denied=denied,
        pseudonym_key=Vault(config).agreement_key(agreement_id),
        limits=limits,
    )
    step("checked")
    result, failure = _run(plan, request, config)
    step("run")

    def confirm(index: int) -> None:
        if requests.get(agreement_id) != agreement or rule_on(agreement, person_id, scans, clock).refusals:
            raise ChangedMeanwhile
        if _may_have_changed(seen, index) and left_out(agreement.purpose) != denied:
            raise ChangedMeanwhile

    nonce = entropy(16)
    files = {} if result is None else dict(render(result))
    taken = None
    if result is not None:
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        taken = Taken(nonce, result.num_rows, result_digest(result), digests)
    record = begin(
        agreement,
        person_id,
        define(snapshot, plan.scans, denied, sql, nonce),
        plan,
        snapshot=snapshot,
        release_id=new_release_id(entropy),
        query_hash=hashlib.sha256(nonce + sql.encode()).hexdigest(),
        shown=shown,
        taken=taken,
        pupils=None,
        clock=clock,
        confirm=confirm,
    )
    step("recorded")
    register.publish(clock, config)
    step("published")
    if result is None or taken is None:
        return RefusedQuery((failure,) if failure else (), record.log_index, exposed=True)
    receipt = receipt_for(record, taken, config)
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


def _may_have_changed(seen: int, index: int) -> bool:
    """Whether an objection or restriction was recorded since the log had `seen` entries.

    Each change writes its event in its own transaction, and entries are numbered one transaction at a time, so
    what is not among the entries between has not happened.
    """
    between = index - seen
    if between > 100:  # not worth reading them all: ask who is left out instead
        return True
    told = register.events(before=index, limit=between) if between else ()
    return any(event.type in ("objection.totals", "restriction.totals") for event in told)


def _tables(plan: Plan, decision: Decision) -> frozenset[str]:
    tables = {scan.table for scan in plan.scans}
    return frozenset(tables | ({"census_pupil"} if decision.rows.cohort and tables else set()))


def _run(plan: Plan, request: EngineRequest, config: Config) -> tuple[pa.Table | None, Refusal | None]:
    try:
        with open_engine(request, config) as engine:
            return engine.run(plan.sql), None
    except EngineRefused as error:
        return None, Refusal(error.code, error.what, "gate engine", error.hint)
