"""How many digits a number can have: whether a total of it could overflow on the way.

A total of whole numbers is exact, yet with very large ones it can leave the engine's 128 bits on the way and come
back: with x = 99 999 … (38 digits), x + x - x fails in that order and x - x + x does not. Whether a query fails
would then tell the stored order. Measured on DuckDB 2.0.1: an ORDER BY inside a total of whole numbers or decimals is
optimised away, so it cannot be made to add in order of size as fractions are (`exact`); such a total is refused.
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from schoolgate.dictionary import lake_tables
from schoolgate.errors import Refusal
from schoolgate.gate.asking.asked import place
from schoolgate.gate.asking.exact import ADDING
from schoolgate.gate.asking.names import Named, output_names, queryable

Digits = tuple[int, int]
"""Most digits before and after the point."""

FLOAT: Digits = (-99, -99)
"""Stands for a DOUBLE: it grows to infinity without failing, and is added in order of size (`exact`)."""

_COLUMN: dict[str, Digits] = {"INT": (10, 0), "DECIMAL": (15, 3), "BOOLEAN": (1, 0)}
_CAST: dict[str, Digits] = {"INT": (10, 0), "BIGINT": (19, 0), "SMALLINT": (5, 0), "BOOLEAN": (1, 0)}
_ADDITIONS = 10
"""Digits that a total of all rows can have more than its parts: ten thousand million rows."""
_MOST = 27
"""Digits of a part whose total stays below 38, the least the engine holds exactly."""

_FRACTIONS = (
    exp.Div, exp.Avg, exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop, exp.PercentRank,
    exp.CumeDist,
)  # fmt: skip
_SAME = (exp.Paren, exp.Alias, exp.Neg, exp.Abs, exp.Min, exp.Max, exp.Window, exp.Filter, exp.Distinct)
_WIDEST = (exp.Coalesce, exp.Greatest, exp.Least, exp.Nullif, exp.Mod)
_COUNTS = (
    exp.Count, exp.Rank, exp.DenseRank, exp.Length, exp.Year, exp.Month, exp.Quarter, exp.DayOfWeek, exp.DateDiff,
)  # fmt: skip


class Widths:
    """The digits of the expressions of a named query.

    Args:
        named: the query.
        types: lake table -> column -> SQL type.
    """

    def __init__(self, named: Named, types: dict[str, dict[str, str]]) -> None:
        self._named = named
        self._types = types
        self._outputs: dict[int, list[Digits | None]] = {}

    def total_fits(self, node: exp.Expr) -> bool:
        """Whether a total of this expression over all rows surely fits, whatever the order."""
        found = self.of(node)
        return found is not None and sum(found) <= _MOST  # FLOAT always does

    def of(self, node: exp.Expr | None) -> Digits | None:
        """The digits a value can have; None when that is not known."""
        if node is None or isinstance(node, exp.Null | exp.Boolean | exp.Predicate | exp.Connector | exp.Not):
            return (1, 0)
        if isinstance(node, exp.Literal):
            return _of_literal(node)
        if isinstance(node, exp.Column):
            return self._of_column(node)
        if isinstance(node, exp.Cast):
            return _of_cast(node)
        if isinstance(node, exp.Subquery):
            outputs = self._of_query(node.unnest())
            return outputs[0] if len(outputs) == 1 else None
        if isinstance(node, _COUNTS):
            return (19, 0)
        if isinstance(node, _FRACTIONS):
            return FLOAT
        return self._of_parts(node)

    def _of_parts(self, node: exp.Expr) -> Digits | None:
        if isinstance(node, _SAME):
            return self.of(node.expressions[0] if isinstance(node, exp.Distinct) else node.this)
        if isinstance(node, exp.Sum):
            part = self.of(node.this)
            return part if part in (None, FLOAT) else (part[0] + _ADDITIONS, part[1])
        if isinstance(node, exp.Case):
            branches = [branch.args["true"] for branch in node.args["ifs"]]
            return self._widest([*branches, node.args.get("default")])
        if isinstance(node, exp.If):
            return self._widest([node.args["true"], node.args.get("false")])
        if isinstance(node, _WIDEST):
            return self._widest([node.this, node.args.get("expression"), *node.expressions])
        return self._of_arithmetic(node)

    def _of_arithmetic(self, node: exp.Expr) -> Digits | None:
        if isinstance(node, exp.Round | exp.Floor | exp.Ceil):
            part = self.of(node.this)
            return part if part in (None, FLOAT) else (part[0] + 1, part[1])
        if not isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.IntDiv):
            return None
        left, right = self.of(node.this), self.of(node.expression)
        if left is None or right is None or FLOAT in (left, right):
            return FLOAT if FLOAT in (left, right) else None
        if isinstance(node, exp.Mul):
            return (left[0] + right[0], left[1] + right[1])
        if isinstance(node, exp.IntDiv):  # dividing by 0.001 makes a number as much longer as multiplying by 1000
            return (left[0] + right[1], left[1] + right[1])
        return (max(left[0], right[0]) + 1, max(left[1], right[1]))

    def _widest(self, nodes: list[exp.Expr | None]) -> Digits | None:
        return _wider([self.of(node) for node in nodes])

    def _of_column(self, node: exp.Column) -> Digits | None:
        found = self._named.source_of(node)
        if found is None:
            return None
        source = found[1]
        if not isinstance(source, Scope):
            return _COLUMN.get(self._types.get(source.name, {}).get(node.name, ""))
        names = output_names(source.expression)
        return self._of_query(source.expression)[names.index(node.name)] if node.name in names else None

    def _of_query(self, query: exp.Expr) -> list[Digits | None]:
        if id(query) not in self._outputs:
            inner = query.unnest() if isinstance(query, exp.Subquery) else query
            if isinstance(inner, exp.SetOperation):
                sides = zip(self._of_query(inner.left), self._of_query(inner.right), strict=False)
                self._outputs[id(query)] = [_wider([left, right]) for left, right in sides]
            else:
                selects = inner.selects if isinstance(inner, exp.Query) else []
                self._outputs[id(query)] = [self.of(part) for part in selects]
        return self._outputs[id(query)]


def _wider(found: list[Digits | None]) -> Digits | None:
    """Where any of several values may stand: one that is a DOUBLE makes all of them DOUBLE."""
    if FLOAT in found:
        return FLOAT
    known = [digits for digits in found if digits is not None]
    return (max(a for a, _ in known), max(b for _, b in known)) if len(known) == len(found) else None


def _of_literal(node: exp.Literal) -> Digits | None:
    if "e" in str(node.this).lower() and not node.is_string:
        return FLOAT
    before, _, after = str(node.this).partition(".")
    return None if node.is_string or not (before + after).isdigit() else (len(before), len(after))


def _of_cast(node: exp.Cast) -> Digits | None:
    kind = node.to.this.name
    if kind == "DOUBLE":
        return FLOAT
    if kind != "DECIMAL":
        return _CAST.get(kind)
    given = [int(part.this.name) for part in node.to.expressions if part.this.name.isdigit()]
    width, scale = (*given, 0)[:2] if given else (18, 3)  # DuckDB's own default
    return (width - scale, scale)


def wide_totals(named: Named) -> tuple[Refusal, ...]:
    """Every total of whole numbers or decimals that could overflow on the way."""
    types = {table.name: queryable(table) for table in lake_tables()}
    widths = Widths(named, types)
    return tuple(
        Refusal(
            "total-too-wide",
            "A total of numbers this long could overflow on the way, or not, by the order in which rows are stored.",
            provision="gate allow-list",
            remedy="Cast what is added to BIGINT, or to DOUBLE.",
            where=place(node),
        )
        for node in named.tree.find_all(*ADDING)
        if not widths.total_fits(node.this)
    )
