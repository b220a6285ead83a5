"""Aggregates alone: which queries are refused, and that no row of an accepted one rests on too few pupils.

The oracle joins, filters and groups in Python, row by row, and knows the pupils behind every group.
"""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schoolgate.gate.engines.engine import Limits
from schoolgate.gate.rewrite import rewrite
from schoolgate.gate.terms.small_cells import cell_problems
from schoolgate.gate.terms.withhold import withhold
from schoolgate.gate.understand import Asked, understand
from schoolgate.policy import AreaTerm, RowRule
from tests.gate.box import EVERY_ROW, Box, rows_of

_EXAMPLES = int(os.environ.get("SCHOOLGATE_EXAMPLES", "60"))
_SETTINGS = settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

Row = dict[str, Any]


def asked(sql: str) -> Asked:
    found = understand(sql)
    assert isinstance(found, Asked), [refusal.reason for refusal in found]
    return found


def refused(sql: str) -> bool:
    found = asked(sql)
    return bool(cell_problems(found.named, found.references))


SINGLES = {
    "a record": "SELECT sex FROM census_pupil",
    "a pseudonym": "SELECT pupil, count(*) AS n FROM census_pupil GROUP BY pupil",
    "a pseudonym in a group alone": "SELECT count(*) AS n FROM census_pupil GROUP BY pupil",
    "the largest": "SELECT max(age) AS m FROM census_pupil",
    "the smallest": "SELECT sex, min(age) AS m FROM census_pupil GROUP BY sex",
    "the middle one": "SELECT median(age) AS m FROM census_pupil",
    "a largest in HAVING": "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex HAVING max(age) > 5",
    "one pupil singled out in a sum": "SELECT sum(CASE WHEN urn = 1 THEN 1 ELSE 0 END) AS s FROM census_pupil",
    "the same in a query inside": "SELECT sum(q.x) AS s FROM (SELECT pupil, CASE WHEN urn = 1 THEN 1 ELSE 0 END AS x"
    " FROM census_pupil) AS q",
    "a filter": "SELECT count(*) FILTER (WHERE sex = 'F') AS n FROM census_pupil",
    "those with a value": "SELECT count(ethnicity) AS n FROM census_pupil",
    "how many values": "SELECT count(DISTINCT urn) AS n FROM census_pupil",
    "pairs": "SELECT count(DISTINCT pupil, age) AS n FROM census_pupil",
    "a share of truths": "SELECT avg(fsmeligible) AS n FROM census_pupil",
    "distinct rows": "SELECT DISTINCT sex FROM census_pupil",
    "distinct of groups": "SELECT DISTINCT count(*) AS n FROM census_pupil GROUP BY sex",
    "a window": "SELECT sum(count(*)) OVER () AS n FROM census_pupil GROUP BY sex",
    "somebody else's rows": "SELECT count(*) AS n FROM census_pupil a CROSS JOIN census_absence b",
    "a join on something else": "SELECT count(*) AS n FROM census_pupil a JOIN census_absence b ON a.urn = b.urn",
    "a join that adds one": "SELECT count(*) AS n FROM census_pupil a JOIN census_absence b"
    " ON a.pupil = b.pupil OR b.sessions = 3",
    "a comma": "SELECT count(*) AS n FROM census_pupil a, census_absence b WHERE a.pupil = b.pupil",
    "whether there is one": "SELECT count(*) AS n FROM census_pupil WHERE EXISTS"
    " (SELECT 1 FROM census_absence WHERE sessions = 3)",
    "one among others": "SELECT count(*) AS n FROM census_pupil WHERE age IN (SELECT sessions FROM census_absence)",
    "a number about others": "SELECT count(*) AS n FROM census_pupil WHERE age >"
    " (SELECT avg(sessions) FROM census_absence)",
    "a total beside": "SELECT sex, (SELECT count(*) FROM census_absence) AS n FROM census_pupil GROUP BY sex",
    "two halves": "SELECT count(*) AS n FROM census_pupil UNION ALL SELECT count(*) AS n FROM census_absence",
    "groups inside": "SELECT q.n, count(*) AS k FROM (SELECT pupil, count(*) AS n FROM census_absence GROUP BY pupil)"
    " AS q GROUP BY q.n",
    "a query inside that hides the pupil": "SELECT q.sex, count(*) AS n FROM (SELECT sex FROM census_pupil) AS q"
    " GROUP BY q.sex",
    "a query inside that hides one of two": "SELECT count(*) AS n FROM (SELECT a.pupil FROM census_pupil a"
    " LEFT JOIN census_absence b ON a.pupil = b.pupil) AS q",
    "nothing counted": "SELECT 1 AS one",
    "what is not there": "SELECT pupil IS NULL AS x, count(*) AS n FROM census_pupil GROUP BY 1",
}


@pytest.mark.parametrize("sql", SINGLES.values(), ids=SINGLES.keys())
def test_what_could_be_about_one_pupil_is_refused(sql: str) -> None:
    assert refused(sql)


ORACLES = {
    "a cast that fails on one value": "SELECT count(*) AS n FROM census_pupil WHERE CAST(ethnicity AS INT) = 5",
    "a comparison that converts": "SELECT count(*) AS n FROM census_pupil WHERE ethnicity = 5",
    "a list that converts": "SELECT count(*) AS n FROM census_pupil WHERE age IN ('4', 'x')",
    "a between that converts": "SELECT count(*) AS n FROM census_pupil WHERE age BETWEEN 'a' AND 'b'",
    "a guarded failure": "SELECT count(*) AS n FROM census_pupil WHERE CASE WHEN urn = 1 THEN age = 'x' ELSE TRUE END",
    "a failing date": "SELECT count(*) AS n FROM census_pupil WHERE entrydate = '2026-13-01'",
    "a date of text": "SELECT count(*) AS n FROM census_pupil WHERE CAST(ethnicity AS DATE) = entrydate",
    "a number too large": "SELECT count(*) AS n FROM census_pupil WHERE age * 99999999999 > 3",
    "a number too large by degrees": "SELECT age + age AS a, count(*) AS n FROM census_pupil GROUP BY 1",
    "a place out of range": "SELECT substring(sex, 99999999999) AS s, count(*) AS n FROM census_pupil GROUP BY 1",
    "a simple case that converts": "SELECT CASE age WHEN 'x' THEN 1 ELSE 2 END AS a, count(*) AS n FROM census_pupil"
    " GROUP BY 1",
    "branches that convert": "SELECT coalesce(ethnicity, age) AS a, count(*) AS n FROM census_pupil GROUP BY 1",
    "a nullif that converts": "SELECT nullif(ethnicity, 4) AS a, count(*) AS n FROM census_pupil GROUP BY 1",
    "arithmetic on withheld groups": "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex"
    " HAVING count(*) * 9223372036854775807 > 1",
    "a cast of withheld groups": "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex HAVING CAST(sex AS INT) > 1",
    "arithmetic on a group's key": "SELECT age * 9223372036854775807 AS a, count(*) AS n FROM census_pupil GROUP BY age",
    "a cast in the output": "SELECT sex, CAST(count(*) AS SMALLINT) AS n FROM census_pupil GROUP BY sex",
    "a cast in the order": "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex ORDER BY CAST(sex AS INT)",
}


@pytest.mark.parametrize("sql", ORACLES.values(), ids=ORACLES.keys())
def test_what_could_fail_on_one_pupils_rows_is_refused(sql: str) -> None:
    assert refused(sql)


ANSWERED = [
    "SELECT sex, count(*) AS n, count(DISTINCT pupil) AS p FROM census_pupil GROUP BY sex ORDER BY n DESC LIMIT 3",
    "SELECT count(*) AS n FROM census_pupil WHERE age BETWEEN 3 AND 5 AND NOT sex IS NULL",
    "SELECT CASE WHEN age < 5 THEN 'young' ELSE 'older' END AS band, avg(age) AS a FROM census_pupil GROUP BY 1",
    "SELECT a.sex, avg(b.sessions) AS s, 100.0 * sum(b.sessions) / count(*) AS r FROM census_pupil a"
    " JOIN census_absence b ON a.pupil = b.pupil AND a.year = b.year GROUP BY a.sex HAVING count(*) > 1",
    "SELECT a.sex, count(b.pupil) AS n FROM census_pupil a LEFT JOIN census_absence b USING (pupil) GROUP BY a.sex",
    "WITH v AS (SELECT pupil AS p, sex AS s, age FROM census_pupil WHERE sex = 'F') SELECT v.s, stddev(v.age) AS d"
    " FROM v JOIN (SELECT pupil, sessions FROM census_absence WHERE sessions > 1) AS b ON b.pupil = v.p GROUP BY v.s",
    "SELECT year(entrydate) AS y, count(*) AS n FROM census_pupil WHERE entrydate > DATE '2024-09-01' GROUP BY 1",
    "SELECT TRY_CAST(ethnicity AS INT) AS e, count(*) AS n FROM census_pupil WHERE lower(sex) LIKE 'f%' GROUP BY 1",
    "SELECT q.sex, count(*) AS n FROM (SELECT a.pupil AS x, b.pupil AS y, a.sex FROM census_pupil a"
    " LEFT JOIN census_absence b ON a.pupil = b.pupil) AS q GROUP BY q.sex",
]


@pytest.mark.parametrize("sql", ANSWERED)
def test_numbers_about_groups_are_answered(sql: str) -> None:
    assert not refused(sql)


@dataclass(frozen=True)
class Question:
    """A query, and the same in Python."""

    sql: str
    sources: tuple[str, ...]
    sides: tuple[str, ...]
    keep: Callable[[tuple[Row | None, ...]], bool]
    group: Callable[[tuple[Row | None, ...]], Any]
    measured: tuple[int, str] | None


_CONDITIONS: list[tuple[str, Callable[[Row], bool]]] = [
    ("TRUE", lambda r: True),
    ("{0}.year = 2025", lambda r: r["year"] == 2025),
    ("{0}.term <> 'AUT'", lambda r: r["term"] != "AUT"),
    ("{0}.urn IN (100000, 100002)", lambda r: r["urn"] in (100000, 100002)),
]
_GROUPS: list[tuple[str, Callable[[Row | None], Any]]] = [
    ("a.sex", lambda r: None if r is None else r["sex"]),
    ("a.year", lambda r: None if r is None else r["year"]),
    ("CASE WHEN a.age < 5 THEN 'young' ELSE 'older' END",
     lambda r: "young" if r is not None and r["age"] is not None and r["age"] < 5 else "older"),
]  # fmt: skip


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """An accepted query over one to three tables."""
    others = draw(st.lists(st.sampled_from(["census_absence", "census_pupil"]), max_size=2))
    sides = tuple(draw(st.sampled_from(["", "LEFT "])) for _ in others)
    sources = ("census_pupil", *others)
    names = "abc"
    made = [draw(st.sampled_from(_CONDITIONS)) for _ in sources]
    joins = "".join(
        f" {side}JOIN {table} AS {names[n]} ON {names[n]}.pupil = a.pupil AND " + made[n][0].format(names[n])
        for n, (side, table) in enumerate(zip(sides, others, strict=True), start=1)
    )
    group = draw(st.none() | st.sampled_from(_GROUPS))
    at = draw(st.sampled_from([n for n, table in enumerate(sources) if table == "census_absence"] or [0]))
    item = "sessions" if sources[at] == "census_absence" else "age"
    measured = draw(st.sampled_from([None, (at, item)]))
    outputs = ["count(*) AS n", *([f"sum({names[at]}.{item}) AS s"] if measured else [])]
    if group is not None:
        outputs.insert(0, f"{group[0]} AS g")
    sql = f"SELECT {', '.join(outputs)} FROM census_pupil AS a{joins} WHERE {made[0][0].format('a')}"
    return Question(
        sql=sql + (" GROUP BY 1" if group is not None else ""),
        sources=sources,
        sides=sides,
        keep=lambda rows: all(row is None or made[n][1](row) for n, row in enumerate(rows)),
        group=lambda rows: group[1](rows[0]) if group is not None else "all",
        measured=measured,
    )


def joined_rows(question: Question, lake: dict[str, list[Row]], allowed: Callable[[str, Row], bool]) -> list[Any]:
    """The joined rows, by nested loops."""
    rows: list[tuple[Row | None, ...]] = [(row,) for row in lake["census_pupil"] if allowed("census_pupil", row)]
    for side, table in zip(question.sides, question.sources[1:], strict=True):
        longer = []
        for row in rows:
            here = [
                (*row, other)
                for other in lake[table]
                if allowed(table, other) and row[0] is not None and other["pupil"] == row[0]["pupil"]
            ]
            matching = [one for one in here if question.keep(one)]
            longer += matching or ([(*row, None)] if side else [])
        rows = longer
    return [row for row in rows if question.keep(row)]


def expected(question: Question, lake: dict[str, list[Row]], fewest: int, allowed: Callable[[str, Row], bool]) -> Any:
    """group -> (rows, sum), for the groups in which every table has enough pupils, and enough with a value."""
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in joined_rows(question, lake, allowed):
        groups[question.group(row)].append(row)
    answer = {}
    for key, rows in groups.items():
        everyone = [{row[n]["pupil"] for row in rows if row[n] is not None} for n in range(len(question.sources))]
        if question.measured is not None:
            at, item = question.measured
            everyone.append({r[at]["pupil"] for r in rows if r[at] is not None and r[at][item] is not None})
        if all(len(pupils) >= fewest for pupils in everyone):
            values = (
                [] if question.measured is None else [r[at][item] for r in rows if r[at] and r[at][item] is not None]
            )
            answer[key] = (len(rows), sum(values) if question.measured is not None else None)
    return answer


def _pupil(pupil: int, year: int, term: str, sex: str | None, age: int | None) -> Row:
    return {"pupil": pupil, "year": year, "term": term, "sex": sex, "age": age, "urn": 100000 + pupil % 3, "la": "202"}


def _absence(pupil: int, year: int, term: str, sessions: int | None) -> Row:
    return {"pupil": pupil, "year": year, "term": term, "sessions": sessions, "urn": 100000 + pupil % 3}


_who, _year, _term = st.integers(0, 7), st.sampled_from([2025, 2026]), st.sampled_from(["AUT", "SPR"])
LAKES = st.fixed_dictionaries(
    {
        "census_pupil": st.lists(
            st.builds(_pupil, _who, _year, _term, st.sampled_from(["F", "M", None]), st.none() | st.integers(3, 7)),
            min_size=4,
            max_size=18,
        ),
        "census_absence": st.lists(
            st.builds(_absence, _who, _year, _term, st.none() | st.integers(0, 4)), min_size=2, max_size=14
        ),
    }
)
RULES = st.sampled_from([EVERY_ROW, RowRule(((2025, 2025),), (), ()), RowRule((), (), (), AreaTerm((), ("100001",)))])


@given(lake=LAKES, question=questions(), fewest=st.integers(2, 4), rule=RULES)
@_SETTINGS
def test_no_row_rests_on_fewer_pupils_than_agreed_and_every_other_row_is_right(
    lake: dict[str, list[Row]], question: Question, fewest: int, rule: RowRule
) -> None:
    confined = withhold(asked(question.sql), fewest)
    assert not refused(question.sql)
    plan = rewrite(confined.named, confined.references, confined.scans, rule, anyone_denied=False)
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder), lake)
        with box.engine(limits=Limits(threads=1)) as engine:
            answer = rows_of(engine.run(plan.sql))
        found = {
            row[0] if "GROUP BY" in question.sql else "all": (row[-2], row[-1])
            if question.measured
            else (row[-1], None)
            for row in answer
        }
        assert found == expected(question, lake, fewest, lambda table, row: box.allowed(table, row, rule, None))
        assert len(found) == len(answer)
