"""Named operations on one child: a family's own record, and a school's own pupil.

Each is a read like any other: under an agreement, recorded before anything is shown, and in the child's
own answer. Identity items come from the vault only here, never through SQL.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pyarrow as pa
from pyroaring import BitMap
from sqlglot import exp

from schoolgate import collect, consent, ledger, register, requests
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.dictionary import LakeTable, lake_tables
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.gate.corrections.tokens import IDENTITY, row_tokens
from schoolgate.gate.corrections.who import identity_token
from schoolgate.gate.definition import define
from schoolgate.gate.engines.engine import Limits
from schoolgate.gate.engines.lake import EngineRequest, ReadEngine, open_engine
from schoolgate.gate.failclosed import plainly
from schoolgate.gate.handover import SubjectRecord
from schoolgate.gate.rewrite import Plan, ScanPlan
from schoolgate.gate.settle import settle
from schoolgate.gate.shelter import identity_without_places, rows_without_places
from schoolgate.gate.terms.leftout import NOBODY
from schoolgate.gate.terms.rowrules import lake_view
from schoolgate.gate.withholding.leaving import left_out
from schoolgate.gate.withholding.standing import withheld_of
from schoolgate.gate.writing import Entropy, Taken, begin, new_release_id, receipt_for, refuse, result_digest
from schoolgate.ids import Pmr, Urn, upn_problem
from schoolgate.records.read import LakeSnapshot, current_snapshot
from schoolgate.records.vault import Identity, Vault

_EMPTY = pa.table({"rows": pa.array([], pa.int32())})

SUBJECT_ACCESS = "A-SAR"
"""The built-in agreement under which a family sees its own child's record (UK GDPR Article 15)."""

_IDENTITY_ITEMS = (
    "upn", "former_upns", "uln", "surname", "forename", "middle_names", "preferred_surname", "former_surname",
    "dob", "sex",
)  # fmt: skip

_NOBODY = Pmr(-1)
"""A reference that is never allocated: looked for when a UPN is nobody's, so that both take the same steps."""


def _provenance(table: LakeTable) -> list[str]:
    """The columns that say where a row came from: no items of the dictionary, and a family's to know all the same."""
    return [column.name for column in table.columns if column.kind == "provenance"]


def _one_pupil(table: LakeTable, number: int, pupil: Pmr, urn: Urn | None = None) -> ScanPlan:
    """A scan of one child's rows of one table; of one school when given."""
    condition: exp.Condition = exp.EQ(
        this=exp.column("pupil", table="t", quoted=True), expression=exp.Literal.number(int(pupil))
    )
    if urn is not None:
        school = exp.EQ(this=exp.column("urn", table="t", quoted=True), expression=exp.Literal.number(int(urn)))
        condition = exp.and_(condition, school)
    names = [column.name for column in table.columns if column.kind in ("frame", "item")]
    read = [*names, *_provenance(table)]
    source = exp.to_table(lake_view(table.name), alias="t")
    body = exp.select(*(exp.alias_(exp.column(n, table="t", quoted=True), n, quoted=True) for n in read))
    order = [exp.column(name, table="t", quoted=True) for name in read]
    members = exp.select(exp.column("pupil", table="t", quoted=True)).from_(source.copy()).where(condition.copy())
    return ScanPlan(
        number=number,
        table=table.name,
        items=tuple(sorted({f"{table.name}.{name}" for name in (*names, "pupil")})),
        condition=condition.sql("duckdb"),
        body=body.from_(source).where(condition).order_by(*order).sql("duckdb"),
        members=members.sql("duckdb"),
    )


def _identity(identity: Identity) -> Mapping[str, str]:
    values: dict[str, str] = {}
    for name in _IDENTITY_ITEMS:
        value = getattr(identity, name)
        text = ", ".join(str(part) for part in value) if isinstance(value, tuple | list) else str(value or "")
        if text:
            values[name] = text
    return values


def _closed() -> SchoolgateError:
    return SchoolgateError("Access by families is not open.", code="subject-access-closed")


def _record(
    plan: Plan, actor: str, snapshot: LakeSnapshot, *, config: Config, clock: Clock, entropy: Entropy
) -> tuple[ledger.ReleaseRecord, Taken]:
    agreement = requests.get(SUBJECT_ACCESS)
    if agreement.state != "active":
        raise _closed()
    nonce = entropy(16)
    taken = Taken(nonce, 0, result_digest(_EMPTY))
    record = begin(
        agreement,
        actor,
        define(snapshot, plan.scans, NOBODY, plan.sql, nonce),
        plan,
        snapshot=snapshot,
        release_id=new_release_id(entropy),
        query_hash=nonce.hex() * 2,  # there is no query to hash; a random value keeps entries alike
        shown=None,
        taken=taken,
        pupils=register.round_count(1),
        clock=clock,
    )
    with plainly(record.release_id):
        register.publish(clock, config)
    return record, taken


@plainly()
def subject_access(
    pupil: Pmr,
    actor: str,
    *,
    config: Config,
    clock: Clock,
    entropy: Entropy = os.urandom,
    confirmed: datetime | None = None,
) -> SubjectRecord:
    """Everything held about one child, for a family that has shown it may see it.

    Objections and restrictions leave nobody out here: they are the family's own. A shielded child's record is shown
    to nobody but an adult confirmed on paper since the shield, without its places: who looks may be the one from whom
    the child is kept. The words are those of access that is closed to all, and come after the same steps, so that
    neither they nor the time they take say more.

    Args:
        pupil: the child.
        actor: who looks, as an account reference without a name.
        config: the installation.
        clock: the time.
        entropy: randomness.
        confirmed: when two people last confirmed on paper that whoever looks may; None: never.
    """
    snapshot = current_snapshot(config)
    scans = tuple(_one_pupil(table, n, pupil) for n, table in enumerate(lake_tables(), start=1))
    plan = Plan(sql="; ".join(scan.body for scan in scans), scans=(_with_identity(scans[0]), *scans[1:]))
    request = EngineRequest(
        snapshot, frozenset(scan.table for scan in scans), BitMap(), bytes(32), Limits(seconds=30), provenance=True
    )
    shielded = BitMap(consent.shielded_pupils())
    with open_engine(request, config) as engine:
        read = {scan.table: engine.run(scan.body).to_pylist() for scan in scans}
    who = Vault(config).identity(pupil)
    identity = _identity(who)
    since = consent.shielded_since(pupil)
    if pupil in shielded and (confirmed is None or since is None or confirmed <= since):
        raise _closed()
    record, taken = _record(plan, actor, snapshot, config=config, clock=clock, entropy=entropy)
    receipt = receipt_for(record, taken, config)
    _deliver(record, config=config, clock=clock)
    rows, sources = _apart(read)
    sources = _with_senders(sources)
    keys = config.keyring()
    tokens = {table: row_tokens(keys, table, pupil, held) for table, held in read.items()}
    tokens[IDENTITY] = (identity_token(who, config),)
    # Staff who decide about a fact see it; its family does not while it is held back (DPA 2018 Schedule 3).
    decided = withheld_of(pupil, clock) if actor.startswith(_FAMILY) else ()
    left = left_out(frozenset(item for _rule, item in decided), identity, rows, sources, tokens)
    held_back = tuple(one for one in decided if one[1] in left.items)
    if pupil in shielded:
        return SubjectRecord(
            identity_without_places(left.identity), rows_without_places(left.tables), receipt,
            tokens=left.tokens, held_back=held_back,
        )  # fmt: skip
    return SubjectRecord(
        identity=left.identity, tables=left.tables, receipt=receipt, sources=left.sources, tokens=left.tokens,
        held_back=held_back,
    )  # fmt: skip


_FAMILY = "account:"
"""How the reference of an account begins that acts for a child."""


Rows = Mapping[str, tuple[Mapping[str, object], ...]]


def _apart(read: Mapping[str, list[dict[str, object]]]) -> tuple[Rows, Rows]:
    """What a family reads of each row, and where the row came from."""
    rows, sources = {}, {}
    for table in lake_tables():
        origin, held = frozenset(_provenance(table)), read[table.name]
        rows[table.name] = tuple({key: row[key] for key in row if key not in origin} for row in held)
        sources[table.name] = tuple({key: row[key] for key in row if key in origin} for row in held)
    return rows, sources


def _with_senders(sources: Rows) -> Rows:
    """The same with the school that sent each return and the moment it came (UK GDPR Article 15(1)(g))."""
    names = {str(one["return_id"]) for rows in sources.values() for one in rows if one.get("return_id")}
    sent = {one.return_id: one for one in collect.returns_named(sorted(names))}

    def known(one: Mapping[str, object]) -> Mapping[str, object]:
        found = sent.get(str(one.get("return_id")))
        return {
            **one,
            "sent_by": None if found is None else int(found.urn),
            "received_at": None if found is None else found.received_at,
        }

    return {table: tuple(known(one) for one in rows) for table, rows in sources.items()}


def _with_identity(scan: ScanPlan) -> ScanPlan:
    """A scan whose record says that the vault was opened too; the same for every child, whatever it holds."""
    return replace(scan, items=tuple(sorted({*scan.items, *(f"identity.{name}" for name in _IDENTITY_ITEMS)})))


def _deliver(record: ledger.ReleaseRecord, *, config: Config, clock: Clock) -> None:
    """Settled and published first: what fails then leaves the look begun, not delivered."""
    with plainly(record.release_id):
        settle(ledger.release(record.release_id), config=config, clock=clock)
        register.publish(clock, config)
        ledger.mark_delivered(
            record.release_id,
            lambda: register.append_event(
                "release.delivered", record.release_id, {"rows": register.round_count(1)}, clock.now()
            ),
            clock,
        )


def look(pupil: Pmr, items: tuple[str, ...], actor: str, *, config: Config, clock: Clock, entropy: Entropy) -> None:
    """Put on record that somebody looked at these items of one child: in the child's own answer, as any look is."""
    snapshot = current_snapshot(config)
    table = next(table for table in lake_tables() if table.name == "census_pupil")
    scan = replace(_one_pupil(table, 1, pupil), items=tuple(sorted(items)))
    plan = Plan(sql=scan.body, scans=(scan,))
    record, _ = _record(plan, actor, snapshot, config=config, clock=clock, entropy=entropy)
    _deliver(record, config=config, clock=clock)


_ON_ROLL_ITEMS = tuple(f"census_pupil.{name}" for name in ("onroll", "pupil", "term", "urn", "year"))


@plainly()
def find_own_pupil(
    urn: Urn, upn: str, actor: str, *, config: Config, clock: Clock, entropy: Entropy = os.urandom
) -> Pmr | Refusal:
    """A school asks for its own pupil by UPN, to issue a family's code.

    The answer for a UPN that does not exist, for a pupil of another school, for a child who is shielded (at its own
    school too) and for a UPN that two pupils of this school lay claim to is the same, takes the same steps and leaves
    the same register entry, so that a school cannot find out where a child is, and no family is given another child's
    record. A look-up that finds nobody is a refusal on record: it told nothing about any one child, so it is in no
    child's answer.
    """
    snapshot = current_snapshot(config)
    holders = Vault(config).holders([upn]).get(upn, ()) if upn_problem(upn) is None else ()
    table = next(table for table in lake_tables() if table.name == "census_pupil")
    scans = {pupil: _one_pupil(table, 1, pupil, urn) for pupil in holders or (_NOBODY,)}
    request = EngineRequest(snapshot, frozenset({table.name}), BitMap(), bytes(32), Limits(seconds=30))
    shielded = BitMap(consent.shielded_pupils())
    with open_engine(request, config) as engine:
        on_roll = [pupil for pupil, scan in scans.items() if _on_roll(engine, scan)]
    found = [] if any(pupil in shielded for pupil in on_roll) else on_roll
    if len(found) != 1:
        refusal = Refusal(
            "not-your-pupil",
            "This is not a pupil on this school's roll in the latest census.",
            provision="a school may act only for its own pupils",
            remedy="Check the UPN against your school's own records.",
        )
        refuse(SUBJECT_ACCESS, (refusal,), config=config, clock=clock)
        return refusal
    scan = replace(scans[found[0]], items=_ON_ROLL_ITEMS)
    plan = Plan(sql=scan.body, scans=(scan,))
    record, _ = _record(plan, actor, snapshot, config=config, clock=clock, entropy=entropy)
    _deliver(record, config=config, clock=clock)
    return found[0]


def _on_roll(engine: ReadEngine, scan: ScanPlan) -> bool:
    """Whether this school has the child on roll in the latest census of the lake."""
    latest = engine.run(
        f'SELECT count(*) AS n FROM "{lake_view(scan.table)}" AS t WHERE {scan.condition} AND t."onroll"'
        f' AND (t."year", t."term") = (SELECT (c."year", c."term") FROM "{lake_view(scan.table)}" AS c'
        f" ORDER BY c.\"year\" DESC, CASE c.\"term\" WHEN 'AUT' THEN 3 WHEN 'SUM' THEN 2 ELSE 1 END DESC LIMIT 1)"
    )
    return bool(latest.column("n")[0].as_py())
