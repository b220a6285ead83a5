"""The life of a return, as a table."""

from __future__ import annotations

from schoolgate.machine import Move, StateTable

_SCHOOL = ("school",)

RETURN_STATES = StateTable(
    "return",
    "submitted",
    (
        # A return is the school's own paper until it is accepted, so the register is told only of a term's load.
        Move("submitted", "find_errors", "rejected", ("rules",), "", "What breaks a rule cannot be right."),
        Move("submitted", "find_queries", "needs-explanation", ("rules",), "", "It is unlikely, and may be so."),
        Move("submitted", "pass", "accepted", ("rules",), "", "No rule speaks against it."),
        Move("needs-explanation", "explain_all", "accepted", _SCHOOL, "", "The school knows why it is so."),
        Move("rejected", "resubmit", "replaced", _SCHOOL, "", "A corrected return takes its place."),
        Move("needs-explanation", "resubmit", "replaced", _SCHOOL, "", "A corrected return takes its place."),
        # Only an accepted return takes an accepted return's place: a broken correction takes nothing away.
        Move("accepted", "accept_later_return", "replaced", ("rules",), "", "A later one was accepted."),
    ),
)
