"""The whole read with Spark in DuckDB's place: the same gate, the same record, the same family's answer."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schoolgate import consent, gate, ledger, register
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.ids import Pmr
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)

_VERIFIER = Path(__file__).resolve().parents[2] / "tools" / "verify_receipt.py"
_ASKED = (
    "SELECT ethnicity, count(*) AS pupils FROM census_pupil WHERE year = 2026 GROUP BY ethnicity ORDER BY 1",
    "SELECT pupil, sex FROM census_pupil WHERE age = 6",
    "SELECT count(*) AS n FROM census_pupil p JOIN census_absence a ON p.pupil = a.pupil WHERE a.sessions > 3",
)


@pytest.fixture
def on_spark(home: Config, session: Any) -> Config:
    return replace(home, spark="local[2]")


@pytest.fixture
def world(home: Config, clock: FixedClock) -> World:
    return build(home, clock)


def _lines(world: World, release: str) -> dict[Pmr, list[tuple[str, ...]]]:
    return {p: [line.items for line in ledger.who_has(p) if line.release_id == release] for p in world.pmrs}


@pytest.mark.parametrize("sql", _ASKED)
def test_a_read_on_spark_gives_and_records_what_a_read_on_duckdb_does(
    sql: str, world: World, home: Config, on_spark: Config, clock: FixedClock, tmp_path: Path
) -> None:
    answers = [gate.read(world.agreement, world.person, sql, config=config, clock=clock) for config in (home, on_spark)]
    first, second = (answer for answer in answers if isinstance(answer, gate.Handover))
    assert second.table.equals(first.table)
    assert second.receipt["result_sha256"] == first.receipt["result_sha256"]
    gate.settle_pending(on_spark, clock)
    assert _lines(world, first.release_id) == _lines(world, second.release_id)
    assert ledger.release(first.release_id).member_count == ledger.release(second.release_id).member_count
    assert [register.event(a.log_index).body.get("engine") for a in (first, second)] == [None, "spark"]
    paper = tmp_path / "receipt.json"
    paper.write_text(json.dumps(dict(second.receipt)))
    command = [sys.executable, "-I", str(_VERIFIER), str(paper), "--key", register.verifier_key(home)]
    assert subprocess.run(command, check=False).returncode == 0


def test_an_objection_is_honoured_by_the_very_next_query(world: World, on_spark: Config, clock: FixedClock) -> None:
    def count() -> int:
        sql = "SELECT count(*) AS n FROM census_pupil"
        answer = gate.read(world.agreement, world.person, sql, config=on_spark, clock=clock)
        assert isinstance(answer, gate.Handover)
        return int(answer.table.column("n")[0].as_py())

    before = count()
    consent.lodge_objection(Pmr(0), "education-research", actor="account:1", clock=clock)
    assert count() < before


def test_what_spark_cannot_say_is_a_refusal_and_no_exposure(world: World, on_spark: Config, clock: FixedClock) -> None:
    sql = "SELECT CAST(age / 3 AS VARCHAR) AS t FROM census_pupil"
    answer = gate.read(world.agreement, world.person, sql, config=on_spark, clock=clock)
    assert isinstance(answer, gate.RefusedQuery)
    assert [reason.code for reason in answer.reasons] == ["engine-cannot"]
    assert "a cast of fractions to text" in answer.reasons[0].reason
    assert not answer.exposed
    assert ledger.releases() == ()
    assert register.event(answer.log_index).body["reasons"] == ["engine-cannot"]


def test_a_spark_that_cannot_be_had_is_said_so_and_nothing_is_read(
    world: World, home: Config, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    from schoolgate.gate.engines.spark import SparkMissing, spark_session

    spark_session.cache_clear()
    with pytest.raises(SparkMissing, match="not installed"):
        gate.read(world.agreement, world.person, _ASKED[0], config=replace(home, spark="local[3]"), clock=clock)
    assert ledger.releases() == ()
