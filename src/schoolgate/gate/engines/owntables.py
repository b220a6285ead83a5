"""Whether a query reads the gate's own tables and no other: asked of DuckDB's own parser, so that no difference
between it and the parser of step 1 opens a way round. Part of the engine's lock (wall two).

The tree is what ``json_serialize_sql`` gives. A kind of part that is not listed here is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any

_PARTS = frozenset(
    {
        "SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE",  # queries
        "JOIN", "SUBQUERY", "EMPTY", "BASE_TABLE",  # what stands in FROM
        "ORDER_MODIFIER", "LIMIT_MODIFIER", "DISTINCT_MODIFIER",
        "ASCENDING", "DESCENDING", "ORDER_DEFAULT",
    }
)  # fmt: skip
_LOOKING_ROUND = frozenset({"getvariable", "getenv", "current_setting"})
"""Functions that tell of more than their arguments and a table's rows."""


def _dicts(tree: Any) -> Iterator[dict[str, Any]]:
    pending = [tree]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            yield part
            pending += part.values()
        elif isinstance(part, list):
            pending += part


def reads_only(tree: Any, own: Set[str]) -> bool:
    """Whether every table of a query is one of these or a WITH of its own, and nothing else stands in a FROM.

    A WITH's name that looks like a file is none: out of its scope it would be read as one.
    """
    parts = list(_dicts(tree))
    if tree.get("error") or len(tree.get("statements", ())) != 1:
        return False
    named = {str(one["key"]) for part in parts for one in (part.get("cte_map") or {}).get("map", ())}
    known = {name.lower() for name in own} | {name.lower() for name in named if not set(name) & set("./:*?[")}
    return all(_is_own(part, known) for part in parts)


def _is_own(part: dict[str, Any], known: Set[str]) -> bool:
    if "class" in part:  # an expression: the allow-list of step 1 has seen it
        return str(part.get("function_name", "")).lower() not in _LOOKING_ROUND
    kind = part.get("type")
    if kind == "BASE_TABLE":
        plain = not (part.get("schema_name") or part.get("catalog_name"))
        return plain and str(part["table_name"]).lower() in known
    return not isinstance(kind, str) or kind in _PARTS
