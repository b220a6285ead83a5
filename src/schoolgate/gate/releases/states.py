"""The life of an extract, as a table."""

from __future__ import annotations

from schoolgate.machine import Move, StateTable

EXTRACT = StateTable(
    name="extract",
    start="ordered",
    moves=(
        Move("ordered", "approve", "approved", ("custodian",), "extract.approved", "A named person lets it leave."),
        Move("ordered", "decline", "declined", ("custodian",), "extract.declined", "The setting will do."),
        Move("approved", "seal", "ready", ("gate",), "extract.ready", "Read once through the gate, and encrypted."),
        Move("approved", "fail", "failed", ("gate",), "extract.failed", "Refused by the gate, or broken off."),
        Move("ready", "sign", "received", ("researcher",), "extract.received", "Opened; deleted here."),
        Move("ready", "report", "reported", ("researcher",), "extract.reported", "It did not arrive whole."),
        Move("ready", "expire", "expired", ("gate",), "extract.expired", "Its last day is past; deleted."),
        # Expiry takes the file away, not the duty to say what became of the copies that were fetched.
        Move("expired", "sign", "received", ("researcher",), "extract.received", "Signed for after the last day."),
        Move("expired", "report", "reported", ("researcher",), "extract.reported", "Reported after the last day."),
    ),
)
"""Every state change of an extract; ``gate`` is nobody's role: the gate itself does it."""
