"""The life of a destruction, as a table."""

from __future__ import annotations

from schoolgate.machine import Move, StateTable

DESTRUCTION = StateTable(
    name="destruction of the custodian's own",
    start="proposed",
    moves=(
        Move("proposed", "withdraw", "withdrawn", ("custodian",), "", "Nothing has happened yet."),
        Move("proposed", "refuse", "refused", ("custodian",), "", "A second person is not convinced."),
        Move("proposed", "agree", "agreed", ("custodian",), "", "A second person; the log tells of what is done."),
        Move("agreed", "carry_out", "done", ("gate",), "store.destroyed", "With a certificate; it cannot be undone."),
    ),
)
"""Every state change; ``gate`` is nobody's role: the gate itself does it."""
