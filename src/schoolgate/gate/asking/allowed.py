"""Wall one: the parts of SQL a query may be made of. Whatever is not named here is refused.

Each entry names a node of the parser's tree and the arguments it may carry. A part that makes the answer
depend on the order in which rows happen to be stored (row numbers, first, list, string aggregation, frames
counted in rows, sampling) is left out: the stored order follows the internal pupil reference, and an
answer that depends on it would both betray that order and not be the same twice. INTERVAL is left out for the
same reason: a month and thirty days are equal and yet not the same, so which of them a DISTINCT shows would be
the one stored first; `date_diff` and date arithmetic in days are there instead.
"""

from __future__ import annotations

from sqlglot import exp

_OPERATOR = frozenset({"this", "expression"})
_UNARY = frozenset({"this"})
_LIST = frozenset({"this", "expressions"})

STRUCTURE: dict[type[exp.Expr], frozenset[str]] = {
    exp.Select: frozenset(
        {
            "expressions",
            "from_",
            "joins",
            "where",
            "group",
            "having",
            "qualify",
            "order",
            "limit",
            "offset",
            "with_",
            "distinct",
        }
    ),
    exp.With: frozenset({"expressions"}),  # "recursive" is left out: it can run without end
    exp.CTE: frozenset({"this", "alias"}),
    exp.From: _UNARY,
    exp.Join: frozenset({"this", "on", "using", "side", "kind"}),
    exp.Table: frozenset({"this", "alias"}),  # no catalogue, schema, pivot, sample, version, function
    exp.TableAlias: frozenset({"this"}),
    exp.Subquery: frozenset({"this", "alias"}),
    exp.Where: _UNARY,
    exp.Group: frozenset({"expressions"}),
    exp.Having: _UNARY,
    exp.Qualify: _UNARY,
    exp.Order: frozenset({"expressions"}),
    exp.Ordered: frozenset({"this", "desc", "nulls_first"}),
    exp.Limit: frozenset({"expression"}),
    exp.Offset: frozenset({"expression"}),
    exp.Distinct: frozenset({"expressions"}),  # "on" is left out: it keeps whichever row comes first
    exp.Union: frozenset({"this", "expression", "distinct", "with_", "order", "limit", "offset"}),
    exp.Intersect: frozenset({"this", "expression", "distinct", "with_", "order", "limit", "offset"}),
    exp.Except: frozenset({"this", "expression", "distinct", "with_", "order", "limit", "offset"}),
    exp.Window: frozenset({"this", "partition_by", "order", "over"}),  # no frame: see above
    exp.Filter: _OPERATOR,
    exp.Alias: frozenset({"this", "alias"}),
    exp.Column: frozenset({"this", "table"}),
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.Star: frozenset(),  # no EXCLUDE, REPLACE, RENAME
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Null: frozenset(),
    exp.Boolean: frozenset({"this"}),
    exp.Paren: _UNARY,
    exp.Tuple: frozenset({"expressions"}),
    exp.DataType: frozenset({"this", "nested", "expressions"}),
    exp.DataTypeParam: _UNARY,
    exp.Var: _UNARY,  # only as the unit of date_diff: see asked._detail_problems
}
"""Shapes of a query."""

OPERATORS: dict[type[exp.Expr], frozenset[str]] = {
    **dict.fromkeys(
        (exp.And, exp.Or, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is),
        _OPERATOR,
    ),
    **dict.fromkeys((exp.Like, exp.ILike), frozenset({"this", "expression", "negate"})),
    **dict.fromkeys((exp.NullSafeEQ, exp.NullSafeNEQ), _OPERATOR),
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.IntDiv), _OPERATOR),
    exp.Div: frozenset({"this", "expression", "typed", "safe"}),
    exp.DPipe: frozenset({"this", "expression", "safe"}),
    exp.Not: _UNARY,
    exp.Neg: _UNARY,
    exp.Between: frozenset({"this", "low", "high"}),
    exp.In: frozenset({"this", "expressions", "query"}),
    exp.Exists: _UNARY,
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.If: frozenset({"this", "true", "false"}),
}
"""Comparison, logic, arithmetic."""

FUNCTIONS: dict[type[exp.Expr], frozenset[str]] = {
    exp.Count: frozenset({"this", "big_int"}),
    **dict.fromkeys((exp.Sum, exp.Avg, exp.Median), _UNARY),
    **dict.fromkeys((exp.Min, exp.Max), _UNARY),  # arguments "expressions" would make them arg_min, arg_max
    **dict.fromkeys((exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop), _UNARY),
    exp.Rank: frozenset(),
    exp.DenseRank: frozenset(),
    exp.PercentRank: frozenset(),
    exp.CumeDist: frozenset(),
    exp.Coalesce: _LIST,
    exp.Nullif: _OPERATOR,
    exp.Abs: _UNARY,
    exp.Round: frozenset({"this", "decimals"}),
    exp.Floor: _UNARY,
    exp.Ceil: _UNARY,
    exp.Lower: _UNARY,
    exp.Upper: _UNARY,
    exp.Length: _UNARY,
    exp.Trim: _UNARY,
    exp.Substring: frozenset({"this", "start", "length"}),
    exp.Greatest: frozenset({"this", "expressions", "ignore_nulls"}),
    exp.Least: frozenset({"this", "expressions", "ignore_nulls"}),
    exp.Cast: frozenset({"this", "to", "safe"}),
    exp.TryCast: frozenset({"this", "to", "safe"}),
    exp.Year: _UNARY,
    exp.Month: _UNARY,
    exp.Quarter: _UNARY,
    exp.DayOfWeek: _UNARY,
    exp.DateDiff: frozenset({"this", "expression", "unit", "date_part_boundary"}),
}
"""Functions: each a pure function of its arguments, none reading anything else."""

RANKS = (exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist)
"""What is a value only OVER a window."""

TOTALS = (
    exp.Count, exp.Sum, exp.Avg, exp.Median, exp.Min, exp.Max,
    exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop,
)  # fmt: skip
"""What may stand OVER a window, or have a FILTER."""

ALLOWED: dict[type[exp.Expr], frozenset[str]] = {**STRUCTURE, **OPERATORS, **FUNCTIONS}

CAST_TYPES = frozenset({"INT", "BIGINT", "SMALLINT", "DOUBLE", "DECIMAL", "VARCHAR", "TEXT", "DATE", "BOOLEAN"})
"""Types a cast may name."""

JOIN_SIDES = frozenset({"", "LEFT", "RIGHT", "FULL"})
JOIN_KINDS = frozenset({"", "INNER", "OUTER", "CROSS"})
"""No SEMI, ANTI, ASOF, POSITIONAL, NATURAL: the first two say what EXISTS says more plainly, the rest
depend on stored order or on names the query does not show."""

DATE_UNITS = frozenset({"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"})
"""Units of date_diff."""
