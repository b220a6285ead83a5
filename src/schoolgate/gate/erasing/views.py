"""What the room gives out about a destruction: nothing of a child."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class DestructionView:
    """One destruction.

    Attributes:
        number: e.g. ``D-0001``.
        kind: "pupil", "item" or "rule".
        state: a state of `states.DESTRUCTION`.
        what: in words, never whose.
        ground: a key of `words.GROUNDS`.
        because: in words.
        certificate: what was destroyed, once it is done.
        log_index: the register's entry, once it is done.
        case: reference of the family's case that it carries out; "" for none, and once it is done.
    """

    number: str
    kind: str
    state: str
    what: str
    ground: str
    because: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_because: str
    certificate: Mapping[str, Any] | None
    log_index: int | None
    case: str = ""
    decided_at: datetime | None = None
    done_at: datetime | None = None
