"""Step 1, parse: one SELECT, built only of allowed parts; every problem named at once."""

from __future__ import annotations

import logging
import math
import re
import unicodedata
from collections.abc import Callable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from schoolgate.errors import Refusal
from schoolgate.gate.asking.allowed import (
    ALLOWED,
    CAST_TYPES,
    DATE_UNITS,
    FUNCTIONS,
    JOIN_KINDS,
    JOIN_SIDES,
    RANKS,
    TOTALS,
)

# The parser logs the text of statements it does not know, literals included; nothing of a query is logged.
logging.getLogger("sqlglot").addFilter(lambda record: False)

MAX_CHARACTERS = 20_000
"""Longer than any query a person writes; keeps the parser's recursion bounded."""

MAX_DIGITS = 38
"""Most digits of a number: what a DECIMAL holds."""

MAX_DEPTH = 120
"""Deepest nesting of the parser's tree."""


def place(node: exp.Expr) -> str:
    """Where a node stands in the asker's text, or "" when the parser does not know."""
    for candidate in (node, *node.find_all(exp.Identifier, exp.Literal, exp.Star)):
        line = candidate.meta.get("line")
        if line:
            # The parser gives the last column; its start and end offsets give the length.
            length = candidate.meta.get("end", 0) - candidate.meta.get("start", 0)
            return f"line {line}, column {max(1, candidate.meta.get('col', 1) - length)}"
    return ""


_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")


def _name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        # A quoted function name can be any text, a child's name included; only what looks like a name is repeated.
        written = str(node.this)
        return f"{written.lower()}()" if _PLAIN_NAME.fullmatch(written) else "This function"
    if isinstance(node, exp.Func):
        return f"{node.sql_name().lower()}()"
    return type(node).key.upper().replace("_", " ")


def _not_allowed(node: exp.Expr) -> Refusal:
    function = isinstance(node, exp.Func) and not isinstance(node, exp.Connector)
    return Refusal(
        "function-not-allowed" if function else "construct-not-allowed",
        f"{_name(node)} is not on the list of {'functions' if function else 'constructs'} a query may use.",
        provision="gate allow-list",
        remedy="`schoolgate gate allowed` prints the list.",
        where=place(node),
    )


def _argument_problems(node: exp.Expr) -> list[Refusal]:
    allowed = ALLOWED[type(node)]
    return [
        Refusal(
            "construct-not-allowed",
            f"{_name(node)} with {key.rstrip('_').replace('_', ' ')} is not on the list of constructs a query may use.",
            provision="gate allow-list",
            where=place(node),
        )
        for key, value in node.args.items()
        if value not in (None, False, [], "") and key not in allowed
    ]


def _detail_problems(node: exp.Expr) -> list[Refusal]:
    problem = ""
    if isinstance(node, exp.Cast) and node.to.this.name not in CAST_TYPES:
        problem = f"A cast to {node.to.this.name} is not on the list; use one of {', '.join(sorted(CAST_TYPES))}."
    elif isinstance(node, exp.Join) and (node.side not in JOIN_SIDES or node.kind not in JOIN_KINDS):
        problem = (
            f"A {f'{node.side} {node.kind}'.strip()} JOIN is not on the list; use INNER, LEFT, RIGHT, FULL or CROSS."
        )
    elif isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier):
        problem = "FROM may name only tables of the dictionary: no files, addresses or table functions."
    elif isinstance(node, exp.Identifier) and str(node.this).startswith("__"):
        problem = "Names beginning with two underscores belong to the gate."
    elif isinstance(node, exp.Limit | exp.Offset) and not _whole_number(node.expression):
        problem = "LIMIT and OFFSET take a whole number."
    elif isinstance(node, exp.Tuple) and not isinstance(node.parent, exp.In | exp.EQ | exp.NEQ | exp.Tuple):
        problem = "A list in parentheses can be compared, not given out."
    elif isinstance(node, exp.Var) and not (
        isinstance(node.parent, exp.DateDiff) and str(node.this).upper() in DATE_UNITS
    ):
        problem = f"A bare word is allowed only as the unit of date_diff: {', '.join(sorted(DATE_UNITS)).lower()}."
    elif isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
        problem = "Name the items you need instead of *: only what is named can be approved and recorded."
    elif isinstance(node, exp.Literal) and not node.is_string and not _holdable(str(node.this)):
        problem = f"A number has at most {MAX_DIGITS} digits, and is no larger than a DOUBLE holds."
    else:
        problem = _misplaced(node)
    if not problem:
        return []
    return [Refusal("construct-not-allowed", problem, provision="gate allow-list", where=place(node))]


def _without_filter(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Filter) else node


_PLACES: tuple[tuple[type[exp.Expr] | tuple[type[exp.Expr], ...], Callable[[exp.Expr], bool], str], ...] = (
    (exp.Select, lambda node: bool(node.expressions), "SELECT names no item."),
    ((exp.Group, exp.Order, exp.With), lambda node: bool(node.expressions), "A list here is empty."),
    (exp.Group, lambda node: node.args.get("all") is None, "GROUP BY takes neither ALL nor DISTINCT."),
    (exp.In, lambda node: bool(node.expressions) != bool(node.args.get("query")), "A list here is empty."),
    (
        exp.Join,
        lambda node: node.args.get("on") is None or not isinstance(node.args["on"].unnest(), exp.Query),
        "A subquery in ON is compared with something; it is not the whole condition.",
    ),
    (exp.DataType, lambda node: isinstance(node.parent, exp.Cast), "A type belongs to a CAST."),
    (exp.Alias, lambda node: isinstance(node.parent, exp.Select), "AS names a whole output, not a part of one."),
    (
        exp.Query,
        lambda node: (
            isinstance(
                node.parent,
                exp.Subquery | exp.In | exp.Exists | exp.SetOperation | exp.CTE | exp.From | exp.Join | None,
            )
            or isinstance(node, exp.Subquery | exp.Table)
        ),
        "A query inside a query stands in parentheses of its own.",
    ),
    (exp.Is, lambda node: isinstance(node.expression, exp.Null | exp.Boolean), "IS belongs to NULL, TRUE or FALSE."),
    (exp.Exists, lambda node: isinstance(node.this, exp.Query), "EXISTS belongs to a query in parentheses."),
    (
        exp.Filter,
        lambda node: isinstance(node.this, TOTALS),
        "FILTER belongs to a total: count, sum, avg and their like.",
    ),
    (
        exp.Distinct,
        lambda node: (
            isinstance(node.parent, exp.Select) or (isinstance(node.parent, TOTALS) and bool(node.expressions))
        ),
        "DISTINCT belongs to a SELECT, or to a total of something.",
    ),
    (
        exp.Window,
        lambda node: isinstance(_without_filter(node.this), (*RANKS, *TOTALS)),
        "OVER belongs to a rank or a total.",
    ),
    (
        RANKS,
        lambda node: isinstance(node.parent, exp.Window) and node.parent.this is node,
        "A rank needs OVER.",
    ),
    (
        exp.Join,
        lambda node: (
            not (node.text("kind").upper() == "CROSS" and (node.args.get("on") or node.args.get("using")))
            and not (node.text("kind").upper() == "OUTER" and not node.text("side"))
        ),
        "CROSS JOIN has no condition, and OUTER JOIN says which side.",
    ),
    (
        exp.Func,
        lambda node: all(node.args.get(key) is not None for key, must in node.arg_types.items() if must),
        "A function here lacks a value.",
    ),
)
"""Where a part belongs: the parser lets it pass elsewhere, the engine would refuse it only with the read on record."""


def _misplaced(node: exp.Expr) -> str:
    return next((words for kind, right, words in _PLACES if isinstance(node, kind) and not right(node)), "")


def _holdable(number: str) -> bool:
    """Whether the engine has a type for a number as it stands; beyond that is its BIGNUM, which has no bound."""
    digits = sum(character.isdigit() for character in number.lower().partition("e")[0])
    try:
        return digits <= MAX_DIGITS and math.isfinite(float(number))
    except ValueError:
        return False


def _whole_number(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string and str(node.this).isdigit()


def _limit_problems(tree: exp.Expr) -> list[Refusal]:
    problems = []
    for node in tree.find_all(exp.Limit, exp.Offset):
        if node.parent is not tree or not tree.args.get("order"):
            problems.append(
                Refusal(
                    "limit-without-order",
                    "LIMIT and OFFSET are allowed only at the outermost level and with ORDER BY:"
                    " otherwise which rows come back would depend on how they are stored.",
                    provision="gate allow-list",
                    remedy="Add ORDER BY, or take the LIMIT out of the inner query.",
                    where=place(node),
                )
            )
    return problems


def _too_deep(tree: exp.Expr) -> bool:
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            return True
        level = [child for node in level for child in node.iter_expressions()]
    return False


def _hidden_character(sql: str) -> bool:
    """Whether a text holds what nobody sees: control and format characters, halves of surrogate pairs.

    They make a text read otherwise than it runs (Boucher and Anderson, "Trojan Source", 2021, CVE-2021-42574).
    """
    plain = sql.translate({9: None, 10: None, 13: None})
    return any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for c in plain)


def _read(sql: str) -> list[exp.Expr] | Refusal:
    """The statements of a text. The text of a parser's error repeats the query, so only its place is passed on."""
    if len(sql) > MAX_CHARACTERS or "\0" in sql:
        return Refusal("query-too-long", f"A query has at most {MAX_CHARACTERS:,} characters.", "gate allow-list")
    if _hidden_character(sql):
        return Refusal(
            "hidden-character",
            "The query holds a character that cannot be seen, such as a control character or a mark of direction.",
            provision="gate allow-list",
            remedy="Type the query anew instead of copying it.",
        )
    try:
        statements = sqlglot.parse(sql, dialect="duckdb")
    except RecursionError:
        return Refusal("query-too-deep", "The query is nested too deeply.", "gate allow-list")
    except Exception as error:  # noqa: BLE001 - whatever the parser stumbles over, it is not a query we can read
        details = getattr(error, "errors", None) if isinstance(error, SqlglotError) else None
        first = (details or [{}])[0]
        line, column = first.get("line"), first.get("col")
        where = f"line {line}, column {column}" if line else ""
        return Refusal("not-sql", "This is not a SELECT the gate can read.", "gate allow-list", "", where)
    return [statement for statement in statements if statement is not None]


def parse_tree(sql: str) -> exp.Query | tuple[Refusal, ...]:
    """The tree of one SELECT, allowed or not; or why there is none."""
    found = _read(sql)
    if isinstance(found, Refusal):
        return (found,)
    if len(found) != 1:
        return (Refusal("one-statement", f"One SELECT at a time; statements here: {len(found)}.", "gate allow-list"),)
    tree = found[0]
    if not isinstance(tree, exp.Select | exp.SetOperation):
        return (
            Refusal(
                "select-only",
                f"Only SELECT can be run; this is {type(tree).key.upper()}.",
                provision="gate allow-list",
                remedy="Data can be read here, never written, described or configured.",
            ),
        )
    if _too_deep(tree):
        return (Refusal("query-too-deep", "The query is nested too deeply.", "gate allow-list"),)
    return tree


def tree_problems(tree: exp.Expr) -> tuple[Refusal, ...]:
    """Every part of a tree that a query may not have."""
    problems = [*unlisted_parts(tree), *_limit_problems(tree)]
    problems += [problem for node in tree.walk() if type(node) in ALLOWED for problem in _detail_problems(node)]
    return tuple(dict.fromkeys(problems))


def unlisted_parts(tree: exp.Expr) -> tuple[Refusal, ...]:
    """Every part of a tree that the allow-list does not name."""
    problems: list[Refusal] = []
    for node in tree.walk():
        problems += _argument_problems(node) if type(node) in ALLOWED else [_not_allowed(node)]
    return tuple(dict.fromkeys(problems))


def allowed_functions() -> tuple[str, ...]:
    """Names of the functions a query may use, for help pages."""
    return tuple(sorted(kind.sql_names()[0].lower() for kind in FUNCTIONS if issubclass(kind, exp.Func)))
