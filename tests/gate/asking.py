"""Random queries over the whole of what the gate allows, thousands a minute, the same for the same seed.

Every expression is made for the type it is wanted in, so that nearly every query can be answered; the corners are
asked for on purpose: NULLs in lists, the same alias inside and outside, outputs with the names of other columns,
outer joins below conditions that are true of NULL. Outputs that are pupil references are named ``who…``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

TABLES: dict[str, dict[str, str]] = {
    "census_pupil": {
        "pupil": "ref", "year": "int", "term": "text", "sex": "text", "ethnicity": "text", "age": "int", "urn": "int",
        "onroll": "bool", "entrydate": "date", "fundedhours": "dec",
    },
    "census_absence": {
        "pupil": "ref", "year": "int", "term": "text", "urn": "int", "attendancereason": "text", "sessions": "int",
    },
    "census_exclusion": {
        "pupil": "ref", "year": "int", "term": "text", "category": "text", "startdate": "date", "sessions": "int",
    },
}  # fmt: skip

VALUES = {
    "int": ["0", "1", "2", "4", "5", "2025", "2026", "-1"],
    "text": ["'F'", "'M'", "'AUT'", "'SPR'", "'I'", "'WBRI'", "''"],
    "date": ["DATE '2025-09-01'", "CAST('2026-01-15' AS DATE)", "DATE '2026-04-20'"],
    "dec": ["15", "7.5", "30.00"],
    "bool": ["TRUE", "FALSE"],
}
_NEAR = {
    "year": ["2025", "2026"], "term": ["'AUT'", "'SPR'"], "age": ["4", "5"], "sessions": ["0", "1", "2"], "urn": ["1", "2"],
    "sex": ["'F'", "'M'"], "ethnicity": ["'WBRI'", "''"], "attendancereason": ["'I'"], "category": ["'F'"],
    "entrydate": ["DATE '2025-09-01'"], "startdate": ["DATE '2025-09-01'"], "fundedhours": ["15", "30.00"],
}  # fmt: skip
_PLAIN = ("int", "text", "bool", "date", "dec")


@dataclass
class Source:
    """A FROM entry: its alias and its columns' types."""

    alias: str
    columns: dict[str, str]


@dataclass
class Asker:
    """One query being made up.

    Attributes:
        dice: the only source of chance.
        withs: names of WITH queries that may be used, and their columns.
        made: how many names were given out.
    """

    dice: random.Random
    withs: dict[str, dict[str, str]] = field(default_factory=dict)
    made: int = 0

    def chance(self, part: float) -> bool:
        return self.dice.random() < part

    def name(self, start: str) -> str:
        self.made += 1
        return f'"{start} {self.made}"' if start in "tv" and self.chance(0.04) else f"{start}{self.made}"

    # Values

    def column(self, sources: Sequence[Source], kind: str) -> str | None:
        found = [f"{s.alias}.{n}" for s in sources for n, k in s.columns.items() if k == kind]
        return self.dice.choice(found) if found else None

    def literal(self, kind: str, beside: str = "") -> str:
        near = _NEAR.get(beside.rpartition(".")[2])
        return self.dice.choice(near if near and self.chance(0.9) else VALUES[kind])

    def value(self, sources: Sequence[Source], kind: str, depth: int = 2) -> str:
        """An expression of this type."""
        column = self.column(sources, kind) or self.literal(kind)
        if depth <= 0 or self.chance(0.45):
            return column if self.chance(0.9) else self.literal(kind)
        more: dict[str, Callable[[Sequence[Source], int], str]] = {
            "int": self._int, "text": self._text, "date": self._date, "dec": self._dec, "bool": self.condition,
        }  # fmt: skip
        if self.chance(0.25):
            one, other = self.value(sources, kind, depth - 1), self.value(sources, kind, depth - 1)
            when = self.condition(sources, depth - 1)
            return self.dice.choice(
                [
                    f"coalesce({one}, {other})", f"nullif({one}, {other})", f"CASE WHEN {when} THEN {one} ELSE {other} END",
                    f"CASE WHEN {when} THEN {one} END", f"CASE {one} WHEN {other} THEN {one} ELSE {other} END",
                    f"if({when}, {one}, {other})", f"({one})", *([f"greatest({one}, {other})"] * 2),
                    f"least({one}, {other})", f"coalesce(NULL, {one})",
                ]
            )  # fmt: skip
        return more[kind](sources, depth)

    def _int(self, sources: Sequence[Source], depth: int) -> str:
        one, other = self.value(sources, "int", depth - 1), self.value(sources, "int", depth - 1)
        text, day = self.value(sources, "text", depth - 1), self.value(sources, "date", depth - 1)
        unit = self.dice.choice(["day", "week", "month", "quarter", "year"])
        return self.dice.choice(
            [
                f"{one} + {other}", f"{one} - {other}", f"{one} * 2", f"{one} % 3", f"{one} // 2", f"-({one})", f"abs({one})",
                f"length({text})", f"year({day})", f"month({day})", f"quarter({day})", f"dayofweek({day})",
                f"date_diff('{unit}', {day}, DATE '2026-09-01')", f"CAST({self.value(sources, 'dec', 0)} AS BIGINT)",
                f"TRY_CAST({text} AS INT)", f"CAST({one} AS SMALLINT)", f"ceil({one})", f"floor({one})", f"round({one}, 0)",
            ]
        )  # fmt: skip

    def _text(self, sources: Sequence[Source], depth: int) -> str:
        one = self.value(sources, "text", depth - 1)
        kind = self.dice.choice(["int", "date", "bool", "dec"])
        return self.dice.choice(
            [
                f"lower({one})", f"upper({one})", f"trim({one})", f"substring({one}, 1, 2)", f"{one} || 'x'",
                f"CAST({self.value(sources, kind, 0)} AS VARCHAR)", f"CAST({one} AS TEXT)",
            ]
        )  # fmt: skip

    def _date(self, sources: Sequence[Source], depth: int) -> str:
        return f"{self.value(sources, 'date', 0)} + {self.dice.choice(['1', '30'])}"

    def _dec(self, sources: Sequence[Source], depth: int) -> str:
        one = self.value(sources, "dec", 0)
        return self.dice.choice([f"{one} * 2", f"CAST({one} AS DECIMAL(8, 1))", f"round({one}, 1)", f"{one} + 0.5"])

    # Conditions

    def simple(self, sources: Sequence[Source]) -> str:
        """A condition of the kind that can run inside a scan: a column beside a value of its type."""
        alias, name, kind = self.dice.choice(
            [(s.alias, n, k) for s in sources for n, k in s.columns.items() if k != "ref"]
            or [("", self.literal("int"), "int")]
        )
        column = f"{alias}.{name}" if alias else name
        if kind == "bool":
            return self.dice.choice([column, f"NOT {column}", f"{column} = TRUE", f"{column} IS FALSE"])
        value, other = self.literal(kind, column), self.literal(kind, column)
        shapes = [
            f"{column} = {value}", f"{column} <> {value}", f"{column} < {value}",
            f"{column} <= {value}", f"{column} > {value}", f"({column} = {value} OR {column} = {other})",
            f"({column} IS NULL OR {column} = {value})", f"{column} <> {value}", f"{column} >= {value}", f"{value} >= {column}", f"{column} IN ({value}, {other})",
            f"{column} NOT IN ({value}, {other})", f"{column} IS NULL", f"{column} IS NOT NULL",
            f"{column} BETWEEN {value} AND {other}", f"NOT ({column} = {value})", f"({column} = {value}) IS TRUE",
            f"{column} IS NOT DISTINCT FROM {value}", f"{column} IS DISTINCT FROM {value}", f"{column} IN ({value}, NULL)",
        ]  # fmt: skip
        if kind == "text":
            shapes += [
                f"{column} LIKE 'W%'",
                f"{column} ILIKE '%r%'",
                f"{column} NOT LIKE '_'",
                f"{column} NOT ILIKE '%r'",
            ]
        return self.dice.choice(shapes)

    def condition(self, sources: Sequence[Source], depth: int = 2) -> str:
        """Any condition without a subquery."""
        if depth <= 0 or self.chance(0.5):
            return self.simple(sources)
        left, right = self.condition(sources, depth - 1), self.condition(sources, depth - 1)
        kind = self.dice.choice(_PLAIN)
        one, other = self.value(sources, kind, depth - 1), self.value(sources, kind, depth - 1)
        word = self.dice.choice(["=", "<>", "<", ">", "<=", ">=", "IS DISTINCT FROM"])
        return self.dice.choice(
            [
                f"({left} AND {right})", f"({left} OR {right})", f"NOT ({left} OR {right})", f"({one}) {word} ({other})",
                f"({one}) {word} ({other})", f"coalesce({left}, FALSE)", f"({left}) IS NOT TRUE", f"({left}) IS NULL",
                f"({one}, {left}) = ({other}, TRUE)",
            ]
        )  # fmt: skip

    def looking(self, sources: Sequence[Source], depth: int) -> str:
        """A condition with a subquery, about the same pupil or about everybody."""
        table = self.dice.choice(sorted(TABLES))
        # Now and then the alias of an entry outside: inside it then means the inner one.
        alias = self.dice.choice(sources).alias if self.chance(0.1) and sources else self.name("s")
        inner = Source(alias, TABLES[table])
        outside = [s for s in sources if s.alias != alias]
        where = self.condition([inner], 1)
        ref = self.column(outside, "ref")
        if ref:
            where += f" AND {alias}.pupil = {ref}" if self.chance(0.7) else f" AND {alias}.pupil <> {ref}"
        year = self.column([Source(s.alias, {"year": "int"}) for s in outside if s.columns.get("year") == "int"], "int")
        if year and self.chance(0.6):
            where += f" AND {alias}.year = {year}"
        if depth > 0 and self.chance(0.2):
            where += f" AND {self.looking([inner, *outside], depth - 1)}"
        source = f"FROM {table} AS {alias} WHERE {where}"
        number, text = f"{alias}.year", f"{alias}.term"
        word = self.dice.choice(["IN", "NOT IN"])
        shapes = [
            f"EXISTS (SELECT 1 {source})", f"NOT EXISTS (SELECT 1 {source})",
            f"{self.value(outside, 'int', 0)} {word} (SELECT {self.column([inner], 'int')} {source})",
            f"(SELECT count(*) {source}) > {self.dice.choice('01')}",
            f"{self.value(outside, 'int', 0)} >= (SELECT min({number}) {source})",
            f"{self.value(outside, 'int', 0)} // (SELECT 1 + count(*) {source}) > 1",
            f"-(SELECT max({number}) / 2 {source}) < {self.value(outside, 'int', 0)}",
            # The engine has no list in parentheses beside a subquery that looks outside.
            f"({self.value(outside, 'int', 0)}, {self.value(outside, 'text', 0)}) {word} (SELECT {number}, {text}"
            f" FROM {table} AS {alias} WHERE {self.condition([inner], 1)})",
        ]  # fmt: skip
        if ref:
            simple = f"FROM {table} AS {alias} WHERE {self.condition([inner], 1)}"
            third = self.dice.choice(sorted(TABLES))
            both = f"SELECT {alias}.pupil {simple} {self.dice.choice(['UNION', 'EXCEPT', 'INTERSECT'])} SELECT r.pupil FROM {third} AS r"
            shapes += [f"{ref} {word} (SELECT {alias}.pupil {simple})", f"{ref} {word} ({both})"] * 2
        return self.dice.choice(shapes)

    def conditions(self, sources: Sequence[Source], depth: int) -> list[str]:
        found = [self.simple(sources) for _ in range(self.dice.choice([0, 0, 0, 1]))]
        if self.chance(0.12):
            found.append(self.condition(sources))
        if depth > 0 and self.chance(0.2):
            found.append(self.looking(sources, depth - 1))
        if depth > 0 and self.chance(0.05):
            found.append(f"({self.looking(sources, depth - 1)} OR {self.simple(sources)})")
        return found
