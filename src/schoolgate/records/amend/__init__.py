"""Changing what the lake holds: values put right, rows removed, a column emptied. For the gate alone.

A change rewrites exactly the files that hold what is changed and becomes visible in one step, as a new lake version;
earlier versions stay as they were. What is kept under a name stands: it is laid over its term again whenever that is
loaded (`records.standing`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.records.amend.changes import Change, Drop, Fill, Put, RowChanged
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.records.amend.service import amend
    from schoolgate.records.amend.stands import Kept, forget_column, forget_value, kept, let_go, partitions
    from schoolgate.records.visible import LakeVersionView, LoadUnderWay, one_writer

__all__ = [
    "Change",
    "Drop",
    "Fill",
    "Kept",
    "LakeVersionView",
    "LoadUnderWay",
    "Put",
    "RowChanged",
    "amend",
    "forget_column",
    "forget_value",
    "kept",
    "let_go",
    "one_writer",
    "partitions",
]

__getattr__ = lazy_surface(
    __name__,
    {
        **dict.fromkeys(("Kept", "forget_column", "forget_value", "kept", "let_go", "partitions"), "stands"),
        **dict.fromkeys(("LakeVersionView", "LoadUnderWay", "amend", "one_writer"), "service"),
    },
)
