"""The panel's rules: who may decide, what a reason and a condition must be."""

from __future__ import annotations

from collections.abc import Sequence

from schoolgate import people
from schoolgate.errors import Refusal
from schoolgate.requests.check import text_problem
from schoolgate.requests.conditions import Condition
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.stored import approved_items
from schoolgate.requests.terms import ApplicationSpec

PANEL_QUORUM = 2
MOST_PUBLIC_BYTES = 10_000
"""Of a panel's reasons and conditions together: a register entry has room for 65,535 (C2SP tlog-tiles)."""


def reasons_problems(given: Sequence[str], where: str) -> list[Refusal]:
    """What is wrong with public reasons."""
    if not given or not all(text.strip() for text in given):
        return [Refusal("reason-missing", "A reason is needed, and it will be public.", where=where)]
    return [Refusal("text", p, where=where) for p in (text_problem(text) for text in given) if p]


def room_problems(texts: Sequence[str]) -> list[Refusal]:
    """Whether a decision fits into one entry of the log."""
    if sum(len(text.encode("utf-8", "replace")) for text in texts) <= MOST_PUBLIC_BYTES:
        return []
    what = f"Reasons and conditions together are longer than {MOST_PUBLIC_BYTES:,} bytes."
    return [Refusal("text", what, where="reasons")]


def panel_problems(applicant: str, event: str, panel: Sequence[str]) -> list[Refusal]:
    """Why these persons may not decide on an application of the organisation `applicant`."""
    found: list[Refusal] = []
    if len(set(panel)) < PANEL_QUORUM:
        found.append(
            Refusal(
                "panel-too-small",
                f"A decision needs {PANEL_QUORUM} different panel members; nobody decides alone.",
                where="panel",
            )
        )
    for number, person_id in enumerate(dict.fromkeys(panel), start=1):
        member = people.person(person_id)
        move = LIFECYCLE.move("submitted", event, member.role)
        where = f"panel, number {number}"
        if isinstance(move, Refusal):
            found.append(Refusal(move.code, move.reason, move.provision, where=where))
        if member.organisation_id == applicant:
            found.append(
                Refusal(
                    "own-organisation",
                    f"{member.id} belongs to the organisation that asks, and may not decide.",
                    provision="nobody decides on an application of their own organisation",
                    where=where,
                )
            )
    return found


def condition_problems(spec: ApplicationSpec, approve: bool, conditions: Sequence[Condition]) -> list[Refusal]:
    """What is wrong with the conditions of a decision."""
    if conditions and not approve:
        return [Refusal("condition", "A refusal has reasons, not conditions.", where="conditions")]
    found = []
    for number, condition in enumerate(conditions, start=1):
        problem = condition.problem or text_problem(condition.detail)
        if condition.kind == "without-item" and condition.detail not in spec.items:
            problem = "This item was not asked for, so it cannot be taken out."
        if problem:
            found.append(Refusal("condition", problem, where=f"conditions, number {number}"))
    if spec.items and not approved_items(spec, tuple(conditions)):
        found.append(Refusal("condition", "No item would be left: refuse instead.", where="conditions"))
    return found
