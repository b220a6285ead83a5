"""The one door: every read of pupil data passes `read`, `subject_access` or `find_own_pupil`.

Order of a read: parse, qualify, scans, policy, rewrite, run, define, write (ledger and log durable), hand
over, settle. "No receipt, no data": when the write fails there is no result.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from django.db import transaction
from pyroaring import BitMap

from schoolgate import consent, ledger, people, register, requests
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.gate.definition import Definition, define
from schoolgate.gate.engine import EngineRefused, Limits
from schoolgate.gate.handover import Handover, RefusedQuery, nothing
from schoolgate.gate.lake import EngineRequest, open_engine
from schoolgate.gate.names import Named
from schoolgate.gate.rewrite import Plan, rewrite
from schoolgate.gate.scans import Scan
from schoolgate.gate.understand import understand
from schoolgate.policy import (
    AgreementTerms,
    CohortTerm,
    Decision,
    ItemRuling,
    PersonTerms,
    ScanRequest,
    decide,
)
from schoolgate.records.read import LakeSnapshot, current_snapshot
from schoolgate.records.vault import Vault

_HERE = ZoneInfo("Europe/London")

Entropy = Callable[[int], bytes]


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


def rule_on(agreement: requests.Agreement, person_id: str, scans: tuple[Scan, ...], clock: Clock) -> Decision:
    """Step 4: ask policy about these scans today."""
    person = people.person(person_id)
    return decide(
        agreement_terms(agreement),
        PersonTerms(person.id, person.accredited_until),
        [
            ScanRequest(scan.table, scan.items, {f"{scan.table}.{c}": p for c, p in scan.places.items()})
            for scan in scans
        ],
        clock.now().astimezone(_HERE).date(),
    )


def left_out(purpose: str) -> BitMap:
    """The pupils no scan under this purpose may take: objections in force and restrictions."""
    return BitMap(consent.objecting_pupils([purpose])) | BitMap(consent.restricted_pupils())


def shown_query(agreement: requests.Agreement, tree_text: str) -> str | None:
    """The query as the register may show it: without literals, and only when the agreement publishes it."""
    return tree_text if agreement.publish_queries else None


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a query would be run or refused, without running it."""

    refusals: tuple[Refusal, ...]
    rulings: tuple[ItemRuling, ...]


def explain(agreement_id: str, person_id: str, sql: str, *, clock: Clock) -> Explained:
    """Which rule allows or refuses each item of a query; nothing is read."""
    agreement = requests.get(agreement_id)
    asked = understand(sql)
    if isinstance(asked, tuple):
        return Explained((*asked, *rule_on(agreement, person_id, (), clock).refusals), ())
    decision = rule_on(agreement, person_id, asked.scans, clock)
    return Explained(decision.refusals, decision.rulings)


def refuse(agreement_id: str, reasons: tuple[Refusal, ...], *, config: Config, clock: Clock) -> RefusedQuery:
    """Record a refusal in the register; only the reasons' codes and the items' names are public."""
    with transaction.atomic():
        index = register.append_event(
            "query.refused",
            agreement_id,
            {
                "agreement": agreement_id,
                "query_hash": None,
                "reasons": sorted({reason.code for reason in reasons}),
            },
            clock.now(),
        )
    register.publish(clock, config)
    return RefusedQuery(reasons, index)


def result_digest(table: pa.Table) -> str:
    """SHA-256 of the result as an Arrow IPC stream, hexadecimal."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return hashlib.sha256(sink.getvalue()).hexdigest()


def begin(
    agreement: requests.Agreement,
    person_id: str,
    definition: Definition,
    plan: Plan,
    *,
    snapshot: LakeSnapshot,
    release_id: str,
    query_hash: str,
    shown: str | None,
    result: pa.Table | None,
    pupils: str | None,
    clock: Clock,
) -> ledger.ReleaseRecord:
    """Step 7: ledger and register event in one transaction."""
    items = sorted({item for scan in plan.scans for item in scan.items})
    payload = {
        "agreement": agreement.id,
        "organisation": agreement.organisation_name,
        "purpose": agreement.purpose,
        "lawful_basis": agreement.lawful_basis,
        "query": shown,
        "query_hash": query_hash,
        "items": items,
        "snapshot": snapshot.version,
        "definition_hash": definition.digest,
        "pupils": pupils,
    }
    new = ledger.NewRelease(
        release_id=release_id,
        agreement_id=agreement.id,
        person_id=person_id,
        purpose=agreement.purpose,
        lake_version=snapshot.version,
        definition=definition.text,
        definition_hash=definition.digest,
        denied=definition.denied,
        outcome="failed" if result is None else "handed over",
        rows=None if result is None else result.num_rows,
        result_sha256="" if result is None else result_digest(result),
        scans=tuple(scan.items for scan in plan.scans),
    )
    return ledger.begin_release(
        new, lambda: register.append_event("release.begun", release_id, payload, clock.now()), clock
    )


def receipt_for(record: ledger.ReleaseRecord, result: pa.Table, nonce: bytes, config: Config) -> dict[str, Any]:
    """The receipt that goes with a result (``receipt/1``); checked offline by tools/verify_receipt.py."""
    return {
        "schoolgate": "receipt/1",
        "event": dict(register.event(record.log_index).body),
        "index": record.log_index,
        "proof": register.receipt_proof(record.log_index, config),
        "key": register.verifier_key(config),
        "result_sha256": result_digest(result),
        "rows": result.num_rows,
        "query_nonce": nonce.hex(),
    }


def new_release_id(entropy: Entropy) -> str:
    """A release's public name: random, so that it says nothing about order or number."""
    return "R-" + entropy(8).hex()


def read(
    agreement_id: str,
    person_id: str,
    sql: str,
    *,
    config: Config,
    clock: Clock,
    limits: Limits | None = None,
    entropy: Entropy = os.urandom,
    step: Callable[[str], None] = nothing,
) -> Handover | RefusedQuery:
    """Run a researcher's query under an agreement.

    Returns:
        The result with its receipt, or every reason why there is none; both are on record.
    """
    agreement = requests.get(agreement_id)
    asked = understand(sql)
    if isinstance(asked, tuple):
        # Also say what is wrong with the agreement itself, so that the asker hears everything at once.
        standing = rule_on(agreement, person_id, (), clock).refusals
        return refuse(agreement_id, (*asked, *standing), config=config, clock=clock)
    decision = rule_on(agreement, person_id, asked.scans, clock)
    if not decision.allowed:
        return refuse(agreement_id, decision.refusals, config=config, clock=clock)
    denied = left_out(agreement.purpose)
    shown = shown_query(agreement, _without_literals(asked.named))
    plan = rewrite(asked.named, asked.references, asked.scans, decision.rows, anyone_denied=bool(denied))
    snapshot = current_snapshot(config)
    request = EngineRequest(
        snapshot=snapshot,
        tables=_tables(plan, decision),
        denied=denied,
        pseudonym_key=Vault(config).agreement_key(agreement_id),
        limits=limits or Limits(),
    )
    step("checked")
    result, failure = _run(plan, request, config)
    step("run")
    nonce = entropy(16)
    record = begin(
        agreement,
        person_id,
        define(snapshot, plan.scans, denied, sql, nonce),
        plan,
        snapshot=snapshot,
        release_id=new_release_id(entropy),
        query_hash=hashlib.sha256(nonce + sql.encode()).hexdigest(),
        shown=shown,
        result=result,
        pupils=None,
        clock=clock,
    )
    step("recorded")
    register.publish(clock, config)
    step("published")
    if result is None:
        return RefusedQuery((failure,) if failure else (), record.log_index)
    receipt = receipt_for(record, result, nonce, config)
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
    return Handover(result, record.release_id, receipt, record.log_index)


def _tables(plan: Plan, decision: Decision) -> frozenset[str]:
    tables = {scan.table for scan in plan.scans}
    return frozenset(tables | ({"census_pupil"} if decision.rows.cohort and tables else set()))


def _without_literals(named: Named) -> str:
    from sqlglot import exp

    tree = named.tree.copy()
    for literal in list(tree.find_all(exp.Literal)):
        literal.replace(exp.Placeholder())
    return tree.sql("duckdb", identify=False)


def _run(plan: Plan, request: EngineRequest, config: Config) -> tuple[pa.Table | None, Refusal | None]:
    try:
        with open_engine(request, config) as engine:
            return engine.run(plan.sql), None
    except EngineRefused as error:
        return None, Refusal(error.code, error.what, "gate engine", error.hint)
