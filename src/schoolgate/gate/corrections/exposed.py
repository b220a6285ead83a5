"""Who was given a value that turned out to be wrong, row by row.

The ledger says which releases read an item and which pupils each scan took. Whether a scan took the very row (a pupil
has one in every term) follows from the release's own definition on its own snapshot, so it is asked there: nobody is
told of a value that it was never given. A row is known again by the paper it came from, else by pupil and school; so it
is found, too, where it was another pupil's when it was read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from schoolgate import ledger, requests
from schoolgate.clock import day_of
from schoolgate.config import Config
from schoolgate.dictionary import lake_tables
from schoolgate.gate.corrections.history import opened
from schoolgate.gate.corrections.models import Correction
from schoolgate.gate.corrections.rows import WANTED
from schoolgate.gate.corrections.tokens import IDENTITY
from schoolgate.gate.definition import sets_of
from schoolgate.gate.engines.engine import EngineRefused, Limits
from schoolgate.gate.engines.lake import EngineRequest, open_engine
from schoolgate.gate.releases.models import LookedUp
from schoolgate.gate.terms.rowrules import lake_view
from schoolgate.gate.understand import Asked, understand
from schoolgate.records.read import NoData
from schoolgate.records.read import snapshot as pinned_snapshot

_AT_ONCE = 40
"""Releases whose pupils are read from the ledger together: of eight million pupils a megabyte each."""

_PAPERS = 2_000
"""Most rows that are also looked for by the paper they came from. They stand in the query itself; so many are only put
right together where a school's whole return was wrong, and then no single row changed hands."""

_CENSUS = "census_pupil"
_NOT_OTHER = frozenset({"pupil", "year", "term", "urn"})


@dataclass(frozen=True, slots=True)
class Group:
    """The corrections of one item in one term.

    Attributes:
        keys: numbers of the corrections.
        since: of each, the first day on which it was wrong; None: always.
        rows: a table of ``key, pupil, urn, paper, other, new``, a row a correction.
        before: the lake version that first holds the last of them; reads of it or later saw none of the old values.
    """

    item: str
    year: int | None
    term: str
    keys: tuple[int, ...]
    since: tuple[date | None, ...]
    rows: pa.Table = field(repr=False)
    before: int | None

    @property
    def pupils(self) -> BitMap:
        """Whose they are."""
        return BitMap(np.asarray(self.rows.column("pupil").to_numpy(), np.uint32))


@dataclass(frozen=True, slots=True)
class Reached:
    """The corrections that concern one release.

    Attributes:
        named: whether what left held references to pupils.
        holders: number of each correction -> the pupil whose the row was when it was read.
    """

    release_id: str
    agreement_id: str
    named: bool
    holders: Mapping[int, int] = field(repr=False)


def others_of(item: str) -> tuple[str, ...]:
    """The columns by which a row is told from a pupil's others in one term; none where there is one at a school."""
    table, _, name = item.partition(".")
    if table == _CENSUS:
        return ()
    shape = next(shape for shape in lake_tables() if shape.name == table)
    return tuple(c.name for c in shape.columns if c.kind == "item" and c.name not in _NOT_OTHER and c.name != name)


def groups_of(corrections: Sequence[Correction], config: Config) -> Iterator[Group]:
    """Corrections by item and term."""
    parts: dict[tuple[str, int | None, str], list[Correction]] = {}
    for row in corrections:
        parts.setdefault((row.item, row.year, row.term), []).append(row)
    for (item, year, term), own in sorted(parts.items(), key=lambda part: (part[0][0], part[0][1] or 0, part[0][2])):
        others = () if item.startswith(f"{IDENTITY}.") else others_of(item)
        held = [(row, opened(row, config)) for row in own]
        versions = [row.version for row in own if row.version is not None]
        yield Group(
            item,
            year,
            term,
            tuple(row.pk for row in own),
            tuple(row.wrong_since for row in own),
            pa.table(
                {
                    "key": pa.array([row.pk for row in own], pa.int64()),
                    "pupil": pa.array([row.pupil for row in own], pa.int32()),
                    "urn": pa.array([_number(plain["row"].get("urn")) for _, plain in held], pa.int32()),
                    "paper": pa.array([_paper(plain["row"]) for _, plain in held], pa.string()),
                    "other": pa.array(["|".join(plain["row"][name] for name in others) for _, plain in held]),
                    "new": pa.array([plain["new"] for _, plain in held], pa.string()),
                }
            ),
            max(versions, default=None),
        )


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _paper(row: Mapping[str, str]) -> str | None:
    return f"{row['return_id']}:{row['return_row']}" if row.get("return_id") and row.get("return_row") else None


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sql(group: Group, scan: Mapping[str, Any]) -> str:
    """The rows of a scan, among those of the pupils wanted and of the papers wanted, in the corrections' term."""
    name = group.item.partition(".")[2]
    own_table = group.item.partition(".")[0] == scan["table"]
    value = f"coalesce(CAST(t.\"{name}\" AS VARCHAR), '')" if own_table else "NULL"
    others = [f"coalesce(CAST(t.\"{other}\" AS VARCHAR), '')" for other in (others_of(group.item) if own_table else ())]
    other = f"concat_ws('|', {', '.join(others)})" if others else "''"
    wanted = f'EXISTS (SELECT 1 FROM "{WANTED}" AS w WHERE w.pupil = t.pupil)'
    papers = group.rows.column("paper").drop_null().to_pylist()
    if own_table and papers and len(papers) <= _PAPERS:
        wanted = f"({wanted} OR t.return_id || ':' || t.return_row IN ({', '.join(map(_quoted, papers))}))"
    return (
        f"SELECT t.pupil AS holder, t.urn AS urn, t.return_id || ':' || t.return_row AS paper,"
        f" {value} AS value, {other} AS other"
        f' FROM "{lake_view(scan["table"])}" AS t'
        f" WHERE ({scan['condition']}) AND t.year = {int(group.year or 0)} AND t.term = {_quoted(group.term)}"
        f" AND {wanted}"
    )


def _matched(group: Group, taken: pa.Table, members: BitMap | None, *, own_table: bool) -> dict[int, int]:
    """The corrections that are of these rows, each with the pupil whose the row was when it was read."""
    known = taken.filter(pc.is_valid(taken.column("holder")))
    found: dict[int, int] = {}
    for here, there in ((["holder", "urn"], ["pupil", "urn"]), (["paper"], ["paper"])):
        joined = known.join(
            group.rows, keys=here, right_keys=there, join_type="inner", left_suffix="_t", right_suffix="_c"
        )
        if own_table:
            same = pc.equal(joined.column("other_t"), joined.column("other_c"))
            # Whoever was given the right value already is told nothing.
            joined = joined.filter(pc.and_(same, pc.not_equal(joined.column("value"), joined.column("new"))))
        holders = joined.column("holder").to_pylist()
        keys = joined.column("key").to_pylist()
        found |= {
            key: holder for key, holder in zip(keys, holders, strict=True) if members is None or holder in members
        }
    return found


def _of_row(
    group: Group, record: ledger.ReleaseRecord, members: Sequence[BitMap] | None, config: Config
) -> dict[int, int]:
    """The corrections whose rows one release took, each with whose it was then."""
    definition = json.loads(record.definition)
    found: dict[int, int] = {}
    scans = [(at, scan) for at, scan in enumerate(definition["scans"]) if group.item in scan["items"]]
    try:
        request = EngineRequest(
            snapshot=pinned_snapshot(definition["snapshot"], config),
            tables=frozenset({scan["table"] for _, scan in scans} | {_CENSUS}),
            denied=BitMap(),
            pseudonym_key=bytes(32),
            limits=Limits(seconds=600, rows=50_000_000, size=8 << 30),
            sets={**sets_of(definition), WANTED: group.pupils},
            provenance=True,
        )
        with open_engine(request, config) as engine:
            for at, scan in scans:
                own = members[at] if members is not None else None
                taken = engine.run(_sql(group, scan))
                found |= _matched(group, taken, own, own_table=scan["table"] == group.item.partition(".")[0])
    except (NoData, EngineRefused):
        return _by_terms(group, record, members)
    return found


def _by_terms(group: Group, record: ledger.ReleaseRecord, members: Sequence[BitMap] | None) -> dict[int, int]:
    """The same where the snapshot is gone: whoever the ledger names, if the agreement covers the term at all."""
    agreement = requests.get(record.agreement_id)
    years = not agreement.years or any(first <= (group.year or 0) <= last for first, last in agreement.years)
    if not years or (agreement.terms and group.term not in agreement.terms):
        return {}
    return _by_members(group, record, members)


def _by_members(group: Group, record: ledger.ReleaseRecord, members: Sequence[BitMap] | None) -> dict[int, int]:
    """The corrections of pupils whom a scan that read the item took, whatever the row: an identity has one."""
    taken = group.pupils
    if members is not None:
        own = [members[at] for at, items in enumerate(record.scans) if group.item in items]
        taken = taken & BitMap.union(BitMap(), *own)
    pupils = group.rows.column("pupil").to_pylist()
    return {key: pupil for key, pupil in zip(group.keys, pupils, strict=True) if pupil in taken}


def _wrong_by(group: Group, record: ledger.ReleaseRecord) -> BitMap:
    """The corrections whose value was wrong already when it was read."""
    day = day_of(record.begun_at)
    return BitMap(key for key, since in zip(group.keys, group.since, strict=True) if since is None or since <= day)


def looked_up(release_ids: Sequence[str]) -> frozenset[str]:
    """Releases that told of people by name: no pseudonym left with them."""
    return frozenset(LookedUp.objects.filter(release_id__in=list(release_ids)).values_list("release_id", flat=True))


def _may_be_in(group: Group, record: ledger.ReleaseRecord, members: Sequence[BitMap] | None) -> bool:
    if members is None or len(group.keys) <= _PAPERS:
        return True  # a row may have been another pupil's
    return any(bool(group.pupils & members[at]) for at, items in enumerate(record.scans) if group.item in items)


def reached(groups: Sequence[Group], config: Config) -> Iterator[Reached]:
    """Every release that was given a value of these corrections while it was wrong, oldest first."""
    records = [
        record
        for record in ledger.reading(frozenset(group.item for group in groups))
        if not requests.get(record.agreement_id).built_in
    ]
    for start in range(0, len(records), _AT_ONCE):
        part = records[start : start + _AT_ONCE]
        members = ledger.members_of([record.release_id for record in part])
        by_name = looked_up([record.release_id for record in part])
        for record in part:
            found = _one(groups, record, members.get(record.release_id), config)
            if found is not None:
                yield replace(found, named=found.named and record.release_id not in by_name)


def _one(
    groups: Sequence[Group], record: ledger.ReleaseRecord, members: Sequence[BitMap] | None, config: Config
) -> Reached | None:
    holders: dict[int, int] = {}
    for group in groups:
        if not any(group.item in items for items in record.scans):
            continue
        if group.before is not None and record.lake_version >= group.before:
            continue
        if not _may_be_in(group, record, members):
            continue
        is_identity = group.item.startswith(f"{IDENTITY}.")
        found = _by_members(group, record, members) if is_identity else _of_row(group, record, members, config)
        wrong = _wrong_by(group, record)
        holders |= {key: holder for key, holder in found.items() if key in wrong}
    if not holders:
        return None
    return Reached(record.release_id, record.agreement_id, gives_references(record.definition), holders)


def gives_references(definition: str) -> bool:
    """Whether what left held references to pupils: the asker's own query says so, as it did when it ran."""
    asked = understand(str(json.loads(definition)["query"]))
    return isinstance(asked, Asked) and any(asked.references.outputs(asked.named.tree))
