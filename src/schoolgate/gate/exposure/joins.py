"""What a FROM clause does with rows, and so which conditions may run before it.

Every rule here is shown on its own in `tests/gate/test_push.py`, and reasoned out in `docs/exposure.md`. Two facts
carry them. A row that a FROM clause gives holds, for each entry, either one of the entry's rows or NULLs that an
outer join made up; and rows of an entry that an answer cannot depend on may be left out when leaving them out
makes up no row that the answer would see.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from schoolgate.gate.exposure.pushable import Pushable, never_true_without

Types = Mapping[str, str]
"""Column -> SQL type, "" when it is not a column of the lake as it stands."""

Place = tuple[str, str]
"""Alias and column."""

MAX_FACTS = 200
"""Most conditions worked out for one FROM clause; beyond it, fewer run inside scans."""

_SAME_COLUMNS = 64
"""Most ways of writing one condition with another entry's columns that are looked at."""


def conjuncts(condition: exp.Expr | None) -> list[exp.Expr]:
    """The parts of a condition that must all be true."""
    if condition is None:
        return []
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        return [part for half in condition.flatten() for part in conjuncts(half)]
    return [condition]


def name_column(column: exp.Column, name: str, table: str | None) -> None:
    """Make a column another one, in place."""
    column.set("this", exp.to_identifier(name, quoted=True))
    column.set("table", exp.to_identifier(table, quoted=True) if table else None)


def columns_of(condition: exp.Expr) -> list[exp.Column]:
    """Every column a condition names."""
    return list(condition.find_all(exp.Column))


@dataclass(frozen=True)
class Step:
    """One JOIN: its entry, the side whose rows it keeps without a match, and its conditions."""

    alias: str
    side: str
    on: tuple[exp.Expr, ...]


@dataclass(frozen=True)
class Edge:
    """Wherever a row holds a real row of `into`'s entry, the two columns are equal.

    Attributes:
        of: where the value is known.
        into: where it is then known too.
        step: the outer join whose condition says so; None when every row that comes out satisfies it.
    """

    of: Place
    into: Place
    step: Step | None


def _steps(select: exp.Select) -> list[tuple[str, list[Step]]]:
    """The FROM clause, cut at its commas: between commas joins bind first, as DuckDB reads it."""
    parts: list[tuple[str, list[Step]]] = [(select.args["from_"].this.alias_or_name, [])]
    for join in select.args.get("joins") or []:
        name = join.this.alias_or_name
        on = tuple(conjuncts(join.args.get("on")))
        if not join.side and not join.kind and not on:
            parts.append((name, []))
        else:
            side = "FULL" if join.kind == "OUTER" and not join.side else join.side
            parts[-1][1].append(Step(name, side, on))
    return parts


def _made_up(first: str, steps: Sequence[Step]) -> frozenset[str]:
    """Entries that an outer join may replace by NULLs."""
    optional: set[str] = set()
    so_far = [first]
    for step in steps:
        if step.side in ("LEFT", "FULL"):
            optional.add(step.alias)
        if step.side in ("RIGHT", "FULL"):
            optional.update(so_far)
        so_far.append(step.alias)
    return frozenset(optional)


def _settled(first: str, steps: Sequence[Step], needed: frozenset[str]) -> list[Step]:
    """The same joins without the made-up rows that a later condition drops anyway.

    Args:
        first: the entry before the first JOIN.
        steps: the JOINs.
        needed: entries whose real row every row that counts must hold.
    """
    settled: list[Step] = []
    for at in range(len(steps) - 1, -1, -1):
        step = steps[at]
        left = frozenset([first, *(s.alias for s in steps[:at])])
        side = step.side
        if side in ("LEFT", "FULL") and step.alias in needed:
            side = "" if side == "LEFT" else "RIGHT"
        if side in ("RIGHT", "FULL") and needed & left:
            side = "" if side == "RIGHT" else "LEFT"
        settled.append(replace(step, side=side))
        matched = frozenset(a for a in left if any(never_true_without(part, a) for part in step.on))
        kept = {"": needed | matched, "LEFT": needed, "RIGHT": matched}
        needed = kept.get(side, frozenset()) & left
    return settled[::-1]


def _equal(part: exp.Expr) -> tuple[exp.Column, exp.Column] | None:
    if not isinstance(part, exp.EQ):
        return None
    left, right = part.this.unnest(), part.expression.unnest()
    return (left, right) if isinstance(left, exp.Column) and isinstance(right, exp.Column) else None


class Joins:
    """The joins of one SELECT, and what each of its FROM entries may be asked to leave out.

    Args:
        select: the SELECT; only its FROM and JOINs are looked at.
        types: alias -> types of its columns, for the entries of FROM.
        outer: alias -> types, for the entries of the queries around it that it may look at.
        where: conditions that every row that counts satisfies.
        given: alias of a query around it -> conditions known of its rows.
    """

    def __init__(
        self,
        select: exp.Select,
        types: Mapping[str, Types],
        where: Iterable[exp.Expr],
        outer: Mapping[str, Types] | None = None,
        given: Mapping[str, Sequence[exp.Expr]] | None = None,
    ) -> None:
        self._types = {**(outer or {}), **types}
        self._own = frozenset(types)
        self._pushable = {alias: Pushable(found) for alias, found in self._types.items()}
        parts = _steps(select)
        self._same: frozenset[tuple[Place, Place]] = frozenset()
        while True:  # a third table's USING is against the first two's merged column
            parts = [(first, [replace(s, on=tuple(map(self.plainly, s.on))) for s in steps]) for first, steps in parts]
            same = frozenset((edge.of, edge.into) for edge in self._edges([], parts))
            if same == self._same:
                break
            self._same = same
        self._where = [self.plainly(part) for part in where]
        self._parts: list[tuple[str, list[Step]]] = []
        for first, steps in parts:
            inside = {first, *(s.alias for s in steps)}
            needed = frozenset(a for a in inside if any(never_true_without(part, a) for part in self._where))
            self._parts.append((first, _settled(first, steps, needed)))
        self._all_edges = self._edges(self._where, self._parts)
        self._optional = frozenset[str]().union(*(_made_up(first, steps) for first, steps in self._parts))
        self._facts: dict[str, dict[str, exp.Expr]] = {}
        for alias, conditions in (given or {}).items():
            for condition in conditions:
                self._learn(alias, condition)
        self._direct: dict[str, list[exp.Expr]] = {alias: [] for alias in types}
        self._look_at_where()
        for first, steps in self._parts:
            self._look_at_steps(first, steps)
        self._pass_on()

    @property
    def types(self) -> dict[str, Types]:
        """Alias -> types, for the entries of FROM and those around that may be looked at."""
        return dict(self._types)

    # What is the same

    def _type(self, place: Place) -> str:
        return self._types.get(place[0], {}).get(place[1], "")

    def _edges(self, where: Iterable[exp.Expr], parts: Iterable[tuple[str, Sequence[Step]]]) -> list[Edge]:
        found = [way for part in where for way in self._ways(part, None)]
        around = frozenset(self._types) - self._own
        for first, steps in parts:
            left = frozenset({first})
            for step in steps:
                ways = [way for part in step.on for way in self._ways(part, step if step.side else None)]
                into = {"": left | {step.alias}, "LEFT": frozenset({step.alias}), "RIGHT": left}
                of = {"": left | {step.alias} | around, "LEFT": left | around, "RIGHT": frozenset({step.alias})}
                nothing = frozenset[str]()
                found += [
                    way
                    for way in ways
                    if way.into[0] in into.get(step.side, nothing) and way.of[0] in of.get(step.side, nothing)
                ]
                left |= {step.alias}
        return found

    def _ways(self, part: exp.Expr, step: Step | None) -> list[Edge]:
        pair = _equal(part)
        if pair is None:
            return []
        one, other = ((column.table, column.name) for column in pair)
        kind = self._type(one)
        if one[0] == other[0] or not kind or kind != self._type(other):
            return []
        both = [Edge(one, other, step), Edge(other, one, step)]
        return [way for way in both if way.into[0] in self._own]

    def plainly(self, condition: exp.Expr) -> exp.Expr:
        """A copy in which a column that USING merged is written as the one entry's column that it equals."""
        copy = condition.copy()
        for node in list(copy.find_all(exp.Coalesce)):
            column = self._merged(node)
            if column is None:
                continue
            if node is copy:
                return column
            node.replace(column)
        return copy

    def _merged(self, node: exp.Coalesce) -> exp.Column | None:
        parts = [node.this, *node.expressions]
        if not all(isinstance(part, exp.Column) for part in parts):
            return None
        kept = parts[0]
        for part in parts[1:]:
            one, other = (kept.table, kept.name), (part.table, part.name)
            if (one, other) in self._same:
                continue
            if (other, one) not in self._same:
                return None
            kept = part
        return exp.column(kept.name, table=kept.table, quoted=True)

    # What is known, and what may run inside

    def _about(self, condition: exp.Expr) -> str:
        """The one entry a condition is about, when it may run there; otherwise ""."""
        aliases = {column.table for column in columns_of(condition)}
        if len(aliases) != 1:
            return ""
        (alias,) = aliases
        return alias if alias in self._own and self._pushable[alias].allows(condition) else ""

    def _learn(self, alias: str, condition: exp.Expr) -> bool:
        found = self._facts.setdefault(alias, {})
        if sum(map(len, self._facts.values())) >= MAX_FACTS:
            return False
        return found.setdefault(condition.sql("duckdb"), condition) is condition

    def _look_at_where(self) -> None:
        for part in self._where:
            alias = self._about(part)
            if alias:
                self._learn(alias, part)
                if alias not in self._optional:
                    self._direct[alias].append(part)

    def _look_at_steps(self, first: str, steps: Sequence[Step]) -> None:
        left = {first}
        for at, step in enumerate(steps):
            before, after = _made_up(first, steps[:at]), _made_up(first, steps[: at + 1])
            for part in step.on:
                alias = self._about(part)
                inside = {
                    "": alias in left | {step.alias} and alias not in after,
                    "LEFT": alias == step.alias,
                    "RIGHT": alias in left and alias not in before,
                }
                known = {"": alias in left | {step.alias}, "LEFT": alias == step.alias, "RIGHT": alias in left}
                if alias and known.get(step.side):
                    self._learn(alias, part)
                if alias and inside.get(step.side):
                    self._direct[alias].append(part)
            left.add(step.alias)

    def _into(self, alias: str) -> list[Edge]:
        """The equalities by which what is known of other entries may leave rows of this one out."""
        edges = [edge for edge in self._all_edges if edge.into[0] == alias]
        if alias not in self._optional:
            return edges
        for first, steps in self._parts:
            for at, step in enumerate(steps):
                if any(later.side in ("RIGHT", "FULL") for later in steps[at + 1 :]):
                    continue
                from_left = step.side == "LEFT" and step.alias == alias
                left = {first, *(s.alias for s in steps[:at])}
                from_right = step.side == "RIGHT" and alias in left and alias not in _made_up(first, steps[:at])
                if from_left or from_right:
                    return [edge for edge in edges if edge.step is step]
        return []

    def _pass_on(self) -> None:
        """What is known of one entry's columns is known of those that equal them."""
        into = {alias: self._into(alias) for alias in self._own}
        waiting = [(alias, fact) for alias, facts in self._facts.items() for fact in facts.values()]
        while waiting:
            alias, fact = waiting.pop()
            for other, edges in into.items():
                for derived in _written_for(fact, alias, other, edges):
                    if self._learn(other, derived):
                        self._direct[other].append(derived)
                        waiting.append((other, derived))

    def inside(self, alias: str) -> list[exp.Expr]:
        """The conditions that the entry's rows may be asked to satisfy, columns under its alias."""
        return list({part.sql("duckdb"): part for part in self._direct[alias]}.values())

    def known(self) -> dict[str, list[exp.Expr]]:
        """Conditions that every row that counts satisfies, for each entry whose row it holds."""
        return {alias: list(facts.values()) for alias, facts in self._facts.items()}


def _written_for(fact: exp.Expr, alias: str, other: str, edges: Sequence[Edge]) -> Iterator[exp.Expr]:
    """A condition on one entry, written with another's columns that equal the first's."""
    if other == alias:
        return
    names = sorted({column.name for column in columns_of(fact)})
    choices = [sorted({edge.into[1] for edge in edges if edge.of == (alias, name)}) for name in names]
    if not all(choices):
        return
    for chosen in itertools.islice(itertools.product(*choices), _SAME_COLUMNS):
        became = dict(zip(names, chosen, strict=True))
        copy = fact.copy()
        for column in columns_of(copy):
            name_column(column, became[column.name], other)
        yield copy
