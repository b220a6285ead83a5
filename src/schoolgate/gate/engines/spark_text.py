"""The rewritten query in Spark's dialect: every part that Spark would answer otherwise is said another way, or refused.

The two engines must give equal answers, so nothing is left to a dialect's habits. Where DuckDB and Spark differ
(sums of fractions, rounding, casts, calendar differences, LIKE's escape, text with a backslash) the part is written
out in terms on which they agree; where they cannot be made to agree, `CannotSay` names the part. The types come from
the lake's columns, through sqlglot's own annotation; a part whose type is not known is refused where its type matters.

Sources: Spark SQL reference 4.x (ANSI compliance, built-in functions), DuckDB documentation 2.0 (functions, casts).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlglot import exp, parse_one
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types

_WHOLE = frozenset({"TINYINT", "SMALLINT", "INT", "BIGINT", "INT128", "UTINYINT", "USMALLINT", "UINT", "UBIGINT"})
_FRACTION = frozenset({"DOUBLE", "FLOAT"})
_TEXT = frozenset({"VARCHAR", "TEXT", "CHAR", "NVARCHAR"})
_SPREADS: dict[type[exp.Expr], str] = {
    exp.Stddev: "CASE WHEN a.n < 2 THEN NULL ELSE sqrt(a.s / (a.n - 1)) END",
    exp.StddevSamp: "CASE WHEN a.n < 2 THEN NULL ELSE sqrt(a.s / (a.n - 1)) END",
    exp.StddevPop: "CASE WHEN a.n < 1 THEN NULL ELSE sqrt(a.s / a.n) END",
    exp.Variance: "CASE WHEN a.n < 2 THEN NULL ELSE a.s / (a.n - 1) END",
    exp.VariancePop: "CASE WHEN a.n < 1 THEN NULL ELSE a.s / a.n END",
}
_WELFORD = (
    "aggregate(array_sort({values}), named_struct('n', 0D, 'm', 0D, 's', 0D), (a, v) -> named_struct("
    "'n', a.n + 1, 'm', a.m + (v - a.m) / (a.n + 1), 's', a.s + (v - a.m) * (v - (a.m + (v - a.m) / (a.n + 1)))),"
    " a -> {end})"
)
"""Welford's recurrence over the values in order of size, as DuckDB computes it (Welford 1962)."""

_CALENDAR = {
    "MONTH": "(year({x}) * 12 + month({x}))",
    "QUARTER": "(year({x}) * 4 + quarter({x}))",
    "YEAR": "year({x})",
}
"""Boundaries of the calendar crossed, as DuckDB counts them; Spark's own counts whole months."""


CONVERSION, UNCLEAR = "__conversion", "__unclear"
"""What a query that ends in the middle says: a value was no number; a value that the two engines read differently."""


class CannotSay(Exception):
    """A part of the query that has no equal in Spark's dialect. Its text names the part, never a value."""


def _kind(node: exp.Expr | None) -> str:
    """``whole``, ``decimal``, ``fraction``, ``text``, ``date``, ``truth``, ``null`` or "" when it is not known."""
    while isinstance(node, exp.Paren | exp.Subquery | exp.Select):
        node = node.selects[0] if isinstance(node, exp.Select) else node.this
    if isinstance(node, exp.Null):
        return "null"
    if node is None or node.type is None:
        return ""
    name = node.type.this.name
    if name in _WHOLE:
        return "whole"
    if name in _FRACTION:
        return "fraction"
    if name in _TEXT:
        return "text"
    return {"DECIMAL": "decimal", "DATE": "date", "BOOLEAN": "truth", "NULL": "null"}.get(name, "")


def _known(node: exp.Expr, part: str) -> str:
    kind = _kind(node)
    if not kind:
        raise CannotSay(f"{part} of a value whose type is not plain")
    return kind


def _raw(text: str) -> exp.Expr:
    """An expression that is already in Spark's words."""
    return exp.Var(this=text)


def _text(node: exp.Expr) -> str:
    return node.sql("spark", comments=False, unsupported_level=ErrorLevel.RAISE)


def _wrappers(aggregate: exp.Expr) -> exp.Expr:
    """The aggregate with its FILTER and OVER around it."""
    outermost = aggregate
    while isinstance(outermost.parent, exp.Filter | exp.Window) and outermost.parent.this is outermost:
        outermost = outermost.parent
    return outermost


def _wrapped(outermost: exp.Expr, aggregate: exp.Expr, call: str) -> str:
    """The same FILTER and OVER around another aggregate, given in Spark's words."""
    if outermost is aggregate:
        return call
    marker = "__this_aggregate"
    copied = outermost.copy()
    inner = copied
    while isinstance(inner, exp.Filter | exp.Window):
        inner = inner.this
    inner.replace(exp.Var(this=marker))
    return _text(copied).replace(marker, call)


def _argument(aggregate: exp.Expr) -> tuple[str, str, exp.Expr]:
    """DISTINCT or not, the argument's text, the argument; an order inside is dropped: values are put in order here."""
    found = aggregate.this
    if isinstance(found, exp.Order):
        found = found.this
    distinct = ""
    if isinstance(found, exp.Distinct):
        if len(found.expressions) != 1:
            raise CannotSay("an aggregate of several distinct values")
        distinct, found = "DISTINCT ", found.expressions[0]
    return distinct, _text(found), found


def _collected(aggregate: exp.Expr, outermost: exp.Expr) -> str:
    distinct, text, _ = _argument(aggregate)
    if distinct and isinstance(outermost, exp.Window):
        raise CannotSay("DISTINCT in a window")
    name = "collect_set" if distinct else "collect_list"
    return _wrapped(outermost, aggregate, f"{name}(CAST({text} AS DOUBLE))")


def _sum(node: exp.Expr) -> exp.Expr | None:
    _, _, argument = _argument(node)
    if _known(argument, "SUM") != "fraction":
        if isinstance(node.this, exp.Order):  # whole numbers and decimals add up alike in any order
            node.set("this", node.this.this)
        return None
    outermost = _wrappers(node)
    values = _collected(node, outermost)
    return _raw(
        f"(CASE WHEN size({values}) = 0 THEN NULL ELSE aggregate(array_sort({values}), 0D, (a, v) -> a + v) END)"
    )


def _avg(node: exp.Expr) -> exp.Expr | None:
    distinct, text, argument = _argument(node)
    kind, outermost = _known(argument, "AVG"), _wrappers(node)
    if kind == "fraction":
        values = _collected(node, outermost)
        total = f"aggregate(array_sort({values}), 0D, (a, v) -> a + v)"
        return _raw(f"(CASE WHEN size({values}) = 0 THEN NULL ELSE {total} / size({values}) END)")
    if kind not in ("whole", "decimal"):
        raise CannotSay("AVG of something that is no number")
    total = _wrapped(outermost, node, f"SUM({distinct}{text})")
    count = _wrapped(outermost, node, f"COUNT({distinct}{text})")
    return _raw(f"(CAST({total} AS DOUBLE) / NULLIF({count}, 0))")


def _spread(node: exp.Expr) -> exp.Expr | None:
    return _raw(f"({_WELFORD.format(values=_collected(node, _wrappers(node)), end=_SPREADS[type(node)])})")


def _median(node: exp.Expr) -> exp.Expr | None:
    if _known(node.this, "MEDIAN") not in ("whole", "fraction"):
        raise CannotSay("MEDIAN of decimals, dates or text")
    return None


def _divide(node: exp.Expr) -> exp.Expr | None:
    return _raw(f"(CAST({_text(node.this)} AS DOUBLE) / CAST({_text(node.expression)} AS DOUBLE))")


def _whole_division(node: exp.Expr) -> exp.Expr | None:
    if {_known(node.this, "//"), _known(node.expression, "//")} != {"whole"}:
        raise CannotSay("// of anything but whole numbers")
    return _raw(f"({_text(node.this)} DIV {_text(node.expression)})")


def _round(node: exp.Expr) -> exp.Expr | None:
    kind, places = _known(node.this, "ROUND"), node.args.get("decimals")
    if places is not None and not (isinstance(places, exp.Literal) and str(places.this).isdigit()):
        raise CannotSay("ROUND to a number of places that is worked out")
    if kind != "fraction":
        return None
    scale = f"{10 ** int(str(places.this) if places is not None else 0)}D"
    x = _text(node.this)
    return _raw(f"(signum({x}) * floor(abs({x}) * {scale} + 0.5D) / {scale})")


def _floor(node: exp.Expr) -> exp.Expr | None:
    return _raw(f"CAST({_text(node.copy())} AS DOUBLE)") if _known(node.this, "FLOOR and CEIL") == "fraction" else None


def _substring(node: exp.Expr) -> exp.Expr | None:
    start, length = node.args.get("start"), node.args.get("length")
    for part, least in ((start, 1), (length, 0)):
        if part is not None and not (
            isinstance(part, exp.Literal) and str(part.this).isdigit() and int(part.this) >= least
        ):
            raise CannotSay("SUBSTRING from before the first letter, or with places that are worked out")
    return None


def _like(node: exp.Expr) -> exp.Expr | None:
    pattern = node.expression
    # Without ESCAPE a backslash is a letter in DuckDB and an escape in Spark.
    if not (isinstance(pattern, exp.Literal) and pattern.is_string) or "\\" in str(pattern.this):
        raise CannotSay("LIKE with a pattern that is worked out, or has a backslash")
    return None


def _date_diff(node: exp.Expr) -> exp.Expr | None:
    unit = str(node.args["unit"].this).upper() if node.args.get("unit") is not None else "DAY"
    later, earlier = _text(node.this), _text(node.expression)
    if unit == "DAY":
        return _raw(f"CAST(datediff({later}, {earlier}) AS BIGINT)")
    if unit == "WEEK":  # whole weeks of seven days, wherever they begin
        return _raw(f"CAST(datediff({later}, {earlier}) DIV 7 AS BIGINT)")
    counted = _CALENDAR.get(unit)
    if counted is None:
        raise CannotSay("this unit of date_diff")
    return _raw(f"CAST({counted.format(x=later)} - {counted.format(x=earlier)} AS BIGINT)")


def _day_of_week(node: exp.Expr) -> exp.Expr | None:
    return _raw(f"CAST(dayofweek({_text(node.this)}) - 1 AS BIGINT)")  # Sunday is 0 in DuckDB, 1 in Spark


def _text_to_whole(x: str, kind: str, *, lenient: bool) -> exp.Expr:
    """Text that is plainly a number, and text that plainly is none; what lies between ends the query."""
    cast = "try_cast" if lenient else "CAST"
    number = f"{cast}(round(CAST({x} AS DECIMAL(38, 18)), 0) AS {kind})"
    plainly = f"{x} RLIKE '^ *[+-]?[0-9]{{1,18}}([.][0-9]{{1,18}})? *$'"
    no_digit = "NULL" if lenient else f"raise_error('{CONVERSION}')"
    return _raw(
        f"(CASE WHEN {x} IS NULL THEN NULL WHEN {plainly} THEN {number}"
        f" WHEN {x} RLIKE '^ *[A-Za-z]' OR NOT {x} RLIKE '[0-9]' THEN {no_digit} ELSE raise_error('{UNCLEAR}') END)"
    )


def _is_date(text: str) -> bool:
    return re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None


def _cast(node: exp.Expr) -> exp.Expr | None:
    lenient, inner, to = isinstance(node, exp.TryCast), node.this.unnest(), node.args["to"]
    kind, target = _kind(inner), to.this.name
    x = _text(node.this)
    if kind == "null":
        return None
    if isinstance(inner, exp.Literal) and inner.is_string:
        if target == "DATE" and _is_date(str(inner.this)):
            return None
        if target == "DOUBLE" and str(inner.this) == "nan":  # the gate's own
            return _raw("DOUBLE('NaN')")
    if target in _TEXT:
        if kind not in ("whole", "text", "date", "truth", "decimal"):
            raise CannotSay("a cast of fractions to text")
        return _raw(f"CAST({x} AS STRING)")
    if target in _WHOLE:
        if kind == "text":
            return _text_to_whole(x, _text(to), lenient=lenient)
        wholes = {"fraction": f"rint({x})", "decimal": f"round({x}, 0)", "whole": x, "truth": x}.get(kind)
        if wholes is None:
            raise CannotSay(f"a cast to {target}")
        return _raw(f"{'try_cast' if lenient else 'CAST'}({wholes} AS {_text(to)})")
    if (target == "DOUBLE" and kind in ("whole", "decimal", "fraction")) or (target == "DECIMAL" and kind == "whole"):
        return _raw(f"{'try_cast' if lenient else 'CAST'}({x} AS {_text(to)})")
    if (target, kind) in (("DATE", "date"), ("BOOLEAN", "truth"), ("DECIMAL", "decimal")):
        return _raw(f"{'try_cast' if lenient else 'CAST'}({x} AS {_text(to)})")
    raise CannotSay(f"a cast of this value to {target}")


def _compare(node: exp.Expr) -> exp.Expr | None:
    """Both sides of one family: a comparison of text with a number converts one of them, each engine its own way."""
    sides = [node.this, *node.expressions] if isinstance(node, exp.In) else list(node.iter_expressions())
    families = {"number" if (k := _kind(side)) in ("whole", "decimal", "fraction") else k for side in sides}
    if any(isinstance(side, exp.Tuple) for side in sides) or "" in families:
        if isinstance(node, exp.In) and not isinstance(node.this, exp.Tuple) and node.args.get("query"):
            return None
        raise CannotSay("a comparison of lists, or of values whose type is not plain")
    if len(families - {"null"}) > 1:
        raise CannotSay("a comparison of values of different types")
    return None


def _count(node: exp.Expr) -> exp.Expr | None:
    if node.expressions or (isinstance(node.this, exp.Distinct) and len(node.this.expressions) != 1):
        raise CannotSay("COUNT of several values together")
    if isinstance(node.this, exp.Distinct) and isinstance(_wrappers(node), exp.Window):
        raise CannotSay("DISTINCT in a window")
    return None


_SAYS: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr | None]] = {
    exp.Sum: _sum,
    exp.Avg: _avg,
    **dict.fromkeys(_SPREADS, _spread),
    exp.Median: _median,
    exp.Count: _count,
    exp.Div: _divide,
    exp.IntDiv: _whole_division,
    exp.Round: _round,
    exp.Floor: _floor,
    exp.Ceil: _floor,
    exp.Substring: _substring,
    exp.Like: _like,
    exp.ILike: _like,
    exp.DateDiff: _date_diff,
    exp.DayOfWeek: _day_of_week,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    **dict.fromkeys(
        (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.NullSafeEQ, exp.NullSafeNEQ),
        _compare,
    ),
}
"""Parts that the two dialects do not share word for word; a function gives None when the part may stay as it is."""

_REPLACES_WRAPPERS: tuple[type[exp.Expr], ...] = (exp.Sum, exp.Avg, *_SPREADS)


def to_spark(sql: str, types: Mapping[str, Mapping[str, str]], own: Mapping[str, Callable[[str], str]]) -> str:
    """A rewritten query in Spark's dialect.

    Args:
        sql: DuckDB's dialect, made by the gate, every name qualified.
        types: view -> column -> SQL type.
        own: the gate's own functions: name -> what to write for its argument.

    Raises:
        CannotSay: Spark has no equal for a part of it.
    """
    try:
        tree = annotate_types(parse_one(sql, dialect="duckdb"), schema=_schema(types), dialect="duckdb")
    except SqlglotError:
        raise CannotSay("this query as a whole") from None
    # Innermost first: what is around a part is written after it, and the types are those of the whole query.
    for node in reversed(list(tree.walk(bfs=True))):
        if isinstance(node, exp.Anonymous):
            say = own.get(str(node.this).lower())
            if say is None:
                raise CannotSay("a function of the engine's own")
            node.replace(_raw(say(_text(node.expressions[0]))))
            continue
        say_part = _SAYS.get(type(node))
        said = say_part(node) if say_part is not None else None
        if said is not None:
            said.type = node.type
            (_wrappers(node) if isinstance(node, _REPLACES_WRAPPERS) else node).replace(said)
    try:
        return _text(tree)
    except SqlglotError:
        raise CannotSay("a part that Spark's dialect has no word for") from None


def _schema(types: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    return {f'"{view}"': {f'"{name}"': kind for name, kind in columns.items()} for view, columns in types.items()}
