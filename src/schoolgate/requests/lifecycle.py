"""The life of a request, as a table: state × event -> state, who may, and what the register is told."""

from __future__ import annotations

from schoolgate.machine import Move, StateTable

LIFECYCLE = StateTable(
    name="request",
    start="drafted",
    moves=(
        Move("drafted", "submit", "submitted", ("researcher",), "application.received"),
        # Both are the panel's: the custodian's own staff neither approve nor refuse.
        Move("submitted", "approve", "approved", ("panel",), "application.decided"),
        Move("submitted", "refuse", "refused", ("panel",), "application.decided"),
        Move("approved", "sign", "active", ("custodian",), "agreement.signed"),
        Move("active", "end", "ended", ("custodian", "researcher"), "agreement.ended"),
        Move("ended", "certify_destruction", "destroyed", ("researcher", "custodian"), "destruction.certified"),
    ),
)
"""Every state change of a request; a role is a person's role in `people`."""
