"""The life of a claim with papers, as a table: from the counter where they were shown to the second check.

No step writes to the register by itself: who comes to a child's record, and when, is that family's alone. Finding the
child is a read, and in the log as any other.
"""

from __future__ import annotations

from schoolgate.machine import Move, StateTable

_CUSTODIAN, _SCHOOL = ("custodian",), ("school",)

PAPER = StateTable(
    name="paper claim",
    start="shown",
    moves=(
        Move(
            "shown", "enter", "waits", (*_CUSTODIAN, *_SCHOOL), "",
            "Whoever saw the papers first writes down what they are, and gives them back.",
        ),
        Move(
            "shown", "enter_unmatched", "unmatched", _SCHOOL, "",
            "No one record fits what the school typed. The school is told the same as ever, so that its counter cannot"
            " be asked where a child is.",
        ),
        Move("waits", "confirm", "confirmed", _CUSTODIAN, "", "Another human being saw the papers, and they fit."),
        Move("waits", "refuse", "refused", _CUSTODIAN, "", "They do not show what the claim says; with a reason."),
        Move("unmatched", "refuse", "refused", _CUSTODIAN, "", "It can be entered anew with the right number."),
        Move("waits", "withdraw", "withdrawn", _SCHOOL, "", "The school that entered it takes a slip back."),
        Move("unmatched", "withdraw", "withdrawn", _SCHOOL, "", "The same, so that it tells nothing either."),
    ),
)  # fmt: skip
"""Every state change of a claim with papers; ``shown`` is before anything is kept."""


def state_of(outcome: str, has_pupil: bool) -> str:
    """The state that a kept claim is in."""
    return outcome or ("waits" if has_pupil else "unmatched")
