"""No path of a case does what it must not, from every state there is a way out, and each guard is needed for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schoolgate.machine import Move
from schoolgate.rights.cases import rules
from schoolgate.rights.cases.states import DECIDED, KINDS, LIFE
from tests.rights.cases.model import Guards, Walked, walk


@pytest.fixture(scope="module")
def walked() -> dict[str, Walked]:
    """A kind that needs the source, one without a longer time, one whose clock stands still, and one of the others."""
    return {kind: walk(Guards(), kind) for kind in ("rectification", "complaint", "access-question", "erasure")}


def test_no_path_does_what_it_must_not_and_every_state_has_a_way_out(walked: dict[str, Walked]) -> None:
    for kind, found in walked.items():
        print(f"{kind}: {found.states:,} states, {found.transitions:,} transitions")
        assert found.found is None
        assert found.ends
        assert found.reached == set(LIFE.states) - ({"identity_awaited"} if kind == "complaint" else set())


def test_the_page_of_states_has_the_figures_of_the_walk(walked: dict[str, Walked]) -> None:
    page = " ".join((Path(__file__).resolve().parents[3] / "docs" / "states.md").read_text(encoding="utf-8").split())
    for found in walked.values():
        assert f"{found.states:,} states and {found.transitions:,} transitions" in page


def _without(code: str) -> Callable[..., Any]:
    def weaker(*given: Any, **more: Any) -> tuple[Any, ...]:
        return tuple(one for one in rules.problems(*given, **more) if one.code != code)

    return weaker


@pytest.mark.parametrize(
    "code",
    [
        "source-not-heard",
        "two-people",
        "too-late-to-extend",
        "source-in-time",
        "identity-asked",
        "outside-not-late",
        "not-decided",
    ],
)
def test_each_rule_is_needed(code: str) -> None:
    found = walk(Guards(problems=_without(code)), "rectification").found
    assert found is not None
    print(found)


@pytest.mark.parametrize(
    ("kind", "code"),
    [("access-question", "clarification-asked"), ("complaint", "no-proof"), ("complaint", "two-people")],
)
def test_each_rule_of_one_kind_is_needed(kind: str, code: str) -> None:
    found = walk(Guards(problems=_without(code)), kind).found
    assert found is not None
    print(found)


@pytest.mark.parametrize(
    "weaker",
    [
        lambda facts, today, limits: facts.disputed,
        lambda facts, today, limits: facts.disputed and facts.state in DECIDED,
        lambda facts, today, limits: facts.disputed and facts.told is not None and today >= facts.told,
    ],
)
def test_an_item_is_used_again_only_when_the_rule_says_so(weaker: Callable[..., bool]) -> None:
    found = walk(Guards(may_lift=weaker), "rectification").found
    assert found is not None
    assert "used again" in found


@pytest.mark.parametrize(
    ("event", "role"),
    [("withdraw", "custodian"), ("appeal", "custodian"), ("decide", "overseer"), ("opine", "custodian")],
)
def test_each_role_of_the_table_is_needed(event: str, role: str) -> None:
    def changed(move: Move) -> Move:
        return replace(move, who=(*move.who, role)) if move.event == event else move

    table = replace(LIFE, moves=tuple(changed(move) for move in LIFE.moves))

    def asked(facts: rules.Facts, what: str, who: str, *given: Any) -> tuple[Any, ...]:
        return tuple(one for one in rules.problems(facts, what, who, *given) if one.code != "not-your-decision")

    assert walk(Guards(table=table, problems=asked), "complaint").found is not None


def test_every_kind_has_an_outcome_that_refuses_and_the_familys_wish_first() -> None:
    for kind in KINDS.values():
        assert kind.outcomes[-1] in ("refused", "not-upheld")
        assert kind.outcomes[0] not in ("refused", "not-upheld", "partly")
        assert kind.right


def test_every_move_says_why_and_is_told_to_the_log_only_in_totals() -> None:
    assert all(move.why and not move.register_event for move in LIFE.moves)
    doubled = [(move.source, move.event) for move in LIFE.moves]
    assert len(set(doubled)) == len(doubled)
