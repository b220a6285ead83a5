"""Random queries, 600 each time and thousands when asked for: what runs answers the asker's question, and nothing unrecorded can show in it.

The same for the same numbers; `SCHOOLGATE_EXAMPLES=4000` makes it a night's run. The definition of a sound exposure
that these hold to is in `docs/exposure.md`.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest
import sqlglot
from sqlglot import exp

from schoolgate.gate.asking.allowed import ALLOWED, JOIN_KINDS, JOIN_SIDES
from tests.gate.asking_queries import random_query
from tests.gate.batches import Read, reads

_EXAMPLES = int(os.environ.get("SCHOOLGATE_EXAMPLES", "100"))
_QUERIES = 6 * _EXAMPLES
_COVERAGE = 1_500


@pytest.fixture(scope="module")
def asked() -> list[Read]:
    """Every read, done once."""
    return list(reads(0, _QUERIES))


def test_nearly_every_query_is_one_the_gate_takes_and_the_engine_answers(asked: list[Read]) -> None:
    assert len(asked) == _QUERIES
    unusable = [read for read in asked if read.refused or read.failed]
    assert len(unusable) <= len(asked) // 50
    assert sum(read.rows > 0 for read in asked) >= len(asked) // 3
    assert sum(read.pushed for read in asked) >= sum(read.scans for read in asked) // 5


def test_the_rewritten_query_gives_what_the_askers_gives_on_the_rows_policy_allows(asked: list[Read]) -> None:
    assert [(read.seed, read.sql) for read in asked if not read.answered] == []


def test_the_pupils_of_each_scan_are_those_that_its_condition_finds_on_the_rows_policy_allows(
    asked: list[Read],
) -> None:
    assert [(read.seed, read.sql) for read in asked if not read.members] == []


def test_deleting_the_pupils_that_a_scan_does_not_record_changes_no_answer(asked: list[Read]) -> None:
    assert [(read.seed, read.sql) for read in asked if not read.alone] == []


def test_changing_every_row_and_item_that_a_scan_does_not_record_changes_no_answer(asked: list[Read]) -> None:
    assert [(read.seed, read.sql) for read in asked if not read.changed] == []


def test_on_every_part_of_a_lake_the_answer_is_that_of_the_recorded_pupils_in_it(asked: list[Read]) -> None:
    assert [(read.seed, read.sql) for read in asked if not read.parts] == []


def _position(query: exp.Expr) -> str:
    """Where a query stands in the one around it."""
    parent = query.parent
    while isinstance(parent, exp.Subquery | exp.Paren):
        parent = parent.parent
    if parent is None:
        return "outermost"
    if isinstance(parent, exp.SetOperation):
        return "SetOperation"
    if isinstance(parent, exp.In | exp.Exists | exp.CTE | exp.From | exp.Join):
        inside = ""
        if isinstance(parent, exp.In | exp.Exists):
            clause = parent.find_ancestor(exp.Where, exp.Join, exp.Select)
            inside = " in WHERE" if isinstance(clause, exp.Where) else " in ON" if isinstance(clause, exp.Join) else ""
        negated = "NOT " if isinstance(parent.parent, exp.Not) else ""
        return f"{negated}{type(parent).__name__}{inside}"
    return "a value"


def test_the_queries_are_made_of_every_part_that_is_allowed() -> None:
    parts: Counter[object] = Counter()
    for seed in range(_COVERAGE):
        tree = sqlglot.parse_one(random_query(seed), dialect="duckdb")
        for node in tree.walk():
            parts[type(node)] += 1
            parts.update((type(node), key) for key, value in node.args.items() if value not in (None, False, [], ""))
        for join in tree.find_all(exp.Join):
            how = "USING" if join.args.get("using") else "ON" if join.args.get("on") else ""
            parts[f"{join.side} {join.kind} {how}"] += 1
        for operation in tree.find_all(exp.SetOperation):
            parts[f"{type(operation).__name__}{'' if operation.args.get('distinct') else ' ALL'}"] += 1
        parts.update(_position(query) for query in tree.find_all(exp.Select, exp.SetOperation))
        parts["a WITH query used twice"] += any(
            sum(table.name == cte.alias for table in tree.find_all(exp.Table)) > 1 for cte in tree.find_all(exp.CTE)
        )
        parts["a WITH query never used"] += any(
            all(table.name != cte.alias for table in tree.find_all(exp.Table)) for cte in tree.find_all(exp.CTE)
        )
    missing = {kind.__name__ for kind in ALLOWED if not parts[kind]}
    assert missing == set()
    arguments = {f"{kind.__name__}.{key}" for kind, keys in ALLOWED.items() for key in keys if not parts[(kind, key)]}
    assert arguments == _NOT_WRITTEN
    sides = {f"{side} {kind}" for side, kind in _WRITTEN_JOINS}
    assert {side for side, _ in _WRITTEN_JOINS} == JOIN_SIDES
    assert {kind for _, kind in _WRITTEN_JOINS} == JOIN_KINDS
    assert {side for side in sides if not any(parts[f"{side} {how}"] for how in ("ON", ""))} == set()
    assert {f"{side} USING" for side in (" ", "LEFT ", "RIGHT ", "FULL ") if not parts[f"{side} USING"]} == set()
    wanted = [f"{word}{every}" for word in ("Union", "Intersect", "Except") for every in ("", " ALL")]
    wanted += ["outermost", "From", "Join", "CTE", "SetOperation", "a value", "In", "Exists"]
    wanted += [f"{word}{what} in WHERE" for word in ("", "NOT ") for what in ("In", "Exists")]
    wanted += ["Exists in ON", "In in ON", "a WITH query used twice", "a WITH query never used"]
    assert [what for what in wanted if not parts[what]] == []


_WRITTEN_JOINS = [
    ("", ""), ("", "INNER"), ("", "CROSS"), ("LEFT", ""), ("LEFT", "OUTER"), ("RIGHT", ""), ("FULL", ""), ("FULL", "OUTER"),
]  # fmt: skip

_NOT_WRITTEN = {"Cast.safe", "DataType.nested", "Div.safe", "Div.typed"}
"""Marks the parser sets itself, and for DuckDB to nothing."""
