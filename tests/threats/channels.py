"""Hostile queries that ask by a side channel: an error, the time, the order of rows, a number hidden in a name."""

from __future__ import annotations

from tests.threats.query import CONVERSION, FUNCTION, ITEM, LIMIT, NUMBER, PART, RANGE, TYPES, UNREADABLE, WIDE, listed

CASTS = listed(
    (
        "the error would name the first value that is no number",
        "SELECT CAST(ethnicity AS INT) AS x FROM census_pupil",
        CONVERSION,
    ),
    ("the same by two colons", "SELECT ethnicity::BIGINT AS x FROM census_pupil", CONVERSION),
    ("the same without a cast", "SELECT sex FROM census_pupil WHERE ethnicity = 5", CONVERSION),
    ("the same as a date", "SELECT CAST(ethnicity AS DATE) AS x FROM census_pupil", CONVERSION),
    ("the same as a truth value", "SELECT CAST(ethnicity AS BOOLEAN) AS x FROM census_pupil", CONVERSION),
    ("the same as a decimal", "SELECT CAST(urn AS DECIMAL(3, 1)) AS x FROM census_pupil", CONVERSION),
    ("the same as a small number", "SELECT CAST(urn * 1000 AS SMALLINT) AS x FROM census_pupil", CONVERSION),
    (
        "only for one child: fails when she is there",
        "SELECT CASE WHEN age = 3 THEN CAST(ethnicity AS INT) ELSE 0 END AS x FROM census_pupil",
        CONVERSION,
    ),
    (
        "a cast that gives NULL tells no more than the item does",
        "SELECT TRY_CAST(ethnicity AS INT) AS x FROM census_pupil",
    ),
    ("an error turned into NULL by TRY", "SELECT TRY(CAST(ethnicity AS INT)) FROM census_pupil", FUNCTION),
    ("an error with a text of one's own", "SELECT error(ethnicity) FROM census_pupil", FUNCTION),
    ("an assertion that fails on a value", "SELECT assert_true(age > 3) FROM census_pupil", FUNCTION),
    ("a cast of the reference", "SELECT TRY_CAST(pupil AS VARCHAR) FROM census_pupil", NUMBER),
    (
        "a cast to an enumeration shows its values in the error",
        "SELECT CAST(sex AS ENUM('x', 'y')) FROM census_pupil",
        PART,
    ),
    (
        "a date from a text by pattern: the error repeats the text",
        "SELECT strptime(ethnicity, '%Y') FROM census_pupil",
        FUNCTION,
    ),
    ("a text compared with a truth value", "SELECT sex FROM census_pupil WHERE ethnicity = onroll", CONVERSION),
)

DIVISIONS = listed(
    ("fails for one age, and gives NULL instead", "SELECT 1 / (age - 4) AS x FROM census_pupil"),
    ("by whole numbers", "SELECT 1 // (age - 4) AS x FROM census_pupil"),
    ("by remainder", "SELECT 1 % (age - 4) AS x FROM census_pupil"),
    ("by mod()", "SELECT mod(1, age - 4) AS x FROM census_pupil"),
    ("in a condition", "SELECT sex FROM census_pupil WHERE 1 / (age - 4) > 0"),
    ("of an aggregate", "SELECT sum(age) / (count(*) - 8) AS x FROM census_pupil"),
    ("nought by nought", "SELECT (age - 4) / (age - 4) AS x FROM census_pupil"),
    ("with an exponent", "SELECT 1e0 / (age - 4) AS x FROM census_pupil"),
    (
        "on one child only",
        "SELECT CASE WHEN sex = 'F' AND age = 3 THEN 1 // (age - 3) ELSE 1 END AS x FROM census_pupil",
    ),
    ("by the reference", "SELECT 1 / pupil FROM census_pupil", NUMBER),
    (
        "overflow instead of division",
        "SELECT CASE WHEN age = 3 THEN 9223372036854775807 + age ELSE 0 END AS x FROM census_pupil",
        RANGE,
    ),
    ("overflow of a total", "SELECT sum(9223372036854775807 * age) AS x FROM census_pupil", WIDE),
    ("the logarithm of nought", "SELECT ln(age - 4) FROM census_pupil", FUNCTION),
    ("the root of a negative number", "SELECT sqrt(age - 4) FROM census_pupil", FUNCTION),
)

TIMING = listed(
    ("waits when a condition holds", "SELECT CASE WHEN age = 3 THEN pg_sleep(5) END FROM census_pupil", FUNCTION),
    ("waits in milliseconds", "SELECT sleep_ms(5000) FROM census_pupil", FUNCTION),
    ("the clock before and after", "SELECT now() - get_current_timestamp() FROM census_pupil", FUNCTION),
    ("the time as a word", "SELECT current_time FROM census_pupil", FUNCTION),
    ("the day: an answer that differs tomorrow", "SELECT today() FROM census_pupil", FUNCTION),
    ("an age counted from today", "SELECT age(entrydate) FROM census_pupil", FUNCTION),
    ("a number of the transaction counts others' work", "SELECT txid_current() FROM census_pupil", FUNCTION),
    (
        "work in one branch only: the answer is the same, the release is on record",
        "SELECT CASE WHEN age = 3 THEN (SELECT count(*) FROM census_absence a CROSS JOIN census_absence b CROSS JOIN census_absence c) ELSE 0 END AS x FROM census_pupil",
    ),
    (
        "a pattern that takes long",
        "SELECT count(*) AS n FROM census_pupil WHERE ethnicity || ethnicity || ethnicity LIKE '%_%_%_%_%_%_%_%_%_%Q'",
    ),
    ("a text repeated", "SELECT length(repeat(ethnicity, 1000000)) FROM census_pupil", FUNCTION),
)

SAMPLES = listed(
    (
        "a sample of rows, repeatable",
        "SELECT sex FROM census_pupil USING SAMPLE reservoir(2 ROWS) REPEATABLE (7)",
        PART,
    ),
    ("a sample by percentage", "SELECT sex FROM census_pupil USING SAMPLE 50%", PART),
    ("a sample of blocks", "SELECT sex FROM census_pupil USING SAMPLE system(50%)", PART),
    ("a sample of a table", "SELECT sex FROM census_pupil TABLESAMPLE BERNOULLI (50)", PART),
    ("a sample inside", "SELECT count(*) FROM (SELECT sex FROM census_pupil USING SAMPLE 2) q", PART),
    ("chance as a condition", "SELECT sex FROM census_pupil WHERE random() < 0.5", FUNCTION),
    ("chance by an identifier", "SELECT sex FROM census_pupil ORDER BY gen_random_uuid()", FUNCTION),
    ("an estimate from a sample", "SELECT approx_quantile(age, 0.5) FROM census_pupil", FUNCTION),
    ("a reservoir", "SELECT reservoir_quantile(age, 0.5) FROM census_pupil", FUNCTION),
    ("chance by a digest of a row's place", "SELECT sex FROM census_pupil WHERE hash(rowid) % 2 = 0", FUNCTION, ITEM),
)

UNORDERED = listed(
    ("FETCH instead of LIMIT", "SELECT sex FROM census_pupil FETCH FIRST 1 ROW ONLY", PART),
    ("TOP instead of LIMIT", "SELECT TOP 1 sex FROM census_pupil", UNREADABLE),
    ("ties by WITH TIES", "SELECT sex FROM census_pupil ORDER BY age FETCH FIRST 1 ROW WITH TIES", PART),
    ("a LIMIT in a WITH", "WITH v AS (SELECT sex FROM census_pupil LIMIT 1) SELECT sex FROM v", LIMIT),
    ("a LIMIT that is computed", "SELECT sex FROM census_pupil ORDER BY sex LIMIT 1 + 1", PART),
    ("a LIMIT by a column", "SELECT sex FROM census_pupil ORDER BY sex LIMIT age", PART),
    ("a negative LIMIT", "SELECT sex FROM census_pupil ORDER BY sex LIMIT -1", PART),
    ("a LIMIT in an EXISTS", "SELECT sex FROM census_pupil WHERE EXISTS (SELECT 1 FROM census_absence LIMIT 1)", LIMIT),
    ("ordered by a constant: no order at all", "SELECT sex, age FROM census_pupil ORDER BY 'x' LIMIT 2", TYPES),
    ("ordered by NULL", "SELECT sex, age FROM census_pupil ORDER BY NULL LIMIT 2", TYPES),
    ("ordered by what is the same for all", "SELECT sex, age FROM census_pupil ORDER BY age - age LIMIT 3"),
    (
        "a pseudonym's place under a LIMIT: by the pseudonym, not the number",
        "SELECT pupil FROM census_pupil ORDER BY year LIMIT 3",
    ),
    (
        "a frame by range",
        "SELECT sum(age) OVER (ORDER BY year RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM census_pupil",
        PART,
    ),
    ("a frame by groups", "SELECT sum(age) OVER (ORDER BY year GROUPS 1 PRECEDING) FROM census_pupil", PART),
    (
        "a frame that leaves a row out",
        "SELECT sum(age) OVER (ORDER BY year EXCLUDE CURRENT ROW) FROM census_pupil",
        UNREADABLE,
    ),
    ("the next row", "SELECT lead(sex) OVER (ORDER BY year) FROM census_pupil", FUNCTION, PART),
    ("the first of a window", "SELECT first_value(sex) OVER (ORDER BY year) FROM census_pupil", FUNCTION, PART),
    ("the second of a window", "SELECT nth_value(sex, 2) OVER (ORDER BY year) FROM census_pupil", FUNCTION, PART),
    ("gaps filled from neighbours", "SELECT fill(age) OVER (ORDER BY year) FROM census_pupil", FUNCTION, PART),
    (
        "joined text, ordered, ties by storage",
        "SELECT string_agg(sex, '' ORDER BY year) FROM census_pupil",
        FUNCTION,
        PART,
    ),
    (
        "joined text by WITHIN GROUP",
        "SELECT listagg(sex, ',') WITHIN GROUP (ORDER BY year) FROM census_pupil",
        FUNCTION,
        PART,
    ),
    ("a mode by WITHIN GROUP", "SELECT mode() WITHIN GROUP (ORDER BY sex) FROM census_pupil", FUNCTION, PART),
    (
        "letters that a collation makes equal: which one shows is the one stored first",
        "SELECT DISTINCT sex COLLATE NOCASE FROM census_pupil",
        FUNCTION,
        PART,
    ),
    ("a collation in an ORDER BY", "SELECT sex FROM census_pupil ORDER BY sex COLLATE de LIMIT 1", FUNCTION, PART),
    ("the most by approximation", "SELECT approx_top_k(sex, 1) FROM census_pupil", FUNCTION),
    ("the middle by position", "SELECT quantile_disc(sex, 0.5) FROM census_pupil", FUNCTION),
    (
        "a total that leaves the engine's range in one order and not in another: fails or not by storage",
        "SELECT sum(CASE WHEN age = 5 THEN 99999999999999999999999999999999999999 WHEN age = 4 THEN -99999999999999999999999999999999999999 ELSE 0 END) AS s FROM census_pupil",
        WIDE,
    ),
    (
        "the same as a mean of decimals",
        "SELECT avg(CAST(CASE WHEN age = 5 THEN 99999999999999999999999999999999999999 WHEN age = 4 THEN -99999999999999999999999999999999999999 ELSE 0 END AS DECIMAL(38, 0))) AS s FROM census_pupil",
        WIDE,
    ),
    (
        "the same over a window",
        "SELECT DISTINCT sum(CASE WHEN age = 5 THEN 99999999999999999999999999999999999999 WHEN age = 4 THEN -99999999999999999999999999999999999999 ELSE 0 END) OVER () AS s FROM census_pupil",
        WIDE,
    ),
    (
        "the same through a subquery",
        "SELECT sum(q.x) AS s FROM (SELECT CASE WHEN age = 5 THEN 99999999999999999999999999999999999999 WHEN age = 4 THEN -99999999999999999999999999999999999999 ELSE 0 END AS x FROM census_pupil) q",
        WIDE,
    ),
    (
        "the same through a union",
        "SELECT sum(q.x) AS s FROM (SELECT 99999999999999999999999999999999999999 AS x FROM census_pupil WHERE age = 5 UNION ALL SELECT -99999999999999999999999999999999999999 AS x FROM census_pupil WHERE age = 4) q",
        WIDE,
    ),
    (
        "the same by a product that grows long",
        "SELECT sum(CAST(urn AS BIGINT) * 99999999999999999999) AS s FROM census_pupil",
        WIDE,
    ),
    (
        "the same by a total of totals of totals",
        "SELECT sum(q.t) AS s FROM (SELECT p.sex, sum(p.s) AS t FROM (SELECT sex, age, sum(sum(urn)) OVER () AS s FROM census_pupil GROUP BY sex, age) p GROUP BY p.sex) q",
        WIDE,
    ),
    (
        "a total of short numbers cannot overflow: allowed",
        "SELECT sum(age * 1.5) AS a, sum(CAST(urn AS BIGINT)) AS b, avg(sum(age)) OVER () AS c FROM census_pupil GROUP BY sex",
    ),
    (
        "a very long one as DOUBLE is added in order of size: allowed",
        "SELECT sum(CAST(CASE WHEN age = 5 THEN 99999999999999999999999999999999999999 WHEN age = 4 THEN -99999999999999999999999999999999999999 ELSE 0 END AS DOUBLE)) AS s FROM census_pupil",
    ),
)

PSEUDONYMS = listed(
    ("a letter of the pseudonym", "SELECT substring(pupil, 1, 1) FROM census_pupil", NUMBER),
    ("its length", "SELECT length(pupil) FROM census_pupil", NUMBER),
    (
        "a pseudonym given, asked back",
        "SELECT sex FROM census_pupil WHERE pupil = '0123456789abcdef0123456789abcdef'",
        NUMBER,
    ),
    ("a pseudonym's beginning", "SELECT sex FROM census_pupil WHERE pupil LIKE 'ab%'", NUMBER),
    ("its bits", "SELECT pupil & 1 FROM census_pupil", NUMBER, PART),
    ("its bits turned", "SELECT ~pupil FROM census_pupil", NUMBER, PART),
    ("moved by a bit", "SELECT pupil >> 1 FROM census_pupil", NUMBER, PART),
    ("to a power", "SELECT pupil ^ 2 FROM census_pupil", FUNCTION, NUMBER),
    ("its remainder", "SELECT mod(pupil, 2) FROM census_pupil", NUMBER),
    ("its rounded value", "SELECT round(pupil, -1) FROM census_pupil", NUMBER),
    ("its size", "SELECT abs(pupil) FROM census_pupil", NUMBER),
    ("a mean", "SELECT avg(pupil) FROM census_pupil", NUMBER),
    ("the middle one", "SELECT median(pupil) FROM census_pupil", NUMBER),
    ("its spread", "SELECT stddev(pupil) FROM census_pupil", NUMBER),
    ("a sum of the distinct", "SELECT sum(DISTINCT pupil) FROM census_pupil", NUMBER),
    (
        "ordering by a reference in a group",
        "SELECT pupil, count(*) AS n FROM census_pupil GROUP BY pupil ORDER BY pupil LIMIT 1",
        NUMBER,
    ),
    ("a running count by the reference", "SELECT count(*) OVER (ORDER BY pupil) FROM census_pupil", NUMBER),
    (
        "a truth value of two references' sizes",
        "SELECT a.pupil > b.pupil AS x FROM census_pupil a JOIN census_absence b ON a.year = b.year",
        NUMBER,
    ),
    (
        "whichever of two references is larger",
        "SELECT greatest(a.pupil, b.pupil) AS x FROM census_pupil a JOIN census_absence b ON a.year = b.year",
        NUMBER,
    ),
    ("in a CASE inside a count", "SELECT count(CASE WHEN pupil % 2 = 0 THEN 1 END) FROM census_pupil", NUMBER),
    (
        "hidden by coalesce in a subquery",
        "SELECT q.x + 1 FROM (SELECT coalesce(a.pupil, b.pupil) AS x FROM census_pupil a FULL JOIN census_absence b ON a.pupil = b.pupil) q",
        NUMBER,
    ),
    ("hidden by IF", "SELECT if(age > 3, pupil, 0) FROM census_pupil", NUMBER),
    (
        "an IN that is computed with",
        "SELECT (pupil IN (SELECT pupil + 1 FROM census_absence)) AS x FROM census_pupil",
        NUMBER,
    ),
    ("the reference as a number of rows", "SELECT sex FROM census_pupil ORDER BY sex LIMIT pupil", NUMBER, PART),
    (
        "counted over a pair of references that are the same: allowed",
        "SELECT count(DISTINCT a.pupil) AS n FROM census_pupil a JOIN census_absence b ON a.pupil = b.pupil",
    ),
    (
        "NULL or not, of a reference: allowed",
        "SELECT a.sex FROM census_pupil a LEFT JOIN census_absence b ON a.pupil = b.pupil WHERE b.pupil IS NULL",
    ),
)
