"""The life of a return, as a table."""

from __future__ import annotations

from schoolgate.machine import Move, StateTable

_SCHOOL = ("school",)

RETURN_STATES = StateTable(
    "return",
    "submitted",
    (
        # A return is the school's own paper until it is accepted, so the register is told only of a term's load.
        Move("submitted", "find_errors", "rejected", ("rules",), ""),
        Move("submitted", "find_queries", "needs-explanation", ("rules",), ""),
        Move("submitted", "pass", "accepted", ("rules",), ""),
        Move("needs-explanation", "explain_all", "accepted", _SCHOOL, ""),
        Move("rejected", "resubmit", "replaced", _SCHOOL, ""),
        Move("needs-explanation", "resubmit", "replaced", _SCHOOL, ""),
        # Only an accepted return takes an accepted return's place: a broken correction takes nothing away.
        Move("accepted", "accept_later_return", "replaced", ("rules",), ""),
    ),
)
