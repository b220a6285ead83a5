"""An error of the engine can hold a child's value; the asker hears its class and the place in the query, nobody more.

Every class of error is driven through the real engine over a lake whose values are canaries.
"""

from __future__ import annotations

import logging
import traceback
from datetime import date
from typing import Any

import pytest
from django.apps import apps

from schoolgate import gate, ledger, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.gate.engines.engine import EngineRefused, Limits
from schoolgate.gate.understand import Asked, understand
from schoolgate.gate.whereabouts import whereabouts
from schoolgate.ids import Pmr, Term
from schoolgate.records.append import load_term
from schoolgate.records.vault import Vault
from tests import world
from tests.gate.box import Box

TEXT, NUMBER, DAY = "Zq7canary", 1987654321, date(1987, 6, 5)
CANARIES = (TEXT, TEXT.lower(), TEXT.upper(), str(NUMBER), "1,987,654,321", str(DAY), "June 1987")

ROWS: list[dict[str, Any]] = [
    {
        "pupil": p, "year": 2026, "term": "AUT", "sex": "F", "ethnicity": TEXT, "age": 5, "urn": NUMBER, "onroll": True,
        "entrydate": DAY, "ncyearactual": TEXT,
    }
    for p in range(3)
]  # fmt: skip

_TYPES = (
    "TINYINT", "SMALLINT", "INT", "BIGINT", "HUGEINT", "UINTEGER", "FLOAT", "DOUBLE", "DECIMAL(9, 2)", "BOOLEAN", "DATE",
    "TIME", "TIMESTAMP", "TIMESTAMPTZ", "INTERVAL", "UUID", "BIT", "JSON", "ENUM('a', 'b')", "INT[]", "STRUCT(a INT)", "BIGNUM",
)  # fmt: skip

FAILING = [
    *(f"CAST(ethnicity AS {kind})" for kind in _TYPES),
    *(f"CAST(urn AS {kind})" for kind in ("TINYINT", "SMALLINT", "DECIMAL(3, 1)", "UTINYINT")),
    "ethnicity = 5", "ethnicity + age", "ethnicity AND TRUE", "ethnicity > entrydate",
    "urn + 2147483647", "urn * urn", "CAST(urn AS DECIMAL(18, 0)) * 100000000000000000000000000000",
    "sum(urn * 99999999999999999999999999999)", "factorial(CAST(urn AS INT))", "1 // (urn - urn)", "1 % (urn - urn)",
    "regexp_matches(sex, ethnicity || '(')", "regexp_replace(ethnicity, '[' || ethnicity, '')",
    "substring(ethnicity, 99999999999)", "ethnicity[99999999999999999999]", "repeat(ethnicity, 99999999999)",
     "chr(urn)",
    "strptime(ethnicity, '%Y-%m-%d')", "make_date(urn, age, age)", "entrydate + urn * 1000", "year(ethnicity)",
    "date_trunc(ethnicity, entrydate)", "date_part(ethnicity, entrydate)", "strftime(entrydate, ethnicity || '%')",
    "timezone(ethnicity, CAST(entrydate AS TIMESTAMP))", "to_days(urn) * urn",
    "error(ethnicity)", "error(CAST(entrydate AS VARCHAR))",   "json_extract(ethnicity, '$')",
    "MAP([ethnicity, ethnicity], [1, 2])", "(SELECT ethnicity FROM __lake_census_pupil)", "unhex(ethnicity)",
    "from_base64(ethnicity)", "ethnicity COLLATE nosuch", "nosuch(ethnicity)", "getvariable(ethnicity) + ethnicity",
    "current_setting(ethnicity)", "sum(DISTINCT ethnicity)", "CAST(ethnicity AS nosuch)",
]  # fmt: skip
"""Expressions that fail on the canaries, in the engine's own words: past the gate's parser, straight into the engine."""


def canaries_in(said: str) -> list[str]:
    return [canary for canary in CANARIES if canary in said]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Box:
    return Box(tmp_path_factory.mktemp("canaries"), {"census_pupil": ROWS})


def test_whatever_fails_in_the_engine_says_its_class_and_no_value(
    box: Box, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    codes = set()
    with caplog.at_level(logging.DEBUG), box.engine(limits=Limits(threads=1, memory="300MB")) as engine:
        for expression in FAILING:
            with pytest.raises(EngineRefused) as raised:
                engine.run(f"SELECT {expression} AS x FROM __lake_census_pupil")
            error = raised.value
            codes.add(error.code)
            said = "".join(traceback.format_exception(error)) + repr(error.__dict__) + repr(error.args)
            # The traceback shows this test's own lines; the canaries stand in none of them.
            assert canaries_in(said) == [], expression
            assert error.__cause__ is None
            assert error.__context__ is None or error.__suppress_context__
    assert codes >= {"conversion", "out-of-range", "types", "engine"}
    assert canaries_in(caplog.text + "".join(capfd.readouterr())) == []


READS: list[tuple[str, Limits, str, str]] = [
    ("SELECT sex,\n       CAST(ethnicity AS INT) AS x FROM census_pupil", Limits(), "conversion", "line 2, column 13"),
    ("SELECT CAST(ethnicity AS DATE) AS x FROM census_pupil", Limits(), "conversion", "line 1, column 13"),
    ("SELECT CAST(ethnicity AS BOOLEAN) AS x FROM census_pupil", Limits(), "conversion", "line 1, column 13"),
    ("SELECT CAST(ethnicity AS DECIMAL(5, 2)) AS x FROM census_pupil", Limits(), "conversion", "line 1, column 13"),
    ("SELECT CAST(urn AS DECIMAL(3, 1)) AS x FROM census_pupil", Limits(), "conversion", "line 1, column 13"),
    ("SELECT CAST(urn AS SMALLINT) AS x FROM census_pupil", Limits(), "conversion", "line 1, column 13"),
    ("SELECT sex FROM census_pupil WHERE age > 3\n AND ethnicity = 5", Limits(), "conversion", "line 2, column 6"),
    (
        "SELECT CAST(sex AS BIGINT) AS x, CAST(ethnicity AS BIGINT) AS y FROM census_pupil",
        Limits(),
        "conversion",
        "line 1, column 13 or line 1, column 39",
    ),
    ("SELECT urn * 9223372036854775807 AS x FROM census_pupil", Limits(), "conversion", "line 1, column 8"),
    ("SELECT substring(ethnicity, 99999999999) AS x FROM census_pupil", Limits(), "conversion", "line 1, column 18"),
    ("SELECT a.sex, (SELECT avg(a.age)) AS m FROM census_pupil AS a", Limits(), "types", ""),
    ("SELECT (SELECT ethnicity FROM census_pupil) AS x", Limits(), "conversion", "line 1, column 16"),
    (
        "SELECT count(*) AS n FROM census_pupil a, "
        + ", ".join(f"census_pupil t{i}" for i in range(20))
        + " WHERE a.pupil <> t19.pupil",
        Limits(seconds=0.5),
        "too-slow",
        "line 1, column",
    ),
    (
        "SELECT a.ethnicity || b.ethnicity AS x FROM census_pupil a, census_pupil b",
        Limits(size=100),
        "too-large",
        "line 1, column",
    ),
    ("SELECT a.age, b.age AS x FROM census_pupil a, census_pupil b", Limits(rows=5), "too-many-rows", "line 1, column"),
]
"""Queries that the gate lets run, the class each fails with, and the place in it (or how the place begins)."""


def load_canaries(config: Config, clock: FixedClock) -> list[Pmr]:
    pmrs = Vault(config).allocate(world.CHILDREN)
    rows = [{**ROWS[0], "pupil": p, "la": "202", "return_id": "r", "return_row": 0} for p in pmrs]
    load_term(
        2026,
        Term.AUTUMN,
        [("census_pupil", world.batch("census_pupil", rows))],
        return_ids=["r"],
        config=config,
        clock=clock,
    )
    return pmrs


@pytest.mark.django_db(transaction=True)
def test_in_a_whole_house_a_failure_is_recorded_placed_and_says_no_value(
    home: Config,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(world, "load_children", load_canaries)
    house = world.build(home, clock)
    with caplog.at_level(logging.DEBUG):
        for at, (sql, limits, code, where) in enumerate(READS, start=1):
            failed = gate.read(house.agreement, house.person, sql, config=home, clock=clock, limits=limits)
            assert isinstance(failed, gate.RefusedQuery), sql
            assert [reason.code for reason in failed.reasons] == [code], sql
            assert failed.reasons[0].where.startswith(where), (sql, failed.reasons[0].where)
            assert canaries_in(repr(failed)) == []
            # That it failed tells something about the values, so it is an exposure like any other.
            assert failed.exposed
            assert len(ledger.releases()) == len(register.events("release.begun", limit=99)) == at
            assert canaries_in(repr(register.event(failed.log_index))) == []
        assert {(r.delivered_at, r.row_count if hasattr(r, "row_count") else None) for r in ledger.releases()} == {
            (None, None)
        }
        gate.settle_pending(home, clock)
    assert len(ledger.who_has(Pmr(0))) == len(READS)
    assert not any(line.delivered for line in ledger.who_has(Pmr(0)))
    assert canaries_in(caplog.text + "".join(capfd.readouterr())) == []
    kept = repr([list(model._default_manager.values()) for model in apps.get_models()])
    assert house.agreement in kept
    assert canaries_in(kept) == []
    for path in home.home.rglob("*"):
        if path.is_file() and not path.is_relative_to(home.lake):
            assert TEXT.encode() not in path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("sql", "code", "where"),
    [
        ("SELECT sex FROM census_pupil", "conversion", ""),
        ("SELECT CAST(age AS VARCHAR) AS x, TRY_CAST(sex AS INT) AS y FROM census_pupil", "conversion", ""),
        ("SELECT age = 3 AS x, sex = 'F' AS y, entrydate IS NULL AS z FROM census_pupil", "conversion", ""),
        ("SELECT sex FROM census_pupil WHERE sex IN ('F', 3)", "conversion", "line 1, column 36"),
        ("SELECT CASE WHEN age > 3 THEN sex ELSE 0 END AS x FROM census_pupil", "conversion", "line 1, column 18"),
        ("SELECT year(ethnicity) AS x, year(entrydate) AS y FROM census_pupil", "conversion", "line 1, column 8"),
        (
            "WITH v AS (SELECT CAST(sex AS INT) AS x FROM census_pupil) SELECT x FROM v",
            "conversion",
            "line 1, column 24",
        ),
        ("SELECT CAST(sex AS INT) AS x FROM census_pupil WHERE x > 3", "conversion", "line 1, column 13"),
        ("SELECT sex FROM census_pupil UNION SELECT age FROM census_pupil", "conversion", "line 1, column 8"),
        ("SELECT sex FROM census_pupil", "nothing known of this", ""),
        (
            "SELECT " + ", ".join(f"CAST(sex AS INT) + {i} AS c{i}" for i in range(9)) + " FROM census_pupil",
            "conversion",
            "line 1, column 13 or line 1, column 41 or line 1, column 69 or line 1, column 97 or line 1, column 125"
            " or line 1, column 153 or 3 places more",
        ),
    ],
)
def test_the_place_is_that_of_the_parts_that_can_fail_so(sql: str, code: str, where: str) -> None:
    asked = understand(sql)
    assert isinstance(asked, Asked)
    assert whereabouts(asked.named, code) == where
