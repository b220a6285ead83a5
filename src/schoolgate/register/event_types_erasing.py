"""Types of events about what is not kept: items that families declined, and what the custodian destroyed of its own."""

from __future__ import annotations

from schoolgate.register.event_type import EventType

ERASING_EVENTS: dict[str, EventType] = {
    "declined.totals": EventType(
        "Items declined", ("item", "declining"), "Pupils whose family declined to give {item}: {declining}."
    ),
    "store.destroyed": EventType(
        "Destroyed by the custodian",
        # what: in words, never whose; versions: lake versions that no longer exist; rows, papers, the
        # agreements that are told of it (told), the pupils whose names went (pupils) and those whose names did not
        # go with their year's (pupils_left) are rounded
        (
            "what",
            "because",
            "provision",
            "items",
            "years",
            "rows",
            "papers",
            "versions",
            "files",
            "backups_until",
            "agreed_by",
            "rule?",
            "told?",
            "pupils?",
            "pupils_left?",
        ),
        "The custodian destroyed {what}: {because}",
    ),
}
