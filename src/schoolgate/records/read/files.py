"""A snapshot as a list of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schoolgate.errors import SchoolgateError


class NoData(SchoolgateError):
    """The lake has no such version."""


@dataclass(frozen=True, slots=True)
class TableFiles:
    """One table of a snapshot: Iceberg snapshot id, absolute Parquet paths, rows."""

    snapshot_id: int
    files: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class LakeSnapshot:
    """One immutable state of the lake."""

    version: int
    tables: Mapping[str, TableFiles]
