"""Opening an engine on one immutable snapshot of the lake."""

from __future__ import annotations

from dataclasses import dataclass

from pyroaring import BitMap

from schoolgate.config import Config
from schoolgate.dictionary import lake_tables
from schoolgate.gate.engine import Engine, Limits
from schoolgate.gate.names import queryable
from schoolgate.records.read import LakeSnapshot


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """What an engine is opened for.

    Attributes:
        snapshot: the pinned snapshot.
        tables: the lake tables the query reads; no other table's files can be opened.
        denied: pupils left out of every scan.
        pseudonym_key: the agreement's own key.
        limits: time, memory, rows.
    """

    snapshot: LakeSnapshot
    tables: frozenset[str]
    denied: BitMap
    pseudonym_key: bytes
    limits: Limits


def open_engine(request: EngineRequest, config: Config) -> Engine:
    """A locked engine over exactly the files of the tables named."""
    wanted = [table for table in lake_tables() if table.name in request.tables]
    found = request.snapshot.tables
    return Engine(
        {table.name: found[table.name].files for table in wanted if table.name in found},
        empty={table.name: queryable(table) for table in wanted},
        denied=request.denied,
        pseudonym_key=request.pseudonym_key,
        limits=request.limits,
    )
