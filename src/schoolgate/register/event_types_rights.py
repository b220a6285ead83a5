"""Types of events about families' rights. No event tells what one family did, or when.

Totals are rounded; that somebody may act for a school names no account.
"""

from __future__ import annotations

from schoolgate.register.event_type import EventType

RIGHTS_EVENTS: dict[str, EventType] = {
    "school.account": EventType(
        "A school’s account", ("urn",), "The custodian let an account act for the school with the number {urn}."
    ),
    "rights.totals": EventType(
        "Families’ cases",
        ("cases_open", "cases_late", "cases_decided", "cases_refused", "cases_appealed"),
        "Cases that families brought: {cases_open} are open, {cases_late} of them late; {cases_decided} were decided,"
        " {cases_refused} of them against the family; {cases_appealed} were looked at a second time.",
    ),
}
