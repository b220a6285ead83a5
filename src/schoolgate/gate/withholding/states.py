"""The life of a withholding, as a table."""

from __future__ import annotations

from schoolgate.machine import Move, StateTable

_NOT_PUBLIC = ""
"""That something is held back from one child's family is nobody else's business; the overseer sees counts."""

WITHHOLDING = StateTable(
    name="withholding of a fact",
    start="proposed",
    moves=(
        Move("proposed", "withdraw", "withdrawn", ("custodian",), _NOT_PUBLIC, "Nothing has been held back yet."),
        Move("proposed", "refuse", "refused", ("custodian",), _NOT_PUBLIC, "A second person is not convinced."),
        Move("proposed", "agree", "in_force", ("custodian",), _NOT_PUBLIC, "A second person; up to its last day."),
        Move("in_force", "review", "in_force", ("custodian",), _NOT_PUBLIC, "Looked at again: it is still so."),
        Move("in_force", "end", "ended", ("custodian",), _NOT_PUBLIC, "It is not so any more; shown at once."),
    ),
)
"""Every state change. After its last day one in force holds nothing back: no move is needed, so none can be missed."""
