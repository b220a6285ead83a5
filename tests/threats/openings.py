"""Hostile queries that want a door of the engine: files, settings, catalogue, macros, statements."""

from __future__ import annotations

from tests.threats.query import FUNCTION, ITEM, NUMBER, ONE, PART, STATEMENT, TABLE, UNREADABLE, listed

FILE_ACCESS = listed(
    (
        "another DuckDB file read as a table",
        "SELECT x FROM read_duckdb('{secret}', table_name => 't')",
        FUNCTION,
        ITEM,
        PART,
        TABLE,
    ),
    ("a table of a file named by two parts", 'SELECT x FROM "{secret}".t', PART, TABLE),
    ("every file by pattern", "SELECT x FROM '*.parquet'", TABLE),
    (
        "a list of files, one of them the lake's",
        "SELECT x FROM read_parquet(['{secret}', '{secret}'])",
        FUNCTION,
        ITEM,
        PART,
        TABLE,
    ),
    ("FROM first, file next", "FROM '{secret}' SELECT x", TABLE),
    ("a file's keys", "SELECT key FROM parquet_kv_metadata('{secret}')", FUNCTION, ITEM, PART, TABLE),
    (
        "everything about a file in one row",
        "SELECT file_name FROM parquet_full_metadata('{secret}')",
        FUNCTION,
        ITEM,
        PART,
        TABLE,
    ),
    (
        "a Bloom filter answers whether a value is in a file",
        "SELECT bloom_filter_excludes FROM parquet_bloom_probe('{secret}', 'sex', 'F')",
        FUNCTION,
        ITEM,
        PART,
        TABLE,
    ),
    (
        "which credentials an address would use",
        "SELECT name FROM which_secret('s3://x', 's3')",
        FUNCTION,
        ITEM,
        PART,
        TABLE,
    ),
    ("a variable of the process that runs the query", "SELECT pupil FROM members", TABLE),
    ("a data frame by its address in memory", "SELECT x FROM pandas_scan(140000000000)", FUNCTION, ITEM, PART, TABLE),
    ("a stream by its address in memory", "SELECT x FROM arrow_scan(1, 2, 3)", FUNCTION, ITEM, PART, TABLE),
    ("a file named in dollars", "SELECT x FROM $${secret}$$", UNREADABLE),
    ("a file named with escapes", "SELECT x FROM E'{secret}'", UNREADABLE),
    (
        "a file read by a table function beside FROM",
        "SELECT t.x FROM census_pupil, read_csv('{secret}') AS t(x)",
        FUNCTION,
        ITEM,
        PART,
        TABLE,
    ),
    (
        "a file read by the function named in a string",
        "SELECT x FROM IDENTIFIER('{secret}')",
        FUNCTION,
        ITEM,
        PART,
        TABLE,
    ),
)

SETTINGS = listed(
    ("a setting by its short spelling", "SHOW enable_external_access", STATEMENT),
    ("every setting", "SHOW ALL", UNREADABLE),
    ("a setting through a variable", "SET VARIABLE x = (SELECT max(ethnicity) FROM census_pupil)", STATEMENT),
    ("a variable read back", "SELECT getvariable('x') AS x FROM census_pupil", FUNCTION),
    ("a setting for this statement only", "SET LOCAL threads = 1", STATEMENT),
    ("another schema first: tables of the gate's names are found there", "USE memory.main", STATEMENT),
    ("a changed order of NULLs changes every answer", "SET default_null_order = 'nulls_last'", STATEMENT),
    ("a logger keeps every value in a table", "CALL enable_logging('QueryLog')", STATEMENT),
    ("a message of one's own in the engine's log", "SELECT write_log('{canary}') FROM census_pupil", FUNCTION),
    ("a grammar of one's own", "CALL add_grammar_extension('x', 'y')", STATEMENT),
    ("an outside resource", "CALL create_external_resource('x')", STATEMENT),
    ("a value kept in a sequence between queries", "SELECT nextval('s') FROM census_pupil", FUNCTION),
)

CATALOGUE = listed(
    ("columns of every table", "SELECT column_name FROM duckdb_columns()", FUNCTION, ITEM, PART, TABLE),
    (
        "other people's prepared statements",
        "SELECT name FROM duckdb_prepared_statements()",
        FUNCTION,
        ITEM,
        PART,
        TABLE,
    ),
    ("the engine's log of queries", "SELECT message FROM duckdb_logs()", FUNCTION, ITEM, PART, TABLE),
    (
        "rows the engine keeps as a sample of a table",
        "SELECT sex FROM duckdb_table_sample('census_pupil')",
        FUNCTION,
        ITEM,
        PART,
        TABLE,
    ),
    ("columns by pragma", "SELECT name FROM pragma_table_info('census_pupil')", FUNCTION, ITEM, PART, TABLE),
    (
        "statistics hold least and greatest values",
        "SELECT stats FROM pragma_storage_info('census_pupil')",
        FUNCTION,
        ITEM,
        PART,
        TABLE,
    ),
    ("statistics as a value", "SELECT stats(pupil) FROM census_pupil", FUNCTION, NUMBER),
    ("a view's text through PostgreSQL's name for it", "SELECT pg_get_viewdef(1) FROM census_pupil", FUNCTION),
    ("a temporary table of the engine's own", "SELECT pupil FROM temp.main.__denied", PART, TABLE),
    ("the engine's own schema", "SELECT pupil FROM system.main.census_pupil", PART),
    ("the name of the query that runs", "SELECT current_query() FROM census_pupil", FUNCTION),
    ("the schema by a word without brackets", "SELECT current_schema FROM census_pupil", ITEM),
    ("the catalogue by a word without brackets", "SELECT current_catalog FROM census_pupil", FUNCTION),
    (
        "the file cache tells which files others read",
        "SELECT path FROM duckdb_external_file_cache()",
        FUNCTION,
        ITEM,
        PART,
        TABLE,
    ),
)

MACROS = listed(
    ("a macro for this query", "CREATE TEMP MACRO f(x) AS x + 1", STATEMENT),
    ("a table macro", "CREATE MACRO f() AS TABLE SELECT pupil FROM census_pupil", STATEMENT),
    ("a function of that word", "CREATE FUNCTION f(x) AS x", STATEMENT),
    ("a macro of the gate's name", "CREATE OR REPLACE MACRO __pseudonym(p) AS p", STATEMENT),
    ("the gate's macro by its schema", "SELECT main.__pseudonym(pupil) FROM census_pupil", FUNCTION, NUMBER, PART),
    ("the gate's macro on a value, by method", "SELECT (3).__pseudonym() FROM census_pupil", FUNCTION, PART),
    ("a macro the engine brings", "SELECT list_first([pupil]) FROM census_pupil", FUNCTION, NUMBER),
    (
        "a macro the engine brings, as a table",
        "SELECT bin FROM histogram(census_pupil, pupil)",
        FUNCTION,
        ITEM,
        PART,
        TABLE,
    ),
    (
        "the reference's digest as the gate makes it",
        "SELECT substr(sha256(unhex('00')), 1, 32) FROM census_pupil",
        FUNCTION,
    ),
)

SUMMARIES = listed(
    ("of a query", "SUMMARIZE SELECT pupil FROM census_pupil", STATEMENT),
    ("as a table", "SELECT min FROM (SUMMARIZE census_pupil)", ITEM, PART),
    ("DESCRIBE of a query", "DESCRIBE SELECT pupil FROM census_pupil", STATEMENT),
    ("DESCRIBE as a table", "SELECT column_name FROM (DESCRIBE census_pupil)", ITEM, PART),
    ("SHOW", "SHOW TABLES", STATEMENT),
    ("SHOW as a table", "SELECT name FROM (SHOW ALL TABLES)", UNREADABLE),
    ("SHOW of a table", "SHOW census_pupil", STATEMENT),
    ("the plan", "EXPLAIN SELECT sex FROM census_pupil", STATEMENT),
    ("statistics kept for the optimiser", "ANALYZE census_pupil", STATEMENT),
)

STACKED = listed(
    ("a semicolon in the middle", "SELECT sex FROM census_pupil; SELECT pupil + 1 FROM census_pupil", ONE),
    ("three of them", "SELECT 1; SELECT 2; SELECT 3", ONE),
    ("the second in a comment's shade", "SELECT sex FROM census_pupil; /* */ SET threads = 1", ONE),
    ("an empty one first", "; SELECT read_text('{secret}')", FUNCTION),
    ("many semicolons", "SELECT sex FROM census_pupil;;;; DROP TABLE census_pupil", ONE),
    ("begin and commit around it", "BEGIN; SELECT sex FROM census_pupil; COMMIT", ONE),
    ("a pipe of statements", "FROM census_pupil |> SELECT sex", PART),
    ("two statements without a semicolon", "SELECT sex FROM census_pupil SELECT 1 FROM census_pupil", UNREADABLE),
    ("a statement in brackets", "(DELETE FROM census_pupil)", UNREADABLE),
    ("a statement as a source", "SELECT x FROM (INSERT INTO census_pupil VALUES (1) RETURNING 1 AS x)", UNREADABLE),
    ("a slash that ends a statement elsewhere", "SELECT sex FROM census_pupil\n/\nDROP TABLE census_pupil", UNREADABLE),
    ("GO ends a batch elsewhere", "SELECT sex FROM census_pupil\nGO\nDROP TABLE census_pupil", UNREADABLE),
)

PREPARED = listed(
    ("prepare", "PREPARE {canary} AS SELECT pupil FROM census_pupil", STATEMENT),
    ("execute", "EXECUTE {canary}(1)", STATEMENT),
    ("forget", "DEALLOCATE {canary}", STATEMENT),
    ("a named parameter", "SELECT sex FROM census_pupil WHERE age = $age", PART),
    ("a parameter by a colon", "SELECT sex FROM census_pupil WHERE age = :age", PART),
    ("a parameter by an at sign", "SELECT sex FROM census_pupil WHERE age = @age"),
    ("a question mark with a number", "SELECT sex FROM census_pupil WHERE age = ?1", UNREADABLE),
    ("a parameter for a table", "SELECT sex FROM $1", ITEM, PART, TABLE),
    ("a cursor", "DECLARE c CURSOR FOR SELECT sex FROM census_pupil", UNREADABLE),
)
