"""Step 5, rewrite: each scan becomes a named table expression, and the rest reads only these.

The rewritten query is what runs, so what a scan takes is by construction what is recorded, whatever the
engine's optimiser does.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from schoolgate.dictionary import lake_tables
from schoolgate.gate.exact import make_steady
from schoolgate.gate.names import Named, output_names, queryable
from schoolgate.gate.reference import KEY, References
from schoolgate.gate.scans import Scan
from schoolgate.policy import CohortTerm, RowRule

PSEUDONYM = "__pseudonym"
DENIED = "__denied"


def lake_view(table: str) -> str:
    """The engine's name for a lake table's files."""
    return f"__lake_{table}"


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
class Plan:
    """The rewritten query and its scans."""

    sql: str
    scans: tuple[ScanPlan, ...]


def _column(name: str) -> exp.Column:
    return exp.column(name, table="t", quoted=True)


def _one_of(column: exp.Expr, values: tuple[str, ...]) -> exp.Expr:
    # Cohort values are text in the agreement; comparing as text keeps one rule for every column type.
    return exp.In(this=exp.cast(column, "VARCHAR"), expressions=[exp.Literal.string(value) for value in values])


def _year_rule(rows: RowRule) -> list[exp.Expr]:
    conditions: list[exp.Expr] = []
    ranges = [
        exp.Between(this=_column("year"), low=exp.Literal.number(first), high=exp.Literal.number(last))
        for first, last in rows.years
    ]
    if ranges:
        conditions.append(exp.paren(exp.or_(*ranges)))
    if rows.terms:
        conditions.append(exp.In(this=_column("term"), expressions=[exp.Literal.string(term) for term in rows.terms]))
    return conditions


def _cohort_rule(table: str, cohort: tuple[CohortTerm, ...]) -> list[exp.Expr]:
    if not cohort:
        return []
    if table == "census_pupil":
        return [_one_of(_column(term.column), term.values) for term in cohort]
    # Another table's rows belong to the cohort when the same pupil's census record of that term does.
    member = exp.select("1").from_(exp.to_table(lake_view("census_pupil"), alias="c"))
    for name in (KEY, "year", "term"):
        member = member.where(exp.EQ(this=exp.column(name, table="c", quoted=True), expression=_column(name)))
    for term in cohort:
        member = member.where(_one_of(exp.column(term.column, table="c", quoted=True), term.values))
    return [exp.Exists(this=member)]


def _looked_at(table: str, rows: RowRule) -> frozenset[str]:
    """The items that the row rule itself looks at: they decide which rows there are, so they are exposed too."""
    found = {f"{table}.{KEY}"}
    if rows.years:
        found.add(f"{table}.year")
    if rows.terms:
        found.add(f"{table}.term")
    if rows.cohort:
        found |= {f"census_pupil.{term.column}" for term in rows.cohort}
        if table != "census_pupil":  # the pupil's census record of the same year and term is looked up
            found |= {f"{of}.{name}" for of in (table, "census_pupil") for name in (KEY, "year", "term")}
    return frozenset(found)


def _not_denied() -> exp.Expr:
    denied = exp.select("1").from_(exp.to_table(DENIED, alias="d"))
    denied = denied.where(exp.EQ(this=exp.column(KEY, table="d", quoted=True), expression=_column(KEY)))
    return exp.Not(this=exp.Exists(this=denied))


def everybody(table: str) -> str:
    """A SELECT of every pupil a scan of this table could have taken, whatever its condition."""
    source = exp.to_table(lake_view(table), alias="t")
    return _text(exp.select(exp.alias_(_column(KEY), KEY, quoted=True)).from_(source).where(_not_denied()))


def plan_scan(scan: Scan, rows: RowRule, *, anyone_denied: bool) -> ScanPlan:
    """The scan with the query's own condition and the agreement's rows joined into one."""
    conditions: list[exp.Expr] = []
    if scan.predicate is not None:
        own = scan.predicate.copy()
        for column in own.find_all(exp.Column):
            column.set("table", exp.to_identifier("t", quoted=True))
        conditions.append(exp.paren(own))
    conditions += _year_rule(rows)
    conditions += _cohort_rule(scan.table, rows.cohort)
    if anyone_denied:
        conditions.append(_not_denied())
    condition = exp.and_(*conditions) if conditions else exp.true()
    source = exp.to_table(lake_view(scan.table), alias="t")
    columns = [exp.alias_(_column(name), name, quoted=True) for name in scan.columns]
    body = exp.select(*(columns or [exp.alias_(exp.Literal.number(1), "__row", quoted=True)]))
    body = body.from_(source).where(condition)
    members = exp.select(exp.alias_(_column(KEY), KEY, quoted=True)).from_(source.copy()).where(condition.copy())
    return ScanPlan(
        number=scan.number,
        table=scan.table,
        # That a pupil has a record in the table at all is told by every read, a bare count included.
        items=tuple(sorted(scan.items | _looked_at(scan.table, rows))),
        condition=_text(condition),
        body=_text(body),
        members=_text(members),
    )


def _text(tree: exp.Expr) -> str:
    """SQL without the asker's comments: nothing but the tree that was checked reaches the engine."""
    return tree.sql("duckdb", comments=False)


def _drop_inner_orders(tree: exp.Expr) -> None:
    """An order inside decides nothing: there is no LIMIT there, and no aggregate that depends on order."""
    for query in tree.find_all(exp.Select, exp.SetOperation):
        if query is not tree and query.args.get("order"):
            query.set("order", None)


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


def rewrite(
    named: Named, references: References, scans: tuple[Scan, ...], rows: RowRule, *, anyone_denied: bool
) -> Plan:
    """The query that runs, and its scans. `named`'s tree is used up."""
    plans = tuple(plan_scan(scan, rows, anyone_denied=anyone_denied) for scan in scans)
    outputs = references.outputs(named.tree)
    _drop_inner_orders(named.tree)
    make_steady(named, {table.name: queryable(table) for table in lake_tables()})
    for scan in scans:
        table = scan.node
        table.set("this", exp.to_identifier(f"__scan_{scan.number}", quoted=True))
    outer = _outermost(named.tree, outputs)
    with_ = outer.args.get("with_")
    written = list(with_.expressions) if with_ is not None else []
    own = [
        exp.CTE(
            this=exp.maybe_parse(plan.body, dialect="duckdb"),
            alias=exp.TableAlias(this=exp.to_identifier(f"__scan_{plan.number}", quoted=True)),
        )
        for plan in plans
    ]
    if own or written:
        outer.set("with_", exp.With(expressions=[*own, *written]))
    return Plan(sql=_text(outer), scans=plans)
