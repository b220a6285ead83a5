"""The queries that both engines must answer alike: together they hold every construct a query may be made of."""

from __future__ import annotations

ALIKE = {
    "count": "SELECT count(*) AS n FROM census_pupil",
    "group by": "SELECT ethnicity, count(*) AS n FROM census_pupil GROUP BY ethnicity ORDER BY ethnicity",
    "nulls first and last": "SELECT sex, age, count(*) AS n FROM census_pupil GROUP BY sex, age"
    " ORDER BY sex NULLS FIRST, age DESC NULLS LAST",
    "having": "SELECT la, count(*) AS n FROM census_pupil GROUP BY la HAVING count(*) > 5 ORDER BY n DESC, la",
    "distinct": "SELECT DISTINCT term, year FROM census_pupil",
    "extract with pseudonyms": "SELECT pupil, sex, fsmeligible FROM census_pupil WHERE year = 2026 AND age > 5",
    "limit and offset": "SELECT urn, age FROM census_pupil ORDER BY age DESC, urn LIMIT 7 OFFSET 3",
    "conditions": "SELECT count(*) AS n FROM census_pupil WHERE (age BETWEEN 4 AND 7 OR age IS NULL)"
    " AND ethnicity IN ('WBRI', 'APKN') AND NOT (sex = 'F') AND term <> 'SUM' AND age >= 1 AND age <= 18 AND age < 99",
    "null-safe": "SELECT count(*) AS n FROM census_pupil WHERE sex IS NOT DISTINCT FROM 'F' OR age IS DISTINCT FROM 6",
    "like": "SELECT ethnicity, count(*) AS n FROM census_pupil WHERE ethnicity LIKE 'W%' OR ethnicity ILIKE '%kn'"
    " GROUP BY ethnicity",
    "truth": "SELECT fsmeligible, count(*) AS n FROM census_pupil WHERE fsmeligible IS NOT TRUE OR TRUE GROUP BY fsmeligible",
    "case and if": "SELECT CASE WHEN age > 6 THEN 'old' WHEN age IS NULL THEN 'none' ELSE 'young' END AS band,"
    " CASE sex WHEN 'F' THEN 1 ELSE 0 END AS f, IF(fsmeligible, 1, 0) AS m, count(*) AS n FROM census_pupil GROUP BY 1, 2, 3",
    "arithmetic": "SELECT age, age + 1 AS a, age - 2 AS b, age * 3 AS c, age / 4 AS d, age // 2 AS e, age % 3 AS f, -age AS g"
    " FROM census_pupil WHERE age IS NOT NULL",
    "sums of whole numbers": "SELECT term, sum(sessionsunauthorised) AS s, avg(sessionsunauthorised) AS a,"
    " min(age) AS lo, max(age) AS hi, median(age) AS m, count(DISTINCT pupil) AS p FROM census_pupil GROUP BY term",
    "sums of fractions": "SELECT term, sum(age / 3) AS s, avg(age / 7) AS a, sum(DISTINCT age / 3) AS d,"
    " median(age / 3) AS m FROM census_pupil GROUP BY term",
    "spreads": "SELECT term, stddev(age) AS a, stddev_samp(age) AS b, stddev_pop(age) AS c, variance(age) AS d,"
    " var_pop(age) AS e, var_samp(age) AS f FROM census_pupil GROUP BY term",
    "filtered aggregates": "SELECT year, count(*) FILTER (WHERE sex = 'F') AS f, sum(age) FILTER (WHERE sex = 'M') AS m,"
    " avg(age / 3) FILTER (WHERE age > 5) AS x FROM census_pupil GROUP BY year",
    "decimals": "SELECT sum(hours) AS s, avg(hours) AS a, min(hours) AS lo, round(max(hours), 1) AS r, floor(sum(hours)) AS f"
    " FROM (SELECT fundedhours AS hours FROM census_pupil) AS h",
    "rounding": "SELECT age, round(age / 7, 2) AS a, round(age / 2) AS b, floor(age / 3) AS c, ceil(age / 3) AS d, abs(3 - age) AS e,"
    " round(age) AS f FROM census_pupil",
    "text": "SELECT lower(ethnicity) AS a, upper(term) AS b, length(ethnicity) AS c, trim(ethnicity) AS d,"
    " substring(ethnicity, 2, 2) AS e, substring(ethnicity, 2) AS f, term || '-' || year AS g FROM census_pupil",
    "quoting": "SELECT 'it''s a \\ back' AS a, count(*) AS n FROM census_pupil WHERE ethnicity <> 'a\\b' AND sex <> ''''",
    "coalesce and the like": "SELECT coalesce(age, 0) AS a, nullif(age, 5) AS b, greatest(age, 4) AS c, least(age, 4, 9) AS d"
    " FROM census_pupil",
    "casts": "SELECT CAST(age AS VARCHAR) AS a, CAST(age AS DOUBLE) AS b, CAST(age AS DECIMAL(8,2)) AS c, CAST(age / 4 AS INT) AS d,"
    " CAST(fsmeligible AS INT) AS e, CAST(entrydate AS VARCHAR) AS f, CAST(age AS BIGINT) AS g, CAST(age AS SMALLINT) AS h,"
    " CAST(sex AS TEXT) AS i FROM census_pupil",
    "text to whole numbers": "SELECT TRY_CAST(ncyearactual AS INT) AS a, count(*) AS n FROM census_pupil GROUP BY 1",
    "dates": "SELECT year(entrydate) AS y, month(entrydate) AS m, quarter(entrydate) AS q, dayofweek(entrydate) AS d, count(*) AS n"
    " FROM census_pupil WHERE entrydate >= DATE '2024-09-02' GROUP BY 1, 2, 3, 4",
    "differences of dates": "SELECT DISTINCT entrydate, date_diff('day', DATE '2024-01-31', entrydate) AS d,"
    " date_diff('week', DATE '2024-01-31', entrydate) AS w, date_diff('month', DATE '2024-01-31', entrydate) AS m,"
    " date_diff('quarter', DATE '2024-01-31', entrydate) AS q, date_diff('year', entrydate, DATE '2021-12-31') AS y"
    " FROM census_pupil",
    "inner join": "SELECT p.sex, a.attendancereason, sum(a.sessions) AS s FROM census_pupil AS p"
    " JOIN census_absence AS a ON a.pupil = p.pupil AND a.year = p.year AND a.term = p.term GROUP BY 1, 2",
    "left join": "SELECT p.pupil, p.age, a.sessions FROM census_pupil AS p"
    " LEFT JOIN census_absence AS a ON a.pupil = p.pupil AND a.year = p.year AND a.sessions > 2 WHERE p.term = 'SPR'",
    "right and full join": "SELECT p.sex, a.attendancereason, count(*) AS n FROM census_pupil AS p"
    " FULL JOIN census_absence AS a ON a.pupil = p.pupil AND a.year = p.year"
    " RIGHT JOIN census_sen_need AS s ON s.pupil = p.pupil GROUP BY 1, 2",
    "join using": "SELECT year, count(*) AS n FROM census_pupil FULL JOIN census_absence USING (pupil, year) GROUP BY year",
    "cross join": "SELECT count(*) AS n FROM (SELECT DISTINCT sex FROM census_pupil) AS a CROSS JOIN"
    " (SELECT DISTINCT term FROM census_absence) AS b",
    "with": "WITH a AS (SELECT urn, count(*) AS n FROM census_pupil GROUP BY urn),"
    " b AS (SELECT urn, n FROM a WHERE n > 3) SELECT b.urn, b.n, a.n AS again FROM b JOIN a ON a.urn = b.urn",
    "windows": "SELECT urn, age, rank() OVER (PARTITION BY urn ORDER BY age DESC) AS r, dense_rank() OVER (ORDER BY age) AS d,"
    " percent_rank() OVER (ORDER BY age) AS p, cume_dist() OVER (ORDER BY age) AS c FROM census_pupil",
    "running sums": "SELECT urn, age, sum(age) OVER (PARTITION BY urn ORDER BY age) AS s, avg(age) OVER (PARTITION BY urn) AS a,"
    " sum(age / 3) OVER (PARTITION BY urn ORDER BY age) AS f FROM census_pupil",
    "qualify": "SELECT urn, age, count(*) AS n FROM census_pupil GROUP BY urn, age"
    " QUALIFY rank() OVER (PARTITION BY urn ORDER BY count(*) DESC, age) = 1",
    "exists": "SELECT count(*) AS n FROM census_pupil AS p WHERE EXISTS"
    " (SELECT 1 FROM census_absence AS a WHERE a.pupil = p.pupil AND a.sessions > 1)",
    "not exists": "SELECT p.pupil, p.sex FROM census_pupil AS p WHERE NOT EXISTS"
    " (SELECT 1 FROM census_absence AS a WHERE a.pupil = p.pupil AND a.year = p.year)",
    "in a query": "SELECT sex, count(*) AS n FROM census_pupil WHERE pupil IN (SELECT pupil FROM census_sen_need) GROUP BY sex",
    "not in a query": "SELECT count(*) AS n FROM census_pupil WHERE age NOT IN (SELECT sessions FROM census_absence)",
    "a value from a query": "SELECT p.urn, (SELECT max(a.sessions) FROM census_absence AS a WHERE a.pupil = p.pupil) AS m"
    " FROM census_pupil AS p WHERE p.age > (SELECT avg(q.age) FROM census_pupil AS q)",
    "union": "SELECT sex FROM census_pupil UNION SELECT term FROM census_absence ORDER BY sex",
    "union all": "SELECT year, count(*) AS n FROM (SELECT year FROM census_pupil UNION ALL SELECT year FROM census_absence) AS u GROUP BY year",
    "intersect and except": "SELECT pupil FROM census_pupil INTERSECT SELECT pupil FROM census_absence"
    " EXCEPT SELECT pupil FROM census_sen_need",
    "except all": "SELECT age FROM census_pupil EXCEPT ALL SELECT sessions FROM census_absence",
    "set operation with limit": "SELECT age FROM census_pupil UNION SELECT sessions FROM census_absence ORDER BY age DESC NULLS LAST LIMIT 3",
}
"""Name -> query."""

NOT_ALIKE = {
    "lists compared": (
        "SELECT count(*) AS n FROM census_pupil WHERE (sex, age) IN (('F', 5), ('M', 6))",
        "a comparison of lists",
    ),
    "median of dates": ("SELECT median(entrydate) AS m FROM census_pupil", "MEDIAN of decimals, dates or text"),
    "like with a backslash": ("SELECT count(*) AS n FROM census_pupil WHERE sex LIKE 'a\\%'", "LIKE with a pattern"),
    "like of a column": ("SELECT count(*) AS n FROM census_pupil WHERE sex LIKE ethnicity", "LIKE with a pattern"),
    "substring from nothing": ("SELECT substring(sex, 0, 2) AS s FROM census_pupil", "SUBSTRING from before"),
    "text to fractions": (
        "SELECT TRY_CAST(ncyearactual AS DOUBLE) AS d FROM census_pupil",
        "a cast of this value to DOUBLE",
    ),
    "text to dates": ("SELECT CAST(sex AS DATE) AS d FROM census_pupil", "a cast of this value to DATE"),
    "fractions to text": ("SELECT CAST(age / 3 AS VARCHAR) AS t FROM census_pupil", "a cast of fractions to text"),
    "text against numbers": (
        "SELECT count(*) AS n FROM census_pupil WHERE ncyearactual = 6",
        "values of different types",
    ),
    "whole division of fractions": ("SELECT (age / 2) // 2 AS d FROM census_pupil", "// of anything but whole numbers"),
    "distinct in a window": (
        "SELECT count(DISTINCT sex) OVER (PARTITION BY urn) AS n FROM census_pupil",
        "DISTINCT in a window",
    ),
}
"""Name -> query, and what the refusal names."""
