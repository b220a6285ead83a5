"""Wall one, for what the installed engine really offers: every function and statement is reviewed, or refused.

A newer DuckDB with a new function, kind of statement or type fails here until somebody has reviewed it.
"""

from __future__ import annotations

from collections import Counter

import duckdb
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

from schoolgate.gate.asking.allowed import ALLOWED, CAST_TYPES, FUNCTIONS
from schoolgate.gate.asking.asked import parse_tree, tree_problems
from schoolgate.gate.rewrite import PSEUDONYM, rewrite
from schoolgate.gate.understand import Asked, understand
from tests.gate.box import EVERY_ROW
from tests.gate.reviewed import families, odd_calls, offered, plain_calls, reviewed
from tests.gate.second_opinion import Opinion, SecondParser

SECOND = SecondParser()
LINES = {(line.name, line.kind): line for line in reviewed()}
MAY = frozenset(line.name.lower() for line in LINES.values() if line.called_by == "asker")
NOBODY = frozenset(line.name for line in LINES.values() if line.called_by == "nobody") - MAY


def what_would_run(sql: str) -> Opinion | None:
    """None when the gate refuses a text; otherwise how DuckDB's parser reads what would run."""
    tree = parse_tree(sql)
    if isinstance(tree, tuple) or tree_problems(tree):
        return None
    asked = understand(sql)
    if not isinstance(asked, Asked):
        return None
    plan = rewrite(asked.named, asked.references, asked.scans, EVERY_ROW, anyone_denied=False)
    opinion = SECOND.read(plan.sql)
    assert opinion is not None, plan.sql
    return opinion


def test_every_function_of_the_installed_engine_has_been_reviewed_and_no_other_is_listed() -> None:
    found = {(function.name, function.kind) for function in offered()}
    assert sorted(found - set(LINES)) == [], "new functions of DuckDB: review them in gate/asking/reviewed.csv"
    assert sorted(set(LINES) - found) == [], "functions DuckDB no longer has"


def test_every_function_has_a_reason_for_being_allowed_or_not() -> None:
    why = families()
    assert {line.family for line in LINES.values()} == set(why)
    assert all(len(reason) > 40 for reason in why.values())
    assert {line.called_by for line in LINES.values()} == {"asker", "gate", "nobody"}
    # A family is allowed as a whole or not at all.
    assert (
        max(Counter(family for family, _ in {(line.family, line.called_by) for line in LINES.values()}).values()) == 1
    )


def test_a_function_that_nobody_may_call_is_refused_in_every_form_it_has() -> None:
    through = []
    for function in offered():
        if function.name in NOBODY or LINES[function.name, function.kind].called_by == "gate":
            through += [sql for sql in plain_calls(function) if what_would_run(sql) is not None]
    assert through == []


def test_no_spelling_of_any_function_runs_one_that_is_not_allowed() -> None:
    through = []
    for function in {function.name: function for function in offered()}.values():
        for sql in odd_calls(function):
            opinion = what_would_run(sql)
            if opinion is not None and not opinion.functions <= MAY:
                through.append((sql, sorted(opinion.functions - MAY)))
    assert through == []


def test_every_name_an_asker_may_call_can_be_called() -> None:
    by_operator = {name for sql in EXAMPLES for name in _functions(sql)} | {
        "datediff" for sql in EXAMPLES if "datediff(" in sql
    }
    by_name = {
        function.name.lower()
        for function in offered()
        if function.name in MAY
        and any(what_would_run(sql) is not None for sql in (*plain_calls(function), *odd_calls(function)))
    }
    assert sorted(MAY - by_operator - by_name - OPERATORS) == []


OPERATORS = frozenset(
    {"=", "!=", "<", "<=", ">", ">=", "is distinct from", "is not distinct from", "__between", "__cast"}
)
"""What DuckDB's parser calls by a class of its own (COMPARE_EQUAL and so on), not by a function's name."""

EXAMPLES = (
    "SELECT DISTINCT a.sex, count(*) AS n, count(DISTINCT a.pupil) AS p, sum(a.age + 1 - 2 * 3) AS s, avg(a.age / 2) AS m,"
    " median(a.age) AS h, min(a.age // 2) AS i, max(a.age % 3) AS j, stddev(a.age) AS d, stddev_samp(a.age) AS e,"
    " stddev_pop(a.age) AS f, variance(a.age) AS g, var_pop(a.age) AS k, count(*) FILTER (WHERE NOT a.onroll) AS o"
    " FROM census_pupil AS a LEFT JOIN census_absence AS b ON a.pupil = b.pupil WHERE a.age BETWEEN 4 AND 9"
    " AND (a.sex <> 'F' OR a.sex IS NULL) AND a.ethnicity IN ('WBRI') GROUP BY a.sex HAVING count(*) > 1"
    " ORDER BY a.sex DESC NULLS LAST LIMIT 3 OFFSET 1",
    "WITH v AS (SELECT pupil, age, sex FROM census_pupil) SELECT coalesce(sex, 'x') AS a, nullif(sex, 'x') AS b, abs(-age) AS c,"
    " round(age, 1) AS d, floor(age) AS e, ceil(age) AS f, lower(sex) AS g, upper(sex) AS h, length(sex) AS i, trim(sex) AS j,"
    " substring(sex, 1, 1) AS k, greatest(age, 1) AS l, least(age, 1) AS m, CAST(age AS VARCHAR) AS n,"
    " TRY_CAST(sex AS DECIMAL(5, 2)) AS o, sex || 'x' AS p, CASE WHEN age > 3 THEN TRUE ELSE FALSE END AS q, if(age < 3, 1, 2) AS r,"
    " sex LIKE 'F%' AS s, sex ILIKE 'f%' AS t, sex NOT LIKE 'F' AS u, sex NOT ILIKE 'F' AS v, age >= 3 AS w, age <= 3 AS x,"
    " age IS DISTINCT FROM 3 AS y, age IS NOT DISTINCT FROM 3 AS z FROM v",
    "SELECT year(entrydate) AS a, month(entrydate) AS b, quarter(entrydate) AS c, dayofweek(entrydate) AS d,"
    " date_diff('day', entrydate, entrydate) AS e, datediff('week', entrydate, entrydate) AS ee, rank() OVER (PARTITION BY sex ORDER BY age) AS f,"
    " dense_rank() OVER (ORDER BY age) AS g, percent_rank() OVER (ORDER BY age) AS h, cume_dist() OVER (ORDER BY age) AS i"
    " FROM census_pupil QUALIFY f = 1",
    "SELECT sex FROM census_pupil WHERE (year, term) IN (SELECT year, term FROM census_absence) UNION"
    " SELECT sex FROM census_pupil p WHERE EXISTS (SELECT 1 FROM census_absence a WHERE a.pupil = p.pupil) INTERSECT"
    " SELECT q.sex FROM (SELECT sex FROM census_pupil) AS q EXCEPT SELECT NULL",
)  # fmt: skip
"""Queries that together use every part on the allow-list."""


def _functions(sql: str) -> frozenset[str]:
    opinion = what_would_run(sql)
    assert opinion is not None, understand(sql)
    return opinion.functions


def test_every_part_on_the_allow_list_is_rendered_by_the_gate_into_allowed_functions_only() -> None:
    used: set[type[exp.Expr]] = set()
    for sql in EXAMPLES:
        tree = parse_tree(sql)
        assert not isinstance(tree, tuple)
        used |= {type(node) for node in tree.walk()}
        assert _functions(sql) <= MAY
    assert {kind.__name__ for kind in set(ALLOWED) - used} == set()


def test_a_pseudonym_is_made_by_the_gates_own_macro_and_by_nothing_else() -> None:
    assert _functions("SELECT pupil FROM census_pupil") == {PSEUDONYM}


def _names_the_parser_knows() -> set[str]:
    parser = DuckDB.Parser
    return {*exp.FUNCTION_BY_NAME, *parser.FUNCTIONS, *parser.FUNCTION_PARSERS, *parser.NO_PAREN_FUNCTION_PARSERS}


def test_no_function_the_gates_parser_knows_by_any_name_turns_into_one_that_is_not_allowed() -> None:
    names = _names_the_parser_knows()
    assert len(names) > 500
    through = []
    for name in sorted(names):
        for arguments in ("", "sex", "age, age", "'day', entrydate, entrydate", "*", "sex, 1, 1", "DISTINCT age"):
            opinion = what_would_run(f"SELECT {name}({arguments}) AS x FROM census_pupil")
            if opinion is not None and not opinion.functions <= MAY:
                through.append((name, arguments, opinion.functions - MAY))
    assert through == []


def test_every_kind_of_expression_the_parser_has_is_allowed_by_name_or_refused() -> None:
    kinds = {kind for kind in vars(exp).values() if isinstance(kind, type) and issubclass(kind, exp.Expression)}
    assert len(kinds) > 800
    for kind in kinds - set(ALLOWED):
        assert {problem.code for problem in tree_problems(kind())} & {"function-not-allowed", "construct-not-allowed"}
    assert {kind for kind in FUNCTIONS if not issubclass(kind, exp.Func)} == set()


def test_a_cast_to_any_type_of_the_engine_is_refused_unless_it_is_on_the_list() -> None:
    names = {
        name
        for (name,) in duckdb.connect(":memory:").execute("SELECT DISTINCT type_name FROM duckdb_types()").fetchall()
    }
    assert len(names) > 60
    accepted = {
        name for name in names if what_would_run(f"SELECT TRY_CAST(sex AS {name}) AS x FROM census_pupil") is not None
    }
    kinds = {exp.DataType.build(name, dialect="duckdb").this.name for name in accepted}
    assert kinds <= CAST_TYPES
    for name in names:
        for form in (
            f'"{name}"',
            f"{name}[]",
            f"{name}[3]",
            f"STRUCT(a {name})",
            f"MAP({name}, {name})",
            f"main.{name}",
        ):
            opinion = what_would_run(f"SELECT CAST(sex AS {form}) AS x FROM census_pupil")
            assert opinion is None or form.strip('"').upper() in names | {n.upper() for n in names}, form
            tree = parse_tree(f"SELECT CAST(sex AS {form}) AS x FROM census_pupil")
            assert opinion is None or {c.to.this.name for c in tree.find_all(exp.Cast)} <= CAST_TYPES  # type: ignore[union-attr]
