"""Which conditions run inside each scan: those of the query's own SELECT and of the SELECTs above it.

From the outermost SELECT inwards. For each FROM entry `joins` says which of its rows an answer can depend on;
for an entry that is itself a query this becomes a condition on that query's outputs, which is then written with
the columns inside it. Conditions are copied, never moved (decision 3): a wrong copy could only make a scan too
small, and that shows against the asker's own query.

Not taken through: LIMIT; a window, but on columns that every window is partitioned by; aggregation, but on group
keys; outputs that are worked out and not simply a column. `docs/exposure.md` has the whole list with reasons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from schoolgate.gate.asking.names import Named, output_names
from schoolgate.gate.exposure.joins import Joins, Types, columns_of, conjuncts, name_column

MAX_CONDITION = 400
"""Most parts a condition on a query's outputs may have; a longer one is not taken inside."""

Conditions = Sequence[exp.Expr]


def _size(conditions: Conditions) -> int:
    return sum(1 for condition in conditions for _ in condition.walk())


def _either(uses: Sequence[Conditions]) -> list[exp.Expr]:
    """What holds of every row that at least one use looks at, as conditions that must all be true."""
    if not uses or not all(uses):
        return []
    shared = set.intersection(*({part.sql("duckdb") for part in use} for use in uses))
    found = {part.sql("duckdb"): part for part in uses[0] if part.sql("duckdb") in shared}
    rests = [[part for part in use if part.sql("duckdb") not in shared] for use in uses]
    if all(rests):
        apart = {rest.sql("duckdb"): rest for rest in (exp.and_(*parts) for parts in rests)}
        either = exp.paren(exp.or_(*apart.values()))
        found[either.sql("duckdb")] = either
    kept = list(found.values())
    return [part.copy() for part in kept] if _size(kept) <= MAX_CONDITION else []


def _aggregates(part: exp.Expr) -> bool:
    """Whether anything is worked out from many rows at once, windows apart."""
    for node in part.find_all(exp.AggFunc):
        held: exp.Expr = node
        while isinstance(held.parent, exp.Filter) and held.parent.this is held:
            held = held.parent
        if not (isinstance(held.parent, exp.Window) and held.parent.this is held):
            return True
    return False


def _parts_of(select: exp.Select) -> list[exp.Expr]:
    """What a SELECT works out of its rows, subqueries included."""
    others = (select.args.get(key) for key in ("having", "qualify", "order", "distinct"))
    return [*select.expressions, *(part for part in others if part is not None)]


class Pushes:
    """For each reading of a table, the conditions on its columns that may run inside it.

    Args:
        named: the qualified query.
        schema: table -> column -> SQL type.
    """

    def __init__(self, named: Named, schema: Mapping[str, Types]) -> None:
        self._named = named
        self._schema = schema
        self._types: dict[int, tuple[str, ...]] = {}
        self._joins: dict[int, Joins] = {}
        self._uses: dict[int, list[Conditions]] = {}
        self._names = Counter(table.name for table in named.tree.find_all(exp.Table))
        self._found: dict[int, list[exp.Expr]] = {}
        for scope in reversed(named.scopes):  # whatever looks at a query comes before it
            query = scope.expression
            if isinstance(query, exp.SetOperation):
                self._through_set(query)
            elif isinstance(query, exp.Select) and query.args.get("from_"):
                self._through_select(scope, query)

    def of(self, node: exp.Expr) -> list[exp.Expr]:
        """The conditions of the reading that this FROM entry stands for, columns without an alias."""
        return self._found.get(id(node), [])

    # Types of outputs that are a column of the lake as it stands

    def _source_types(self, source: exp.Table | Scope) -> dict[str, str]:
        if isinstance(source, exp.Table):
            return dict(self._schema.get(source.name, {}))
        return dict(zip(output_names(source.expression), self.types(source.expression), strict=False))

    def types(self, query: exp.Expr) -> tuple[str, ...]:
        """For each output of a query its type, or "" when it is not simply a column of the lake."""
        inner = query.unnest()
        if id(inner) not in self._types:
            if isinstance(inner, exp.SetOperation):
                arms = zip(self.types(inner.left), self.types(inner.right), strict=False)
                self._types[id(inner)] = tuple(a if a == b else "" for a, b in arms)
            else:
                selects = inner.selects if isinstance(inner, exp.Select) else []
                self._types[id(inner)] = tuple(self._type_in(inner, part) for part in selects)
        return self._types[id(inner)]

    def _type_in(self, select: exp.Expr, part: exp.Expr) -> str:
        scope = self._named.by_select.get(id(select))
        value = part.unalias().unnest()
        # A column that USING merged has the type that all its parts have.
        columns = [value.this, *value.expressions] if isinstance(value, exp.Coalesce) else [value]
        kinds = set()
        for column in columns:
            if scope is None or not isinstance(column, exp.Column) or column.table not in scope.selected_sources:
                return ""
            kinds.add(self._source_types(scope.selected_sources[column.table][1]).get(column.name, ""))
        return kinds.pop() if len(kinds) == 1 else ""

    # From above, inwards

    def _asked_of(self, query: exp.Expr) -> list[exp.Expr]:
        """The conditions that those who look at this query ask of its outputs."""
        uses = self._uses.get(id(query), [])
        holder = query.parent
        while isinstance(holder, exp.Subquery | exp.Paren):
            holder = holder.parent
        expected = self._names[holder.alias] if isinstance(holder, exp.CTE) else 1
        return _either(uses) if len(uses) == expected else []

    def _ask(self, query: exp.Expr, conditions: Conditions) -> None:
        self._uses.setdefault(id(query.unnest()), []).append(conditions)

    def _through_set(self, query: exp.SetOperation) -> None:
        asked = self._asked_of(query)
        names, types = output_names(query), self.types(query)
        for arm in (query.left.unnest(), query.right.unnest()):
            inside = output_names(arm)
            usable = {n: i for n, i, kind in zip(names, inside, types, strict=False) if kind}
            became = []
            for condition in asked:
                if all(column.name in usable for column in columns_of(condition)):
                    copy = condition.copy()
                    for column in columns_of(copy):
                        name_column(column, usable[column.name], None)
                    became.append(copy)
            self._ask(arm, became)

    def _through_select(self, scope: Scope, select: exp.Select) -> None:
        own = {alias: self._source_types(source) for alias, (_, source) in scope.selected_sources.items()}
        outer, given = self._around(scope, select, frozenset(own))
        where = conjuncts(select.args["where"].this if select.args.get("where") else None)
        joined = Joins(select, own, where, outer, given)
        above = self._from_above(select, joined)
        if above:
            joined = Joins(select, own, [*where, *above], outer, given)
        self._joins[id(select)] = joined
        for alias, (node, source) in scope.selected_sources.items():
            conditions = [part.copy() for part in joined.inside(alias)]
            for condition in conditions:
                for column in columns_of(condition):
                    name_column(column, column.name, None)
            if isinstance(source, exp.Table):
                self._found[id(node)] = conditions
            else:
                self._ask(source.expression, conditions)

    def _around(
        self, scope: Scope, select: exp.Select, own: frozenset[str]
    ) -> tuple[dict[str, Types], dict[str, list[exp.Expr]]]:
        """What is known of the rows of the query around a subquery in a condition or an output.

        Such a subquery counts only for rows that satisfy all the conditions there; one inside a JOIN's condition
        is worked out for others, too.
        """
        node: exp.Expr | None = select.parent
        while node is not None and not isinstance(node, exp.Select):
            if isinstance(node, exp.Join | exp.From | exp.CTE | exp.SetOperation):
                return {}, {}
            node = node.parent
        joined = self._joins.get(id(node)) if node is not None else None
        if joined is None:
            return {}, {}
        types = {alias: found for alias, found in joined.types.items() if alias not in own}
        return types, {alias: found for alias, found in joined.known().items() if alias in types}

    def _from_above(self, select: exp.Select, joined: Joins) -> list[exp.Expr]:
        """Conditions on a SELECT's outputs, groups or partitions, written with the columns of its FROM."""
        parts = _parts_of(select)
        group = select.args.get("group")
        keys = None
        if group is not None or any(map(_aggregates, parts)):
            keys = {joined.plainly(part) for part in (group.expressions if group is not None else [])}
        windows = [window for part in parts for window in part.find_all(exp.Window)]
        partitions = [{joined.plainly(part) for part in window.args.get("partition_by") or []} for window in windows]
        outputs = dict(zip(output_names(select), select.selects, strict=False))

        def same_of_all(condition: exp.Expr, sets: Sequence[set[exp.Expr]]) -> bool:
            return all(column in found for found in sets for column in columns_of(condition))

        grouped = [keys] if keys is not None else []
        found = []
        limited = select.args.get("limit") or select.args.get("offset")
        for condition in [] if limited else self._asked_of(select):
            copy = _written_inside(condition, outputs, joined)
            if copy is not None and same_of_all(copy, [*grouped, *partitions]):
                found.append(copy)
        if select.args.get("having") and keys:
            having = map(joined.plainly, conjuncts(select.args["having"].this))
            found += [part for part in having if same_of_all(part, grouped)]
        if select.args.get("qualify"):
            qualify = map(joined.plainly, conjuncts(select.args["qualify"].this))
            found += [
                part for part in qualify if not part.find(exp.Window) and same_of_all(part, [*grouped, *partitions])
            ]
        return [part for part in found if columns_of(part) and not part.find(exp.AggFunc, exp.Query)]


def _written_inside(condition: exp.Expr, outputs: Mapping[str, exp.Expr], joined: Joins) -> exp.Expr | None:
    copy = condition.copy()
    for column in columns_of(copy):
        output = outputs.get(column.name)
        inner = joined.plainly(output.unalias()).unnest() if output is not None else None
        if not isinstance(inner, exp.Column):
            return None
        name_column(column, inner.name, inner.table)
    return copy
