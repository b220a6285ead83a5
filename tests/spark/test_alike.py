"""Both engines give equal results and equal exposure, or the second refuses and names the part."""

from __future__ import annotations

import math
import random
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyroaring import BitMap
from sqlglot import exp

from schoolgate.dictionary import lake_tables
from schoolgate.gate.asking.allowed import ALLOWED
from schoolgate.gate.asking.names import queryable
from schoolgate.gate.engines.engine import Engine, EngineRefused, Limits
from schoolgate.gate.engines.spark import SparkEngine, aes_text, exact_types
from schoolgate.gate.rewrite import DENIED
from schoolgate.gate.understand import Asked, understand
from schoolgate.policy import CohortTerm, RowRule
from tests.gate.box import KEY, Box, plan_of, rows_of
from tests.spark.asked import ALIKE, NOT_ALIKE

_ROWS = RowRule(years=((2025, 2026),), terms=("AUT", "SPR"), cohort=(CohortTerm("sex", ("F", "M")),))
_LEFT_OUT = BitMap([3, 4, 40])


def _lake() -> dict[str, list[dict[str, Any]]]:
    """Sixty made-up pupils, three terms, the same every time."""
    drawn = random.Random(8)
    pupils, absences, needs = [], [], []
    for pupil in range(60):
        for year, term in ((2024, "AUT"), (2025, "AUT"), (2026, "SPR"), (2026, "SUM")):
            if drawn.random() < 0.2:
                continue
            here = {"pupil": pupil, "year": year, "term": term, "urn": 100000 + pupil % 7}
            pupils.append(
                here
                | {
                    "sex": drawn.choice(["F", "M", "F", "M", None]), "age": drawn.choice([None, 3, 4, 5, 6, 7, 11]),
                    "ethnicity": drawn.choice(["WBRI", "APKN", "REF", " X ", None]), "la": str(200 + pupil % 3),
                    "onroll": True, "fsmeligible": drawn.choice([True, False, None]),
                    "entrydate": date(2024, 9, 1 + pupil % 28), "ncyearactual": drawn.choice(["R", "1", "12", "N2"]),
                    "sessionsunauthorised": drawn.randrange(20),
                    "fundedhours": drawn.choice([None, Decimal("15.00"), Decimal("12.35"), Decimal("30.50")]),
                }
            )  # fmt: skip
            if drawn.random() < 0.6:
                absences.append(
                    here | {"sessions": drawn.choice([1, 2, 5, 7]), "attendancereason": drawn.choice(["I", "O", "C"])}
                )
            if drawn.random() < 0.3:
                needs.append(here | {"sentype": drawn.choice(["SLCN", "ASD"]), "sentyperank": 1})
    return {"census_pupil": pupils, "census_absence": absences, "census_sen_need": needs}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Box:
    return Box(tmp_path_factory.mktemp("a lake [of] {files}"), _lake())


def _spark(session: Any, box: Box, limits: Limits | None = None) -> SparkEngine:
    tables = {t.name: queryable(t) for t in lake_tables()}

    def shape(sql: str) -> Any:
        typed = {name: exact_types(columns) for name, columns in tables.items()}
        with Engine({}, empty=typed, denied=_LEFT_OUT, pseudonym_key=KEY, limits=Limits()) as engine:
            return engine.run(sql).schema

    return SparkEngine(
        session.newSession(),
        box.files(),
        empty=tables,
        denied={DENIED: _LEFT_OUT},
        pseudonym=aes_text(KEY),
        shape=shape,
        limits=limits or Limits(),
    )


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return bool(one == other) and type(one) is type(other)


@pytest.mark.parametrize("name", ALIKE)
def test_both_engines_give_the_same_rows_in_the_same_order_and_expose_the_same_pupils(
    name: str, box: Box, session: Any
) -> None:
    plan = plan_of(ALIKE[name], _ROWS, anyone_denied=True)
    with box.engine(_LEFT_OUT) as duck, _spark(session, box) as spark:
        first, second = duck.run(plan.sql), spark.run(plan.sql)
        assert first.num_rows > 0, "a query that finds nothing compares nothing"
        assert second.schema == first.schema
        for one, other in zip(rows_of(first), rows_of(second), strict=True):
            assert all(map(_same, one, other)), (one, other)
        for scan in plan.scans:
            taken = duck.members(scan.members)
            assert spark.members(scan.members) == taken
            assert not taken & _LEFT_OUT


def test_the_queries_hold_every_construct_that_is_allowed() -> None:
    """What the list allows and no query above holds is among those that Spark refuses."""
    held: set[type[exp.Expr]] = set()
    for sql in ALIKE.values():
        asked = understand(sql)
        assert isinstance(asked, Asked), sql
        held |= {type(node) for node in asked.named.tree.walk()}
    refused = {type(node) for sql, _ in NOT_ALIKE.values() for node in _tree(sql).walk()}
    assert set(ALLOWED) - held <= refused, sorted(kind.__name__ for kind in set(ALLOWED) - held - refused)
    assert len(ALIKE) >= 40


def _tree(sql: str) -> exp.Expr:
    asked = understand(sql)
    assert isinstance(asked, Asked), sql
    return asked.named.tree


@pytest.mark.parametrize("name", NOT_ALIKE)
def test_what_spark_would_answer_otherwise_is_refused_and_named(name: str, box: Box, session: Any) -> None:
    sql, part = NOT_ALIKE[name]
    with _spark(session, box) as spark, pytest.raises(EngineRefused) as refused:
        spark.run(plan_of(sql, _ROWS).sql)
    assert refused.value.code == "engine-cannot"
    assert part in refused.value.what


class TestErrors:
    """An engine's words can hold a value; a class of error comes back, and where it helps, what to do."""

    @pytest.mark.parametrize(
        ("sql", "code"),
        [
            ("SELECT CAST(ncyearactual AS INT) AS n FROM census_pupil", "conversion"),
            ("SELECT sum(age * 1000000000) AS n, age * 1000000000 AS m FROM census_pupil GROUP BY age", "out-of-range"),
        ],
    )
    def test_the_same_class_on_both_engines(
        self, sql: str, code: str, box: Box, session: Any, capfd: pytest.CaptureFixture[str]
    ) -> None:
        plan = plan_of(sql, _ROWS, anyone_denied=True)
        with box.engine(_LEFT_OUT) as duck, pytest.raises(EngineRefused) as first:
            duck.run(plan.sql)
        with _spark(session, box) as spark, pytest.raises(EngineRefused) as second:
            spark.run(plan.sql)
        assert (first.value.code, second.value.code) == (code, code)
        told = f"{second.value} {second.value.what} {second.value.hint} {''.join(capfd.readouterr())}"
        assert "N2" not in told
        assert "WBRI" not in told

    def test_too_many_rows(self, box: Box, session: Any) -> None:
        with _spark(session, box, Limits(rows=10)) as spark, pytest.raises(EngineRefused) as refused:
            spark.run(plan_of("SELECT sex, age, urn, ethnicity FROM census_pupil", _ROWS, anyone_denied=True).sql)
        assert refused.value.code == "too-many-rows"

    def test_too_slow(self, box: Box, session: Any) -> None:
        product = " CROSS JOIN ".join(f"census_pupil AS t{n}" for n in range(6))
        with _spark(session, box, Limits(seconds=2)) as spark, pytest.raises(EngineRefused) as refused:
            spark.run(
                plan_of(f"SELECT count(*) AS n FROM {product} WHERE t0.age < t5.age", _ROWS, anyone_denied=True).sql
            )
        assert refused.value.code == "too-slow"


class TestFiles:
    """The files are those of the snapshot, one by one."""

    def test_a_file_beside_those_of_the_snapshot_is_never_read(self, box: Box, session: Any, tmp_path: Path) -> None:
        alone = Box(tmp_path, {"census_pupil": box.tables["census_pupil"][:5]})
        alone.files()
        Box(tmp_path, {"census_pupil": box.tables["census_pupil"][5:]}).files()  # a later load, in the same folder
        plan = plan_of("SELECT count(*) AS n FROM census_pupil", RowRule((), (), ()))
        with _spark(session, alone) as spark:
            assert rows_of(spark.run(plan.sql)) == [(5,)]

    def test_no_statement_reads_a_file_by_its_name(self, box: Box, session: Any) -> None:
        (path,) = box.files()["census_pupil"]
        with _spark(session, box) as spark, pytest.raises(Exception, match=r"UNSUPPORTED|NOT_FOUND|not found"):
            spark._session.sql(f"SELECT * FROM parquet.`{path}`").count()

    def test_a_reads_views_are_its_own(self, box: Box, session: Any) -> None:
        with _spark(session, box) as one, _spark(session, Box(box.folder, {})) as other:
            plan = plan_of("SELECT count(*) AS n FROM census_pupil", RowRule((), (), ()))
            assert rows_of(other.run(plan.sql)) == [(0,)]
            assert rows_of(one.run(plan.sql)) == [(len(box.tables["census_pupil"]),)]


def test_pseudonyms_are_those_of_the_other_engine(box: Box, session: Any) -> None:
    plan = plan_of("SELECT pupil FROM census_pupil", RowRule((), (), ()))
    with box.engine() as duck, _spark(session, box) as spark:
        assert rows_of(spark.run(plan.sql)) == rows_of(duck.run(plan.sql))


def test_a_part_that_is_not_known_is_refused_not_guessed() -> None:
    from schoolgate.gate.engines.spark_text import CannotSay, to_spark

    for sql in ("SELECT read_text('x') AS a", "SELECT list_sum([1]) AS a", "SELECT __other(1) AS a"):
        with pytest.raises(CannotSay):
            to_spark(sql, {}, {})
