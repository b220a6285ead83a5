"""Step 5, rewrite: each scan becomes a named table expression, and the rest reads only these.

The rewritten query is what runs, so what a scan takes is by construction what is recorded, whatever the
engine's optimiser does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlglot import exp

from schoolgate.dictionary import lake_tables
from schoolgate.gate.asking.brackets import bracketed
from schoolgate.gate.asking.exact import make_steady
from schoolgate.gate.asking.grouped import without_brackets
from schoolgate.gate.asking.names import Named, output_names, queryable
from schoolgate.gate.asking.reference import KEY, References
from schoolgate.gate.exposure.scans import Scan
from schoolgate.gate.terms.rowrules import lake_view, looked_at, not_disputed, of_scan, row_conditions
from schoolgate.policy import RowRule

PSEUDONYM = "__pseudonym"
DENIED = "__denied"
_SCAN = "scan"
"""A table's mark: the number of its scan."""


@dataclass(frozen=True, slots=True)
class ScanPlan:
    """One scan as it runs.

    Attributes:
        number: position in the query.
        table: lake table.
        items: item ids recorded as exposed, sorted; what the row rule looks at (year and term too) included.
        condition: the scan's whole row condition as SQL ("TRUE" when there is none).
        body: the SELECT that reads the lake.
        members: a SELECT of the pupils that satisfy the condition.
    """

    number: int
    table: str
    items: tuple[str, ...]
    condition: str
    body: str
    members: str


@dataclass(frozen=True, slots=True)
class Finish:
    """A query's last step done apart, by an engine that is faster so; the result is that of the whole query.

    Attributes:
        sql: the query without its order and LIMIT, references as they are.
        references: which outputs they are.
        order: output, whether descending, whether empty values come first; most important first.
        limit: most rows, or None.
        offset: rows left out before.
    """

    sql: str
    references: tuple[int, ...]
    order: tuple[tuple[int, bool, bool], ...]
    limit: int | None
    offset: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The rewritten query and its scans."""

    sql: str
    scans: tuple[ScanPlan, ...]
    finish: Finish | None = None


def _not_denied() -> exp.Expr:
    denied = exp.select("1").from_(exp.to_table(DENIED, alias="d"))
    denied = denied.where(exp.EQ(this=exp.column(KEY, table="d", quoted=True), expression=of_scan(KEY)))
    return exp.Not(this=exp.Exists(this=denied))


def everybody(table: str) -> str:
    """A SELECT of every pupil a scan of this table could have taken, whatever its condition."""
    source = exp.to_table(lake_view(table), alias="t")
    return _text(exp.select(exp.alias_(of_scan(KEY), KEY, quoted=True)).from_(source).where(_not_denied()))


def plan_scan(scan: Scan, rows: RowRule, *, anyone_denied: bool, disputed: Collection[int] = frozenset()) -> ScanPlan:
    """The scan with the query's own condition and the agreement's rows joined into one.

    `disputed` are the numbers of the scans that leave out pupils of whom an item is in dispute.
    """
    conditions: list[exp.Expr] = []
    if scan.predicate is not None:
        own = scan.predicate.copy()
        for column in own.find_all(exp.Column):
            column.set("table", exp.to_identifier("t", quoted=True))
        conditions.append(exp.paren(own))
    items = scan.items | looked_at(scan.table, rows)
    conditions += row_conditions(scan.table, items, rows)
    if anyone_denied:
        conditions.append(_not_denied())
    if scan.number in disputed:
        conditions.append(not_disputed(scan.number))
    # Written out once: a copy for each of the three texts took longer than all the rest of a scan.
    condition = _text(exp.and_(*conditions, copy=False) if conditions else exp.true())
    taken = f"FROM {lake_view(scan.table)} AS t WHERE {condition}"
    return ScanPlan(
        number=scan.number,
        table=scan.table,
        # That a pupil has a record in the table at all is told by every read, a bare count included.
        items=tuple(sorted(items)),
        condition=condition,
        body=f"SELECT {', '.join(map(_column_of_scan, scan.columns)) or _ROW} {taken}",
        members=f"SELECT {_column_of_scan(KEY)} {taken}",
    )


_ROW = '1 AS "__row"'
"""What a scan gives of which nothing but the number of rows is wanted."""


def _column_of_scan(name: str) -> str:
    """A column of the dictionary, as a scan gives it; no other name comes this far (`names.trace_names`)."""
    return f'"t"."{name}" AS "{name}"'


def _text(tree: exp.Expr) -> str:
    """SQL without the asker's comments: nothing but the tree that was checked reaches the engine."""
    return bracketed(tree).sql("duckdb", comments=False)


def _drop_inner_orders(tree: exp.Expr) -> None:
    """An order inside decides nothing: there is no LIMIT there, and no aggregate that depends on order."""
    for query in tree.find_all(exp.Select, exp.SetOperation):
        if query is not tree and query.args.get("order"):
            query.set("order", None)


def _group_by_number(tree: exp.Expr) -> None:
    """A group with a query inside is written as the number of its output, as the asker may have done.

    Written out it would stand there twice, and to the engine (DuckDB 2.0.1) two queries are never the same.
    """
    for select in tree.find_all(exp.Select):
        group = select.args.get("group")
        if group is None or not any(key.find(exp.Query) for key in group.expressions):
            continue
        outputs = [without_brackets(part.unalias()) for part in select.selects]
        kept: list[exp.Expr] = []
        numbers: dict[int, None] = {}
        for key in group.expressions:
            # Every output that is this group: to the engine each of them is another.
            plain = without_brackets(key) if key.find(exp.Query) else None
            same = [at for at, part in enumerate(outputs, start=1) if part == plain]
            numbers.update(dict.fromkeys(same))
            kept += [] if same else [key]
        group.set("expressions", [*kept, *(exp.Literal.number(at) for at in numbers)])


def _outermost(tree: exp.Expr, reference_outputs: tuple[bool, ...]) -> exp.Select:
    """The outer SELECT: references leave as pseudonyms, and the order of rows depends on values alone."""
    if isinstance(tree, exp.Select):
        outer = tree
    else:
        names = output_names(tree)
        order, limit, offset, with_ = (tree.args.pop(k, None) for k in ("order", "limit", "offset", "with_"))
        outer = exp.select(*(exp.column(name, quoted=True) for name in names)).from_(
            exp.Subquery(this=tree, alias=exp.TableAlias(this=exp.to_identifier("__q", quoted=True)))
        )
        for key, value in (("order", order), ("limit", limit), ("offset", offset), ("with_", with_)):
            if value is not None:
                outer.set(key, value)
    selects = []
    for part, is_reference in zip(outer.expressions, reference_outputs, strict=True):
        if is_reference:
            name = part.alias_or_name
            inner = part.this if isinstance(part, exp.Alias) else part
            part = exp.alias_(exp.Anonymous(this=PSEUDONYM, expressions=[inner.copy()]), name, quoted=True)  # noqa: PLW2901
        selects.append(part)
    outer.set("expressions", selects)
    # Rows that tie under the query's ORDER BY, or have none, would come in the lake's order, which is the
    # order of the internal reference; ordering by every output leaves nothing to it.
    order = outer.args.get("order") or exp.Order(expressions=[])
    for ordered in order.expressions:
        # A bare name in ORDER BY is an output; by its number it can be nothing else.
        if isinstance(ordered.this, exp.Column) and not ordered.this.table:
            ordered.set("this", exp.Literal.number(output_names(outer).index(ordered.this.name) + 1))
    ties = [exp.Ordered(this=exp.Literal.number(i), nulls_first=False) for i in range(1, len(selects) + 1)]
    order.set("expressions", [*order.expressions, *ties])
    outer.set("order", order)
    return outer


def _whole(part: exp.Expr | None) -> int | None:
    """A LIMIT's or OFFSET's number, when it is one."""
    number = None if part is None else part.args.get("expression")
    return int(number.name) if isinstance(number, exp.Literal) and number.is_int else None


def _apart(outer: exp.Select, reference_outputs: tuple[bool, ...]) -> bool:
    """Whether the last step can be done apart: references leave, and nothing is ordered by that is not given out."""
    limit, offset = outer.args.get("limit"), outer.args.get("offset")
    numbered = all(isinstance(key.this, exp.Literal) and key.this.is_int for key in outer.args["order"].expressions)
    known = all(part is None or _whole(part) is not None for part in (limit, offset))
    return any(reference_outputs) and numbered and known


def _finish(outer: exp.Select, reference_outputs: tuple[bool, ...], read: str) -> Finish:
    """The last step apart. `outer` is used up; `read` are the WITH queries before it."""
    order, limit, offset = (outer.args.pop(name, None) for name in ("order", "limit", "offset"))
    for part, is_reference in zip(outer.expressions, reference_outputs, strict=True):
        if is_reference:
            part.set("this", part.this.expressions[0])
    keys = order.expressions
    return Finish(
        sql=read + _text(outer),
        references=tuple(at for at, is_reference in enumerate(reference_outputs) if is_reference),
        order=tuple((int(k.this.name) - 1, bool(k.args.get("desc")), bool(k.args.get("nulls_first"))) for k in keys),
        limit=_whole(limit),
        offset=_whole(offset) or 0,
    )


def rewrite(
    named: Named,
    references: References,
    scans: tuple[Scan, ...],
    rows: RowRule,
    *,
    anyone_denied: bool,
    disputed: Collection[int] = frozenset(),
) -> Plan:
    """The query that runs, and its scans. `named`'s tree is used up."""
    plans = tuple(plan_scan(scan, rows, anyone_denied=anyone_denied, disputed=disputed) for scan in scans)
    outputs = references.outputs(named.tree)
    _drop_inner_orders(named.tree)
    _group_by_number(named.tree)
    for scan in scans:
        scan.node.meta[_SCAN] = scan.number
    make_steady(named, {table.name: queryable(table) for table in lake_tables()})
    # By the mark and not by the node: steadying writes some parts twice (what is added up, and its order).
    for table in named.tree.find_all(exp.Table):
        if _SCAN in table.meta:
            table.set("this", exp.to_identifier(f"__scan_{table.meta[_SCAN]}", quoted=True))
    outer = _outermost(named.tree, outputs)
    with_ = outer.args.pop("with_", None)
    # Each WITH query is written out once, and a scan's body is its text already: parsing it again took a third
    # of the rewriting.
    parts = [f'"__scan_{plan.number}" AS ({plan.body})' for plan in plans]
    parts += [_text(part) for part in (with_.expressions if with_ is not None else [])]
    read = f"WITH {', '.join(parts)} " if parts else ""
    sql = read + _text(outer)
    return Plan(sql, plans, _finish(outer, outputs, read) if _apart(outer, outputs) else None)
