"""Hostile queries by shape: what joins, windows, subqueries and the engine's newer syntax could bring about."""

from __future__ import annotations

from tests.threats.query import (
    CONVERSION,
    EARLY,
    ENGINE,
    FUNCTION,
    ITEM,
    LIMIT,
    NESTED,
    NUMBER,
    ONE,
    PART,
    RANKLESS,
    STATEMENT,
    TABLE,
    UNREADABLE,
    listed,
)

QUALIFIED = listed(
    ("the largest by the reference", "SELECT sex FROM census_pupil QUALIFY rank() OVER (ORDER BY pupil) = 1", NUMBER),
    (
        "one row each, by storage",
        "SELECT sex FROM census_pupil QUALIFY row_number() OVER (PARTITION BY sex) = 1",
        FUNCTION,
        PART,
    ),
    (
        "the first of each group, ties kept: no row is chosen by storage",
        "SELECT sex, age FROM census_pupil QUALIFY rank() OVER (PARTITION BY sex ORDER BY age) = 1",
    ),
    (
        "a pupil's rows counted per reference",
        "SELECT sex, year FROM census_pupil QUALIFY count(*) OVER (PARTITION BY pupil) > 1",
    ),
    ("without a window", "SELECT sex FROM census_pupil QUALIFY sex = 'F'", RANKLESS),
    (
        "a file inside",
        "SELECT sex FROM census_pupil QUALIFY rank() OVER (ORDER BY age) = (SELECT count(*) FROM read_text('{secret}'))",
        FUNCTION,
        PART,
        TABLE,
    ),
)

LATERAL = listed(
    (
        "a neighbour's reference computed with",
        "SELECT q.x FROM census_pupil a JOIN LATERAL (SELECT a.pupil + 1 AS x) q ON TRUE",
        ITEM,
        PART,
    ),
    ("a neighbour's list unpacked", "SELECT u FROM census_pupil a, UNNEST([a.pupil]) AS t(u)", FUNCTION, ITEM, PART),
    (
        "rows made from a value",
        "SELECT g FROM census_pupil a, generate_series(1, a.pupil) AS t(g)",
        FUNCTION,
        ITEM,
        PART,
        TABLE,
    ),
    (
        "a table function that takes a neighbour's value for a path",
        "SELECT t.content FROM census_pupil a, read_text(a.sex) AS t",
        FUNCTION,
        ITEM,
        PART,
        TABLE,
    ),
    ("CROSS APPLY", "SELECT q.x FROM census_pupil a CROSS APPLY (SELECT a.sex AS x) q", ITEM, PART),
    (
        "a neighbour looked at without the word: answered row by row",
        "SELECT a.sex, q.n FROM census_pupil a, (SELECT count(*) AS n FROM census_absence b WHERE b.pupil = a.pupil) q",
    ),
)

CORRELATED = listed(
    (
        "how many have a smaller reference: its rank",
        "SELECT sex, (SELECT count(*) FROM census_pupil b WHERE b.pupil < a.pupil) AS r FROM census_pupil a",
        NUMBER,
    ),
    (
        "the same with a difference",
        "SELECT (SELECT count(*) FROM census_pupil b WHERE a.pupil - b.pupil > 0) AS r FROM census_pupil a",
        NUMBER,
    ),
    (
        "the neighbour by number",
        "SELECT (SELECT max(b.sex) FROM census_pupil b WHERE b.pupil = a.pupil + 1) AS x FROM census_pupil a",
        NUMBER,
    ),
    (
        "two levels up",
        "SELECT sex FROM census_pupil a WHERE EXISTS (SELECT 1 FROM census_absence b WHERE EXISTS (SELECT 1 FROM census_absence c WHERE c.sessions > a.pupil))",
        NUMBER,
    ),
    (
        "one row of several, by storage",
        "SELECT (SELECT b.sessions FROM census_absence b WHERE b.pupil = a.pupil LIMIT 1) AS s FROM census_pupil a",
        LIMIT,
    ),
    (
        "as many as there are for the same pupil: allowed, every row of both is recorded",
        "SELECT sex, (SELECT count(*) FROM census_absence b WHERE b.pupil = a.pupil) AS n FROM census_pupil a",
    ),
    (
        "two levels up, by matching alone",
        "SELECT a.sex FROM census_pupil a WHERE EXISTS (SELECT 1 FROM census_absence b WHERE b.pupil = a.pupil AND NOT EXISTS (SELECT 1 FROM census_absence c WHERE c.pupil = a.pupil AND c.year > b.year))",
    ),
    (
        "an outer value in a function of files",
        "SELECT (SELECT content FROM read_text(a.sex)) AS x FROM census_pupil a",
        FUNCTION,
        PART,
    ),
    (
        "a scalar subquery that gives several rows fails or gives the first stored",
        "SELECT age, (SELECT sex FROM census_pupil) AS x FROM census_absence b, census_pupil a",
        ENGINE,
    ),
)

RECURSIVE = listed(
    ("without end", "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r", PART),
    (
        "without end by UNION",
        "WITH RECURSIVE r AS (SELECT age AS n FROM census_pupil UNION SELECT n + 1 FROM r) SELECT n FROM r",
        PART,
    ),
    (
        "rows replaced by key",
        "WITH RECURSIVE r(k, n) USING KEY (k) AS (SELECT 1, 1 UNION SELECT k, n + 1 FROM r) SELECT n FROM r",
        PART,
    ),
    (
        "the reference counted up from nought",
        "WITH RECURSIVE r AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT n FROM r JOIN census_pupil p ON p.pupil = r.n",
        NUMBER,
        PART,
    ),
    (
        "RECURSIVE said where nothing recurs",
        "WITH RECURSIVE v AS (SELECT sex FROM census_pupil) SELECT sex FROM v",
        PART,
    ),
    (
        "materialised on request: a fence of the asker's own",
        "WITH v AS MATERIALIZED (SELECT sex FROM census_pupil) SELECT sex FROM v",
        PART,
    ),
    ("not materialised on request", "WITH v AS NOT MATERIALIZED (SELECT sex FROM census_pupil) SELECT sex FROM v"),
)

SETS = listed(
    (
        "by name, so that columns change places",
        "SELECT age AS x FROM census_pupil UNION ALL BY NAME SELECT pupil AS y FROM census_absence",
        NUMBER,
        PART,
    ),
    ("the reference against a value, in brackets", "(SELECT pupil FROM census_pupil) EXCEPT (SELECT 3)", NUMBER),
    ("the reference against made-up rows", "SELECT pupil FROM census_pupil INTERSECT VALUES (1), (2)", NUMBER, PART),
    ("the reference against text", "SELECT pupil FROM census_pupil EXCEPT SELECT 'x'", NUMBER),
    (
        "mixed three deep",
        "SELECT pupil FROM census_pupil UNION SELECT pupil FROM census_absence UNION SELECT age FROM census_pupil",
        NUMBER,
    ),
    ("columns of unequal number", "SELECT sex, age FROM census_pupil UNION SELECT sex FROM census_pupil", NUMBER),
    (
        "counts of duplicates, by INTERSECT ALL",
        "SELECT sex FROM census_pupil INTERSECT ALL SELECT sex FROM census_pupil",
    ),
    ("the same by EXCEPT ALL", "SELECT sex FROM census_pupil EXCEPT ALL SELECT sex FROM census_pupil WHERE age > 4"),
    (
        "references minus references: allowed, both sides are recorded in full",
        "SELECT pupil FROM census_pupil EXCEPT SELECT pupil FROM census_absence WHERE sessions > 1",
    ),
    (
        "a union of sexes: the same whatever side is first",
        "SELECT sex FROM census_pupil UNION SELECT attendancereason FROM census_absence",
    ),
    ("a limit inside one side", "(SELECT sex FROM census_pupil LIMIT 1) UNION ALL SELECT sex FROM census_pupil", LIMIT),
    (
        "a file on the other side",
        "SELECT sex FROM census_pupil UNION ALL SELECT content FROM read_text('{secret}')",
        FUNCTION,
        ITEM,
        PART,
        TABLE,
    ),
)

PIVOTS = listed(
    ("a statement of its own", "PIVOT census_pupil ON sex USING count(*)", STATEMENT),
    (
        "a column for each value makes names of values",
        "SELECT * FROM (PIVOT census_pupil ON ethnicity USING sum(age))",
        ITEM,
        PART,
    ),
    ("the reference as columns", "FROM census_pupil PIVOT (count(*) FOR pupil IN (1, 2, 3))", NUMBER, PART),
    ("UNPIVOT", "UNPIVOT census_pupil ON sex, ethnicity INTO NAME n VALUE v", STATEMENT),
    (
        "UNPIVOT of whatever matches",
        "SELECT v FROM census_pupil UNPIVOT (v FOR n IN (COLUMNS('p.*')))",
        FUNCTION,
        ITEM,
        PART,
    ),
    ("PIVOT_WIDER", "PIVOT_WIDER census_pupil ON sex USING count(*)", STATEMENT),
    ("PIVOT_LONGER", "PIVOT_LONGER census_pupil ON sex INTO NAME n VALUE v", UNREADABLE),
)

POSITIONS = listed(
    (
        "two tables side by side by storage",
        "SELECT a.sex, b.sessions FROM census_pupil a POSITIONAL JOIN census_absence b",
        PART,
    ),
    (
        "a table beside itself, sorted",
        "SELECT a.sex FROM (SELECT sex FROM census_pupil ORDER BY age) a POSITIONAL JOIN census_pupil b",
        PART,
    ),
    ("columns by their place", "SELECT #1 FROM census_pupil", PART),
    ("columns by their place in ORDER BY", "SELECT sex FROM census_pupil ORDER BY #1", PART),
    (
        "nearest match",
        "SELECT a.sex FROM census_pupil a ASOF LEFT JOIN census_absence b ON a.pupil = b.pupil AND a.year >= b.year",
        PART,
    ),
    ("ANTI JOIN", "SELECT sex FROM census_pupil ANTI JOIN census_absence USING (pupil)", ITEM, PART),
    ("a comma join by storage", "SELECT a.sex FROM census_pupil a ZIP JOIN census_absence b", UNREADABLE),
)

SYNTAX = listed(
    ("rows from FROM VALUES", "SELECT x FROM VALUES (1) t(x)", ITEM, PART),
    ("GROUP BY ALL with a reference", "SELECT pupil, count(*) FROM census_pupil GROUP BY ALL", PART),
    ("a name before its value", "SELECT x: pupil + 1 FROM census_pupil", NUMBER),
    ("a name before its table", "SELECT a.sex FROM a: census_pupil"),
    ("a method on a column", "SELECT sex.upper() FROM census_pupil", FUNCTION, PART),
    ("a chain of methods", "SELECT sex.lower().md5() FROM census_pupil", FUNCTION, PART),
    ("a trailing comma", "SELECT sex, FROM census_pupil"),
    ("a glob", "SELECT sex FROM census_pupil WHERE sex GLOB '[FM]'", PART),
    ("a regular expression by its sign", "SELECT sex FROM census_pupil WHERE sex ~ 'F'", FUNCTION),
    ("SIMILAR TO", "SELECT sex FROM census_pupil WHERE sex SIMILAR TO 'F'", PART),
    ("LIKE with an escape", "SELECT sex FROM census_pupil WHERE sex LIKE '%x%%' ESCAPE 'x'", PART),
    ("starts with, by its sign", "SELECT sex FROM census_pupil WHERE sex ^@ 'F'", FUNCTION),
    ("a month's length differs", "SELECT entrydate + INTERVAL '1 month' FROM census_pupil", PART),
    ("a date's part by EXTRACT", "SELECT extract('epoch' FROM entrydate) FROM census_pupil", FUNCTION),
    ("a date in words", "SELECT sex FROM census_pupil WHERE entrydate > DATE 'yesterday'", CONVERSION),
    ("a moment of another zone", "SELECT entrydate AT TIME ZONE 'Europe/London' FROM census_pupil", PART),
    ("grouping sets", "SELECT sex, count(*) FROM census_pupil GROUP BY GROUPING SETS ((sex), ())", PART),
    ("a cube", "SELECT sex, count(*) FROM census_pupil GROUP BY CUBE (sex)", PART),
    ("which grouping a row belongs to", "SELECT grouping(sex) FROM census_pupil GROUP BY sex", FUNCTION),
    ("any of a list", "SELECT sex FROM census_pupil WHERE age = ANY ([1, 2])", FUNCTION, PART),
    ("a record in IN", "SELECT sex FROM census_pupil WHERE sex IN ethnicity", PART),
    ("OVERLAPS", "SELECT (entrydate, entrydate) OVERLAPS (entrydate, entrydate) FROM census_pupil", PART),
    ("MERGE", "MERGE INTO census_pupil USING census_absence USING (pupil) WHEN MATCHED THEN DELETE", STATEMENT),
    (
        "a match of rows in order",
        "SELECT sex FROM census_pupil MATCH_RECOGNIZE (ORDER BY year PATTERN (a) DEFINE a AS TRUE)",
        UNREADABLE,
    ),
    ("a trigger", "CREATE TRIGGER t AFTER INSERT ON census_pupil BEGIN SELECT 1; END", ONE),
    ("a scalar function as a window", "SELECT abs(age) OVER (ORDER BY year) FROM census_pupil", PART),
    ("a rank without its window", "SELECT rank() FROM census_pupil", PART),
    ("a FILTER on what is no total", "SELECT abs(age) FILTER (WHERE TRUE) FROM census_pupil", PART),
    ("a call without its value", "SELECT max() FROM census_pupil", PART),
    (
        "IGNORE NULLS picks the first stored",
        "SELECT first_value(sex IGNORE NULLS) OVER (ORDER BY year) FROM census_pupil",
        FUNCTION,
        PART,
    ),
    ("a FOR UPDATE lock", "SELECT sex FROM census_pupil FOR UPDATE", PART),
    ("a window inside a window", "SELECT sum(rank() OVER (ORDER BY age)) OVER () AS x FROM census_pupil", NESTED),
    ("a total inside a total", "SELECT sum(count(*)) FROM census_pupil", NESTED),
    ("a condition on a total in WHERE", "SELECT sex FROM census_pupil WHERE count(*) > 1", EARLY),
)
