"""What the gate gives: a result with its receipt, or a refusal that was recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from schoolgate.errors import Refusal


@dataclass(frozen=True, slots=True)
class Handover:
    """A result and the proof that it was recorded before it left.

    Attributes:
        table: the result.
        release_id: the release it is.
        receipt: the receipt, as JSON values (``schoolgate: receipt/1``).
        log_index: index of the register entry.
        files: the files that `render` made of the result, name -> bytes; the receipt holds their digests.
    """

    table: pa.Table = field(repr=False)
    release_id: str
    receipt: Mapping[str, Any] = field(repr=False)
    log_index: int
    files: Mapping[str, bytes] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefusedQuery:
    """A query that was not run, or gave no result.

    Attributes:
        reasons: every reason at once.
        log_index: index of the register entry that records the refusal.
        exposed: whether the query ran and failed, which is recorded as an exposure (docs/decisions/0005).
    """

    reasons: tuple[Refusal, ...]
    log_index: int
    exposed: bool = False


@dataclass(frozen=True, slots=True)
class SubjectRecord:
    """What is held about one child, for the child's own family.

    Attributes:
        identity: identity items from the vault, by name.
        tables: lake table -> rows, each item name -> value.
        receipt: this look is a read like any other, and has its receipt.
        sources: lake table -> of each row, in the same order, where it came from: ``return_id``, ``return_row``,
            ``recorded_at``, where the table has them ``valid_from`` and ``valid_to``, and of the return ``sent_by``
            (the school's URN) and ``received_at`` (UK GDPR Article 15(1)(g)). Empty for a shielded child.
        tokens: lake table, and ``identity`` -> of each row, in the same order, what names it when the family says that
            something in it is wrong (`correct_item`); after any change of the row it fits no more.
        held_back: (rule, item) that are left out for serious harm's sake; never sent to a process beside the gate.
    """

    identity: Mapping[str, str] = field(repr=False)
    tables: Mapping[str, tuple[Mapping[str, object], ...]] = field(repr=False)
    receipt: Mapping[str, Any] = field(repr=False)
    sources: Mapping[str, tuple[Mapping[str, object], ...]] = field(repr=False, default_factory=dict)
    tokens: Mapping[str, tuple[str, ...]] = field(repr=False, default_factory=dict)
    held_back: tuple[tuple[str, str], ...] = field(repr=False, default=())


Render = Callable[[pa.Table], Mapping[str, bytes]]
"""Turns a result into the files it leaves as."""


def no_files(result: pa.Table) -> Mapping[str, bytes]:
    """The result leaves as it is."""
    return {}


def nothing(step: str) -> None:
    """Called after each durable step; tests end the process here to show that nothing is half done."""
