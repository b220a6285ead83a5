"""Where in the asker's own text a failure of the engine can lie, without asking the engine and without looking at data.

The engine's words could name a value, so they are dropped; what is left is the class of the error. Which parts of a
query can fail in that class is seen in the query itself. One such part is named; of several, each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types

from schoolgate.dictionary import lake_tables
from schoolgate.errors import Refusal
from schoolgate.gate.asking.asked import place
from schoolgate.gate.asking.names import Named, queryable
from schoolgate.gate.understand import Asked, understand

MOST = 6
"""Most places named."""

_TEXT = exp.DataType.TEXT_TYPES
_NUMBERS = exp.DataType.NUMERIC_TYPES
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Abs, exp.Sum, exp.Round, exp.DateDiff, exp.Substring)
_COMPARED = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.In, exp.Between, exp.And,
    exp.Or, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Coalesce, exp.Greatest, exp.Least, exp.Nullif,
    exp.Case, exp.If, exp.Like, exp.ILike, exp.SetOperation,
)  # fmt: skip
_OF_DATES = (exp.Year, exp.Month, exp.Quarter, exp.DayOfWeek, exp.DateDiff)


def _kind(node: exp.Expr) -> str:
    """What sort of value a part has, "" when that is not known."""
    kind = node.type.this if node.type is not None else None
    if isinstance(node, exp.Null):
        return "null"
    if kind in _TEXT:
        return "text"
    return "number" if kind in _NUMBERS else {"BOOLEAN": "truth", "DATE": "date"}.get(getattr(kind, "name", ""), "")


def _parts(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.Case):
        branches = [branch.args["true"] for branch in node.args["ifs"]]
        return [part for part in (*branches, node.args.get("default")) if part is not None]
    if isinstance(node, exp.If):
        return [part for part in (node.args["true"], node.args.get("false")) if part is not None]
    if isinstance(node, exp.SetOperation):
        return [*node.left.selects, *node.right.selects]
    return list(node.iter_expressions())


def _mixes(node: exp.Expr) -> bool:
    """Whether a part puts values of different sorts together, so that the engine converts one of them."""
    kinds = {_kind(part) for part in _parts(node)} - {"null"}
    return isinstance(node, _COMPARED) and ("" in kinds or len(kinds) > 1)


def _may_convert(node: exp.Expr) -> bool:
    if isinstance(node, exp.Cast):
        # As text everything can be written; TRY_CAST gives NULL.
        return not isinstance(node, exp.TryCast) and node.to.this not in _TEXT
    return _mixes(node) or (isinstance(node, _OF_DATES) and any(_kind(part) != "date" for part in _parts(node)))


def _may_leave_its_range(node: exp.Expr) -> bool:
    return isinstance(node, _ARITHMETIC) or (isinstance(node, exp.Cast) and node.to.this in _NUMBERS)


def _may_not_fit(node: exp.Expr) -> bool:
    return _mixes(node) or isinstance(node, exp.AggFunc | exp.Window | exp.Func | exp.Qualify)


def _multiplies_rows(node: exp.Expr) -> bool:
    if not isinstance(node, exp.Join):
        return isinstance(node, exp.Window)
    on = node.args.get("on")
    return not node.args.get("using") and (on is None or on.find(exp.EQ) is None)


def _grows(node: exp.Expr) -> bool:
    return isinstance(node, exp.DPipe) or _multiplies_rows(node)


def _answers_a_query(node: exp.Expr) -> bool:
    """A subquery that stands for one value fails when it gives several rows."""
    return isinstance(node, exp.Subquery) and not isinstance(
        node.parent, exp.From | exp.Join | exp.In | exp.SetOperation | exp.CTE
    )


_CANDIDATES: dict[str, Callable[[exp.Expr], bool]] = {
    "conversion": _may_convert,
    "out-of-range": _may_leave_its_range,
    "types": _may_not_fit,
    "too-slow": _multiplies_rows,
    "too-large": _grows,
    "too-many-rows": _multiplies_rows,
    "engine": _answers_a_query,
}


_OF_VALUES = ("conversion", "out-of-range", "engine")
_VALUE_FAILED = (
    "A value could not be converted, or a number grew out of range, or a subquery gave several rows for one, or the"
    " engine ended before it had an answer. TRY_CAST gives NULL where a value cannot be converted."
)


def _typed(named: Named) -> exp.Expr:
    tree = named.tree.copy()
    try:
        return annotate_types(tree, schema={t.name: queryable(t) for t in lake_tables()}, dialect="duckdb")
    except Exception:  # noqa: BLE001 - without types every part counts as one that could fail
        return tree


def whereabouts(named: Named, *codes: str) -> str:
    """The places of a query that can fail in these classes: "line 1, column 8", several joined by " or "."""
    may_fail = [_CANDIDATES[code] for code in codes if code in _CANDIDATES]
    found = [_outer_place(node) for node in _typed(named).walk(bfs=False) if any(fails(node) for fails in may_fail)]
    places = sorted(dict.fromkeys(where for where in found if where), key=_in_reading_order)
    more = len(places) - MOST
    return " or ".join(places[:MOST]) + (f" or {more} places more" if more > 0 else "")


def placed(failure: Refusal | None, sql: str) -> Refusal | None:
    """A failure with its place in the query. The text is read anew: what ran has been rewritten beyond its places.

    Failures of values are one class here. Where two rows fail in two ways, the engine says the way of the one that is
    stored first, and so which of two pupils has the smaller reference.
    """
    asked = understand(sql) if failure is not None else ()
    if failure is not None and failure.code in _OF_VALUES:
        failure = replace(failure, code=_OF_VALUES[0], reason=_VALUE_FAILED)
    if failure is None or not isinstance(asked, Asked):
        return failure
    codes = _OF_VALUES if failure.code in _OF_VALUES else (failure.code,)
    return replace(failure, where=whereabouts(asked.named, *codes))


def _outer_place(node: exp.Expr) -> str:
    """Where a part begins: the first of its own words that has a place."""
    places = [where for inner in node.walk() if inner.meta.get("line") and (where := place(inner))]
    return min(places, key=_in_reading_order, default="")


def _in_reading_order(where: str) -> tuple[int, int]:
    line, column = where.removeprefix("line ").split(", column ")
    return int(line), int(column)
