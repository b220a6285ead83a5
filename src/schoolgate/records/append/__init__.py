"""Adding a term's facts to the lake: called by `match` once returns are accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.records.iceberg import arrow_schema
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.records.append.load import load_term
    from schoolgate.records.visible import LakeVersionView, LoadUnderWay

__all__ = ["LakeVersionView", "LoadUnderWay", "arrow_schema", "load_term"]

__getattr__ = lazy_surface(__name__, dict.fromkeys(("LakeVersionView", "LoadUnderWay", "load_term"), "load"))
