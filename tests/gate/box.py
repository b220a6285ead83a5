"""A small lake in a folder: the gate's own steps on files the test wrote, without the rest of the house."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pyroaring import BitMap

from schoolgate.dictionary import lake_tables
from schoolgate.gate.asking.names import queryable
from schoolgate.gate.engines.engine import Engine, Limits
from schoolgate.gate.rewrite import Plan, rewrite
from schoolgate.gate.understand import Asked, understand
from schoolgate.policy import AreaTerm, CohortTerm, RowRule

KEY = b"k" * 32
EVERY_ROW = RowRule(years=(), terms=(), cohort=())

_ARROW = {
    "int": pa.int32(),
    "string": pa.string(),
    "date": pa.date32(),
    "decimal": pa.decimal128(6, 2),
    "bool": pa.bool_(),
}

Rows = list[dict[str, Any]]


def schema_of(table: str) -> pa.Schema:
    """The Arrow schema of a lake table's queryable columns."""
    (found,) = [t for t in lake_tables() if t.name == table]
    return pa.schema([(c.name, _ARROW[c.type]) for c in found.columns if c.kind != "provenance"])


@dataclass(frozen=True)
class Box:
    """Tables as rows, and the folder their files are written to."""

    folder: Path
    tables: Mapping[str, Rows]

    def files(self) -> dict[str, list[str]]:
        found = {}
        for name, rows in self.tables.items():
            path = self.folder / f"{name}-{hashlib.sha256(repr(rows).encode()).hexdigest()[:16]}.parquet"
            if not path.exists():
                pq.write_table(pa.Table.from_pylist(rows, schema=schema_of(name)), path)
            found[name] = [str(path)]
        return found

    def engine(self, denied: BitMap | None = None, limits: Limits | None = None, key: bytes = KEY) -> Engine:
        empty = {t.name: queryable(t) for t in lake_tables()}
        return Engine(
            self.files(), empty=empty, denied=denied or BitMap(), pseudonym_key=key, limits=limits or Limits()
        )

    def without(self, kept: Mapping[str, BitMap]) -> Box:
        """The same box with, in each table, only the pupils kept."""
        return Box(
            self.folder,
            {name: [r for r in rows if r["pupil"] in kept.get(name, BitMap())] for name, rows in self.tables.items()},
        )

    def plain(self, sql: str, rows: RowRule = EVERY_ROW, denied: BitMap | None = None) -> list[tuple[Any, ...]]:
        """The researcher's own query, unrewritten, on tables that already hold only what policy allows.

        Outputs named ``pupil`` or ``who…`` are references, and are given as the agreement's pseudonyms.
        """
        connection = duckdb.connect(":memory:")
        for table in lake_tables():
            allowed = [r for r in self.tables.get(table.name, []) if self.allowed(table.name, r, rows, denied)]
            data = pa.Table.from_pylist(allowed, schema=schema_of(table.name))
            connection.register("given", data)
            connection.execute(f'CREATE TABLE "{table.name}" AS SELECT * FROM given')
            connection.unregister("given")
        answer = connection.execute(sql)
        names = [column[0] for column in answer.description or []]
        hidden = {at for at, name in enumerate(names) if name == "pupil" or name.startswith("who")}
        return [
            tuple(pseudonym(value) if at in hidden else value for at, value in enumerate(row))
            for row in answer.fetchall()
        ]

    def allowed(self, table: str, row: dict[str, Any], rows: RowRule, denied: BitMap | None) -> bool:
        """Whether policy lets a read see this row, said again without any SQL."""
        if denied and row["pupil"] in denied:
            return False
        if rows.years and not any(a <= row["year"] <= b for a, b in rows.years):
            return False
        if rows.terms and row["term"] not in rows.terms:
            return False
        if rows.area and not self._in_area(table, row, rows.area):
            return False
        if not rows.cohort:
            return True
        if table == "census_pupil":
            return _meets(row, rows.cohort)
        return any(
            _meets(p, rows.cohort) and all(p[k] == row[k] for k in ("pupil", "year", "term"))
            for p in self.tables["census_pupil"]
        )

    def _in_area(self, table: str, row: dict[str, Any], area: AreaTerm) -> bool:
        at_school = [
            p
            for p in ([row] if table == "census_pupil" else self.tables["census_pupil"])
            if all(p[k] == row[k] for k in ("pupil", "year", "term", "urn"))
        ]
        return any(p.get("la") in area.authorities or str(p["urn"]) in area.schools for p in at_school)


def _meets(row: dict[str, Any], cohort: tuple[CohortTerm, ...]) -> bool:
    return all(row[c.column] is not None and str(row[c.column]) in c.values for c in cohort)


def plan_of(sql: str, rows: RowRule = EVERY_ROW, *, anyone_denied: bool = False) -> Plan:
    """The rewritten query; the test fails when the gate refuses it."""
    asked = understand(sql)
    assert isinstance(asked, Asked), [r.reason for r in asked]
    return rewrite(asked.named, asked.references, asked.scans, rows, anyone_denied=anyone_denied)


def pseudonym(pupil: int | None, key: bytes = KEY) -> str | None:
    """The agreement's pseudonym, said again: AES-256 of the reference in sixteen bytes, the larger end first."""
    if pupil is None:
        return None
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(pupil.to_bytes(16, "big")).hex()


def alike(rows: list[tuple[Any, ...]]) -> Counter[tuple[Any, ...]]:
    """Rows as a bag; fractions to nine digits, and no number at all (a division by nothing) as NULL."""
    return Counter(tuple(_rounded(value) for value in row) for row in rows)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.9g}") + 0.0 if math.isfinite(value) else None
    return value


def rows_of(table: pa.Table) -> list[tuple[Any, ...]]:
    """A result as tuples."""
    return [tuple(row.values()) for row in table.to_pylist()] if table.num_columns else []
