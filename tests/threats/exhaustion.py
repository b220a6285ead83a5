"""Hostile queries that want the engine's or the parser's whole strength: work, memory, size without end."""

from __future__ import annotations

from tests.threats.query import ENGINE, FUNCTION, LARGE, LONG, PART, SLOW, TYPES, UNREADABLE, listed

_EVERY_ROW_WITH_EVERY_ROW = " CROSS JOIN ".join(f"census_pupil AS t{i}" for i in range(16))
_DOUBLED = ", ".join(f"v{i + 1} AS (SELECT x || x AS x FROM v{i})" for i in range(40))
_JOINED = ", ".join(f"v{i + 1} AS (SELECT a.x FROM v{i} a JOIN v{i} b ON a.x = b.x)" for i in range(24))
_TWICE = ", ".join(f"v{i + 1} AS (SELECT x FROM v{i} UNION ALL SELECT x FROM v{i})" for i in range(30))

EXHAUSTION = listed(
    (
        "every row with every row, sixteen times",
        f"SELECT count(*) AS n FROM {_EVERY_ROW_WITH_EVERY_ROW} WHERE t0.age + t15.age + t7.age <> t1.age",
        SLOW,
    ),
    (
        "a text doubled and doubled",
        f"WITH v0 AS (SELECT ethnicity AS x FROM census_pupil), {_DOUBLED} SELECT length(x) AS n FROM v40",
        LARGE,
        ENGINE,
    ),
    (
        "WITH on WITH, each joined with itself",
        f"WITH v0 AS (SELECT age AS x FROM census_pupil), {_JOINED} SELECT count(*) AS n FROM v24",
        LARGE,
        SLOW,
    ),
    (
        "unions doubled through WITH: what runs grows although the text does not",
        f"WITH v0 AS (SELECT age AS x FROM census_pupil), {_TWICE} SELECT count(*) AS n FROM v30",
        LARGE,
        SLOW,
    ),
    (
        "very many tables",
        "SELECT count(*) AS n FROM " + ", ".join(f"census_pupil t{i}" for i in range(600)),
        TYPES,
        SLOW,
    ),
    (
        "very many columns",
        "SELECT " + ", ".join(f"age + {i} AS c{i}" for i in range(1200)) + " FROM census_pupil",
        LONG,
    ),
    (
        "a very long list",
        "SELECT sex FROM census_pupil WHERE age IN (" + ", ".join(map(str, range(4000))) + ")",
        LONG,
    ),
    ("numbers without end", "SELECT count(*) FROM generate_series(1, 1000000000000)", PART),
    ("a sum over a very wide range", "SELECT sum(x) FROM range(9223372036854775807) t(x)", PART),
    ("a text filled up", "SELECT lpad(sex, 2000000000, 'x') FROM census_pupil", FUNCTION),
    ("a text repeated", "SELECT repeat(sex, 2000000000) FROM census_pupil", FUNCTION),
    ("a factorial", "SELECT 100000! FROM census_pupil", UNREADABLE),
    ("the same by name", "SELECT factorial(100000) FROM census_pupil", FUNCTION),
    ("a number with very many digits: the engine's BIGNUM has no bound", f"SELECT {'9' * 5000} AS x", PART),
    ("a number one digit too long", f"SELECT {'9' * 39} AS x FROM census_pupil", PART),
    ("the same behind the point", f"SELECT age * 0.{'9' * 38}1 AS x FROM census_pupil", PART),
    ("a number beyond what a DOUBLE holds", "SELECT 1e999999 AS x FROM census_pupil", PART),
    ("the largest number there is: runs", f"SELECT max({'9' * 38}) AS x FROM census_pupil"),
)
