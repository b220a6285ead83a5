"""Reading the lake: the files of one immutable snapshot. For the gate alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.records.read.files import LakeSnapshot, NoData, TableFiles
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.records.read.snapshots import current_snapshot, snapshot

__all__ = ["LakeSnapshot", "NoData", "TableFiles", "current_snapshot", "snapshot"]

__getattr__ = lazy_surface(__name__, {"current_snapshot": "snapshots", "snapshot": "snapshots"})
