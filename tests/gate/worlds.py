"""Small random lakes, and queries asked of many changed copies of one, each scan having a copy of its own.

A variant of a lake gives every scan of a query its own version of its table; `Copies` runs the asker's qualified
query, not the gate's rewriting of it, over such variants.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from schoolgate.dictionary import lake_tables
from schoolgate.gate.rewrite import ScanPlan
from schoolgate.gate.understand import Asked
from schoolgate.policy import CohortTerm, RowRule
from tests.gate.asking import TABLES
from tests.gate.box import Rows, pseudonym, schema_of

PUPILS = range(6)
_TOKEN = "__rows_of_{}__"


def _row(dice: random.Random, table: str, pupils: Sequence[int]) -> dict[str, Any]:
    pupil = dice.choice(pupils)
    row: dict[str, Any] = {
        "pupil": pupil, "year": dice.choice([2025, 2026]), "term": dice.choice(["AUT", "SPR"]),
        "sex": dice.choice(["F", "M", None]), "ethnicity": dice.choice(["WBRI", "REF", "", None]),
        "age": dice.choice([None, 0, 4, 4, 5, 99]), "urn": dice.choice([1, 2, 5]),
        "onroll": dice.choice([True, True, False, None]),
        "entrydate": dice.choice([None, date(2025, 9, 1), date(2026, 1, 15)]),
        "fundedhours": dice.choice([None, 15, 30]), "attendancereason": dice.choice(["I", "F", None]),
        "sessions": dice.choice([None, 0, 1, 2, 4]), "category": dice.choice(["F", "SPR", None]),
        "startdate": dice.choice([None, date(2025, 9, 1), date(2026, 4, 20)]),
    }  # fmt: skip
    return {name: row[name] for name in TABLES[table]}


def random_rows(dice: random.Random, most: int = 18, pupils: Sequence[int] = PUPILS) -> dict[str, Rows]:
    """A lake of a few pupils; not every pupil is in every table."""
    return {table: [_row(dice, table, pupils) for _ in range(dice.randrange(6, most))] for table in TABLES}


def random_rule(dice: random.Random) -> RowRule:
    """An agreement's rows."""
    return RowRule(
        years=dice.choice([(), ((2025, 2025),), ((2025, 2026),), ((2024, 2024), (2026, 2026))]),
        terms=dice.choice([(), ("AUT",)]),
        cohort=dice.choice([(), (CohortTerm("sex", ("F",)),), (CohortTerm("age", ("4", "5")),)]),
    )


Answer = list[tuple[Any, ...]]


def named_outputs(names: Sequence[str], rows: Answer) -> Answer:
    """Rows as the asker gets them: references as pseudonyms."""
    hidden = {at for at, name in enumerate(names) if name == "pupil" or name.startswith("who")}
    if not hidden:
        return rows
    return [tuple(pseudonym(value) if at in hidden else value for at, value in enumerate(row)) for row in rows]


def fill(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Rows], prefix: str = "") -> None:
    """Write tables; those that are not given are empty."""
    for table in lake_tables():
        data = pa.Table.from_pylist(tables.get(table.name, []), schema=schema_of(table.name))
        connection.register("given", data)
        connection.execute(f'CREATE OR REPLACE TABLE "{prefix}{table.name}" AS SELECT * FROM given')
        connection.unregister("given")


@dataclass(frozen=True)
class Template:
    """A query whose every scan reads a place that is filled in later."""

    sql: str
    tables: tuple[str, ...]

    @classmethod
    def of(cls, asked: Asked) -> Template:
        """The query as its names were resolved, before the gate rewrites it."""
        bodies = []
        for scan in asked.scans:
            scan.node.set("this", exp.to_identifier(f"__copy_{scan.number}", quoted=True))
            body = exp.select(exp.Literal.string(_TOKEN.format(scan.number)))
            alias = exp.TableAlias(this=exp.to_identifier(f"__copy_{scan.number}", quoted=True))
            bodies.append(exp.CTE(this=body, alias=alias))
        tree = asked.named.tree.copy()
        for scan in asked.scans:
            scan.node.set("this", exp.to_identifier(scan.table, quoted=True))
        written = tree.args.get("with_")
        if bodies:
            tree.set("with_", exp.With(expressions=[*bodies, *(written.expressions if written is not None else [])]))
        return cls(tree.sql("duckdb", comments=False), tuple(scan.table for scan in asked.scans))

    def filled(self, bodies: Sequence[str]) -> str:
        """The query over these rows, one SELECT a scan."""
        sql = self.sql
        for number, body in enumerate(bodies, start=1):
            sql = sql.replace(f"SELECT '{_TOKEN.format(number)}'", body)
        return sql


class Copies:
    """A lake, another lake that has nothing to do with it, and queries over mixtures of both."""

    def __init__(self, tables: Mapping[str, Rows], others: Mapping[str, Rows]) -> None:
        self.connection = duckdb.connect(":memory:", config={"threads": 1})
        fill(self.connection, tables)
        fill(self.connection, others, "__other_")

    def ask(self, sql: str) -> Answer:
        """The answer, references as pseudonyms."""
        answer = self.connection.execute(sql)
        return named_outputs([column[0] for column in answer.description or []], answer.fetchall())

    def members(self, scan: ScanPlan) -> frozenset[int]:
        """The pupils whose rows satisfy a scan's condition, found without the gate's engine."""
        found = self.connection.execute(f'SELECT DISTINCT pupil FROM "{scan.table}" AS t WHERE {scan.condition}')
        return frozenset(pupil for (pupil,) in found.fetchall())


def only(table: str, pupils: frozenset[int]) -> str:
    """A table with these pupils alone."""
    listed = ", ".join(map(str, sorted(pupils))) or "NULL"
    return f'SELECT * FROM "{table}" WHERE pupil IN ({listed})'


def all_else_changed(scan: ScanPlan) -> str:
    """What was recorded as read, with everything else made other: rows that do not satisfy the scan's condition come
    from another lake, and items that are not recorded are emptied."""
    recorded = {item.partition(".")[2] for item in scan.items if item.startswith(f"{scan.table}.")}
    columns = ", ".join(
        f't."{name}"' if name in recorded else f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in _types(scan.table)
    )
    return (
        f'SELECT {columns} FROM "{scan.table}" AS t WHERE {scan.condition} UNION ALL SELECT {columns}'
        f' FROM "__other_{scan.table}" AS t WHERE ({scan.condition}) IS NOT TRUE'
    )


def _types(table: str) -> list[tuple[str, str]]:
    sql = {pa.int32(): "INTEGER", pa.string(): "VARCHAR", pa.date32(): "DATE", pa.bool_(): "BOOLEAN"}
    return [(part.name, sql.get(part.type, "DECIMAL(6, 2)")) for part in schema_of(table)]
