"""Changes that stay when a term is loaded again: laid over what the returns say, as far as they still say it.

A return is a school's own paper and is kept as it came, so loading it again would bring a corrected value back. What
stands is therefore looked at in every load of its term: while the return says the old value the new one is written
(laid); once the school sends the new value itself nothing is left to do (fulfilled); what the school has since said
otherwise is newer than the correction and stays (overtaken); a row that is in no return any more is missing. A row of
the same paper that a clerk has found to be another pupil's takes its correction along, but no value of an item that
this pupil's family declines.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from schoolgate import declining
from schoolgate.config import Config
from schoolgate.dictionary import LakeTable, lake_columns
from schoolgate.records.models import LakeAmendment
from schoolgate.records.rewriting import Instead, Row, pupils_of_papers, rows_of

PUT, DROP, FILL = "put", "drop", "fill"
LAID, FULFILLED, OVERTAKEN, MISSING = "laid", "fulfilled", "overtaken", "missing"

Declined = Mapping[str, Collection[int]]
"""Column -> the pupils whose families decline to give it."""

_PURPOSE = "amendments"
_CENSUS = "census_pupil"


@dataclass(frozen=True, slots=True)
class Standing:
    """One change that stands.

    Attributes:
        key: of its row.
        kind: `PUT`, `DROP` or `FILL`.
        pupil: to whom the row belongs; None for all rows of the term.
        values: column -> what is written.
        was: the row as it was before, item columns; None for every row of the pupil.
        paper: the return and the row in it; None when it is not about one row.
    """

    key: int
    kind: str
    pupil: int | None = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)
    was: Mapping[str, Any] | None = field(repr=False)
    paper: tuple[str, int] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one change at a load: see the module."""

    key: int
    came_of_it: str
    pupil: int | None = field(repr=False)


def _written(value: Any) -> Any:
    return str(value) if isinstance(value, date | datetime | Decimal) else value


def _read(table: str, name: str, value: Any) -> Any:
    column = lake_columns().get(f"{table}.{name}")
    if value is None or column is None:
        return value
    if column.type == "date":
        return date.fromisoformat(value)
    return Decimal(value) if column.type == "decimal" else value


def seal_change(
    config: Config, values: Mapping[str, Any], was: Mapping[str, Any] | None, paper: tuple[str, int] | None
) -> bytes:
    """What is kept of a change, sealed."""
    plain = {
        "values": {name: _written(value) for name, value in values.items()},
        "was": None if was is None else {name: _written(value) for name, value in was.items()},
        "paper": paper,
    }
    return config.keyring().seal(_PURPOSE, json.dumps(plain).encode())


def open_change(row: LakeAmendment, config: Config) -> Standing:
    """What is kept of a change, opened."""
    plain = json.loads(config.keyring().unseal(_PURPOSE, bytes(row.sealed)))
    was, paper = plain["was"], plain["paper"]
    return Standing(
        row.pk,
        row.kind,
        row.pupil,
        {name: _read(row.table, name, value) for name, value in plain["values"].items()},
        None if was is None else {name: _read(row.table, name, value) for name, value in was.items()},
        None if paper is None else (str(paper[0]), int(paper[1])),
    )


def standing(table: str, year: int, term: str, config: Config) -> tuple[Standing, ...]:
    """What stands in one term's part of a table, oldest first."""
    rows = LakeAmendment.objects.filter(table=table, year=year, term=term).order_by("pk")
    return tuple(open_change(row, config) for row in rows.iterator())


def _items(was: Mapping[str, Any]) -> Iterable[str]:
    return (name for name in was if name not in ("pupil", "year", "term"))


def _mine(change: Standing, rows: Sequence[Row]) -> list[Row]:
    """The rows that may be the one that was changed: the same paper's first, else the pupil's at that school."""
    paper = [row for row in rows if change.paper and (row["return_id"], row["return_row"]) == change.paper]
    if paper:
        return paper
    urn = (change.was or {}).get("urn")
    return [row for row in rows if row["pupil"] == change.pupil and row["urn"] == urn]


def _lay_one(change: Standing, table: str, rows: Sequence[Row], declined: Declined) -> tuple[str, int | None]:
    """Lay one change of one row over the term's rows; what came of it, and whose the row is."""
    was = change.was or {}
    mine = _mine(change, rows)
    if not mine:
        return MISSING, change.pupil
    others = [name for name in _items(was) if name not in change.values]
    # A pupil has one main row at a school, whatever else in it is new; of needs, periods or absences there are
    # several, and only one that is otherwise the same is the same.
    like = [row for row in mine if table == _CENSUS or all(row[name] == was[name] for name in others)]
    like.sort(key=lambda row: -sum(row[name] == was[name] for name in others))
    for row in like:
        if all(row[name] == was[name] for name in change.values):
            if any(row["pupil"] in declined.get(name, ()) for name in change.values):
                return OVERTAKEN, row["pupil"]
            row.update(change.values)
            return LAID, row["pupil"]
    for row in like:
        if all(row[name] == value for name, value in change.values.items()):
            return FULFILLED, row["pupil"]
    return (OVERTAKEN if like else MISSING), mine[0]["pupil"]


def lay(
    changes: Sequence[Standing], table: str, rows: list[Row], declined: Declined = MappingProxyType({})
) -> tuple[list[Row], list[Outcome]]:
    """Lay changes over rows, in order. Pure: `rows` are the term's rows of every pupil concerned, and are used up.

    Args:
        changes: that stand.
        table: of the lake.
        rows: as they were just read.
        declined: column -> the pupils whose families decline it.

    Returns:
        The rows as they are to be, and what came of each change that is about some pupil.
    """
    outcomes: list[Outcome] = []
    by_pupil: dict[int, list[Row]] = {}
    by_paper: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        by_pupil.setdefault(row["pupil"], []).append(row)
        by_paper.setdefault((row["return_id"], row["return_row"]), []).append(row)
    gone: set[int] = set()
    for change in changes:
        own = by_pupil.get(change.pupil if change.pupil is not None else -1, [])
        if change.kind == DROP:
            gone.add(int(change.pupil or 0))
            outcomes.append(Outcome(change.key, LAID if own else MISSING, change.pupil))
        elif change.kind == PUT and change.was is None:
            same = all(row[name] == value for row in own for name, value in change.values.items())
            for row in own:
                row.update(change.values)
            came = (FULFILLED if same else LAID) if own else MISSING
            outcomes.append(Outcome(change.key, came, change.pupil))
        elif change.kind == PUT:
            near = [*own, *(by_paper.get(change.paper, []) if change.paper else [])]
            came, pupil = _lay_one(change, table, near, declined)
            outcomes.append(Outcome(change.key, came, pupil))
    return [row for row in rows if row["pupil"] not in gone], outcomes


def laid_over(
    table: LakeTable, year: int, term: str, source: Path, scratch: Path, config: Config
) -> tuple[Instead | None, list[Outcome]]:
    """What stands, laid over a term's facts as they were just read from returns.

    Args:
        table: whose facts.
        year: of the census.
        term: of the census.
        source: the facts, one Parquet file.
        scratch: for what does not fit into memory.
        config: the installation.

    Returns:
        What to write instead (None: nothing stands), and what came of each change.
    """
    changes = standing(table.name, year, term, config)
    if not changes:
        return None, []
    papers = {change.paper for change in changes if change.paper}
    pupils = {change.pupil for change in changes if change.pupil is not None}
    if papers:
        pupils |= pupils_of_papers(source, papers, scratch)
    rows = rows_of(table, source, pupils, scratch) if pupils else []
    declined = {one.column: frozenset(one.pupils.tolist()) for one in declining.kept_out().get(table.name, ())}
    laid, outcomes = lay([change for change in changes if change.kind != FILL], table.name, rows, declined)
    filled: dict[str, Any] = {}
    for change in changes:
        if change.kind == FILL:
            filled |= change.values
            outcomes.append(Outcome(change.key, LAID, None))
    return Instead(frozenset(pupils), laid, filled), outcomes


def record_outcomes(outcomes: Sequence[Outcome]) -> None:
    """Write down what came of changes, and whose rows they are now; in the caller's transaction."""
    known = LakeAmendment.objects.in_bulk([outcome.key for outcome in outcomes])
    changed = []
    for outcome in outcomes:
        row = known[outcome.key]
        if (row.came_of_it, row.pupil) != (outcome.came_of_it, outcome.pupil):
            row.came_of_it, row.pupil = outcome.came_of_it, outcome.pupil
            changed.append(row)
    LakeAmendment.objects.bulk_update(changed, ["came_of_it", "pupil"], batch_size=500)


def of_row(change: Standing, row: Row) -> Standing:
    """A change with the paper of the row it was made in."""
    return replace(change, paper=(row["return_id"], row["return_row"]))
