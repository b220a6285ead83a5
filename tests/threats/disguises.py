"""Hostile queries in disguise: texts that read otherwise than they run, names that mean something else, wildcards."""

from __future__ import annotations

from tests.threats.query import FUNCTION, HIDDEN, ITEM, NUMBER, PART, SHADOW, TABLE, UNCLEAR, UNREADABLE, listed

UNICODE = listed(
    (
        "a comment inside a comment closes where another parser thinks it does not",
        "SELECT sex /* /* */ , read_text('{secret}') */ FROM census_pupil",
    ),
    ("a hint that only some engines read", "SELECT /*+ MAX_EXECUTION_TIME(0) */ sex FROM census_pupil"),
    ("a comment that MySQL runs", "SELECT sex /*! , pupil + 1 */ FROM census_pupil"),
    (
        "a comment ended by a bare carriage return",
        "SELECT sex -- x\r, read_text('{secret}') FROM census_pupil",
        FUNCTION,
    ),
    (
        "a comment ended by a Unicode line separator",
        "SELECT sex -- x\u2028, read_text('{secret}')\n FROM census_pupil",
        HIDDEN,
    ),
    ("the same with a next-line character", "SELECT sex -- x\x85, read_text('{secret}')\n FROM census_pupil", HIDDEN),
    ("a hash that begins a comment elsewhere", "SELECT sex # , age\n FROM census_pupil", UNREADABLE),
    ("a byte order mark before the query", "\ufeffSELECT sex FROM census_pupil", HIDDEN),
    ("a byte order mark inside a name", "SELECT se\ufeffx FROM census_pupil", HIDDEN),
    (
        "letters that turn the reading direction: what is shown is not what runs",
        "SELECT sex /* \u202e ) */ FROM census_pupil",
        HIDDEN,
    ),
    ("the same inside a name", 'SELECT sex AS "a\u202eb" FROM census_pupil', HIDDEN),
    ("a space of no width inside a name", "SELECT pup\u200bil FROM census_pupil", HIDDEN),
    ("a joiner of no width inside a function's name", "SELECT m\u200dax(sex) FROM census_pupil", HIDDEN),
    ("a space that does not break", "SELECT\xa0sex\xa0FROM\xa0census_pupil"),
    ("an ideographic space between words", "SELECT\u3000sex FROM census_pupil"),
    (
        "full-width letters that normalise to a column",
        "SELECT \uff50\uff55\uff50\uff49\uff4c + 1 FROM census_pupil",
        ITEM,
    ),
    ("a full-width keyword", "\uff33\uff25\uff2c\uff25\uff23\uff34 sex FROM census_pupil", UNREADABLE),
    ("a full-width semicolon", "SELECT sex FROM census_pupil\uff1b DROP TABLE census_pupil", UNREADABLE),
    ("a full-width quote ends no text", "SELECT sex FROM census_pupil WHERE sex = \uff07F\uff07", ITEM),
    ("curly quotes", "SELECT sex FROM census_pupil WHERE sex = \u2018F\u2019", ITEM),
    ("a Turkish capital i becomes two letters when made small", "SELECT PUP\u0130L + 1 FROM census_pupil", ITEM),
    ("a Turkish small i without its dot becomes a plain capital one", "SELECT pup\u0131l + 1 FROM census_pupil", ITEM),
    ("a long s becomes a plain capital one", "SELECT \u017fex FROM census_pupil", ITEM),
    ("a table in which the long s stands for s", "SELECT sex FROM cen\u017fus_pupil", TABLE),
    ("a letter and a combining mark instead of one letter", "SELECT sex AS a\u0301, age AS \xe1 FROM census_pupil"),
    (
        "a name that only normalising makes equal, inside",
        "SELECT q.\xe1 FROM (SELECT sex AS a\u0301 FROM census_pupil) q",
        UNCLEAR,
    ),
    ("a greek question mark looks like a semicolon", "SELECT sex FROM census_pupil\u037e SELECT 1", UNREADABLE),
    ("half of a surrogate pair", "SELECT '\ud800' AS x FROM census_pupil", HIDDEN),
    ("control characters between words", "SELECT\x0bsex\x0cFROM\x1fcensus_pupil", HIDDEN),
    ("a text with a Unicode escape", "SELECT sex FROM census_pupil WHERE sex = U&'\\0046'", ITEM, PART),
    ("a name with a Unicode escape", 'SELECT U&"pup\\0069l" + 1 FROM census_pupil', ITEM, PART),
    ("a backslash before the closing quote", "SELECT sex FROM census_pupil WHERE sex = 'F\\' OR pupil = 3 --'", NUMBER),
    ("text in bits", "SELECT sex FROM census_pupil WHERE age = b'101'", UNREADABLE),
    ("text in hexadecimal", "SELECT sex FROM census_pupil WHERE sex = x'46'", UNREADABLE),
    ("an escape for other drivers", "SELECT {{fn user()}} FROM census_pupil", FUNCTION),
    ("a template's brackets", "SELECT {{{{ 1 }}}} AS x FROM census_pupil", FUNCTION),
)

SHADOWS = listed(
    (
        "a WITH that takes another table's name while the table is read",
        "WITH census_absence AS (SELECT pupil AS sessions FROM census_pupil) SELECT sessions FROM census_absence",
        SHADOW,
    ),
    (
        "a subquery of a table's name",
        "SELECT census_absence.p + 1 FROM (SELECT pupil AS p FROM census_pupil) census_absence",
        NUMBER,
    ),
    ("an alias that is a column's name", "SELECT age.sex FROM census_pupil AS age WHERE age.age > 3"),
    ("an alias that is its own column", "SELECT sex.sex FROM census_pupil AS sex"),
    ("two aliases that differ in capitals only", 'SELECT "A".sex FROM census_pupil "A", census_absence "a"', UNCLEAR),
    (
        "a WITH of a name the engine already has",
        "WITH duckdb_tables AS (SELECT sex FROM census_pupil) SELECT sex FROM duckdb_tables",
    ),
    (
        "a WITH of a name the standard catalogue has",
        "WITH sqlite_master AS (SELECT sex FROM census_pupil) SELECT sex FROM sqlite_master",
    ),
    (
        "an output of the internal reference's name that is not it",
        "SELECT q.pupil + 1 AS x FROM (SELECT age AS pupil FROM census_pupil) q",
    ),
    (
        "an inner alias hides the outer one",
        "SELECT a.sex FROM census_pupil a WHERE EXISTS (SELECT 1 FROM census_absence a WHERE a.sessions > 1)",
    ),
    (
        "an alias that is a function",
        "SELECT count.sex AS x, count(*) AS n FROM census_pupil AS count GROUP BY count.sex",
    ),
    ("an alias of a file's name", 'SELECT "x.parquet".sex FROM census_pupil AS "x.parquet"'),
    ("a table of a column's name", "SELECT sex FROM sex", TABLE),
    (
        "a WITH that reads itself without saying RECURSIVE",
        "WITH v AS (SELECT sex FROM v) SELECT sex FROM v",
        ITEM,
        TABLE,
    ),
)

STARS = listed(
    ("everything but by pattern", "SELECT * LIKE 's%' FROM census_pupil", PART),
    ("everything by SIMILAR TO", "SELECT * SIMILAR TO 'p.*' FROM census_pupil", PART),
    ("everything, not like", "SELECT * NOT LIKE 'x%' FROM census_pupil", PART),
    ("everything, renamed", "SELECT * RENAME (pupil AS x) FROM census_pupil", PART),
    ("everything, replaced", "SELECT * REPLACE (pupil + 1 AS pupil) FROM census_pupil", NUMBER, PART),
    ("every column by a lambda", "SELECT COLUMNS(c -> c LIKE 'p%') FROM census_pupil", FUNCTION, PART),
    ("every column by a list", "SELECT COLUMNS(['pupil', 'sex']) FROM census_pupil", FUNCTION),
    ("every column unpacked into a call", "SELECT greatest(*COLUMNS(*)) FROM census_pupil", FUNCTION, PART),
    ("every column in a condition", "SELECT sex FROM census_pupil WHERE COLUMNS(*) IS NOT NULL", FUNCTION, PART),
    ("every column sorted by", "SELECT sex FROM census_pupil ORDER BY COLUMNS(*)", FUNCTION, PART),
    ("ORDER BY ALL sorts by the reference as well", "SELECT pupil, sex FROM census_pupil ORDER BY ALL", PART),
    ("a star in a function that is not count", "SELECT max(*) FROM census_pupil", PART),
    ("a star of a table in count", "SELECT count(a.*) FROM census_pupil a", ITEM, PART),
    ("count of a distinct star", "SELECT count(DISTINCT *) FROM census_pupil", PART),
    ("a star inside", "SELECT q.sex FROM (SELECT * FROM census_pupil) q", ITEM, PART),
    ("a star inside EXISTS", "SELECT sex FROM census_pupil WHERE EXISTS (SELECT * FROM census_absence)", PART),
    ("a table by its name alone", "TABLE census_pupil", PART),
    ("FROM alone inside", "SELECT count(*) FROM (FROM census_pupil) q", PART),
)

NESTED = listed(
    (
        "a record taken apart",
        "SELECT q.s.* FROM (SELECT {{'p': pupil}} AS s FROM census_pupil) q",
        FUNCTION,
        NUMBER,
        PART,
    ),
    ("a record made of everything", "SELECT struct_pack(*) FROM census_pupil", FUNCTION, PART),
    ("a record by row()", "SELECT row(pupil, sex) FROM census_pupil", FUNCTION, NUMBER),
    ("all values in a list", "SELECT array_agg(pupil) FROM census_pupil", FUNCTION, NUMBER),
    ("a subquery made a list", "SELECT ARRAY (SELECT pupil FROM census_pupil) AS x", FUNCTION),
    ("a list's part", "SELECT [age, year][1] FROM census_pupil", FUNCTION, PART),
    ("a slice of a text", "SELECT ethnicity[1:2] FROM census_pupil", PART),
    ("a list comprehension", "SELECT [x + 1 FOR x IN [pupil] IF x > 2] FROM census_pupil", FUNCTION, NUMBER, PART),
    (
        "a lambda in Python's words",
        "SELECT list_transform([pupil], lambda x : x + 1) FROM census_pupil",
        FUNCTION,
        NUMBER,
        PART,
    ),
    ("a list unpacked into rows", "SELECT unnest([pupil, age]) FROM census_pupil", FUNCTION, NUMBER),
    (
        "a record unpacked into columns",
        "SELECT unnest({{'a': pupil}}, recursive := true) FROM census_pupil",
        FUNCTION,
        NUMBER,
        PART,
    ),
    ("a map's key", "SELECT map([sex], [pupil]) FROM census_pupil", FUNCTION, NUMBER),
    ("a VARIANT holds any type", "SELECT CAST(pupil AS VARIANT) FROM census_pupil", NUMBER, PART),
    ("a JSON text of a row", "SELECT to_json(p) FROM census_pupil p", FUNCTION),
    ("an arrow into JSON", "SELECT sex ->> '$.x' FROM census_pupil", FUNCTION, PART),
    ("a cast to a list", "SELECT CAST(sex AS INT[]) FROM census_pupil", PART),
    ("a cast to a record", "SELECT CAST(sex AS STRUCT(a INT)) FROM census_pupil", PART),
)

VIRTUAL = listed(
    ("the row's number by a second name", "SELECT a.rowid FROM census_pupil a", UNCLEAR),
    ("the row's number in a condition", "SELECT sex FROM census_pupil WHERE rowid < 3", ITEM),
    ("the row's number, quoted", 'SELECT "rowid" FROM census_pupil', ITEM),
    ("PostgreSQL's place of a row", "SELECT ctid FROM census_pupil", ITEM),
    ("Oracle's row number", "SELECT sex FROM census_pupil WHERE rownum < 3", ITEM),
    ("the file's name in a condition", "SELECT sex FROM census_pupil WHERE filename LIKE '%1%'", ITEM),
    ("the file's row number, sorted by", "SELECT sex FROM census_pupil ORDER BY file_row_number", ITEM),
    ("the file's index", "SELECT file_index FROM census_pupil", ITEM),
    ("the row group", "SELECT row_group_id FROM census_pupil", ITEM),
    ("the table's own number", "SELECT tableoid FROM census_pupil", ITEM),
    ("the line of a return", "SELECT return_row FROM census_pupil", ITEM),
    (
        "the line of a return, through USING",
        "SELECT a.sex FROM census_pupil a JOIN census_absence b USING (return_row)",
        UNCLEAR,
    ),
    ("an old version by time", "SELECT sex FROM census_pupil AT (TIMESTAMP => '2026-01-01')", PART),
    ("an old version in Iceberg's words", "SELECT sex FROM census_pupil FOR SYSTEM_TIME AS OF '2026-01-01'", PART),
    ("a partition's column of the file's path", "SELECT hive_partition FROM census_pupil", ITEM),
)
