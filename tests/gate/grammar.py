"""Random small lakes and random allowed queries, for the properties every read must have."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from schoolgate.policy import CohortTerm, RowRule

PUPILS = range(5)

_year = st.sampled_from([2025, 2026])
_term = st.sampled_from(["AUT", "SPR"])
_sex = st.sampled_from(["F", "M", None])
_code = st.sampled_from(["WBRI", "APKN", "REF", None])
_age = st.one_of(st.none(), st.integers(3, 6))
_small = st.one_of(st.none(), st.integers(0, 4))


def _pupil_row(pupil: int, year: int, term: str, sex: str | None, code: str | None, age: int | None) -> dict[str, Any]:
    return {
        "pupil": pupil, "year": year, "term": term, "sex": sex, "ethnicity": code, "age": age, "urn": 100000 + pupil % 3,
        "onroll": True, "entrydate": date(2024, 9, 1 + pupil), "ncyearactual": str(age or "R"),
    }  # fmt: skip


def _absence_row(pupil: int, year: int, term: str, sessions: int | None, reason: str | None) -> dict[str, Any]:
    return {
        "pupil": pupil,
        "year": year,
        "term": term,
        "sessions": sessions,
        "attendancereason": reason,
        "urn": 100000,
    }


_pupil = st.sampled_from(list(PUPILS))
lakes = st.fixed_dictionaries(
    {
        "census_pupil": st.lists(
            st.builds(_pupil_row, _pupil, _year, _term, _sex, _code, _age), min_size=2, max_size=14
        ),
        "census_absence": st.lists(
            st.builds(_absence_row, _pupil, _year, _term, _small, st.sampled_from(["I", "O", None])),
            min_size=2,
            max_size=12,
        ),
    }
)

matched_lakes = st.fixed_dictionaries(
    {
        "census_pupil": st.tuples(
            *(st.builds(_pupil_row, st.just(p), _year, _term, _sex, _code, _age) for p in (0, 0, 1, 2, 3))
        ).map(list),
        "census_absence": st.tuples(
            *(
                st.builds(_absence_row, st.just(p), _year, _term, _small, st.sampled_from(["I", "O", None]))
                for p in (0, 1, 1, 2, 4)
            )
        ).map(list),
    }
)
"""Lakes in which most pupils, and not all, are in both tables, so that joins find and miss."""

row_rules = st.builds(
    RowRule,
    years=st.sampled_from([(), ((2025, 2025),), ((2025, 2026),), ((2024, 2024), (2026, 2026))]),
    terms=st.sampled_from([(), ("AUT",)]),
    cohort=st.sampled_from([(), (CohortTerm("sex", ("F",)),), (CohortTerm("age", ("4", "5")),)]),
)
denials = st.sets(_pupil, max_size=3)

ITEMS = {
    "census_pupil": ["sex", "ethnicity", "age", "year", "term", "urn"],
    "census_absence": ["sessions", "attendancereason", "year", "term"],
}
NUMBERS = {"census_pupil": ["age", "year", "urn"], "census_absence": ["sessions", "year"]}
_VALUES = {
    "sex": ["'F'", "'M'"], "ethnicity": ["'WBRI'", "'APKN'"], "age": ["4", "5"], "year": ["2025", "2026"],
    "term": ["'AUT'"], "urn": ["100001"], "sessions": ["1", "2"], "attendancereason": ["'I'"],
}  # fmt: skip

tables = st.sampled_from(sorted(ITEMS))


@st.composite
def condition(draw: st.DrawFn, alias: str, table: str, depth: int = 2) -> str:
    item = draw(st.sampled_from(ITEMS[table]))
    value = draw(st.sampled_from(_VALUES[item]))
    name = f"{alias}.{item}"
    simple = [
        f"{name} = {value}", f"{name} <> {value}", f"{name} > {value}", f"{name} IS NULL", f"{name} IS NOT NULL",
        f"{name} IN ({value})", f"NOT {name} = {value}", f"coalesce({name} = {value}, FALSE)",
        f"CASE WHEN {name} = {value} THEN TRUE ELSE {name} IS NULL END",
    ]  # fmt: skip
    if depth:
        left, right = draw(condition(alias, table, depth - 1)), draw(condition(alias, table, depth - 1))
        simple += [f"({left} AND {right})", f"({left} OR {right})"]
    return draw(st.sampled_from(simple))


@st.composite
def _existence(draw: st.DrawFn, alias: str) -> str:
    table = draw(tables)
    inner = draw(condition("s", table, 1))
    return draw(
        st.sampled_from(
            [
                f"EXISTS (SELECT 1 FROM {table} AS s WHERE s.pupil = {alias}.pupil AND {inner})",
                f"NOT EXISTS (SELECT 1 FROM {table} AS s WHERE s.pupil = {alias}.pupil AND {inner})",
                f"{alias}.pupil IN (SELECT s.pupil FROM {table} AS s WHERE {inner})",
                f"{alias}.pupil NOT IN (SELECT s.pupil FROM {table} AS s WHERE {inner})",
                f"(SELECT count(*) FROM {table} AS s WHERE s.pupil = {alias}.pupil AND {inner}) > 1",
                f"{alias}.year >= (SELECT min(s.year) FROM {table} AS s WHERE {inner})",
            ]
        )
    )


@st.composite
def _from(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    first = draw(tables)
    shape = draw(st.sampled_from(["one", "inner", "left", "right", "full", "three", "derived", "cross"]))
    if shape == "one":
        return f"{first} AS a", [("a", first)]
    second = draw(tables)
    on = "a.pupil = b.pupil" + draw(
        st.sampled_from(
            [
                "",
                " AND a.year = b.year",
                " AND " + draw(condition("b", second, 1)),
                " AND " + draw(condition("a", first, 1)),
            ]
        )
    )
    if shape == "cross":
        return f"{first} AS a CROSS JOIN {second} AS b", [("a", first), ("b", second)]
    if shape == "derived":
        inner = draw(condition("i", second, 1))
        items = ", ".join(f"i.{item}" for item in ITEMS[second])
        return (
            f"{first} AS a JOIN (SELECT i.pupil, {items} FROM {second} AS i WHERE {inner}) AS b ON a.pupil = b.pupil",
            [("a", first), ("b", second)],
        )
    if shape == "three":
        third = draw(tables)
        kinds = draw(
            st.tuples(st.sampled_from(["JOIN", "LEFT JOIN"]), st.sampled_from(["JOIN", "LEFT JOIN", "RIGHT JOIN"]))
        )
        return (
            f"{first} AS a {kinds[0]} {second} AS b ON {on} {kinds[1]} {third} AS c ON c.pupil = a.pupil",
            [("a", first), ("b", second), ("c", third)],
        )
    kind = {"inner": "JOIN", "left": "LEFT JOIN", "right": "RIGHT JOIN", "full": "FULL JOIN"}[shape]
    return f"{first} AS a {kind} {second} AS b ON {on}", [("a", first), ("b", second)]


@st.composite
def _select(draw: st.DrawFn, columns: int | None = None) -> str:
    source, tables = draw(_from())
    alias, table = draw(st.sampled_from(tables))
    conditions = draw(st.lists(st.one_of(*[condition(a, t) for a, t in tables], _existence(tables[0][0])), max_size=2))
    if len(tables) > 1 and draw(st.booleans()):
        # The trap of pushing conditions down: true of a row that an outer join filled with NULLs.
        other, of = draw(st.sampled_from(tables))
        name = f"{other}.{draw(st.sampled_from(ITEMS[of]))}"
        conditions = [
            *conditions[:1],
            draw(st.sampled_from([f"{name} IS NULL", f"({name} IS NULL OR {name} IS NULL)"])),
        ]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    item = f"{alias}.{draw(st.sampled_from(ITEMS[table]))}"
    number = f"{alias}.{draw(st.sampled_from(NUMBERS[table]))}"
    shape = (
        "rows2" if columns == 2 else draw(st.sampled_from(["rows", "group", "total", "window", "distinct", "nested"]))
    )
    if shape == "rows2":
        return f"SELECT {item} AS x, {number} AS y FROM {source}{where}"
    if shape == "rows":
        return f"SELECT {alias}.pupil, {item} AS x, {number} + 1 AS y FROM {source}{where}"
    if shape == "distinct":
        return f"SELECT DISTINCT {alias}.pupil, {item} AS x FROM {source}{where}"
    if shape == "total":
        return f"SELECT count(*) AS n, count(DISTINCT {alias}.pupil) AS p, sum({number}) AS s, max({item}) AS m FROM {source}{where}"
    if shape == "window":
        return (
            f"SELECT {item} AS x, rank() OVER (PARTITION BY {alias}.pupil ORDER BY {number}) AS r,"
            f" sum({number}) OVER (PARTITION BY {item}) AS s FROM {source}{where}"
        )
    if shape == "nested":
        return (
            f"SELECT q.x, max(q.n) AS m FROM (SELECT {alias}.pupil AS p, {item} AS x, count(*) AS n FROM {source}{where}"
            f" GROUP BY {alias}.pupil, {item}) AS q GROUP BY q.x"
        )
    having = draw(st.sampled_from(["", " HAVING count(*) > 1", f" HAVING count(DISTINCT {alias}.pupil) > 1"]))
    return f"SELECT {item} AS x, count(*) AS n, min({number}) AS y FROM {source}{where} GROUP BY {item}{having}"


@st.composite
def queries(draw: st.DrawFn) -> str:
    """One allowed query."""
    shape = draw(st.sampled_from(["plain", "plain", "plain", "with", "set"]))
    if shape == "plain":
        return draw(_select())
    if shape == "with":
        table = draw(tables)
        inner = draw(condition("w", table, 1))
        item = draw(st.sampled_from(ITEMS[table]))
        return (
            f"WITH v AS (SELECT w.pupil AS p, w.{item} AS x FROM {table} AS w WHERE {inner})"
            f" SELECT v.x, count(*) AS n, count(DISTINCT u.p) AS m FROM v LEFT JOIN v AS u ON u.p = v.p GROUP BY v.x"
        )
    word = draw(st.sampled_from(["UNION", "UNION ALL", "INTERSECT", "EXCEPT"]))
    return f"SELECT x, CAST(y AS BIGINT) AS y FROM ({draw(_select(2))}) AS l {word} SELECT x, CAST(y AS BIGINT) AS y FROM ({draw(_select(2))}) AS r"
