"""Types of events about families' rights. Each is a rounded total: no event tells what one family did, or when."""

from __future__ import annotations

from schoolgate.register.event_type import EventType

RIGHTS_EVENTS: dict[str, EventType] = {
    "rights.totals": EventType(
        "Families’ cases",
        ("cases_open", "cases_late", "cases_decided", "cases_refused", "cases_appealed"),
        "Cases that families brought: {cases_open} are open, {cases_late} of them late; {cases_decided} were decided,"
        " {cases_refused} of them against the family; {cases_appealed} were looked at a second time.",
    ),
}
