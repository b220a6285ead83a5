"""The state of an installation as a fresh process finds it: what is there, what is left over, what contradicts."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow.parquet as pq

from schoolgate import collect, ledger, register
from schoolgate.collect.models import Return
from schoolgate.config import Config
from schoolgate.dictionary import lake_tables
from schoolgate.ledger.models import ExposureScan, Member
from schoolgate.records.models import LakeVersion, LakeVersionTable, VaultIdentity
from schoolgate.records.read import NoData, current_snapshot, snapshot
from tests.register.tool import verdict

# What differs between two runs that did the same: random names, and hashes over random nonces.
_RANDOM = {"subject", "release", "definition_hash", "query_hash", "members_root", "result_hash"}


def _returns(config: Config) -> list[list[Any]]:
    """Every return: where it is from, its state, whether another took its place, and what its paper says."""
    rows = []
    for row in Return.objects.all():
        _, pupils = collect.open_paper(row.return_id, config)
        names = sorted(pupil.fields.get("forename", "") for pupil in pupils)
        rows.append([row.urn, row.year, row.term, row.state, bool(row.replaced_by), row.pupils, names])
    return sorted(rows, key=repr)


def _lake(config: Config) -> dict[str, list[str]]:
    """The facts in force, without the names of the returns they came from."""
    try:
        tables = current_snapshot(config).tables
    except NoData:
        return {}
    facts: dict[str, list[str]] = {}
    for shape in lake_tables():
        columns = [column.name for column in shape.columns if column.kind != "provenance"]
        if shape.name in tables:
            rows = [
                row
                for path in tables[shape.name].files
                for row in pq.read_table(path, partitioning=None, columns=columns).to_pylist()
            ]
            facts[shape.name] = sorted(repr(sorted(row.items())) for row in rows)
    return facts


def _terms_in_lake(config: Config) -> Iterator[tuple[str, tuple[int, str]]]:
    """Which terms a query would find in each table."""
    try:
        tables = current_snapshot(config).tables
    except NoData:
        return
    for name, table in tables.items():
        for path in table.files:
            for row in pq.read_table(path, partitioning=None, columns=["year", "term"]).to_pylist():
                yield name, (row["year"], row["term"])


def _events() -> list[str]:
    every = register.events(limit=100_000)
    return [
        json.dumps({key: value for key, value in event.body.items() if key not in _RANDOM}, sort_keys=True)
        for event in reversed(every)
    ]


def _releases() -> list[list[Any]]:
    return [
        [
            r.agreement_id,
            r.outcome,
            r.rows,
            r.scans,
            r.delivered_at is not None,
            r.settled_at is not None,
            r.member_count,
        ]
        for r in ledger.releases()
    ]


def state(config: Config) -> dict[str, Any]:
    """What is there, in a form that is the same for two runs that did the same."""
    return {
        "returns": _returns(config),
        "lake": _lake(config),
        "versions": [[v.number, v.year, v.term] for v in LakeVersion.objects.order_by("number")],
        "identities": VaultIdentity.objects.count(),
        "events": _events(),
        "releases": _releases(),
    }


def _of_release(kind: str) -> Counter[str]:
    return Counter(event.subject for event in register.events(kind, limit=100_000))


def _ledger_faults() -> Iterator[str]:
    """Ledger and register tell the same releases, or one of them lies."""
    releases = {record.release_id: record for record in ledger.releases()}
    for kind, wanted in (
        ("release.begun", set(releases)),
        ("release.delivered", {name for name, record in releases.items() if record.delivered_at is not None}),
        ("release.settled", {name for name, record in releases.items() if record.settled_at is not None}),
    ):
        if _of_release(kind) != Counter(wanted):
            yield f"{kind}: the register and the ledger differ"
    for record in releases.values():
        begun = register.event(record.log_index)
        if (begun.type, begun.subject) != ("release.begun", record.release_id):
            yield "a release points to another entry"
        if begun.body["definition_hash"] != record.definition_hash:
            yield "a release's definition is not the one in the register"
        if record.settled_index is not None:
            settled = register.event(record.settled_index)
            if settled.body["release"] != record.release_id or settled.body["members_root"] != record.members_root:
                yield "a settlement points to another entry"
    settled_count = sum(record.settled_at is not None for record in releases.values())
    if Member.objects.count() != settled_count:
        yield "a commitment without a settlement"
    if ExposureScan.objects.filter(release__worked_out_at=None).exclude(pupils=None).exists():
        yield "pupils of a release that is not worked out"


def _lake_faults(config: Config) -> Iterator[str]:
    loads = Counter(event.body["snapshot"] for event in register.events("term.loaded", limit=100_000))
    versions = set(LakeVersion.objects.values_list("number", flat=True))
    # A test's own loading of six children writes no event; a census's load does.
    if any(count != 1 for count in loads.values()) or not set(loads) <= versions:
        yield "a load's event and its version differ"
    if set(LakeVersionTable.objects.values_list("version__number", flat=True)) != versions:
        yield "a lake version without its tables"
    loaded = set(LakeVersion.objects.values_list("year", "term"))
    for table, (year, term) in _terms_in_lake(config):
        if (year, term) not in loaded:
            yield f"{table}: facts of a term that was never made visible"


def _log_faults(config: Config) -> Iterator[str]:
    indexes = sorted(event.index for event in register.events(limit=100_000))
    if indexes != list(range(register.log_size())):
        yield "the register's indexes have a gap"
    if register.published(config) is not None:
        register.verify_log(str(config.log), register.verifier_key(config))
        register.check_journal(config)


def _result_faults(config: Config) -> Iterator[str]:
    """No result anywhere without its entry, its ledger row and a receipt that holds."""
    published = register.published(config)
    known = {record.release_id: record for record in ledger.releases()}
    for file in sorted((config.home / "researcher").glob("*")):
        record = known.get(file.stem)
        if record is None or published is None or record.log_index >= published.size:
            yield "a result without a record"
        elif file.suffix == ".json" and verdict(file.read_bytes(), config.home)[0] != 0:
            yield "a receipt that does not hold"


def left_over(config: Config) -> dict[str, list[str]]:
    """What nothing points to any more."""
    rows = set(Return.objects.values_list("return_id", flat=True))
    pointed: set[str] = set()
    for version in LakeVersion.objects.all():
        for table in snapshot(version.number, config).tables.values():
            pointed |= {urlsplit(path).path for path in table.files}
    return {
        "scratch": [path.name for path in config.scratch.glob("*")],
        "half papers": [path.name for path in config.papers.glob("*.new")],
        "papers": [path.stem for path in config.papers.glob("*.sealed") if path.stem not in rows],
        "facts": [path.name for path in config.lake.rglob("data/*.parquet") if str(path) not in pointed],
        "half log files": [path.name for path in config.log.rglob("*.new")],
        "half keys": [path.name for path in config.keys.glob("*.new")],
    }


def found(config: Config) -> dict[str, Any]:
    """State, what is left over, and every contradiction."""
    faults = [*_ledger_faults(), *_lake_faults(config), *_log_faults(config), *_result_faults(config)]
    (config.home / "checked.json").unlink(missing_ok=True)
    return {"state": state(config), "left over": left_over(config), "faults": faults}


def plain_text(home: Path, canaries: list[bytes]) -> list[str]:
    """Files below a home in which a canary can be read."""
    any_of_them = re.compile(b"|".join(map(re.escape, canaries)))
    return [
        str(path.relative_to(home))
        for path in sorted(home.rglob("*"))
        if path.is_file() and any_of_them.search(path.read_bytes())
    ]
