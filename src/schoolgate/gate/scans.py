"""Step 3, scans: what each reading of a table takes, and the condition that can run inside it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from schoolgate.dictionary import lake_tables
from schoolgate.gate.asked import place
from schoolgate.gate.names import Named, queryable
from schoolgate.gate.pushable import Pushable


@dataclass(frozen=True)
class Scan:
    """One reading of one lake table.

    Attributes:
        number: position in the query, from 1.
        table: lake table.
        columns: columns read, sorted; those used only in a condition, join or count included.
        predicate: the query's own condition on this table alone, columns unqualified; None when there is none.
        places: column -> where the query names it first.
        node: the FROM entry it stands for.
    """

    number: int
    table: str
    columns: tuple[str, ...]
    predicate: exp.Expr | None
    places: dict[str, str]
    node: exp.Expr

    @property
    def items(self) -> frozenset[str]:
        """The item ids this scan reads."""
        return frozenset(f"{self.table}.{column}" for column in self.columns)


def _optional_aliases(select: exp.Select) -> frozenset[str]:
    """Tables whose rows an outer join may replace by NULLs; a WHERE may not be moved inside them."""
    optional: set[str] = set()
    so_far = [select.args["from_"].this.alias_or_name]
    for join in select.args.get("joins") or []:
        name = join.this.alias_or_name
        if join.side in ("LEFT", "FULL"):
            optional.add(name)
        if join.side in ("RIGHT", "FULL"):
            optional.update(so_far)
        so_far.append(name)
    return frozenset(optional)


def _conjuncts(condition: exp.Expr | None) -> list[exp.Expr]:
    if condition is None:
        return []
    condition = condition.unnest()
    return list(condition.flatten()) if isinstance(condition, exp.And) else [condition]


def _belongs_to(condition: exp.Expr, alias: str, pushable: Pushable) -> bool:
    columns = list(condition.find_all(exp.Column))
    return bool(columns) and all(column.table == alias for column in columns) and pushable.allows(condition)


def _pushed(scope: Scope, alias: str, pushable: Pushable) -> exp.Expr | None:
    """The conjuncts that concern this table alone and may run before any join.

    They are copied, not moved: the query keeps its own, so that even a wrong copy could only make the
    exposure too small for what the rewritten query then does not see.
    """
    select = scope.expression
    if not isinstance(select, exp.Select) or not select.args.get("from_"):
        return None
    optional = _optional_aliases(select)
    candidates: list[exp.Expr] = []
    if alias not in optional:
        where = select.args.get("where")
        candidates += _conjuncts(where.this if where else None)
        for join in select.args.get("joins") or []:
            if join.side == "":
                candidates += _conjuncts(join.args.get("on"))
    for join in select.args.get("joins") or []:
        if join.side == "LEFT" and join.this.alias_or_name == alias:
            candidates += _conjuncts(join.args.get("on"))
    own = [condition.copy() for condition in candidates if _belongs_to(condition, alias, pushable)]
    for condition in own:
        for column in condition.find_all(exp.Column):
            column.set("table", None)
    unique = list(dict.fromkeys(own))
    return exp.and_(*unique) if unique else None


def find_scans(named: Named) -> tuple[Scan, ...]:
    """Every reading of the lake in a query, in the order of its scopes."""
    columns: dict[int, dict[str, str]] = {}
    pushable = {table.name: Pushable(queryable(table)) for table in lake_tables()}
    for column in named.tree.find_all(exp.Column):
        found = named.source_of(column)
        if found is not None and isinstance(found[1], exp.Table):
            columns.setdefault(id(found[0]), {}).setdefault(column.name, place(column))
    return tuple(
        Scan(
            number=number,
            table=node.name,
            columns=tuple(sorted(columns.get(id(node), {}))),
            predicate=_pushed(scope, alias, pushable[node.name]),
            places=columns.get(id(node), {}),
            node=node,
        )
        for number, (scope, alias, node) in enumerate(named.base_tables(), start=1)
    )
