"""No text makes the parser stumble, and what it accepts is one SELECT of listed parts to DuckDB's parser as well.

Every kept input is replayed; then atheris searches on for a bounded time, where it is installed (64-bit Intel).
"""

from __future__ import annotations

import importlib.util
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from schoolgate.gate.rewrite import rewrite
from schoolgate.gate.understand import Asked, understand
from tests.gate.box import EVERY_ROW
from tests.gate.grammar import queries
from tests.gate.second_opinion import SecondParser
from tests.gate.shapes import wide_queries
from tests.gate.test_reviewed import MAY
from tests.threats import fuzz_checks
from tests.threats.fuzz_checks import VOCABULARY, WORD, check, kept, seeds, text_of, words_of
from tests.threats.hostile import ALL, CANARY, Hostile

ROOT = Path(__file__).resolve().parents[2]
SECONDS = int(os.environ.get("SCHOOLGATE_FUZZ_SECONDS", "20"))
EXAMPLES = int(os.environ.get("SCHOOLGATE_EXAMPLES", "100"))
SECOND = SecondParser()


def test_every_kept_input_is_refused_or_understood_rightly() -> None:
    inputs = seeds()
    assert len(kept()) > 100
    assert fuzz_checks.SEEDS.stat().st_size < 300_000
    accepted = sum(check(text_of(data)) for data in inputs)
    assert 50 < accepted < len(inputs) / 2


def test_inputs_stand_for_texts_as_they_say() -> None:
    sql = "SELECT count ( * ) FROM census_pupil WHERE sex = 'F'"
    assert text_of(words_of(sql)) == sql
    assert text_of(b"\0SELECT 1") == "SELECT 1"
    assert check(sql)


def test_atheris_finds_no_text_that_breaks_a_rule() -> None:
    if importlib.util.find_spec("atheris") is None:  # no build for this machine: a plain search instead
        _search_without_atheris(SECONDS * 20)
        return
    command = [sys.executable, "-m", "tests.threats.fuzz_parser", "--seconds", str(SECONDS), "--seed", "7"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS * 20 + 300)
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    assert "stat::number_of_executed_units" in ended.stderr
    assert "BROKEN" not in ended.stdout


def _search_without_atheris(tries: int) -> None:
    chance = random.Random(7)
    pieces = [WORD.findall(text_of(data)) for data in kept()]
    for _ in range(tries):
        words = list(chance.choice(pieces))
        for _ in range(chance.randint(1, 3)):
            words.insert(chance.randrange(len(words) + 1), chance.choice(VOCABULARY))
        check(" ".join(words))


@given(st.lists(st.sampled_from(VOCABULARY), max_size=25).map(" ".join))
@settings(max_examples=EXAMPLES * 3, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_row_of_words_is_refused_or_understood_rightly(text: str) -> None:
    check(text)
    check(f"SELECT {text} FROM census_pupil")
    check(f"SELECT sex FROM census_pupil {text}")


_PIECES = st.sampled_from(
    ["sex", "age", "pupil", "1", "'F'", "NULL", "entrydate", "onroll", "count(*)", "(SELECT 1)", "a.sex", "*"]
)
_EXPRESSIONS = st.recursive(
    _PIECES,
    lambda inner: st.one_of(
        st.tuples(
            inner,
            st.sampled_from(["+", "-", "*", "/", "//", "%", "||", "=", "<>", "<", "AND", "OR", "IS", "LIKE", "IN"]),
            inner,
        ).map(" ".join),
        st.tuples(st.sampled_from(["NOT", "-", "DISTINCT", "@", "~", "EXISTS"]), inner).map(" ".join),
        st.tuples(
            st.sampled_from(
                ["abs", "sum", "max", "coalesce", "count", "rank", "lower", "if", "list", "date_diff", "hash", "year"]
            ),
            st.lists(inner, max_size=3).map(", ".join),
        ).map(lambda pair: f"{pair[0]}({pair[1]})"),
        inner.map(lambda text: f"CAST({text} AS INT)"),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"{text} OVER (ORDER BY {text})"),
        inner.map(lambda text: f"{text} FILTER (WHERE {text})"),
        inner.map(lambda text: f"CASE {text} WHEN {text} THEN {text} END"),
        inner.map(lambda text: f"{text} BETWEEN {text} AND {text}"),
        inner.map(lambda text: f"(SELECT {text} FROM census_pupil a)"),
    ),
    max_leaves=8,
)
"""Expressions of the grammar put together without regard to sense."""


@given(_EXPRESSIONS, st.sampled_from(["SELECT {} AS x FROM census_pupil a", "SELECT sex FROM census_pupil a WHERE {}",
    "SELECT sex FROM census_pupil a ORDER BY {}", "SELECT sex FROM census_pupil a GROUP BY sex HAVING {}",
    "SELECT a.sex FROM census_pupil a JOIN census_absence b ON {}", "SELECT sex FROM census_pupil a QUALIFY {}"]))  # fmt: skip
@example("sex / (SELECT sex FROM census_pupil a)", "SELECT {} AS x FROM census_pupil a")
@example("-(SELECT sex FROM census_pupil a)", "SELECT {} AS x FROM census_pupil a")
@example("sum((SELECT sex FROM census_pupil a) / 2)", "SELECT {} AS x FROM census_pupil a")
@settings(max_examples=EXAMPLES * 5, deadline=None, suppress_health_check=list(HealthCheck))
def test_expressions_without_sense_are_refused_or_understood_rightly(expression: str, around: str) -> None:
    check(around.format(expression))


@given(st.one_of(queries(), wide_queries))
@settings(max_examples=EXAMPLES * 2, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_second_parser_agrees_on_what_is_asked_and_on_what_runs(sql: str) -> None:
    asked = understand(sql)
    assert isinstance(asked, Asked)
    tables = sorted(scan.table for scan in asked.scans)
    plain = SECOND.read(sql)
    assert plain is not None
    assert plain.statements == ("SELECT",)
    assert set(plain.tables) == set(tables)
    assert plain.functions <= MAY
    plan = rewrite(asked.named, asked.references, asked.scans, EVERY_ROW, anyone_denied=False)
    runs = SECOND.read(plan.sql)
    assert runs is not None
    assert runs.statements == ("SELECT",)
    # The lake is read once for each scan that policy saw, and nothing else is read at all.
    assert sorted(runs.tables) == [f"__lake_{table}" for table in tables]
    assert runs.functions <= MAY | {"__pseudonym"}
    assert runs.sources <= {"BASE_TABLE", "JOIN", "SUBQUERY", "EMPTY"}
    assert not {"STAR", "SAMPLE", "LAMBDA", "PARAMETER", "ASOF JOIN", "POSITIONAL JOIN"} & runs.shapes


@pytest.mark.parametrize("entry", [p for p in ALL if not p[1].codes], ids=lambda p: p[1].why)
def test_a_second_parser_agrees_on_every_hostile_query_that_may_run(entry: tuple[str, Hostile]) -> None:
    assert check(entry[1].sql.format(secret="/s", canary=CANARY))
