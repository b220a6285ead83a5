"""Ending earlier versions of the lake: their snapshots expired, their files deleted. For the gate alone.

Whoever destroys something asks for it once the version without it is in force. What was recorded of reads on the
versions that end stays: who was in a release is the ledger's, and a receipt needs no lake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.records.expire.versions import Ended, end_versions, forget_amendments, is_ended, newest, swept

__all__ = ["Ended", "end_versions", "forget_amendments", "is_ended", "newest", "swept"]

__getattr__ = lazy_surface(__name__, dict.fromkeys(__all__, "versions"))
