"""The pupil reference: a column that may only be matched, grouped and counted, never computed with.

Inside the engine it is the internal pupil matching reference, so that joins are fast. Any arithmetic,
comparison by size, ordering or cast would betray the internal number; this module shows that a query does
none of these and says which outputs are the reference, so that they leave as pseudonyms.
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from schoolgate.errors import Refusal
from schoolgate.gate.asking.asked import place
from schoolgate.gate.asking.names import Named, ordered_output, output_names

KEY = "pupil"

_MATCHES = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)


class References:
    """Which expressions of a named query are the pupil reference."""

    def __init__(self, named: Named) -> None:
        self._named = named
        self._outputs: dict[int, tuple[bool, ...]] = {}

    def is_reference(self, node: exp.Expr | None) -> bool:
        """Whether a node's value is a pupil reference as it stands."""
        if isinstance(node, exp.Alias | exp.Paren):
            return self.is_reference(node.this)
        if isinstance(node, exp.Coalesce):
            return all(self.is_reference(part) for part in (node.this, *node.expressions))
        if not isinstance(node, exp.Column):
            return False
        found = self._named.source_of(node)
        if found is None:
            return self._names_output(node)
        source = found[1]
        if isinstance(source, exp.Table):
            return node.name == KEY
        return self._scope_output(source, node.name)

    def _names_output(self, node: exp.Column) -> bool:
        found = ordered_output(node)
        return found is not None and self.outputs(found[0])[found[1]]

    def _scope_output(self, scope: Scope, name: str) -> bool:
        names = output_names(scope.expression)
        return name in names and self.outputs(scope.expression)[names.index(name)]

    def outputs(self, query: exp.Expr) -> tuple[bool, ...]:
        """For each output column of a SELECT or set operation, whether it is a pupil reference."""
        if id(query) not in self._outputs:
            inner = query.unnest() if isinstance(query, exp.Subquery) else query
            if isinstance(inner, exp.SetOperation):
                left = self.outputs(inner.left)
                right = self.outputs(inner.right)
                # A column that is a reference on one side only is treated as one, and refused by `check`.
                self._outputs[id(query)] = tuple(a or b for a, b in zip(left, right, strict=False))
            else:
                selects = inner.selects if isinstance(inner, exp.Query) else []
                self._outputs[id(query)] = tuple(self.is_reference(part) for part in selects)
        return self._outputs[id(query)]

    def _use_is_safe(self, node: exp.Expr) -> bool:
        parent = node.parent
        while isinstance(parent, exp.Paren):
            node, parent = parent, parent.parent
        if isinstance(parent, exp.Alias | exp.Coalesce) and self.is_reference(parent):
            return isinstance(parent, exp.Alias) or self._use_is_safe(parent)
        if isinstance(parent, _MATCHES):
            other = parent.expression if parent.this is node else parent.this
            return self.is_reference(other)
        if isinstance(parent, exp.In):
            query = parent.args.get("query")
            return parent.this is node and query is not None and self.outputs(query.unnest()) == (True,)
        if isinstance(parent, exp.Is):
            return isinstance(parent.expression, exp.Null)
        if isinstance(parent, exp.Distinct):
            return isinstance(parent.parent, exp.Count)
        if isinstance(parent, exp.Window):
            return node in parent.args.get("partition_by", [])
        return isinstance(parent, exp.Select | exp.Group | exp.Count)

    def check(self) -> tuple[Refusal, ...]:
        """Every use of the reference that would compute with it."""
        problems = [
            _computed(node)
            for node in self._named.tree.find_all(exp.Column, exp.Coalesce)
            if self.is_reference(node) and not self._use_is_safe(node)
        ]
        for joined in self._named.tree.find_all(exp.SetOperation):
            if self.outputs(joined.left) != self.outputs(joined.right):
                problems.append(_computed(joined))
        for subquery in self._named.tree.find_all(exp.Subquery):
            if not isinstance(subquery.parent, exp.From | exp.Join | exp.In | exp.SetOperation | exp.CTE) and any(
                self.outputs(subquery.unnest())
            ):
                problems.append(_computed(subquery))
        for inside in self._named.tree.find_all(exp.In):
            query = inside.args.get("query")
            if query is not None and any(self.outputs(query.unnest())) and not self.is_reference(inside.this):
                problems.append(_computed(inside))
        return tuple(dict.fromkeys(problems))


def _computed(node: exp.Expr) -> Refusal:
    return Refusal(
        "pupil-reference-computed",
        "The pupil reference may be matched with another pupil reference, grouped by, counted and given out;"
        " it may not be ordered, cast, compared with a value or computed with.",
        provision="gate allow-list",
        remedy="Order or compare by another item.",
        where=place(node),
    )
