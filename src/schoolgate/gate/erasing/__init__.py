"""Erasing: what the custodian destroys of its own store, planned in words, agreed by two people, carried out here.

In: a proposal with its ground, a second person's decision. Out: a certificate in the public log, and nothing else.
Never: a destruction that one person decided; an identity in what is kept of it.
"""

from __future__ import annotations

_PARTS = {
    **dict.fromkeys(("decline_item", "withdraw_declined"), "past"),
    **dict.fromkeys(("SchoolDeclined", "declined_for_school", "declined_table"), "schools"),
    **dict.fromkeys(
        (
            "carry_destruction",
            "decide_destruction",
            "destructions",
            "erase_again",
            "destruction_of_case",
            "propose_erasure",
            "propose_for_case",
            "propose_items",
            "propose_rule",
            "withdraw_destruction",
        ),
        "service",
    ),
    "last_years": "names",
    "DESTRUCTION": "states",
    "DestructionView": "views",
    **dict.fromkeys(("ERASURE_PLAN", "GROUNDS", "PlanLine"), "words"),
}

SURFACE = {name: f"erasing.{part}" for name, part in _PARTS.items()}
"""Name -> the module of the gate that has it: this part of the gate's surface."""
