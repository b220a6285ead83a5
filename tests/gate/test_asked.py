"""Step 1 and 2: one SELECT built of allowed parts, every name traced to the dictionary, all reasons at once."""

from __future__ import annotations

import pytest

from schoolgate.gate.understand import Asked, understand

REFUSED = {
    "reading a file as a table": ("SELECT 1 FROM 'lake/x.parquet'", {"unknown-table"}),
    "a table function": (
        "SELECT sex FROM read_parquet('x')",
        {"construct-not-allowed", "function-not-allowed"},
    ),
    "a scalar function that reads files": (
        "SELECT read_text('/etc/passwd') FROM census_pupil",
        {"function-not-allowed"},
    ),
    "settings": ("SELECT current_setting('home_directory')", {"function-not-allowed"}),
    "variables": ("SELECT getvariable('x')", {"function-not-allowed"}),
    "the catalogue": (
        "SELECT table_name FROM information_schema.tables",
        {"unknown-table", "construct-not-allowed"},
    ),
    "the engine's own tables": ("SELECT 1 FROM duckdb_tables()", {"construct-not-allowed"}),
    "writing": ("COPY census_pupil TO 'x.csv'", {"select-only"}),
    "creating": ("CREATE TABLE x AS SELECT 1", {"select-only"}),
    "deleting": ("DELETE FROM census_pupil", {"select-only"}),
    "settings by statement": ("SET threads = 1", {"select-only"}),
    "pragma": ("PRAGMA show_tables", {"select-only"}),
    "attach": ("ATTACH 'x.db'", {"select-only"}),
    "install": ("INSTALL httpfs", {"select-only"}),
    "describe": ("DESCRIBE census_pupil", {"select-only"}),
    "summarize": ("SUMMARIZE census_pupil", {"select-only"}),
    "two statements": ("SELECT sex FROM census_pupil; SELECT 1", {"one-statement"}),
    "nothing": ("", {"one-statement"}),
    "not SQL": ("give me everything", {"not-sql", "select-only"}),
    "unfinished": ("SELECT sex FROM (", {"not-sql"}),
    "star": ("SELECT * FROM census_pupil", {"construct-not-allowed"}),
    "star with exclude": ("SELECT * EXCLUDE (sex) FROM census_pupil", {"construct-not-allowed"}),
    "columns by pattern": (
        "SELECT COLUMNS('s.*') FROM census_pupil",
        {"function-not-allowed", "construct-not-allowed"},
    ),
    "a whole row as a value": (
        "SELECT census_pupil FROM census_pupil",
        {"construct-not-allowed", "unknown-item"},
    ),
    "virtual row number": ("SELECT file_row_number FROM census_pupil", {"unknown-item"}),
    "virtual file name": ("SELECT filename FROM census_pupil", {"unknown-item"}),
    "rowid": ("SELECT rowid FROM census_pupil", {"unknown-item"}),
    "provenance": ("SELECT return_id FROM census_pupil", {"unknown-item"}),
    "row_number": ("SELECT row_number() OVER () FROM census_pupil", {"function-not-allowed"}),
    "frames counted in rows": (
        "SELECT sum(age) OVER (ORDER BY year ROWS 1 PRECEDING) FROM census_pupil",
        {"construct-not-allowed"},
    ),
    "first of a group": ("SELECT first(sex) FROM census_pupil", {"function-not-allowed"}),
    "joined text": ("SELECT string_agg(sex, '') FROM census_pupil", {"function-not-allowed"}),
    "sampling": ("SELECT sex FROM census_pupil USING SAMPLE 10", {"construct-not-allowed"}),
    "distinct on": ("SELECT DISTINCT ON (sex) year FROM census_pupil", {"construct-not-allowed"}),
    "limit without order": ("SELECT sex FROM census_pupil LIMIT 3", {"limit-without-order"}),
    "limit inside": (
        "SELECT sex FROM (SELECT sex FROM census_pupil ORDER BY sex LIMIT 3) AS q",
        {"limit-without-order"},
    ),
    "recursive": (
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT n FROM r",
        {"construct-not-allowed"},
    ),
    "pivot": ("PIVOT census_pupil ON sex USING count(*)", {"select-only"}),
    "lateral": ("SELECT x.s FROM census_pupil, LATERAL (SELECT sex AS s) AS x", {"construct-not-allowed"}),
    "positional join": (
        "SELECT a.sex FROM census_pupil a POSITIONAL JOIN census_absence b",
        {"construct-not-allowed", "not-sql", "unknown-item"},
    ),
    "natural join": (
        "SELECT a.sex FROM census_pupil a NATURAL JOIN census_absence b",
        {"construct-not-allowed"},
    ),
    "asof join": (
        "SELECT a.sex FROM census_pupil a ASOF JOIN census_absence b ON a.year >= b.year",
        {"construct-not-allowed"},
    ),
    "a name of the gate's": ("SELECT sex AS __scan_1 FROM census_pupil", {"construct-not-allowed"}),
    "the gate's view": ("SELECT sex FROM __lake_census_pupil", {"construct-not-allowed"}),
    "shadowing a table": (
        "WITH census_pupil AS (SELECT 1 AS sex) SELECT sex FROM census_pupil",
        {"name-shadows-table"},
    ),
    "an ambiguous name": (
        "SELECT year FROM census_pupil a JOIN census_absence b ON a.pupil = b.pupil",
        {"unknown-item", "names-unclear"},
    ),
    "an item nobody knows": ("SELECT shoe_size FROM census_pupil", {"unknown-item"}),
    "parameters": ("SELECT sex FROM census_pupil WHERE age = ?", {"construct-not-allowed"}),
    "casting to a blob": ("SELECT CAST(sex AS BLOB) FROM census_pupil", {"construct-not-allowed"}),
    "regular expressions": ("SELECT regexp_matches(sex, '.') FROM census_pupil", {"function-not-allowed"}),
    "structs": ("SELECT {'a': sex} FROM census_pupil", {"construct-not-allowed", "function-not-allowed"}),
    "lambda": ("SELECT list_transform([1], x -> x + 1)", {"function-not-allowed", "construct-not-allowed"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_query_that_is_not_a_plain_select_over_dictionary_items_is_refused(name: str) -> None:
    sql, codes = REFUSED[name]
    answer = understand(sql)
    assert not isinstance(answer, Asked), name
    found = {reason.code for reason in answer}
    assert found & codes, (name, found)


REFERENCE = {
    "arithmetic": "SELECT pupil + 1 FROM census_pupil",
    "ordering": "SELECT pupil FROM census_pupil ORDER BY pupil",
    "ordering through a name": "SELECT pupil AS p FROM census_pupil ORDER BY p",
    "largest": "SELECT max(pupil) FROM census_pupil",
    "cast": "SELECT CAST(pupil AS VARCHAR) FROM census_pupil",
    "comparison with a value": "SELECT sex FROM census_pupil WHERE pupil = 7",
    "comparison by size": "SELECT a.sex FROM census_pupil a JOIN census_pupil b ON a.pupil < b.pupil",
    "between": "SELECT sex FROM census_pupil WHERE pupil BETWEEN 1 AND 9",
    "in a list": "SELECT sex FROM census_pupil WHERE pupil IN (1, 2)",
    "in another item": "SELECT sex FROM census_pupil WHERE pupil IN (SELECT year FROM census_absence)",
    "another item in it": "SELECT sex FROM census_pupil WHERE year IN (SELECT pupil FROM census_absence)",
    "through a subquery": "SELECT q.p % 2 FROM (SELECT pupil AS p FROM census_pupil) AS q",
    "through a WITH": "WITH q AS (SELECT pupil AS p FROM census_pupil) SELECT sum(p) FROM q",
    "as a scalar": "SELECT (SELECT pupil FROM census_pupil) + 1",
    "mixed in a union": "SELECT pupil FROM census_pupil UNION SELECT year FROM census_absence",
    "window order": "SELECT rank() OVER (ORDER BY pupil) FROM census_pupil",
    "case": "SELECT CASE WHEN sex = 'F' THEN pupil END FROM census_pupil",
    "nullif": "SELECT nullif(pupil, 3) FROM census_pupil",
    "coalesce with a value": "SELECT coalesce(pupil, 3) FROM census_pupil",
    "text": "SELECT pupil || '' FROM census_pupil",
    "greatest": "SELECT greatest(pupil, 3) FROM census_pupil",
    "equal to another item": "SELECT sex FROM census_pupil WHERE pupil = urn",
    "union then arithmetic": "SELECT q.p * 2 FROM (SELECT pupil AS p FROM census_pupil UNION ALL SELECT pupil FROM census_absence) AS q",
}


@pytest.mark.parametrize("name", REFERENCE)
def test_the_pupil_reference_cannot_be_computed_with(name: str) -> None:
    answer = understand(REFERENCE[name])
    assert not isinstance(answer, Asked), name
    assert "pupil-reference-computed" in {reason.code for reason in answer}


ACCEPTED = [
    "SELECT sex, count(*) FROM census_pupil GROUP BY sex",
    "SELECT pupil, sex FROM census_pupil",
    "SELECT count(DISTINCT pupil) FROM census_pupil WHERE year = 2026 AND term IN ('AUT', 'SPR')",
    "SELECT p.sex, sum(a.sessions) FROM census_pupil p JOIN census_absence a USING (pupil) GROUP BY p.sex",
    "SELECT p.sex FROM census_pupil p LEFT JOIN census_sen_need n ON p.pupil = n.pupil WHERE n.pupil IS NULL",
    "SELECT sex FROM census_pupil WHERE pupil IN (SELECT pupil FROM census_exclusion)",
    "SELECT sex FROM census_pupil p WHERE EXISTS (SELECT 1 FROM census_exclusion e WHERE e.pupil = p.pupil)",
    "WITH q AS (SELECT pupil, age FROM census_pupil) SELECT avg(age) FROM q",
    "SELECT pupil FROM census_pupil UNION SELECT pupil FROM census_absence",
    "SELECT sex, rank() OVER (PARTITION BY pupil ORDER BY year) FROM census_pupil",
    "SELECT sex, age FROM census_pupil ORDER BY age DESC LIMIT 10 OFFSET 2",
    "SELECT sex, count(*) FILTER (WHERE age > 10) AS n FROM census_pupil GROUP BY 1 HAVING n > 1 ORDER BY 2",
    "SELECT TRY_CAST(ncyearactual AS INT) + 1 FROM census_pupil",
    "SELECT CASE WHEN age BETWEEN 4 AND 10 THEN 'primary' ELSE 'secondary' END AS stage, median(age) FROM census_pupil GROUP BY 1",
    "SELECT a.sex FROM census_pupil a FULL JOIN census_pupil b ON a.pupil = b.pupil AND a.year = b.year",
    "SELECT count(*) FROM census_pupil",
]


@pytest.mark.parametrize("sql", ACCEPTED)
def test_an_ordinary_analysis_is_understood(sql: str) -> None:
    answer = understand(sql)
    assert isinstance(answer, Asked), [reason.reason for reason in answer]


def test_every_problem_is_named_at_once_with_its_place() -> None:
    answer = understand("SELECT read_text('x'),\n       first(sex), *\nFROM census_pupil LIMIT 3")
    assert not isinstance(answer, Asked)
    reasons = {(reason.code, reason.where) for reason in answer}
    assert {code for code, _ in reasons} == {
        "function-not-allowed",
        "construct-not-allowed",
        "limit-without-order",
    }
    assert any(where == "line 2, column 14" for _, where in reasons) or any("line 2" in where for _, where in reasons)


def test_no_literal_of_a_query_is_repeated_in_a_refusal() -> None:
    canary = "Q7canaryQ7"
    for sql in (
        f"SELECT '{canary}' || read_text('{canary}') FROM nowhere",
        f"SELECT sex FROM census_pupil WHERE sex = '{canary}",
        f"SELECT x FROM census_pupil WHERE y = '{canary}'",
        f"COPY (SELECT '{canary}') TO '{canary}'",
        f"SELECT CAST('{canary}' AS BLOB)",
    ):
        answer = understand(sql)
        assert not isinstance(answer, Asked)
        assert canary not in repr(answer)


def test_a_query_nested_beyond_reason_is_refused_and_not_a_crash() -> None:
    for sql in (
        "SELECT " + "(" * 3000 + "1" + ")" * 3000,
        "SELECT " + "-" * 1 + "+1" * 6000,
        "SELECT '" + "x" * 30_000 + "'",
    ):
        answer = understand(sql)
        assert not isinstance(answer, Asked)


@pytest.mark.parametrize("sql", ["SELECT sex FROM census_pupil -- x\n", "SELECT/**/sex FROM census_pupil;"])
def test_comments_and_a_closing_semicolon_do_no_harm(sql: str) -> None:
    assert isinstance(understand(sql), Asked)
