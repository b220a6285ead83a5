"""Step 3, scans: what each reading of a table takes, and the condition that can run inside it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from schoolgate.dictionary import lake_tables
from schoolgate.gate.asking.asked import place
from schoolgate.gate.asking.names import Named, queryable
from schoolgate.gate.exposure.push import Pushes


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


def find_scans(named: Named) -> tuple[Scan, ...]:
    """Every reading of the lake in a query, in the order of its scopes."""
    columns: dict[int, dict[str, str]] = {}
    pushes = Pushes(named, {table.name: queryable(table) for table in lake_tables()})
    for column in named.tree.find_all(exp.Column):
        found = named.source_of(column)
        if found is not None and isinstance(found[1], exp.Table):
            columns.setdefault(id(found[0]), {}).setdefault(column.name, place(column))
    return tuple(
        Scan(
            number=number,
            table=node.name,
            columns=tuple(sorted(columns.get(id(node), {}))),
            predicate=exp.and_(*conditions) if (conditions := pushes.of(node)) else None,
            places=columns.get(id(node), {}),
            node=node,
        )
        for number, (_, _, node) in enumerate(named.base_tables(), start=1)
    )
