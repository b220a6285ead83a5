"""Step 2, qualify: every column is traced to an item of the dictionary, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

from schoolgate.dictionary import LakeTable, lake_tables
from schoolgate.errors import Refusal
from schoolgate.gate.asked import place, unlisted_parts

_TYPES = {"int": "INT", "string": "VARCHAR", "date": "DATE", "decimal": "DECIMAL", "bool": "BOOLEAN"}


@dataclass(frozen=True)
class Named:
    """A query whose every name is resolved.

    Attributes:
        tree: the qualified tree; it belongs to this object.
        scopes: innermost first.
        by_select: id of a SELECT node -> its scope.
    """

    tree: exp.Expr
    scopes: tuple[Scope, ...]
    by_select: dict[int, Scope]

    def source_of(self, column: exp.Column) -> tuple[exp.Expr, exp.Table | Scope] | None:
        """The FROM entry a column belongs to, looking outwards from where it stands."""
        select = column.parent_select
        while select is not None:
            scope = self.by_select.get(id(select))
            if scope is not None and column.table in scope.selected_sources:
                node, source = scope.selected_sources[column.table]
                return cast("exp.Expr", node), source
            select = select.parent_select
        return None

    def base_tables(self) -> Iterator[tuple[Scope, str, exp.Table]]:
        """Every place where a table of the lake is read: scope, alias, node."""
        for scope in self.scopes:
            for alias, (node, source) in scope.selected_sources.items():
                if isinstance(source, exp.Table):
                    yield scope, alias, cast("exp.Table", node)


def queryable(table: LakeTable) -> dict[str, str]:
    """The columns of a lake table that a query may name, with their types."""
    return {c.name: _TYPES[c.type] for c in table.columns if c.kind != "provenance"}


def output_names(query: exp.Expr) -> list[str]:
    """Names of the columns a SELECT or set operation gives."""
    return list(query.named_selects) if isinstance(query, exp.Query) else []


def _unknown_tables(tree: exp.Expr, schema: dict[str, dict[str, str]]) -> list[Refusal]:
    defined = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    known = ", ".join(sorted(schema))
    problems = [
        Refusal(
            "name-shadows-table",
            f"A WITH query may not take the name of a table ({name}).",
            provision="gate allow-list",
        )
        for name in sorted(defined & set(schema))
    ]
    for table in tree.find_all(exp.Table):
        if table.name.lower() not in schema and table.name.lower() not in defined:
            problems.append(
                Refusal(
                    "unknown-table",
                    "FROM names a table that is not in the dictionary.",
                    provision="data dictionary",
                    remedy=f"The tables are: {known}.",
                    where=place(table),
                )
            )
    return problems


def _order_names(column: exp.Column) -> bool:
    """Whether a bare name in ORDER BY is the name of an output column."""
    order = column.find_ancestor(exp.Order)
    if order is None or not isinstance(order.parent, exp.Select | exp.SetOperation):
        return False
    return column.name in order.parent.named_selects


def _unresolved(named: Named) -> list[Refusal]:
    problems = []
    for column in named.tree.find_all(exp.Column):
        if not column.table:
            if _order_names(column):
                continue
        elif (found := named.source_of(column)) is not None:
            source = found[1]
            if isinstance(source, exp.Table) or column.name in output_names(source.expression):
                continue
        problems.append(
            Refusal(
                "unknown-item",
                "A name here is not an item of the tables in FROM, or could belong to more than one of them.",
                provision="data dictionary",
                remedy="Write table.item; `schoolgate dictionary search` finds items.",
                where=place(column),
            )
        )
    return problems


def resolve_names(tree: exp.Expr) -> Named | tuple[Refusal, ...]:
    """Trace every name of an allowed tree to the dictionary.

    Returns:
        The qualified query, or every name that could not be resolved.
    """
    schema = {table.name: queryable(table) for table in lake_tables()}
    problems = _unknown_tables(tree, schema)
    if problems:
        return tuple(problems)
    try:
        qualified = qualify(
            tree.copy(),
            schema=dict(schema),
            dialect="duckdb",
            validate_qualify_columns=False,
            expand_stars=False,
        )
        scopes = tuple(traverse_scope(qualified))
    except SqlglotError:
        # The optimiser's message repeats parts of the query, so it is not passed on.
        return (
            Refusal(
                "names-unclear",
                "The names in this query could not be resolved: two tables in FROM may share a name.",
                provision="data dictionary",
                remedy="Give each table its own alias and write alias.item.",
            ),
        )
    by_select = {id(scope.expression): scope for scope in scopes if isinstance(scope.expression, exp.Select)}
    named = Named(qualified, scopes, by_select)
    outside = [
        Refusal("unknown-item", "An item here is not in the dictionary.", "data dictionary", where=place(column))
        for column in qualified.find_all(exp.Column)
        if (found := named.source_of(column)) is not None
        and isinstance(found[1], exp.Table)
        and column.name not in schema[found[1].name]
    ]
    # Qualifying can turn a name into something new (a whole row, say), so the list is asked once more.
    unresolved = [*outside, *_unresolved(named), *unlisted_parts(qualified)]
    return tuple(dict.fromkeys(unresolved)) if unresolved else named
