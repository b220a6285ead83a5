"""Which of a query's conditions may run inside a scan: those that can neither fail nor look elsewhere.

A condition that compared text with a number would make the engine convert each value, and fail on the first that
is no number: inside a scan it would fail for rows that the query itself never looks at, and again whenever the
exposure is worked out. So a column is compared only with what has its own type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from sqlglot import exp

_NUMBER = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")
_STRICT = (exp.Like, exp.ILike, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.IntDiv)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_ALIKE = (exp.NullSafeEQ, exp.NullSafeNEQ)
_CANNOT_FAIL: dict[type[exp.Expr], tuple[str, str]] = {
    **dict.fromkeys((exp.Lower, exp.Upper, exp.Trim), ("VARCHAR", "VARCHAR")),
    exp.Length: ("VARCHAR", "number"),
    **dict.fromkeys((exp.Year, exp.Month, exp.Quarter), ("DATE", "number")),
}
"""Functions of one argument that have a value for every value: what they take, what they give."""


def _is_date(text: str) -> bool:
    try:
        return len(text) == len("2026-09-01") and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _given(node: exp.Expr) -> list[str]:
    return [key for key, value in node.args.items() if value not in (None, False, [], "")]


def unknown_without(node: exp.Expr, alias: str) -> bool:
    """Whether a value is NULL whenever an outer join made up this entry's columns."""
    node = node.unnest()
    if isinstance(node, exp.Column):
        return node.table == alias
    if isinstance(node, exp.Neg | exp.Not | exp.Cast):
        return unknown_without(node.this, alias)
    if isinstance(node, (*_COMPARISONS, *_STRICT)):
        return unknown_without(node.this, alias) or unknown_without(node.expression, alias)
    if isinstance(node, exp.Between):
        return unknown_without(node.this, alias)
    if isinstance(node, exp.In):  # of a query that gives no row, NULL IN is FALSE, and NOT IN therefore TRUE
        return not node.args.get("query") and unknown_without(node.this, alias)
    if isinstance(node, exp.And | exp.Or):
        return unknown_without(node.this, alias) and unknown_without(node.expression, alias)
    return False


def never_true_without(node: exp.Expr, alias: str) -> bool:
    """Whether a condition rejects every row in which an outer join made up this entry's columns."""
    node = node.unnest()
    if unknown_without(node, alias):
        return True
    if isinstance(node, exp.And):
        return never_true_without(node.this, alias) or never_true_without(node.expression, alias)
    if isinstance(node, exp.Or):
        return never_true_without(node.this, alias) and never_true_without(node.expression, alias)
    if isinstance(node, exp.Not):
        inner = node.this.unnest()
        return (
            isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null) and unknown_without(inner.this, alias)
        )
    if isinstance(node, exp.In):
        return unknown_without(node.this, alias)
    if isinstance(node, exp.Is):
        return isinstance(node.expression, exp.Boolean) and unknown_without(node.this, alias)
    return False


class Pushable:
    """The conditions on one table's columns that may be copied into its scan.

    Args:
        types: column -> SQL type, as the dictionary has it.
    """

    def __init__(self, types: Mapping[str, str]) -> None:
        self._types = types

    def _kind(self, node: exp.Expr) -> str:
        """The kind of a column, or of what is worked out of one and cannot fail; "" for anything else."""
        node = node.unnest()
        if isinstance(node, exp.Column):
            kind = self._types.get(node.name, "")
            return "number" if kind in ("INT", "DECIMAL") else kind
        if isinstance(node, exp.Coalesce):
            parts = [node.this, *node.expressions]
            kind = next((kind for part in parts if (kind := self._kind(part))), "")
            return kind if kind and all(self._fits(part, kind) for part in parts) else ""
        takes, gives = _CANNOT_FAIL.get(type(node), ("", ""))
        return gives if takes and self._kind(node.this) == takes and len(_given(node)) == 1 else ""

    def _fits(self, node: exp.Expr, kind: str) -> bool:
        """Whether a node is of this kind: a plain value, a column, or worked out of one."""
        node = node.unnest()
        if self._kind(node):
            return self._kind(node) == kind
        if isinstance(node, exp.Boolean):
            return kind == "BOOLEAN"
        if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast):
            is_date = node.to.this is exp.DataType.Type.DATE and not node.to.expressions
            return kind == "DATE" and is_date and self._fits(node.this, kind)
        if kind == "number":
            value = node.this if isinstance(node, exp.Neg) else node
            return isinstance(value, exp.Literal) and not value.is_string and bool(_NUMBER.fullmatch(str(value.this)))
        if not (isinstance(node, exp.Literal) and node.is_string):
            return False
        return kind == "VARCHAR" or (kind == "DATE" and _is_date(str(node.this)))

    def _compares(self, first: exp.Expr, *others: exp.Expr) -> bool:
        kind = next((kind for node in (first, *others) if (kind := self._kind(node))), "")
        return bool(kind) and all(self._fits(node, kind) for node in (first, *others))

    def allows(self, node: exp.Expr) -> bool:
        """Whether this condition can run inside the scan."""
        node = node.unnest()
        if isinstance(node, exp.And | exp.Or):
            return self.allows(node.this) and self.allows(node.expression)
        if isinstance(node, exp.Not):
            return self.allows(node.this)
        if isinstance(node, exp.Column):
            return self._kind(node) == "BOOLEAN"
        if isinstance(node, exp.Coalesce):
            parts = [node.this, *node.expressions]
            return all(isinstance(part, exp.Boolean) or self.allows(part) for part in parts) and bool(
                node.find(exp.Column)
            )
        if isinstance(node, exp.Is):
            truth = isinstance(node.expression, exp.Boolean) and self.allows(node.this)
            return truth or (bool(self._kind(node.this)) and isinstance(node.expression, exp.Null))
        if isinstance(node, exp.In):
            listed = node.expressions
            return not node.args.get("query") and bool(listed) and self._compares(node.this, *listed)
        if isinstance(node, exp.Between):
            return self._compares(node.this, node.args["low"], node.args["high"])
        if isinstance(node, exp.Like | exp.ILike):
            return self._kind(node.this) == "VARCHAR" and self._compares(node.this, node.expression)
        return isinstance(node, (*_COMPARISONS, *_ALIKE)) and self._compares(node.this, node.expression)
