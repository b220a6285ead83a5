"""Aggregates alone: which queries give numbers about many pupils, so that small rows can be withheld.

Accepted is one shape, and nothing that merely looks safe: one outermost SELECT that groups or counts, over tables
joined on the pupil reference, so that each joined row is about one pupil. Read there may be WITH queries and queries
in FROM that choose rows and do nothing else. The aggregates are count(*), counts of the pupil reference, and sums,
averages and spreads of a numeric item as it stands: a CASE or a FILTER inside an aggregate would be a number about
other pupils than the row's.

What is not seen here is the difference between two queries: that is for the room that checks outputs; until then
an agreement's query budget is what limits it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from schoolgate.dictionary import lake_tables
from schoolgate.errors import Refusal
from schoolgate.gate.asking.asked import place
from schoolgate.gate.asking.names import Named, output_names, queryable
from schoolgate.gate.asking.reference import KEY, References
from schoolgate.gate.terms.rowkinds import RowKinds

_SPREADS = (exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop)
MEASURES = (exp.Sum, exp.Avg, *_SPREADS)
"""Aggregates of an item as it stands."""


def _no(node: exp.Expr, what: str, remedy: str = "") -> Refusal:
    return Refusal("not-aggregate", what, "agreement for aggregates alone", remedy, place(node))


def joined(select: exp.Expr) -> list[exp.Join]:
    """The joins of a SELECT."""
    return list(select.args.get("joins") or [])


def only_inner(select: exp.Expr) -> bool:
    """Whether every row of a SELECT has a pupil in each of its sources."""
    return all(join.side == "" for join in joined(select))


def keys_of(named: Named, select: exp.Expr) -> list[exp.Column] | None:
    """The columns, in this SELECT, that are the pupil references of everything it reads.

    Returns:
        None when a WITH query or a query in FROM does not give out the reference of a table it reads.
    """
    scope = named.by_select.get(id(select))
    if scope is None:
        return None
    keys: list[exp.Column] = []
    several: list[exp.Column] = []
    for alias, (_, source) in scope.selected_sources.items():
        names = [KEY] if isinstance(source, exp.Table) else _given_keys(named, source)
        if names is None:
            return None
        found = [exp.column(name, table=alias, quoted=True) for name in names]
        keys += found
        several += found if len(found) > 1 else []  # an outer join inside: its references differ from row to row
    return [*keys[:1], *(key for key in several if key is not keys[0])] if only_inner(select) else keys


def _given_keys(named: Named, source: Scope) -> list[str] | None:
    query = source.expression
    inner = keys_of(named, query)
    if inner is None or not isinstance(query, exp.Select):
        return None
    given: dict[tuple[str, str], str] = {}
    for name, part in zip(output_names(query), query.selects, strict=True):
        value = part.unalias().unnest()
        if isinstance(value, exp.Column):
            given.setdefault((value.table, value.name), name)
    if only_inner(query) and len(inner) == 1:  # one pupil in every source: any of their references will do
        scope = named.by_select[id(query)]
        every = [(alias, KEY) for alias, (_, s) in scope.selected_sources.items() if isinstance(s, exp.Table)]
        found = [given[one] for one in ((inner[0].table, inner[0].name), *every) if one in given]
        return found[:1] or None
    names = [given.get((key.table, key.name), "") for key in inner]
    return names if all(names) else None


class _Check:
    def __init__(self, named: Named, references: References) -> None:
        self.named = named
        self.references = references
        self.types = {table.name: queryable(table) for table in lake_tables()}
        self.kinds = RowKinds(named, self.types)

    def base_type(self, node: exp.Expr) -> str:
        """The SQL type of the item a column is, followed through queries that pass it on; "" when it is computed."""
        value = node.unalias().unnest()
        if not isinstance(value, exp.Column):
            return ""
        found = self.named.source_of(value)
        if found is None:
            return ""
        source = found[1]
        if isinstance(source, exp.Table):
            return self.types.get(source.name, {}).get(value.name, "")
        query, names = source.expression, output_names(source.expression)
        if not isinstance(query, exp.Select) or value.name not in names:
            return ""
        return self.base_type(query.selects[names.index(value.name)])

    def aggregate(self, node: exp.Expr) -> Iterator[Refusal]:
        argument = node.this.unnest() if isinstance(node.this, exp.Expr) else node.this
        if isinstance(node, exp.Count):
            counted = argument.expressions if isinstance(argument, exp.Distinct) else [argument]
            alone = len(counted) == 1 and not node.expressions
            if not alone or not (isinstance(counted[0], exp.Star) or self.references.is_reference(counted[0])):
                yield _no(node, "Counted may be rows, count(*), and pupils.", "Move the condition to WHERE.")
        elif isinstance(node, MEASURES):
            if self.base_type(argument) not in ("INT", "DECIMAL") or self.references.is_reference(argument):
                yield _no(node, "Summed and averaged may be a numeric item as it stands.", "Group by the condition.")
        else:
            yield _no(node, f"{node.key} would give out one pupil's value.", "Use avg or a spread.")

    def joins(self, select: exp.Expr) -> Iterator[Refusal]:
        for join in joined(select):
            on = join.args.get("on")
            conditions = list(on.unnest().flatten()) if isinstance(on, exp.And) else [on]
            if not any(self._ties(part, join.this.alias_or_name) for part in conditions):
                yield _no(join, "Tables must be joined on the pupil reference.", "Write ON a.pupil = b.pupil AND ….")

    def _ties(self, node: exp.Expr | None, alias: str) -> bool:
        node = node.unnest() if node is not None else None
        if not isinstance(node, exp.EQ):
            return False
        sides = (node.this.unnest(), node.expression.unnest())
        if not all(isinstance(side, exp.Column) and self.references.is_reference(side) for side in sides):
            return False
        return sorted(side.table == alias for side in sides) == [False, True]

    def row_level(self, node: exp.Expr | None) -> Iterator[Refusal]:
        """A part worked out row by row: nothing that can fail."""
        for part in node.walk(prune=_spoken_of_elsewhere) if node is not None else ():
            if not _spoken_of_elsewhere(part) and not self.kinds.cannot_fail(part):
                yield _no(
                    part,
                    "What is worked out row by row must work on every row: no arithmetic, no cast but TRY_CAST, no"
                    " comparison between a text and a number, no text in place of a condition.",
                    "Compare items with values of their own kind; compute with the counts.",
                )
                return

    def condition(self, node: exp.Expr | None) -> Iterator[Refusal]:
        """The whole of a WHERE, an ON or a HAVING, whose groups may yet be withheld."""
        if node is not None and not self.kinds.is_truth(node):
            yield _no(node, "A condition is TRUE or FALSE as it stands.", "Compare the item with a value.")
        yield from self.row_level(node)

    def inner(self, select: exp.Select) -> Iterator[Refusal]:
        aggregates = any(isinstance(node, exp.AggFunc) for node in select.walk())
        if aggregates or any(select.args.get(key) for key in ("group", "having", "distinct", "limit", "qualify")):
            yield _no(select, "A query inside may choose rows and do nothing else.", "Group and count outside.")
        for part in select.selects:
            yield from self.row_level(part)

    def outer(self, select: exp.Select) -> Iterator[Refusal]:
        group = select.args.get("group")
        found = list(select.find_all(exp.AggFunc))
        if not group and not any(node.find_ancestor(exp.Select) is select for node in found):
            yield _no(select, "The rows of a single pupil are not given out.", "Count, sum or average over groups.")
        if select.args.get("distinct") or select.args.get("qualify"):
            yield _no(select, "DISTINCT and QUALIFY are not used with groups here.")
        for node in found:
            yield from self.aggregate(node)
        keys = [part for part in select.selects if part.find(exp.AggFunc) is None]
        for part in (*(group.expressions if group else []), *keys):
            yield from self.row_level(part)
        having = select.args.get("having")
        for node in having.walk() if having is not None else ():
            if isinstance(node, exp.Binary | exp.Unary | exp.Func) and not _is_plain_condition(node):
                yield _no(node, "HAVING compares counts, sums and averages with values.", "Compute in SELECT.")
        yield from self.condition(having.this if having is not None else None)
        places = [*select.selects, *(group.expressions if group else []), *([having] if having else [])]
        for part in places:
            for column in part.find_all(exp.Column):
                if self.references.is_reference(column) and not column.find_ancestor(exp.Count):
                    yield _no(column, "The pupil reference may be counted here, not given out or grouped by.")
        order = select.args.get("order")
        for cast in (node for part in (*select.selects, order) if part is not None for node in part.find_all(exp.Cast)):
            if not isinstance(cast, exp.TryCast):
                yield _no(cast, "A cast that can fail would be an answer of its own.", "Use TRY_CAST.")
        if not select.args.get("from_"):
            yield _no(select, "Nothing is counted.", "Name a table in FROM.")
        elif keys_of(self.named, select) is None:
            yield _no(select, "A query inside must give out the pupil of each table it reads.", "Add pupil to it.")


def _spoken_of_elsewhere(node: exp.Expr) -> bool:
    return isinstance(node, exp.Query | exp.AggFunc)


def _is_plain_condition(node: exp.Expr) -> bool:
    return isinstance(node, exp.Predicate | exp.Connector | exp.Not | exp.Paren | exp.AggFunc | exp.Distinct) or (
        isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal)
    )


def _anywhere(tree: exp.Expr) -> Iterator[Refusal]:
    for node in tree.walk():
        if isinstance(node, exp.Window | exp.Filter):
            yield _no(node, "Windows and FILTER give numbers about other pupils than the row's.", "Use GROUP BY.")
        elif isinstance(node, exp.SetOperation):
            yield _no(node, "UNION, INTERSECT and EXCEPT are not used here.", "Ask in two queries.")
        elif isinstance(node, exp.Exists) or (isinstance(node, exp.In) and node.args.get("query")):
            yield _no(node, "A query inside a condition could look for one pupil.", "JOIN on the pupil reference.")
        elif isinstance(node, exp.Subquery) and not isinstance(node.parent, exp.From | exp.Join | exp.In):
            yield _no(node, "A query inside an expression could look for one pupil.", "JOIN on the pupil reference.")


def cell_problems(named: Named, references: References) -> tuple[Refusal, ...]:
    """Why a query's rows cannot be shown to be numbers about many pupils; empty when they can."""
    tree = named.tree
    problems = list(_anywhere(tree))
    if not isinstance(tree, exp.Select) or problems:
        return tuple(dict.fromkeys(problems)) or (_no(tree, "One SELECT that groups or counts is needed."),)
    check = _Check(named, references)
    for scope in named.scopes:
        select = scope.expression
        if not isinstance(select, exp.Select):
            problems.append(_no(tree, "One SELECT that groups or counts is needed."))
            continue
        problems += check.outer(select) if select is tree else check.inner(select)
        problems += check.joins(select)
        where = select.args.get("where")
        for condition in (where.this if where else None, *(join.args.get("on") for join in joined(select))):
            problems += check.condition(condition)
    return tuple(dict.fromkeys(problems))
