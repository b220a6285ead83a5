"""Step 2, qualify: every column is traced to an item of the dictionary, or refused."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import cast

from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.schema import MappingSchema

from schoolgate.dictionary import LakeTable, lake_tables
from schoolgate.errors import Refusal
from schoolgate.gate.asking.asked import place

_TYPES = {"int": "INT", "string": "VARCHAR", "date": "DATE", "decimal": "DECIMAL", "bool": "BOOLEAN"}

MAX_EXPANDED = 20_000
"""Most nodes a query may have once names that stand for expressions are written out: each use of an alias
repeats what it stands for, so that a line of ``a+a AS b, b+b AS c, …`` would double at every comma."""


def _sees(select: exp.Expr, inside: exp.Expr, alias: str) -> bool:
    """Whether a part of a SELECT sees this entry of its FROM.

    A query in FROM sees the entries before it, and neither itself nor those after it; a WITH query sees none.
    Whoever followed a name to the very query it stands in would never come to an end.
    """
    if isinstance(inside, exp.Column):  # this SELECT's own
        return True
    below = inside
    while below.parent is not None and below.parent is not select:
        if isinstance(below.parent, exp.Join) and below.arg_key != "this":
            return True  # in a JOIN's condition
        below = below.parent
    if isinstance(below, exp.With):
        return False
    entries = [select.args.get("from_"), *(select.args.get("joins") or [])]
    if not any(below is entry for entry in entries):
        return True
    before = itertools.takewhile(lambda entry: entry is not below, entries)
    return any(entry.this.alias_or_name == alias for entry in before if entry is not None)


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

    @classmethod
    def of(cls, tree: exp.Expr) -> Named:
        """A qualified tree and its scopes."""
        scopes = tuple(traverse_scope(tree))
        return cls(tree, scopes, {id(s.expression): s for s in scopes if isinstance(s.expression, exp.Select)})

    def source_of(self, column: exp.Column) -> tuple[exp.Expr, exp.Table | Scope] | None:
        """The FROM entry a column belongs to, looking outwards from where it stands."""
        inside: exp.Expr = column
        select = column.parent_select
        while select is not None:
            scope = self.by_select.get(id(select))
            if scope is not None and column.table in scope.selected_sources and _sees(select, inside, column.table):
                node, source = scope.selected_sources[column.table]
                return cast("exp.Expr", node), source
            inside, select = select, select.parent_select
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


def ordered_output(column: exp.Column) -> tuple[exp.Select | exp.SetOperation, int] | None:
    """The query and output that a bare name in its ORDER BY stands for.

    Inside a larger expression DuckDB takes such a name for a column of FROM first, so there it counts as an
    output only after `_settle_order` has looked; a set operation has no FROM, only outputs.
    """
    order = column.find_ancestor(exp.Order)
    query = order.parent if order is not None else None
    if not isinstance(query, exp.Select | exp.SetOperation) or column.table:
        return None
    if column.find_ancestor(exp.Select, exp.SetOperation) is not query or column.name not in query.named_selects:
        return None
    alone = isinstance(column.parent, exp.Ordered) and column.parent.parent is order
    if not alone and isinstance(query, exp.Select):
        return None
    return query, query.named_selects.index(column.name)


def _offers(source: exp.Table | Scope, name: str, schema: dict[str, dict[str, str]]) -> bool:
    if isinstance(source, exp.Table):
        return name in schema.get(source.name, {})
    return name in output_names(source.expression)


def _settle_order(named: Named, schema: dict[str, dict[str, str]]) -> Named:
    """Write out every name in an ORDER BY expression, as DuckDB reads it: FROM first, then the outputs.

    Left bare, ``SELECT age AS pupil … ORDER BY pupil + 0`` would look like an order by age here and be one by
    the pupil reference in the engine.
    """
    queries_again = False  # an output that is a query stands in the tree a second time, and is read a second time
    for select in [scope.expression for scope in named.scopes if isinstance(scope.expression, exp.Select)]:
        order = select.args.get("order")
        for ordered in order.expressions if order else []:
            while isinstance(ordered.this, exp.Paren):  # but not a subquery, whose brackets are its own
                ordered.set("this", ordered.this.this)
            sources = named.by_select[id(select)].selected_sources
            for column in list(ordered.this.find_all(exp.Column)):
                if column.table or column.parent is ordered or column.parent_select is not select:
                    continue
                owners = [alias for alias, (_, source) in sources.items() if _offers(source, column.name, schema)]
                if len(owners) == 1:
                    column.set("table", exp.to_identifier(owners[0], quoted=True))
                elif not owners and column.name in select.named_selects:
                    output = select.selects[select.named_selects.index(column.name)]
                    column.replace(exp.paren(output.unalias().copy()))
                    queries_again |= output.find(exp.Query) is not None
    return Named.of(named.tree) if queries_again else named


def unknown_tables(tree: exp.Expr) -> list[Refusal]:
    """Names in FROM that are neither tables of the dictionary nor defined by WITH; WITH names that mislead."""
    tables = {table.name for table in lake_tables()}
    defined = Counter(cte.alias.lower() for cte in tree.find_all(exp.CTE))
    misleading = sorted(name for name, times in defined.items() if times > 1 or name in tables)
    problems = [
        Refusal(
            "name-shadows-table",
            "A WITH query may not take the name of a table, nor of another WITH query.",
            provision="gate allow-list",
            remedy="Give it a name of its own.",
        )
        for _ in misleading[:1]
    ]
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and table.name.lower() not in tables | set(defined):
            problems.append(_not_a_table(table))
    return problems


def _not_a_table(table: exp.Expr) -> Refusal:
    known = ", ".join(sorted(found.name for found in lake_tables()))
    return Refusal(
        "unknown-table",
        "FROM names a table that is not in the dictionary.",
        provision="data dictionary",
        remedy=f"The tables are: {known}.",
        where=place(table),
    )


def _unresolved(named: Named, schema: dict[str, dict[str, str]]) -> Iterator[Refusal]:
    for column in named.tree.find_all(exp.Column):
        found = named.source_of(column) if column.table else None
        known = ordered_output(column) is not None if found is None else _offers(found[1], column.name, schema)
        if not known:
            yield Refusal(
                "unknown-item",
                "A name here is not an item of the tables in FROM, or could belong to more than one of them.",
                provision="data dictionary",
                remedy="Write table.item; `schoolgate dictionary search` finds items.",
                where=place(column),
            )


def _named_twice(tree: exp.Expr) -> Iterator[Refusal]:
    """Two outputs of one name: which of them a name means outside would be a guess, the engine's or ours."""
    for select in tree.find_all(exp.Select):
        twice = [name for name, times in Counter(output_names(select)).items() if times > 1]
        if twice:
            second = [part for part in select.selects if part.alias_or_name == twice[0]][1]
            yield Refusal(
                "name-twice",
                "Two outputs have the same name.",
                provision="gate allow-list",
                remedy="Give each its own name with AS.",
                where=place(second),
            )


def _follows(node: exp.Expr, outputs: list[exp.Expr]) -> bool:
    """Whether a value follows from outputs alone."""
    if node in outputs:
        return True
    if isinstance(node, exp.Column | exp.AggFunc | exp.Window | exp.Query):
        return False
    return all(_follows(part, outputs) for part in node.iter_expressions())


def _ordered_beyond_distinct(tree: exp.Expr) -> Iterator[Refusal]:
    """An order of distinct rows by what they do not show.

    Several rows become one, and DuckDB (2.0.1) goes by the one that is stored first: the answer would tell which of
    two pupils has the smaller reference. An order inside decides nothing, and is dropped (`rewrite`).
    """
    order = tree.args.get("order") if isinstance(tree, exp.Select) and tree.args.get("distinct") else None
    outputs = [part.unalias() for part in tree.selects] if order is not None and isinstance(tree, exp.Select) else []
    for ordered in order.expressions if order is not None else []:
        bare = isinstance(ordered.this, exp.Column) and not ordered.this.table  # the name of an output
        if not bare and not _follows(ordered.this, outputs):
            yield Refusal(
                "order-beyond-distinct",
                "With DISTINCT, rows can be ordered only by what they show: of several rows that become one, each"
                " may have another value of anything else.",
                provision="gate allow-list",
                remedy="Give out what you order by, or use GROUP BY and order by a total.",
                where=place(ordered),
            )


def _expanded_size(tree: exp.Expr) -> int:
    """How many nodes a tree has when every use of an alias within its SELECT is written out."""
    total = 0
    for select in tree.find_all(exp.Select):
        sizes: dict[str, int] = {}
        others = [select.args.get(key) for key in ("where", "group", "having", "qualify")]
        for part in [*select.expressions, *(other for other in others if other is not None)]:
            size = sum(
                1 + (sizes.get(node.name.lower(), 0) if isinstance(node, exp.Column) and not node.table else 0)
                for node in part.walk()
            )
            if isinstance(part, exp.Alias):
                sizes[part.alias.lower()] = size
            total += size
            if total > MAX_EXPANDED:
                return total
    return total


@cache
def _known() -> MappingSchema:
    """The dictionary's tables as the optimiser takes them; it only reads them, and making it anew takes 0.5 ms."""
    return MappingSchema({table.name: dict(queryable(table)) for table in lake_tables()}, dialect="duckdb")


def _qualified(tree: exp.Expr) -> Named | Refusal:
    if _expanded_size(tree) > MAX_EXPANDED:
        return Refusal(
            "query-too-long",
            f"With its own names written out the query has more than {MAX_EXPANDED:,} parts.",
            provision="gate allow-list",
            remedy="Use a WITH query for a step that is used many times.",
        )
    plain = tree.copy()
    for group in plain.find_all(exp.Group):
        # A number in brackets is an output's number all the same (DuckDB 2.0.1).
        group.set("expressions", [k.unnest() if isinstance(k.unnest(), exp.Literal) else k for k in group.expressions])
    try:
        qualified = qualify(
            plain, schema=_known(), dialect="duckdb", validate_qualify_columns=False, expand_stars=False
        )
        return Named.of(qualified)
    except Exception:  # noqa: BLE001 - the optimiser's message repeats parts of the query, so it is not passed on
        return Refusal(
            "names-unclear",
            "The names in this query could not be resolved: two tables in FROM may share a name.",
            provision="data dictionary",
            remedy="Give each table its own alias and write alias.item.",
        )


def trace_names(tree: exp.Expr) -> tuple[Named | None, tuple[Refusal, ...]]:
    """Trace every name of a tree to the dictionary.

    Returns:
        The qualified query, None when it cannot be followed at all; and every name that could not be resolved.
    """
    schema = {table.name: queryable(table) for table in lake_tables()}
    problems = unknown_tables(tree)
    if problems:
        return None, tuple(problems)
    named = _qualified(tree)
    if isinstance(named, Refusal):
        return None, (named,)
    named = _settle_order(named, schema)
    # A WITH query used where it is not visible looks like a table of the lake that does not exist.
    problems += [_not_a_table(node) for _, _, node in named.base_tables() if node.name not in schema]
    problems += [*_unresolved(named, schema), *_named_twice(named.tree), *_ordered_beyond_distinct(named.tree)]
    return named, tuple(dict.fromkeys(problems))
