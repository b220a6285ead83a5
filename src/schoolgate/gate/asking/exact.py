"""Arithmetic that gives the same answer whatever order the rows are stored in.

The stored order follows the internal pupil reference. Adding fractions in another order gives other last digits
(and, with a very large number among them, other first ones), and of two values that are equal but not alike
(0.0 and -0.0, two kinds of NaN) a DISTINCT or max shows whichever was stored first. Either would tell which of
two pupils has the smaller reference. So here: fractions are added in order of size, and neither -0.0 nor NaN ever
comes to be; division by nothing is NULL, of whole numbers too (DuckDB 2.0 fails on ``//`` and ``%`` by nought, which
would be an answer by itself). Whole numbers and decimals are exact in DuckDB and are left alone; totals of them that
could overflow on the way are refused (`width`).
"""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from schoolgate.gate.asking.names import Named, output_names

_EXACT_LITERAL = re.compile(r"(?=[0-9.]{1,39}$)[0-9]{1,38}(\.[0-9]*)?|\.[0-9]{1,38}")
"""A literal with an exponent, or with more digits than a DECIMAL has, is a DOUBLE."""

ADDING = (exp.Sum, exp.Avg)
"""Aggregates that add their argument up."""
_SPREADS = (exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop)
ORDERED = (*ADDING, *_SPREADS)
"""Aggregates whose argument is put in order, unless it is exact."""
_DIVIDING = (exp.Div, exp.IntDiv, exp.Mod)
_MAY_GIVE_MINUS_ZERO = (exp.Mul, exp.Mod, exp.IntDiv, exp.Round, exp.Floor, exp.Ceil)

_ALWAYS = (
    exp.Boolean, exp.Null, exp.Count, exp.Rank, exp.DenseRank, exp.Length, exp.Lower, exp.Upper, exp.Trim,
    exp.Substring, exp.DPipe, exp.Year, exp.Month, exp.Quarter, exp.DayOfWeek, exp.DateDiff, exp.Predicate,
    exp.Connector, exp.Not,
)  # fmt: skip
_WHEN_PARTS_ARE = (
    exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.IntDiv, exp.Neg, exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Coalesce,
    exp.Nullif, exp.Greatest, exp.Least, exp.Sum, exp.Min, exp.Max, exp.Distinct, exp.Paren,
)  # fmt: skip


def _value_parts(node: exp.Expr | None) -> list[exp.Expr | None] | None:
    """The parts whose values a node's value is made of; None for a node not made of such parts."""
    if isinstance(node, exp.Predicate):  # TRUE or FALSE, whatever was compared
        return []
    if isinstance(node, exp.Window | exp.Filter | exp.Alias):
        return [node.this]
    if isinstance(node, exp.Case):
        return [*(branch.args["true"] for branch in node.args["ifs"]), node.args.get("default")]
    if isinstance(node, exp.If):
        return [node.args["true"], node.args.get("false")]
    return list(node.iter_expressions()) if isinstance(node, _WHEN_PARTS_ARE) else None


class Exactness:
    """Which expressions of a named query can never be a DOUBLE."""

    def __init__(self, named: Named, types: dict[str, dict[str, str]]) -> None:
        self._named = named
        self._types = types
        self._outputs: dict[int, tuple[bool, ...]] = {}

    def is_exact(self, node: exp.Expr | None) -> bool:
        """Whether a node's value is surely a whole number, a decimal, or no number at all."""
        if isinstance(node, exp.Literal):
            return node.is_string or bool(_EXACT_LITERAL.fullmatch(str(node.this)))
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.Cast):
            return node.to.this is not exp.DataType.Type.DOUBLE
        if isinstance(node, exp.Subquery):
            return all(self.outputs(node.unnest()))
        parts = _value_parts(node)
        if parts is not None:
            return all(self.is_exact(part) for part in parts)
        return node is None or isinstance(node, _ALWAYS)

    def _column(self, node: exp.Column) -> bool:
        found = self._named.source_of(node)
        if found is None:
            return False
        source = found[1]
        if not isinstance(source, Scope):
            return node.name in self._types.get(source.name, {})  # no column of the lake is a DOUBLE
        names = output_names(source.expression)
        return node.name in names and self.outputs(source.expression)[names.index(node.name)]

    def outputs(self, query: exp.Expr) -> tuple[bool, ...]:
        """For each output of a SELECT or set operation, whether it is exact."""
        if id(query) not in self._outputs:
            inner = query.unnest() if isinstance(query, exp.Subquery) else query
            if isinstance(inner, exp.SetOperation):
                sides = zip(self.outputs(inner.left), self.outputs(inner.right), strict=False)
                self._outputs[id(query)] = tuple(left and right for left, right in sides)
            else:
                selects = inner.selects if isinstance(inner, exp.Query) else []
                self._outputs[id(query)] = tuple(self.is_exact(part) for part in selects)
        return self._outputs[id(query)]


def _plus_zero(node: exp.Expr) -> None:
    """Make -0.0 into 0.0; every other value stays (IEEE 754 section 6.3)."""
    wrapped = exp.Paren()
    node.replace(wrapped)
    wrapped.set("this", exp.Add(this=node, expression=exp.Literal.number(0)))


def _in_order_of_size(aggregate: exp.Expr) -> None:
    argument = aggregate.this
    key = argument.expressions[0] if isinstance(argument, exp.Distinct) else argument
    aggregate.set("this", exp.Order(this=argument, expressions=[exp.Ordered(this=key.copy(), nulls_first=False)]))


def _no_nan(cast: exp.Expr) -> None:
    wrapped = exp.Nullif()
    cast.replace(wrapped)
    wrapped.set("this", exp.Add(this=cast, expression=exp.Literal.number(0)))
    wrapped.set("expression", exp.cast(exp.Literal.string("nan"), "DOUBLE"))


def _steady(node: exp.Expr, *, exact: bool) -> None:
    """Mend one node; an exact one can only divide by nothing."""
    if isinstance(node, _DIVIDING):
        node.set(
            "expression", exp.Nullif(this=exp.paren(node.expression, copy=False), expression=exp.Literal.number(0))
        )
        if not exact:
            _plus_zero(node)
    elif isinstance(node, exp.Neg):
        node.replace(exp.paren(exp.Sub(this=exp.Literal.number(0), expression=exp.paren(node.this, copy=False))))
    elif isinstance(node, exp.Cast):
        _no_nan(node)
    elif isinstance(node, _MAY_GIVE_MINUS_ZERO):
        _plus_zero(node)
    else:
        _in_order_of_size(node)
        outermost = node
        while isinstance(outermost.parent, exp.Filter | exp.Window) and outermost.parent.this is outermost:
            outermost = outermost.parent
        _plus_zero(outermost)


def make_steady(named: Named, types: dict[str, dict[str, str]]) -> None:
    """Rewrite a named query's arithmetic in place, so that no order of rows can show in its answer."""
    exactness = Exactness(named, types)
    mended = [
        (node, exactness.is_exact(node))
        for node in named.tree.walk(bfs=False)
        if isinstance(node, (*_DIVIDING, *_SPREADS))
        or (isinstance(node, (exp.Neg, *_MAY_GIVE_MINUS_ZERO)) and not exactness.is_exact(node))
        or (isinstance(node, exp.Cast) and node.to.this is exp.DataType.Type.DOUBLE)
        or (isinstance(node, ADDING) and not exactness.is_exact(node.this))
    ]
    for node, exact in reversed(mended):  # innermost first
        _steady(node, exact=exact)
