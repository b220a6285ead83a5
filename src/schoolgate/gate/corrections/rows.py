"""The rows of the pupils whose values are put right, as a family reads them, and the row a token means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyroaring import BitMap

from schoolgate.config import Config
from schoolgate.dictionary import LakeTable, lake_tables
from schoolgate.gate.engines.engine import Limits
from schoolgate.gate.engines.lake import EngineRequest, open_engine
from schoolgate.gate.terms.rowrules import lake_view
from schoolgate.ids import Pmr
from schoolgate.records.read import LakeSnapshot

WANTED = "__wanted"
"""The engine's name for the pupils that are looked at."""

Row = Mapping[str, Any]


def told_columns(table: LakeTable) -> tuple[str, ...]:
    """The columns a family reads of a table, and those that say where a row came from: what a token is made over."""
    kinds = ("frame", "item", "provenance")
    return tuple(column.name for column in table.columns if column.kind in kinds)


def rows_of(
    pupils: Iterable[int], tables: Sequence[str], snapshot: LakeSnapshot, config: Config
) -> dict[str, dict[Pmr, list[Row]]]:
    """Table -> pupil -> rows, of some pupils. Nothing of them leaves the gate."""
    wanted = BitMap(pupils)
    shapes = [table for table in lake_tables() if table.name in tables]
    request = EngineRequest(
        snapshot,
        frozenset(tables),
        BitMap(),
        bytes(32),
        Limits(seconds=600, rows=50_000_000, size=8 << 30),
        sets={WANTED: wanted},
        provenance=True,
    )
    found: dict[str, dict[Pmr, list[Row]]] = {}
    with open_engine(request, config) as engine:
        for shape in shapes:
            names = ", ".join(f't."{name}"' for name in ("pupil", *told_columns(shape)))
            sql = (
                f'SELECT {names} FROM "{lake_view(shape.name)}" AS t'
                f' WHERE EXISTS (SELECT 1 FROM "{WANTED}" AS w WHERE w.pupil = t.pupil)'
            )
            own = found.setdefault(shape.name, {})
            for row in engine.run(sql).to_pylist():
                pupil = Pmr(row.pop("pupil"))
                own.setdefault(pupil, []).append(row)
    return found
