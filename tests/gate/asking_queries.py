"""Random whole queries: FROM clauses, outputs, groups, windows, set operations, WITH. See `asking`."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tests.gate.asking import TABLES, Asker, Source

_KINDS = ("int", "text", "bool", "date", "dec")
_JOINS = [
    "JOIN", "JOIN", "INNER JOIN", "LEFT JOIN", "LEFT JOIN", "LEFT OUTER JOIN", "RIGHT JOIN", "RIGHT JOIN", "FULL JOIN",
    "FULL OUTER JOIN", "CROSS JOIN", ",",
]  # fmt: skip
_SETS = [
    "UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL", "UNION ALL",
]  # fmt: skip


class Queries(Asker):
    """An asker of whole queries."""

    def entry(self, depth: int, outside: Sequence[Source]) -> tuple[str, Source]:
        """One FROM entry as text, and what it offers; `outside` holds neighbours it may look at."""
        alias = self.name("t")
        if depth > 0 and self.chance(0.3):
            sql, columns = self.query(depth - 1, outside=outside)
            return f"({sql}) AS {alias}", Source(alias, columns)
        if self.withs and self.chance(0.6):
            used = self.dice.choice(sorted(self.withs))
            return f"{used} AS {alias}", Source(alias, self.withs[used])
        table = self.dice.choice(sorted(TABLES))
        return f"{table} AS {alias}", Source(alias, TABLES[table])

    def joined(self, depth: int) -> tuple[str, list[Source]]:
        """A FROM clause."""
        text, first = self.entry(depth, [])
        sources = [first]
        near = [first]  # since the last comma: what an ON may name
        for _ in range(self.dice.choice([0, 0, 0, 1, 1, 1, 2])):
            how = self.dice.choice(_JOINS)
            sideways = sources if how == "," and self.chance(0.5) else []
            entry, source = self.entry(depth, sideways)
            if how == ",":
                text += f", {entry}"
                near = []
            elif how == "CROSS JOIN":
                text += f" CROSS JOIN {entry}"
            else:
                text += f" {how} {entry} {self._meeting(near, source, how, sources)}"
            sources.append(source)
            near.append(source)
        return text, sources

    def _meeting(self, near: list[Source], source: Source, how: str, sources: list[Source]) -> str:
        shared = [n for n, k in source.columns.items() if k in ("ref", "int", "text") and near[0].columns.get(n) == k]
        alone = len(near) == 1 and len(sources) == 1
        if shared and alone and "pupil" in shared and self.chance(0.25):
            keys = ["pupil", *(n for n in ("year", "term") if n in shared and self.chance(0.6))]
            return f"USING ({', '.join(keys)})"
        parts = []
        mine = [n for n, k in source.columns.items() if k == "ref"]
        theirs = [f"{s.alias}.{n}" for s in near for n, k in s.columns.items() if k == "ref"]
        if mine and theirs and self.chance(0.8):
            parts.append(f"{self.dice.choice(theirs)} = {source.alias}.{self.dice.choice(mine)}")
        for name, kind in source.columns.items():
            others = [f"{s.alias}.{n}" for s in near for n, k in s.columns.items() if k == kind and n == name]
            if kind not in ("ref", "bool") and others and name in ("year", "term", "sessions") and self.chance(0.4):
                parts.append(f"{self.dice.choice(others)} = {source.alias}.{name}")
        if self.chance(0.2):
            parts.append(self.simple([source]))
        if self.chance(0.12):
            parts.append(self.simple(near))
        if self.chance(0.1):
            parts.append(self.condition([source, *near], 1))
        if how in ("JOIN", "LEFT JOIN") and self.chance(0.08):
            parts.append(self.looking([source, *near], 0))
        return f"ON {' AND '.join(parts)}" if parts else "ON TRUE"

    def query(
        self, depth: int, *, want: Sequence[str] = (), outside: Sequence[Source] = (), outer: bool = False
    ) -> tuple[str, dict[str, str]]:
        """A SELECT or set operation, and its outputs with their types."""
        if depth > 0 and self.chance(0.2):
            kinds = list(want) or [self.dice.choice(["ref", *_KINDS]) for _ in range(self.dice.choice([1, 2, 3]))]
            left, columns = self.select(depth - 1, want=kinds, outside=outside)
            right, _ = self.query(depth - 1, want=kinds, outside=outside)
            if self.chance(0.2):
                right = f"({right})"
            sql = f"{left} {self.dice.choice(_SETS)} {right}"
            if outer and "ref" not in kinds:
                positions = ", ".join(map(str, range(1, len(kinds) + 1)))
                sql += self.dice.choice(["", f" ORDER BY {positions}", f" ORDER BY {positions} LIMIT 3 OFFSET 1"])
            return sql, columns
        return self.select(depth, want=want, outside=outside, outer=outer)

    def select(
        self, depth: int, *, want: Sequence[str] = (), outside: Sequence[Source] = (), outer: bool = False
    ) -> tuple[str, dict[str, str]]:
        """One SELECT."""
        source, sources = self.joined(depth)
        where = [*self.conditions(sources, depth), *self._traps(source, sources)]
        if outside and self.chance(0.8):
            ref, theirs = self.column(sources, "ref"), self.column(outside, "ref")
            if ref and theirs:
                where.append(f"{ref} = {theirs}")
        kinds = list(want) or ["ref"] * self.chance(0.6) + [
            self.dice.choice(_KINDS) for _ in range(self.dice.choice([1, 2, 3]))
        ]
        if "ref" in kinds and self.column(sources, "ref") is None:
            source, sources = self.joined(0)
            where = []
        if self.column(sources, "ref") is None and "ref" in kinds:
            source, sources, where = "census_pupil AS z", [Source("z", TABLES["census_pupil"])], []
        tail = f" FROM {source}" + (f" WHERE {' AND '.join(where)}" if where else "")
        shape = self.dice.choice(["rows", "rows", "distinct", "group", "group", "total", "window", "qualify"])
        if shape in ("group", "total") and not (shape == "total" and "ref" in kinds):
            return self._grouped(sources, kinds, tail, depth, total=shape == "total", outer=outer)
        return self._rows(sources, kinds, tail, shape, depth, outer=outer)

    def _traps(self, source: str, sources: Sequence[Source]) -> list[str]:
        """Conditions where taking them inside goes wrong when it is done carelessly."""
        found = []
        if any(word in source for word in ("LEFT", "RIGHT", "FULL")) and self.chance(0.5):
            made_up = self.dice.choice(sources)  # true of the NULLs that an outer join makes up, or not
            plain = [f"{made_up.alias}.{n}" for n, k in made_up.columns.items() if k not in ("ref", "bool")]
            if plain:
                column = self.dice.choice(plain)
                kinds = [k for n, k in made_up.columns.items() if f"{made_up.alias}.{n}" == column]
                value = self.literal(kinds[0], column)
                shapes = [f"{column} IS NULL", f"({column} IS NULL OR {column} = {value})", f"{column} <> {value}"]
                found.append(self.dice.choice([*shapes, f"NOT {column} IS NOT NULL", f"{column} IS NOT NULL"]))
        for inner in sources:  # on what a query inside gives
            if inner.columns not in TABLES.values() and self.chance(0.5):
                found.append(self.simple([inner]))
        return found

    def _outputs(self, values: Sequence[tuple[str, str]]) -> tuple[str, dict[str, str]]:
        """Outputs with names: sometimes the name of another column, so that a name can mean two things."""
        columns: dict[str, str] = {}
        parts = []
        for value, kind in values:
            name = self.name("who" if kind == "ref" else "x")
            plain = value.rpartition(".")[2]
            if (
                kind != "ref"
                and value.count(".") == 1
                and plain.isidentifier()
                and plain not in columns
                and self.chance(0.5)
            ):
                name = plain
            elif kind == "int" and self.chance(0.08) and not {"age", "sessions"} & set(columns):
                name = self.dice.choice(["age", "sessions"])
            columns[name] = kind
            parts.append(f"{value} AS {name}")
        return ", ".join(parts), columns

    def _plain(self, sources: Sequence[Source], kind: str, depth: int) -> str:
        if kind == "ref":
            refs = [c for _ in range(2) if (c := self.column(sources, "ref"))]
            return f"coalesce({refs[0]}, {refs[1]})" if self.chance(0.1) else refs[0]
        column = self.column(sources, kind)
        return column if column and self.chance(0.6) else self.value(sources, kind)

    def _rows(
        self, sources: list[Source], kinds: list[str], tail: str, shape: str, depth: int, *, outer: bool
    ) -> tuple[str, dict[str, str]]:
        values = [(self._plain(sources, kind, depth), kind) for kind in kinds]
        if shape in ("window", "qualify"):
            for at, (_, kind) in enumerate(values):
                if kind in ("int", "dec") and self.chance(0.7):
                    values[at] = (self.window(sources, kind), kind)
        if depth > 0 and self.chance(0.1):
            at = self.dice.randrange(len(values))
            if values[at][1] == "bool":
                values[at] = (self.looking(sources, depth - 1), "bool")
            elif values[at][1] == "int":
                inner = self.name("s")
                ref = self.column(sources, "ref")
                same = f" WHERE {inner}.pupil = {ref}" if ref else ""
                values[at] = (f"(SELECT max({inner}.year) FROM census_absence AS {inner}{same})", "int")
        outputs, columns = self._outputs(values)
        qualify = ""
        if shape == "qualify":
            alone = f" AND {self.simple(sources)}" if self.chance(0.4) else ""
            qualify = f" QUALIFY {self.window(sources, 'int')} {self.dice.choice(['<= 1', '<= 2', '>= 1'])}{alone}"
        word = "SELECT DISTINCT" if shape == "distinct" else "SELECT"
        order = ""
        if outer and "ref" not in kinds and self.chance(0.5):
            ways = ["", " DESC", " NULLS FIRST", " DESC NULLS LAST"]
            listed = [f"{n + 1}{self.dice.choice(ways)}" for n in self.dice.sample(range(len(columns)), len(columns))]
            order = f" ORDER BY {', '.join(listed)}" + self.dice.choice(["", " LIMIT 2", " LIMIT 3 OFFSET 1"])
        return f"{word} {outputs}{tail}{qualify}{order}", columns

    def window(self, sources: Sequence[Source], kind: str) -> str:
        keys = [c for _ in range(2) if (c := self.column(sources, self.dice.choice(["ref", "int", "text"])))]
        partition = f"PARTITION BY {', '.join(keys[: self.dice.choice([0, 1, 2])])}" if self.chance(0.8) else ""
        partition = partition if partition != "PARTITION BY " else ""
        number = self.value(sources, "int", 1)
        order = f"ORDER BY {number}{self.dice.choice(['', ' DESC', ' NULLS FIRST'])}"
        if kind == "dec":
            what = self.dice.choice(["max", "min"])
            return f"{what}({self.value(sources, 'dec', 0)}) OVER ({partition})"
        if self.chance(0.5):
            return f"{self.dice.choice(['rank', 'dense_rank'])}() OVER ({partition} {order})"
        if self.chance(0.2):
            what = self.dice.choice(["percent_rank", "cume_dist"])
            return f"CAST(100 * {what}() OVER ({partition} {order}) AS INT)"
        what = self.dice.choice(["sum", "min", "max", "count"])
        only = f" FILTER (WHERE {self.simple(sources)})" if self.chance(0.3) else ""
        return f"{what}({number}){only} OVER ({partition} {self.dice.choice(['', order])})"

    def _aggregate(self, sources: Sequence[Source], kind: str) -> str:
        only = f" FILTER (WHERE {self.condition(sources, 1)})" if self.chance(0.25) else ""
        ref = self.column(sources, "ref")
        if kind == "int":
            number = self.value(sources, "int", 1)
            fraction = self.dice.choice(["avg", "median", "stddev", "stddev_samp", "stddev_pop", "variance", "var_pop"])
            counted = [f"count(DISTINCT {ref})", f"count({ref})"] if ref else []
            return self.dice.choice(
                [
                    f"count(*){only}", f"count({number}){only}", f"sum({number}){only}", f"min({number}){only}",
                    f"max({number}){only}", f"count(DISTINCT {number})", *counted, f"CAST(round({fraction}({number}) * 4) AS INT)",
                    f"CAST(sum({number} / 4) * 8 AS BIGINT)",
                ]
            )  # fmt: skip
        return f"{self.dice.choice(['min', 'max'])}({self.value(sources, kind, 1)}){only}"

    def _grouped(
        self, sources: list[Source], kinds: list[str], tail: str, depth: int, *, total: bool, outer: bool
    ) -> tuple[str, dict[str, str]]:
        keys: list[str] = []
        values = []
        for at, kind in enumerate(kinds):
            if kind == "ref" or (not total and (at == 0 or self.chance(0.4))):
                key = self._plain(sources, kind, depth)
                key = key if "." in key else f"coalesce({key}, NULL)"  # a number alone would be a place
                keys.append(key)
                values.append((key, kind))
            else:
                value = self._aggregate(sources, kind)
                if kind == "int" and self.chance(0.1):
                    value = f"sum(count(*)) OVER ({f'PARTITION BY {keys[0]}' if keys else ''})"
                values.append((value, kind))
        outputs, columns = self._outputs(values)
        grouped = ""
        if keys:
            places = [str(at + 1) for at, (value, _) in enumerate(values) if value in keys]
            way = self.dice.choice(["written", "written", "places", "names"])
            names = [list(columns)[int(place) - 1] for place in places]
            fresh = all(not any(name in s.columns for s in sources) for name in names)
            listed = places if way == "places" else names if way == "names" and fresh else list(dict.fromkeys(keys))
            grouped = f" GROUP BY {', '.join(listed)}"
        having = self.dice.choice([[], [], ["count(*) > 1"], ["sum(1) >= 1"]])
        plain = [
            key
            for key, (_, kind) in zip(keys, values, strict=False)
            if key.count(".") == 1 and "(" not in key and " " not in key
        ]
        if plain and self.chance(0.4):
            alias, _, name = self.dice.choice(plain).partition(".")
            kind = next((s.columns.get(name, "") for s in sources if s.alias == alias), "")
            if kind and kind != "ref":
                having = [*having, self.simple([Source(alias, {name: kind})])]
        tail += grouped + (f" HAVING {' AND '.join(having)}" if having else "")
        if outer and "ref" not in kinds and self.chance(0.4):
            tail += (
                f" ORDER BY {', '.join(str(n + 1) for n in range(len(columns)))}{self.dice.choice(['', ' LIMIT 2'])}"
            )
        return f"SELECT {outputs}{tail}", columns


def _twice(asker: Queries) -> str:
    """One WITH query used twice, each use with conditions of its own."""
    used = asker.dice.choice(sorted(asker.withs))
    one, other = (Source(asker.name("t"), asker.withs[used]) for _ in range(2))
    refs = [n for n, k in one.columns.items() if k == "ref"]
    how = asker.dice.choice(["JOIN", "LEFT JOIN", "FULL JOIN", "JOIN"])
    same = f"{one.alias}.{refs[0]} = {other.alias}.{refs[0]}" if refs else "TRUE"
    where = [asker.simple([source]) for source in (one, other) for _ in range(asker.dice.choice([0, 1, 1, 2]))]
    kept = f" WHERE {' AND '.join(where)}" if where else ""
    source = f"{used} AS {one.alias} {how} {used} AS {other.alias} ON {same}{kept}"
    outputs = [
        f"{one.alias}.{name} AS {'who' if kind == 'ref' else 'x'}{at}"
        for at, (name, kind) in enumerate(one.columns.items())
    ]
    return f"SELECT {', '.join(outputs)}, count(*) OVER () AS n FROM {source}"


def random_query(seed: int) -> str:
    """The query of this number."""
    asker = Queries(random.Random(seed))
    depth = asker.dice.choice([0, 0, 1, 1, 1, 2])
    written = []
    for _ in range(asker.dice.choice([0, 0, 0, 0, 1, 2])):
        sql, columns = asker.query(depth - 1 if depth else 0)
        name = asker.name("v")
        written.append(f"{name} AS ({sql})")
        asker.withs[name] = columns
    sql = _twice(asker) if asker.withs and asker.chance(0.3) else asker.query(depth, outer=True)[0]
    return (f"WITH {', '.join(written)} " if written else "") + sql
