"""The life of an access pack, as a table."""

from __future__ import annotations

from schoolgate.machine import Move, StateTable

_NOT_PUBLIC = ""
"""A family's asking is nobody else's business: no entry of its own. The read that makes the pack is in the log."""

PACK = StateTable(
    name="access pack",
    start="asked",
    moves=(
        Move("asked", "make", "ready", ("gate",), _NOT_PUBLIC, "Read once through the gate, written and sealed."),
        Move("asked", "close", "closed", ("gate",), _NOT_PUBLIC, "Access is closed, or the account's link has ended."),
        Move("ready", "expire", "gone", ("gate",), _NOT_PUBLIC, "Its last day is past; deleted."),
        Move("ready", "drop", "gone", ("family", "gate"), _NOT_PUBLIC, "Not needed any more, or the link has ended."),
    ),
)
"""Every state change of a pack; ``gate`` is nobody's role: the process that owns the gate does it."""
