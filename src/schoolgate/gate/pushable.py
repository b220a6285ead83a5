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
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def _is_date(text: str) -> bool:
    try:
        return len(text) == len("2026-09-01") and bool(date.fromisoformat(text))
    except ValueError:
        return False


class Pushable:
    """The conditions on one table's columns that may be copied into its scan.

    Args:
        types: column -> SQL type, as the dictionary has it.
    """

    def __init__(self, types: Mapping[str, str]) -> None:
        self._types = types

    def _column_kind(self, node: exp.Expr) -> str:
        if not isinstance(node, exp.Column):
            return ""
        kind = self._types.get(node.name, "")
        return "number" if kind in ("INT", "DECIMAL") else kind

    def _fits(self, node: exp.Expr, kind: str) -> bool:
        """Whether a node is a column or a plain value of this kind."""
        node = node.unnest()
        if isinstance(node, exp.Column):
            return self._column_kind(node) == kind
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
        kind = next((kind for node in (first, *others) if (kind := self._column_kind(node.unnest()))), "")
        return bool(kind) and all(self._fits(node, kind) for node in (first, *others))

    def allows(self, node: exp.Expr) -> bool:
        """Whether this condition can run inside the scan."""
        node = node.unnest()
        if isinstance(node, exp.And | exp.Or):
            return self.allows(node.this) and self.allows(node.expression)
        if isinstance(node, exp.Not):
            return self.allows(node.this)
        if isinstance(node, exp.Column):
            return self._column_kind(node) == "BOOLEAN"
        if isinstance(node, exp.Is):
            truth = isinstance(node.expression, exp.Boolean) and self.allows(node.this)
            return truth or (isinstance(node.this.unnest(), exp.Column) and isinstance(node.expression, exp.Null))
        if isinstance(node, exp.In):
            listed = node.expressions
            return not node.args.get("query") and bool(listed) and self._compares(node.this, *listed)
        if isinstance(node, exp.Between):
            return self._compares(node.this, node.args["low"], node.args["high"])
        if isinstance(node, exp.Like):
            return self._column_kind(node.this.unnest()) == "VARCHAR" and self._compares(node.this, node.expression)
        return isinstance(node, _COMPARISONS) and self._compares(node.this, node.expression)
