"""No path delivers data without approval, both signatures, notice and live accreditation; each guard is needed for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schoolgate.machine import Move
from schoolgate.policy import Decision, Notice, decide
from schoolgate.policy.asking import ITEM
from schoolgate.policy.decide import RULES
from schoolgate.requests.agreement.hold import HELD_UP
from tests.requests import model
from tests.requests.model import Guards, Walked, walk, weaker_table


@pytest.fixture(scope="module")
def walked() -> Walked:
    return walk(Guards())


def test_no_path_delivers_what_it_must_not(walked: Walked) -> None:
    print(f"{walked.states:,} states, {walked.transitions:,} transitions, {walked.delivering:,} deliver")
    assert walked.found is None


def test_the_page_of_states_has_the_figures_of_the_walk(walked: Walked) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "states.md").read_text(encoding="utf-8")
    assert f"{walked.states:,} states and {walked.transitions:,} transitions" in page


def test_the_walk_is_not_empty(walked: Walked) -> None:
    """It reaches every state of the table, and states in which data is rightly delivered."""
    assert walked.states > 20_000
    assert walked.transitions > 100_000
    assert walked.delivering > 100


def test_the_walk_holds_up_the_steps_that_the_room_holds_up() -> None:
    assert HELD_UP - {"extend"} == model._HELD_UP


def also(event: str, role: str) -> Callable[[Move], Move]:
    """Somebody else may do it too."""
    return lambda move: replace(move, who=(*move.who, role)) if move.event == event else move


def also_from(event: str, source: str) -> Callable[[Move], tuple[Move, ...]]:
    """It may be done earlier too."""

    def changed(move: Move) -> tuple[Move, ...]:
        return (move, replace(move, source=source)) if move.event == event else (move,)

    return changed


def leads_to(event: str, target: str) -> Callable[[Move], Move]:
    """It leads elsewhere."""
    return lambda move: replace(move, target=target) if move.event == event else move


def leads_to_from(event: str, source: str, target: str) -> Callable[[Move], Move]:
    """It leads elsewhere from one state."""
    return lambda move: replace(move, target=target) if (move.event, move.source) == (event, source) else move


def without(event: str, *sources: str) -> Callable[[Move], tuple[Move, ...]]:
    """It cannot be done in these states."""
    return lambda move: () if move.event == event and move.source in sources else (move,)


WEAKER: Mapping[str, Callable[[Move], Any]] = {
    "the custodian approves": also("approve", "custodian"),
    "the custodian approves in an emergency": also("approve_in_emergency", "custodian"),
    "the organisation signs before a decision": also_from("accept", "submitted"),
    "the organisation signs after a refusal": also_from("accept", "refused"),
    "the custodian signs what the organisation did not": also_from("sign", "approved"),
    "the organisation's signature is enough": leads_to("accept", "active"),
    "the custodian signs for the organisation": also("accept", "custodian"),
    "the organisation signs for the custodian": also("sign", "researcher"),
    "the custodian signs a change for the organisation": also("accept_version", "custodian"),
    "the organisation signs a change for the custodian": also("sign_version", "researcher"),
    "stopping the use does not stop it": leads_to("suspend", "active"),
    "who stopped the use lets it go on": also("resume", "custodian"),
    "an ended agreement stays in force": leads_to("end", "active"),
    "an agreement in force is not re-opened": without("reopen", "active"),
    "a suspended agreement is not re-opened": without("reopen", "suspended"),
    "what is approved and not signed is not re-opened": without("reopen", "approved"),
    "what one side signed is not re-opened": without("reopen", "accepted"),
    "a further change is not re-opened again": without("reopen", "reopened"),
    "the custodian decides anew on a changed organisation": also("reaffirm", "custodian"),
    "the panel's word is enough for a changed organisation": leads_to("reaffirm", "active"),
    "a changed organisation's signature is enough": leads_to_from("accept_version", "reopened", "active"),
    "the custodian looks at an emergency approval": also("review_emergency", "custodian"),
}


@pytest.mark.parametrize("guard", WEAKER)
def test_each_guard_of_the_state_table_is_needed(guard: str) -> None:
    found = walk(Guards(table=weaker_table(WEAKER[guard]))).found
    assert found is not None
    print(found)


def _without_rule(rule_id: str) -> Callable[..., Decision]:
    """Policy with one rule taken out of its table."""
    codes = {case.code for rule in RULES if rule.id == rule_id for case in rule.cases} - {""}
    assert codes

    def weaker(*args: Any, **more: Any) -> Decision:
        decision = decide(*args, **more)
        return replace(decision, refusals=tuple(one for one in decision.refusals if one.code not in codes))

    return weaker


@pytest.mark.parametrize("rule", ["in-force", "begun", "not-over", "emergency-review", "accredited", "notice"])
def test_each_rule_of_policy_is_needed(rule: str) -> None:
    assert walk(Guards(decide=_without_rule(rule))).found is not None


def _additions(**changes: Any) -> Callable[..., Decision]:
    def weaker(agreement: Any, *args: Any, **more: Any) -> Decision:
        added = tuple(replace(one, **changes) for one in agreement.additions)
        return decide(replace(agreement, additions=added), *args, **more)

    return weaker


@pytest.mark.parametrize(
    ("what", "changes"), [("both signatures", {"signed": True}), ("its notice", {"notice": Notice(0, None)})]
)
def test_a_change_needs(what: str, changes: Mapping[str, Any]) -> None:
    found = walk(Guards(decide=_additions(**changes))).found
    assert found is not None
    assert found.startswith(model.ADDED)
    assert "item-awaits-signature" in {case.code for case in ITEM.cases}


def test_the_rule_on_overdue_destruction_is_needed() -> None:
    found = walk(Guards(held_up=lambda overdue, organisation: ())).found
    assert found is not None
    assert "overdue" in found
