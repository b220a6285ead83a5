"""More shapes of allowed queries: the corners of SQL where moving a condition or a name goes wrong.

Outputs that are pupil references are named ``who…``, so that a test can tell them without asking the gate.
"""

from __future__ import annotations

from hypothesis import strategies as st

from tests.gate.grammar import ITEMS, NUMBERS, condition, tables

_JOINS = st.sampled_from(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
_AGGREGATES = st.sampled_from(["count", "min", "max", "sum"])


@st.composite
def _item(draw: st.DrawFn, alias: str, table: str) -> str:
    return f"{alias}.{draw(st.sampled_from(ITEMS[table]))}"


@st.composite
def _number(draw: st.DrawFn, alias: str, table: str) -> str:
    return f"{alias}.{draw(st.sampled_from(NUMBERS[table]))}"


@st.composite
def _where(draw: st.DrawFn, alias: str, table: str) -> str:
    return draw(st.one_of(st.just(""), condition(alias, table).map(lambda text: f" WHERE {text}")))


@st.composite
def correlated(draw: st.DrawFn) -> str:
    """A scalar subquery about the same pupil, in the outputs, beside an outer condition."""
    t1, t2 = draw(tables), draw(tables)
    number = draw(_number("s", t2))
    return (
        f"SELECT {draw(_item('a', t1))} AS x, (SELECT {draw(_AGGREGATES)}({number}) FROM {t2} AS s"
        f" WHERE s.pupil = a.pupil AND {draw(condition('s', t2, 1))}) AS m FROM {t1} AS a{draw(_where('a', t1))}"
    )


@st.composite
def shadowed(draw: st.DrawFn) -> str:
    """The same alias inside and outside; inside it means the inner table."""
    t1, t2 = draw(tables), draw(tables)
    word = draw(st.sampled_from(["EXISTS", "NOT EXISTS"]))
    return (
        f"SELECT {draw(_item('a', t1))} AS x FROM {t1} AS a WHERE {draw(condition('a', t1, 1))}"
        f" AND {word} (SELECT 1 FROM {t2} AS a WHERE {draw(condition('a', t2, 1))})"
    )


@st.composite
def not_in_nulls(draw: st.DrawFn) -> str:
    """NOT IN a list that can hold NULL: one NULL makes every answer unknown."""
    t1, t2 = draw(tables), draw(tables)
    word = draw(st.sampled_from(["IN", "NOT IN"]))
    inner = f"SELECT {draw(_number('s', t2))} FROM {t2} AS s{draw(_where('s', t2))}"
    return f"SELECT a.pupil AS who, {draw(_item('a', t1))} AS x FROM {t1} AS a WHERE {draw(_number('a', t1))} {word} ({inner})"


@st.composite
def with_twice(draw: st.DrawFn) -> str:
    """A WITH query used by another and by itself, joined on the reference."""
    table = draw(tables)
    how = draw(_JOINS)
    return (
        f"WITH v AS (SELECT w.pupil AS p, {draw(_item('w', table))} AS x FROM {table} AS w{draw(_where('w', table))}),"
        f" n AS (SELECT v.p AS p, count(*) AS n FROM v GROUP BY v.p HAVING count(*) > {draw(st.integers(0, 1))})"
        f" SELECT v.x, n.n, count(*) AS c FROM v {how} n ON v.p = n.p WHERE n.n IS NULL OR n.n > 0 GROUP BY v.x, n.n"
    )


@st.composite
def qualify(draw: st.DrawFn) -> str:
    """QUALIFY above a window partitioned by the reference."""
    table = draw(tables)
    return (
        f"SELECT a.pupil AS who, {draw(_item('a', table))} AS x FROM {table} AS a{draw(_where('a', table))}"
        f" QUALIFY rank() OVER (PARTITION BY a.pupil ORDER BY {draw(_number('a', table))} DESC NULLS LAST) = 1"
    )


@st.composite
def grouped(draw: st.DrawFn) -> str:
    """GROUP BY a position or an alias, FILTER, HAVING and ORDER BY by alias, LIMIT under a total order."""
    table = draw(tables)
    key = draw(st.sampled_from(["1", "x"]))
    tail = draw(
        st.sampled_from(
            ["", " ORDER BY n DESC, 1, 2", " ORDER BY 2, x DESC NULLS LAST LIMIT 2", " ORDER BY x + 0, 1, 2"]
        )
    )
    return (
        f"SELECT {draw(_number('a', table))} + 1 AS x, count(*) FILTER (WHERE {draw(condition('a', table, 1))}) AS n,"
        f" count(DISTINCT a.pupil) AS p FROM {table} AS a{draw(_where('a', table))} GROUP BY {key}"
        f"{draw(st.sampled_from(['', ' HAVING n > 0', ' HAVING count(*) > 1']))}{tail}"
    )


@st.composite
def shadowing_alias(draw: st.DrawFn) -> str:
    """An output that has the name of another column."""
    inner = draw(condition("census_pupil", "census_pupil", 1))
    order = draw(st.sampled_from(["", " ORDER BY age, 2, 1", " ORDER BY age + 0, 1, 2", " ORDER BY sex, 1, 2"]))
    return f"SELECT year AS age, age + 1 AS sex FROM census_pupil WHERE sex = 'F' OR {inner}{order}"


@st.composite
def using(draw: st.DrawFn) -> str:
    """JOIN … USING, whose columns belong to both sides."""
    t1, t2 = draw(tables), draw(tables)
    keys = draw(st.sampled_from(["pupil", "pupil, year", "pupil, year, term"]))
    return f"SELECT pupil AS who, {draw(_item('a', t1))} AS x, {draw(_item('b', t2))} AS y FROM {t1} AS a {draw(_JOINS)} {t2} AS b USING ({keys})"


@st.composite
def three_sets(draw: st.DrawFn) -> str:
    """Set operations one after another over references."""
    words = st.sampled_from(["UNION", "UNION ALL", "INTERSECT", "EXCEPT"])
    part = [
        f"SELECT a.pupil AS who, a.year AS y FROM {t} AS a{draw(_where('a', t))}"
        for t in [draw(tables) for _ in range(3)]
    ]
    return f"{part[0]} {draw(words)} {part[1]} {draw(words)} {part[2]}{draw(st.sampled_from(['', ' ORDER BY y DESC']))}"


@st.composite
def self_join(draw: st.DrawFn) -> str:
    """A table with itself, then an outer join whose condition is on the optional side."""
    t1, t2 = draw(tables), draw(tables)
    return (
        f"SELECT {draw(_item('a', t1))} AS x, {draw(_item('c', t2))} AS y FROM {t1} AS a JOIN {t1} AS b ON a.pupil = b.pupil"
        f" AND a.year <= b.year AND {draw(condition('b', t1, 1))} {draw(_JOINS)} {t2} AS c ON c.pupil = b.pupil"
        f" AND {draw(condition(draw(st.sampled_from(['a', 'b'])), t1, 1))}{draw(_where('c', t2))}"
    )


@st.composite
def made_up_rows(draw: st.DrawFn) -> str:
    """A condition that is true, or unknown, of the NULLs that an outer join makes up."""
    t1, t2 = draw(tables), draw(tables)
    how = draw(st.sampled_from(["LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]))
    on = draw(st.sampled_from(["", f" AND {draw(condition('a', t1, 0))}", f" AND {draw(condition('b', t2, 0))}"]))
    alias, table = draw(st.sampled_from([("a", t1), ("b", t2)]))
    name, simple = draw(_item(alias, table)), draw(condition(alias, table, 0))
    where = draw(
        st.sampled_from([f"{name} IS NULL", f"{name} IS NULL OR {simple}", f"NOT {name} IS NOT NULL", simple, "TRUE"])
    )
    return (
        f"SELECT a.pupil AS who, {draw(_item('a', t1))} AS x, {draw(_item('b', t2))} AS y FROM {t1} AS a {how} {t2} AS b"
        f" ON a.pupil = b.pupil{on} WHERE {where}"
    )


@st.composite
def sideways(draw: st.DrawFn) -> str:
    """A FROM entry that looks at its neighbour."""
    t1, t2 = draw(tables), draw(tables)
    return (
        f"SELECT {draw(_item('a', t1))} AS x, q.n FROM {t1} AS a,"
        f" (SELECT count(*) AS n FROM {t2} AS s WHERE s.pupil = a.pupil AND {draw(condition('s', t2, 1))}) AS q{draw(_where('a', t1))}"
    )


@st.composite
def pairs(draw: st.DrawFn) -> str:
    """Lists in parentheses compared with a subquery's rows."""
    t1, t2 = draw(tables), draw(tables)
    word = draw(st.sampled_from(["IN", "NOT IN"]))
    inner = f"SELECT s.year, s.term FROM {t2} AS s{draw(_where('s', t2))}"
    return f"SELECT {draw(_item('a', t1))} AS x FROM {t1} AS a WHERE (a.year, a.term) {word} ({inner})"


@st.composite
def fractions(draw: st.DrawFn) -> str:
    """Sums and spreads of fractions, in groups and in windows."""
    table = draw(tables)
    number, item = draw(_number("a", table)), draw(_item("a", table))
    if draw(st.booleans()):
        return (
            f"SELECT {item} AS x, avg({number} / 3) AS m, stddev({number}) AS d, sum({number} * 1.5) AS s, median({number}) AS h"
            f" FROM {table} AS a{draw(_where('a', table))} GROUP BY 1"
        )
    return (
        f"SELECT sum({number} / 7) OVER (PARTITION BY {item} ORDER BY a.year) AS s,"
        f" avg(DISTINCT -{number} / 2e0) AS d FROM {table} AS a{draw(_where('a', table))} GROUP BY {number}, {item}, a.year"
    )


@st.composite
def whole(draw: st.DrawFn) -> str:
    """A full join whose reference is whichever side has it."""
    t1, t2 = draw(tables), draw(tables)
    return (
        f"SELECT coalesce(a.pupil, b.pupil) AS who, count(b.year) AS n, max({draw(_item('a', t1))}) AS x FROM {t1} AS a"
        f" FULL JOIN {t2} AS b ON a.pupil = b.pupil AND {draw(condition('b', t2, 1))} GROUP BY coalesce(a.pupil, b.pupil)"
    )


@st.composite
def membership(draw: st.DrawFn) -> str:
    """The reference in a set operation's rows, and as a value that is true or false."""
    t1, t2, t3 = draw(tables), draw(tables), draw(tables)
    word = draw(st.sampled_from(["UNION", "INTERSECT", "EXCEPT"]))
    inner = f"SELECT s.pupil FROM {t2} AS s{draw(_where('s', t2))} {word} SELECT r.pupil FROM {t3} AS r{draw(_where('r', t3))}"
    return f"SELECT a.pupil IN ({inner}) AS held, {draw(_item('a', t1))} AS x, count(a.pupil) OVER (PARTITION BY a.year) AS n FROM {t1} AS a"


@st.composite
def spelt_oddly(draw: st.DrawFn) -> str:
    """Quoted and mixed-case names, keywords as aliases, comments."""
    inner = draw(condition('"A b"', "census_pupil", 1))
    return (
        f'SELECT DISTINCT "A b"."SEX" AS "select", /* x */ CASE WHEN {inner} THEN 1 END AS "From"'
        f' FROM "CENSUS_PUPIL" "A b" LEFT JOIN Census_Absence AS "c" ON "A b"."PUPIL" = C.Pupil -- end\n'
        f'WHERE "c".SESSIONS IS NULL OR "A b".Age > 3'
    )


wide_queries = st.one_of(
    made_up_rows(), made_up_rows(), made_up_rows(),
    correlated(), shadowed(), not_in_nulls(), with_twice(), qualify(), grouped(), shadowing_alias(), using(),
    three_sets(), self_join(), sideways(), pairs(), fractions(), whole(), membership(), spelt_oddly(),
)  # fmt: skip
"""Any one of the shapes above."""
