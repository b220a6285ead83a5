"""Whether every item of a grouped query is grouped or totalled, and every total stands where one can be worked out.

The engine would refuse the query just so (it is no matter of data), but only when it is asked, with the read on record
and counted against the agreement's budget. Where it is not plain, nothing is said here and the engine decides: a total
written inside may be one of the query outside (SQL:2016, part 2, section 6.9), and a group that is worked out may be
written in several ways that the engine takes for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from schoolgate.dictionary import lake_tables
from schoolgate.errors import Refusal
from schoolgate.gate.asking.asked import place
from schoolgate.gate.asking.exact import ORDERED, Exactness
from schoolgate.gate.asking.names import Named, queryable


def _no(code: str, what: str, remedy: str, node: exp.Expr) -> Refusal:
    return Refusal(code, what, "gate allow-list", remedy, place(node))


_LOOSE = partial(
    _no,
    "not-grouped",
    "An item here is neither grouped by nor totalled.",
    "Add it to GROUP BY, or take its count, sum, min or max.",
)
_QUERY_AGAIN = partial(
    _no,
    "not-grouped",
    "A group that holds a query inside can be given out, and used in nothing else.",
    "Work it out in a query in FROM, and group that.",
)
_NESTED = partial(
    _no,
    "total-of-totals",
    "A total is taken of rows, not of another total; a rank, not of a rank.",
    "Take the first one in a query in FROM.",
)
_TOO_EARLY = partial(
    _no,
    "total-too-early",
    "WHERE, ON, FILTER and GROUP BY choose rows, before there is any total or rank; HAVING, before there is a rank.",
    "Write the condition in HAVING, or in QUALIFY for a rank.",
)
_NO_RANK = partial(
    _no, "qualify-without-rank", "QUALIFY needs a rank or a total OVER something.", "Write the condition in WHERE."
)
_DISTINCT = partial(
    _no,
    "query-in-distinct",
    "A total of distinct fractions may not hold a query inside.",
    "Work the values out in a query in FROM.",
)


def _over(node: exp.Expr) -> bool:
    """Whether an aggregate is worked out over a window, after the groups."""
    around = node.parent
    return (
        isinstance(around, exp.Window | exp.Filter)
        and around.this is node
        and (isinstance(around, exp.Window) or _over(around))
    )


def without_brackets(node: exp.Expr) -> exp.Expr:
    """A copy without the brackets that say nothing to the engine."""
    plain: exp.Expr = node.transform(lambda part: part.unnest() if isinstance(part, exp.Paren) else part)
    return plain


class _Grouped:
    """One SELECT."""

    def __init__(self, named: Named, scope: Scope, select: exp.Select, exact: Callable[[exp.Expr], bool]) -> None:
        self._named, self._sources, self._select, self._exact = named, scope.selected_sources, select, exact
        group, order = select.args.get("group"), select.args.get("order")
        self._groups = list(group.expressions) if group is not None else []
        self._keys = [without_brackets(key) for key in self._groups]
        self._worked_out = [column for key in self._keys for column in self._inside(key)]
        self._outputs = [part.unalias() for part in select.selects]
        self._having, self._qualify = (
            [part.this] if (part := select.args.get(name)) is not None else [] for name in ("having", "qualify")
        )
        self._order = [ordered.this for ordered in order.expressions] if order is not None else []
        self._after = [*self._outputs, *self._having, *self._qualify, *self._order]
        self._before = [part.this for part in (select.args.get("where"),) if part is not None]
        self._before += [on for join in select.args.get("joins") or [] if (on := join.args.get("on")) is not None]
        self._before += [node.expression for node in self._own(exp.Filter) if not _over(node)]

    @staticmethod
    def _inside(key: exp.Expr) -> list[exp.Column]:
        """The columns of a group that is worked out."""
        return [] if isinstance(key, exp.Column) else list(key.find_all(exp.Column))

    def _own(self, *kinds: type[exp.Expr]) -> Iterator[exp.Expr]:
        for part in self._after:
            for node in part.find_all(*kinds):
                if node.parent_select is self._select:
                    yield node

    def problems(self) -> Iterator[Refusal]:
        totals = [node for node in self._own(exp.AggFunc) if not _over(node)]
        for node in totals:
            yield from self._nested(node)
            yield from self._of_distinct(node)
        windows = list(self._own(exp.Window))
        yield from (_NESTED(node) for node in windows if self._beside_window(node))
        for part in [*self._before, *self._groups]:
            yield from self._too_early(part, exp.AggFunc, exp.Window)
        for part in self._having:
            yield from self._too_early(part, exp.Window)
        if self._qualify and not windows:
            yield _NO_RANK(self._qualify[0])
        if self._groups or self._having or any(not self._elsewhere(node) for node in totals):
            for part in (*self._outputs, *self._order):
                yield from self._loose(part, whole=True)
            for part in (*self._having, *self._qualify):
                yield from self._loose(part)

    def _beside_window(self, node: exp.Expr) -> bool:
        """Whether a window stands within another one."""
        around = node.parent
        while around is not None and around is not self._select:
            if isinstance(around, exp.Window):
                return True
            around = around.parent
        return False

    def _mine(self, column: exp.Column) -> bool:
        """Whether a column, here or in a query inside, is one of this SELECT's rows."""
        found, own = self._named.source_of(column) if column.table else None, self._sources.get(column.table)
        return found is not None and own is not None and found[0] is own[0]

    def _elsewhere(self, node: exp.Expr) -> bool:
        """Whether a total looks at rows of a query outside, and so may be a total of that."""
        return any(not self._mine(column) for column in node.find_all(exp.Column))

    def _nested(self, total: exp.Expr) -> Iterator[Refusal]:
        for node in total.find_all(exp.AggFunc, exp.Window):
            if node is not total and node.parent_select is self._select and not self._elsewhere(node):
                yield _NESTED(node)

    def _of_distinct(self, total: exp.Expr) -> Iterator[Refusal]:
        """What is added up is put in order first (`exact`); the engine orders distinct values by themselves alone."""
        distinct = isinstance(total.this, exp.Distinct) and total.find(exp.Query) is not None
        if distinct and isinstance(total, ORDERED) and not self._exact(total.this):
            yield _DISTINCT(total)

    def _too_early(self, part: exp.Expr, *kinds: type[exp.Expr]) -> Iterator[Refusal]:
        for node in part.find_all(*kinds):
            if node.parent_select is self._select and not _over(node) and not self._elsewhere(node):
                yield _TOO_EARLY(node)

    def _loose(self, node: exp.Expr, *, whole: bool = False) -> Iterator[Refusal]:
        if without_brackets(node) in self._keys:
            # Two queries inside are never the same to the engine (DuckDB 2.0.1): as a whole output or order it is
            # grouped by its number (`rewrite`).
            if not whole and node.find(exp.Query) is not None:
                yield _QUERY_AGAIN(node)
            return
        if isinstance(node, exp.AggFunc | exp.Filter) and not _over(node):
            return
        if isinstance(node, exp.Column):
            if self._mine(node) and (whole or node not in self._worked_out):
                yield _LOOSE(node)
            return
        for part in node.iter_expressions():
            yield from self._loose(part, whole=whole and isinstance(node, exp.Paren))


def group_problems(named: Named) -> list[Refusal]:
    """Every item of a grouped SELECT that is neither grouped nor totalled, and every total out of its place."""
    found: list[Refusal] = []
    exactness = Exactness(named, {table.name: dict(queryable(table)) for table in lake_tables()})
    for scope in named.scopes:
        if isinstance(scope.expression, exp.Select):
            found += _Grouped(named, scope, scope.expression, exactness.is_exact).problems()
    return list(dict.fromkeys(found))
