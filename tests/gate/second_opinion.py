"""What DuckDB's own parser says a text asks for: a second reading, independent of the gate's parser. Runs nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb


@dataclass(frozen=True)
class Opinion:
    """A text as DuckDB reads it.

    Attributes:
        statements: the kind of each statement.
        functions: names of the functions called, operators included.
        tables: each reading of a named table that is not a WITH query of the text.
        sources: kinds of FROM entries.
        shapes: classes of the expressions, and what else a SELECT carries.
    """

    statements: tuple[str, ...]
    functions: frozenset[str] = frozenset()
    tables: tuple[str, ...] = ()
    sources: frozenset[str] = frozenset()
    shapes: frozenset[str] = frozenset()


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from _nodes(part)


class SecondParser:
    """DuckDB's parser by itself."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:")

    def read(self, sql: str) -> Opinion | None:
        """What a text asks for; None when DuckDB cannot read it."""
        try:
            statements = tuple(found.type.name for found in self._connection.extract_statements(sql))
        except duckdb.Error:
            return None
        if statements != ("SELECT",):
            return Opinion(statements)
        (text,) = self._connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone() or ("",)
        tree = json.loads(text)
        if tree.get("error"):
            return Opinion(())
        nodes = list(_nodes(tree))
        own = {str(pair["key"]).lower() for node in nodes for pair in node.get("cte_map", {}).get("map", [])}
        return Opinion(
            statements,
            frozenset(str(node["function_name"]).lower() for node in nodes if "function_name" in node),
            tuple(
                ".".join(filter(None, (node["catalog_name"], node["schema_name"], node["table_name"]))).lower()
                for node in nodes
                if node.get("type") == "BASE_TABLE" and str(node["table_name"]).lower() not in own
            ),
            frozenset(str(node["type"]) for node in nodes if "sample" in node and "alias" in node),
            frozenset(
                [str(node["type"]) for node in nodes if "class" in node]
                + ["SAMPLE" for node in nodes if node.get("sample")]
                + [f"{node['ref_type']} JOIN" for node in nodes if "ref_type" in node]
            ),
        )
