"""Which expressions can never fail, whatever a row or a group holds.

Under an agreement for aggregates alone an error would be an answer: a cast that fails only on the rows of one child
says that there is such a child. So there nothing that can fail is worked out row by row, or of groups that may yet
be withheld: no arithmetic, no cast but TRY_CAST, no comparison for which the engine would convert one side's values,
no text where a truth is expected (DuckDB 2.0.1 casts it, and fails on what is neither 'true' nor 'false').
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlglot import exp

from schoolgate.gate.asking.names import Named, output_names

_TEXT = (exp.Lower, exp.Upper, exp.Trim, exp.Substring)
_NUMBER = (
    exp.Length, exp.Year, exp.Month, exp.Quarter, exp.DayOfWeek, exp.DateDiff, exp.Count, exp.Sum, exp.Avg,
    exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop,
)  # fmt: skip
_COMPARISONS = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Between, exp.In,
    exp.Like, exp.ILike, exp.Nullif,
)  # fmt: skip
_SQL_KINDS = {
    "INT": "number", "BIGINT": "number", "SMALLINT": "number", "DOUBLE": "number", "DECIMAL": "number",
    "VARCHAR": "text", "TEXT": "text", "DATE": "date", "BOOLEAN": "truth",
}  # fmt: skip
_MOST_DIGITS = 18
"""Digits before a decimal point, and after it: a whole number compared with a longer one is converted to a DECIMAL
that it may not fit."""
_PLAIN = (
    exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Alias, exp.And, exp.Or, exp.Not,
    exp.Is, exp.Case, exp.If, exp.Coalesce, exp.DataType, exp.DataTypeParam, exp.Var,
    *_COMPARISONS, *_TEXT, *_NUMBER,
)  # fmt: skip


def is_day(node: exp.Expr | None) -> bool:
    """Whether a node is a text that is a date."""
    if not isinstance(node, exp.Literal) or not node.is_string:
        return False
    try:
        return len(str(node.this)) == len("2026-09-01") and bool(date.fromisoformat(str(node.this)))
    except ValueError:
        return False


def _plain_kind(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Literal):
        return "text" if node.is_string else "number"
    if isinstance(node, exp.Cast):
        return _SQL_KINDS.get(node.to.this.name)
    if isinstance(node, _TEXT):
        return "text"
    if isinstance(node, _NUMBER):
        return "number"
    return "truth" if isinstance(node, exp.Boolean | exp.Connector | exp.Not | exp.Predicate) else None


def _is_small(node: exp.Expr | None) -> bool:
    return node is None or (isinstance(node, exp.Literal) and str(node.this).isdigit() and len(str(node.this)) < 6)


def _is_short(node: exp.Literal) -> bool:
    """Whether any column's numbers can stand beside this one."""
    number = str(node.this).lower()
    before, _, after = number.partition(".")
    return "e" in number or max(len(before), len(after)) <= _MOST_DIGITS  # with an exponent it is a DOUBLE


def _fits_beside(cast: exp.Cast) -> bool:
    """The same of what a cast gives; a DECIMAL without digits has 18 of which 3 are after the point."""
    given = [int(part.this.name) for part in cast.to.expressions if part.this.name.isdigit()]
    whole, after = (*given, 0)[:2] if given else (18, 3)
    return max(whole - after, after) <= _MOST_DIGITS


def _truths_in(node: exp.Expr) -> list[exp.Expr | None]:
    """The parts of a node that the engine makes into a truth, whatever they are."""
    if isinstance(node, exp.Connector):
        return [node.this, node.expression]
    if isinstance(node, exp.Not) or (isinstance(node, exp.Is) and isinstance(node.expression, exp.Boolean)):
        return [node.this]
    if isinstance(node, exp.Case):
        return [branch.this for branch in node.args["ifs"]] if node.this is None else []
    if isinstance(node, exp.If):
        return [] if node.arg_key == "ifs" else [node.this]  # a CASE's branches are looked at with it
    return []


class RowKinds:
    """The kinds of row-level values: number, text, date or truth; "" for NULL and None where they mix."""

    def __init__(self, named: Named, types: dict[str, dict[str, str]]) -> None:
        self._named = named
        self._types = types

    def _one(self, nodes: Iterable[exp.Expr | None]) -> str | None:
        kinds = {self.kind(node) for node in nodes} - {""}
        return kinds.pop() if len(kinds) == 1 else (None if kinds else "")

    def _column(self, node: exp.Column) -> str | None:
        found = self._named.source_of(node)
        if found is None:
            return None
        source = found[1]
        if isinstance(source, exp.Table):
            return _SQL_KINDS.get(self._types.get(source.name, {}).get(node.name, ""))
        names = output_names(source.expression)
        query = source.expression
        if node.name not in names or not isinstance(query, exp.Select):
            return None
        return self.kind(query.selects[names.index(node.name)])

    def kind(self, node: exp.Expr | None) -> str | None:
        """The one kind of a node's values."""
        if node is None or isinstance(node, exp.Null):
            return ""
        if isinstance(node, exp.Paren | exp.Alias | exp.Nullif | exp.Neg):
            return self.kind(node.this)
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.Case):
            return self._one([*(branch.args["true"] for branch in node.args["ifs"]), node.args.get("default")])
        if isinstance(node, exp.If):
            return self._one([node.args["true"], node.args.get("false")])
        if isinstance(node, exp.Coalesce):
            return self._one([node.this, *node.expressions])
        return _plain_kind(node)

    def _operands(self, node: exp.Expr) -> list[exp.Expr]:
        if isinstance(node, exp.Between):
            return [node.this, node.args["low"], node.args["high"]]
        if isinstance(node, exp.In):
            return [node.this, *node.expressions]
        return [node.this, node.expression]

    def _compares(self, node: exp.Expr) -> bool:
        operands = self._operands(node)
        kinds = [self.kind(one) for one in operands]
        if "date" in kinds:
            return all(kind in ("date", "") or is_day(one.unnest()) for kind, one in zip(kinds, operands, strict=True))
        return self._one(operands) is not None

    def is_truth(self, node: exp.Expr | None) -> bool:
        """Whether a value is TRUE, FALSE or NULL as it stands."""
        return self.kind(node) in ("truth", "")

    def cannot_fail(self, node: exp.Expr) -> bool:
        """Whether this part, apart from what it is made of, works on every row."""
        if not all(self.is_truth(part) for part in _truths_in(node)):
            return False
        if isinstance(node, exp.Literal):
            return node.is_string or _is_short(node)
        if isinstance(node, exp.Cast):
            is_date = node.to.this is exp.DataType.Type.DATE and is_day(node.this)
            return (isinstance(node, exp.TryCast) and _fits_beside(node)) or is_date
        if isinstance(node, exp.Neg):
            return isinstance(node.this, exp.Literal) and not node.this.is_string
        if isinstance(node, _COMPARISONS):
            return self._compares(node)
        if isinstance(node, exp.Case | exp.If | exp.Coalesce):
            return self.kind(node) is not None and self._case_compares(node)
        return self._function_works(node)

    def _case_compares(self, node: exp.Expr) -> bool:
        """CASE x WHEN y is a comparison in disguise."""
        if not isinstance(node, exp.Case) or node.this is None:
            return True
        return self._one([node.this, *(branch.this for branch in node.args["ifs"])]) is not None

    def _function_works(self, node: exp.Expr) -> bool:
        if isinstance(node, exp.Substring):  # an offset out of range is an error of the engine
            return self.kind(node.this) in ("text", "") and all(
                _is_small(node.args.get(key)) for key in ("start", "length")
            )
        if isinstance(node, (*_TEXT, exp.Length)):
            return self.kind(node.this) in ("text", "")
        if isinstance(node, exp.DateDiff):
            return all(self.kind(part) in ("date", "") for part in (node.this, node.expression))
        if isinstance(node, exp.Year | exp.Month | exp.Quarter | exp.DayOfWeek):
            return self.kind(node.this) in ("date", "")
        return isinstance(node, _PLAIN)
