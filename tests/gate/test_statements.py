"""Every kind of statement the installed engine knows is refused but SELECT, whatever word it begins with."""

from __future__ import annotations

import duckdb
import pytest

from schoolgate.gate.asking.allowed import ALLOWED
from schoolgate.gate.asking.asked import parse_tree, tree_problems
from schoolgate.gate.rewrite import rewrite
from schoolgate.gate.understand import Asked, understand
from tests.gate.box import EVERY_ROW
from tests.gate.second_opinion import SecondParser

SECOND = SecondParser()

STATEMENTS: dict[str, tuple[str, ...]] = {
    "ALTER": ("ALTER TABLE census_pupil ADD COLUMN x INT", "ALTER VIEW v RENAME TO w", "COMMENT ON TABLE t IS 'x'"),
    "ATTACH": ("ATTACH 'x.db'", "ATTACH ':memory:' AS x (READ_ONLY)"),
    "CALL": ("CALL pragma_version()", "CALL enable_logging()"),
    "COPY": ("COPY census_pupil TO 'x.csv'", "COPY census_pupil FROM 'x.csv'", "COPY (SELECT 1) TO 'x'"),
    "CREATE": (
        "CREATE TABLE x AS SELECT 1",
        "CREATE VIEW v AS SELECT 1",
        "CREATE MACRO f(x) AS x",
        "CREATE SECRET s (TYPE s3)",
        "CREATE TYPE t AS ENUM ('a')",
        "CREATE SEQUENCE s",
        "CREATE SCHEMA s",
        "CREATE INDEX i ON census_pupil (pupil)",
    ),
    "DELETE": ("DELETE FROM census_pupil", "TRUNCATE census_pupil"),
    "DETACH": ("DETACH x",),
    "DROP": ("DROP TABLE census_pupil", "DEALLOCATE p"),
    "EXECUTE": ("EXECUTE p", "EXECUTE p(1)"),
    "EXPLAIN": ("EXPLAIN SELECT 1", "EXPLAIN ANALYZE SELECT sex FROM census_pupil"),
    "EXPORT": ("EXPORT DATABASE 'x'",),
    "INSERT": ("INSERT INTO census_pupil VALUES (1)",),
    "LOAD": ("LOAD x", "INSTALL x", "UPDATE EXTENSIONS"),
    "MERGE_INTO": ("MERGE INTO a USING b ON a.x = b.x WHEN MATCHED THEN DELETE",),
    "MULTI": ("PIVOT census_pupil ON sex USING count(*)",),
    "PRAGMA": ("PRAGMA version", "PRAGMA table_info('x')", "IMPORT DATABASE 'x'", "COPY FROM DATABASE memory TO x"),
    "PREPARE": ("PREPARE p AS SELECT 1",),
    "SET": ("SET threads = 1", "RESET threads", "USE memory", "SET SESSION x = 1", "SET VARIABLE x = 1"),
    "TRANSACTION": ("BEGIN", "COMMIT", "ROLLBACK"),
    "UPDATE": ("UPDATE census_pupil SET sex = 'F'", "UPDATE EXTENSIONS"),
    "VACUUM": ("VACUUM", "ANALYZE", "VACUUM ANALYZE census_pupil"),
}
"""At least one text for each kind of statement; SELECT is tested by everything else."""

UNSPEAKABLE = {
    "ANALYZE": "ANALYZE is parsed as VACUUM",
    "COPY_DATABASE": "COPY FROM DATABASE is parsed as PRAGMA",
    "CREATE_FUNC": "CREATE FUNCTION is parsed as CREATE",
    "EXTENSION": "belongs to a parser that an extension brings; none is loaded",
    "INVALID": "what nothing is",
    "LOGICAL_PLAN": "made by programs only",
    "RELATION": "made by programs only",
    "SELECT": "the one that is allowed",
    "VARIABLE_SET": "SET VARIABLE is parsed as SET",
}
"""Kinds that no text of their own brings about."""


def kinds(sql: str) -> tuple[str, ...]:
    found = SECOND.read(sql)
    return found.statements if found is not None else ()


def test_every_kind_of_statement_of_the_installed_engine_is_listed_here() -> None:
    known = {name for name in vars(duckdb.StatementType) if name.isupper()}
    assert known == set(STATEMENTS) | set(UNSPEAKABLE)


@pytest.mark.parametrize("kind", STATEMENTS)
def test_a_statement_of_any_kind_but_select_is_refused(kind: str) -> None:
    assert any(kind in kinds(sql) for sql in STATEMENTS[kind]), [kinds(sql) for sql in STATEMENTS[kind]]
    for sql in STATEMENTS[kind]:
        for text in (sql, sql.lower(), f"  {sql} ;", f"/* x */ {sql}", f"SELECT 1 AS x; {sql}", f"({sql})"):
            assert not isinstance(understand(text), Asked), text
        for around in ("SELECT x FROM ({}) q", "WITH q AS ({}) SELECT x FROM q", "SELECT ({}) AS x", "EXPLAIN {}"):
            assert not isinstance(understand(around.format(sql)), Asked), around.format(sql)


def _only_what_is_allowed(sql: str) -> str:
    """ "" when a text is refused, or is one SELECT of allowed parts by both parsers; what is wrong otherwise."""
    asked = understand(sql)
    if not isinstance(asked, Asked):
        return ""
    tree = parse_tree(sql)
    if isinstance(tree, tuple) or tree_problems(tree) or {type(node) for node in tree.walk()} - set(ALLOWED):
        return f"not on the list: {sql}"
    plan = rewrite(asked.named, asked.references, asked.scans, EVERY_ROW, anyone_denied=False)
    return "" if kinds(plan.sql) == ("SELECT",) else f"not one SELECT: {plan.sql}"


def test_no_keyword_of_the_engine_begins_or_enters_a_query_that_is_not_made_of_allowed_parts() -> None:
    words = [
        word
        for (word,) in duckdb.connect(":memory:")
        .execute("SELECT DISTINCT keyword_name FROM duckdb_keywords()")
        .fetchall()
    ]
    assert len(words) > 450
    places = (
        "{}", "{} census_pupil", "{} SELECT sex FROM census_pupil", "{} (SELECT sex FROM census_pupil)", "{} x AS SELECT 1",
        "{} TABLE census_pupil", "SELECT {} FROM census_pupil", "SELECT {} sex FROM census_pupil", "SELECT sex {} age FROM census_pupil",
        "SELECT sex FROM {} census_pupil", "SELECT sex FROM census_pupil {}", "SELECT sex FROM census_pupil {} census_absence",
        "SELECT sex FROM census_pupil {} JOIN census_absence USING (pupil)", "SELECT sex FROM census_pupil {} 1",
        "SELECT count(*) {} FROM census_pupil", "SELECT count({} sex) FROM census_pupil", "SELECT sum(age) OVER ({} age) FROM census_pupil",
        "SELECT sum(age) OVER (ORDER BY age {}) FROM census_pupil", "SELECT sex FROM census_pupil ORDER BY sex {} LIMIT 1",
        "SELECT sex FROM census_pupil WHERE {} sex", "SELECT sex FROM census_pupil WHERE age {} (SELECT age FROM census_pupil)",
        "SELECT sex FROM census_pupil UNION {} SELECT sex FROM census_pupil", "WITH {} v AS (SELECT sex FROM census_pupil) SELECT sex FROM v",
    )  # fmt: skip
    wrong = [said for word in words for place in places if (said := _only_what_is_allowed(place.format(word)))]
    assert wrong == []
