"""How a read differs from a person's own query: which pupils it is confined to, and what goes on record beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
from pyroaring import BitMap
from sqlglot import exp

from schoolgate.errors import Refusal
from schoolgate.gate.asking.reference import KEY
from schoolgate.gate.rewrite import Plan
from schoolgate.gate.understand import Asked


def no_more() -> tuple[Refusal, ...]:
    """No further reason against it."""
    return ()


def nothing_beside(release_id: str) -> None:
    """Nothing further goes on record."""


def as_read(result: pa.Table, plan: Plan) -> pa.Table:
    """The result leaves as it was read."""
    return result


@dataclass(frozen=True, slots=True)
class Manner:
    """How a read is made.

    Attributes:
        further: keys of the ``release.begun`` event beside the usual ones (``kind``, ``provision``).
        only: the pupils every scan is confined to; None: all whom the agreement reaches. Empty: nobody.
        identity: identity items that were opened in the vault for it; they count as exposed.
        check: further reasons against it; asked at the beginning, and again when it is recorded.
        beside: called with the release's id inside the transaction that records it.
        leaving: what leaves of a result: an extract's has a marked record more. Files and fingerprints are of this, so
            that no receipt tells which record it is; counts are of what was read.
        leaves: whether single records may leave the safe setting by it: an approved extract, a look-up.
    """

    further: Mapping[str, Any] = field(default_factory=dict)
    only: BitMap | None = None
    identity: tuple[str, ...] = ()
    check: Callable[[], tuple[Refusal, ...]] = no_more
    beside: Callable[[str], None] = nothing_beside
    leaving: Callable[[pa.Table, Plan], pa.Table] = as_read
    leaves: bool = False

    def confined(self, asked: Asked) -> Asked:
        """The query with every scan confined to these pupils, so that what is recorded is exactly them."""
        if self.only is None:
            return asked
        key = exp.column(KEY, quoted=True)
        # No reference is below nought: a scan of nobody is a scan like any other, with its release.
        named = [exp.Literal.number(pupil) for pupil in self.only] or [exp.Neg(this=exp.Literal.number(1))]
        among = exp.In(this=key, expressions=named)
        return replace(
            asked,
            scans=tuple(
                replace(scan, predicate=among.copy() if scan.predicate is None else exp.and_(scan.predicate, among))
                for scan in asked.scans
            ),
        )

    def exposing(self, plan: Plan) -> Plan:
        """The plan whose first scan says that the vault was opened too."""
        if not self.identity or not plan.scans:
            return plan
        first, *others = plan.scans
        items = tuple(sorted({*first.items, *(f"identity.{name}" for name in self.identity)}))
        return replace(plan, scans=(replace(first, items=items), *others))


PLAIN = Manner()
"""A person's own query."""
