"""A term larger than memory: read in processes of their own, spooled, main records found at the end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schoolgate import match
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.dictionary import lake_tables
from schoolgate.ids import Term
from schoolgate.match import spool as spool_module
from schoolgate.match.facts import record_statuses
from schoolgate.match.spool import Spool
from schoolgate.records.append import LoadUnderWay, arrow_schema
from tests.collect.paper import pupil
from tests.match.school import load, other_school, rows, send, upn

SHAPE = arrow_schema(next(table for table in lake_tables() if table.name == "census_pupil"))


def fact(number: int, who: int, on_roll: bool, enrolment: str, entered: int) -> dict[str, Any]:
    day = date(2020, 1, 1) + timedelta(days=entered)
    return {
        "pupil": who, "onroll": on_roll, "enrolstatus": enrolment if on_roll else None, "entrydate": day,
        "leavingdate": None if on_roll else day, "return_id": f"r{number % 3}", "return_row": number,
    }  # fmt: skip


people = st.tuples(st.integers(0, 12), st.booleans(), st.sampled_from("CMSF"), st.integers(0, 400))


@settings(max_examples=60, deadline=None)
@given(st.lists(people, min_size=1, max_size=60), st.integers(1, 7), st.integers(1, 4))
def test_main_records_found_in_the_spool_are_those_of_each_pupils_rows_together(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, bool, str, int]], size: int, at_once: int
) -> None:
    facts = [fact(number, *one) for number, one in enumerate(drawn)]
    by_pupil: dict[int, list[dict[str, Any]]] = {}
    for one in facts:
        by_pupil.setdefault(one["pupil"], []).append(one)
    expected = {
        one["return_row"]: status
        for of_one in by_pupil.values()
        for one, status in zip(of_one, record_statuses(of_one), strict=True)
    }
    config = Config(home=tmp_path_factory.mktemp("home"), database="sqlite")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool_module, "_BATCH_ROWS", size * 2)
        patch.setattr(spool_module, "_AT_ONCE", at_once)
        with Spool(config) as spool:
            for start in range(0, len(facts), size):
                batch = pa.RecordBatch.from_pylist(facts[start : start + size], schema=SHAPE)
                assert list(spool.add("census_pupil", batch)) == []
            given_out = [row for _, batch in spool.rest() for row in batch.to_pylist()]
    assert {row["return_row"]: row["recordstatus"] for row in given_out} == expected
    assert [row["return_row"] for row in given_out] == list(range(len(facts)))
    assert list(config.scratch.iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_returns_read_in_other_processes_give_the_same_lake(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN=upn(1), EnrolStatus="M"), pupil(UPN=upn(2), Forename="Two"))
    send(home, clock, pupil(UPN=upn(1), EnrolStatus="S"), pupil(UPN=upn(3), Forename="Three"), **other_school())
    load(home, clock)
    alone = rows(home)
    match.load_term(2026, Term.SPRING, clock=clock, config=home, processes=2)
    assert rows(home) == alone
    assert [row["recordstatus"] for row in alone] == [3, 103, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_a_second_load_waits_for_the_first_to_end(home: Config, clock: FixedClock) -> None:
    send(home, clock, pupil(UPN=upn(1)))
    seen: list[str] = []

    def meanwhile(step: str) -> None:
        if step == "spooled":
            with pytest.raises(LoadUnderWay, match="Another term is being loaded"):
                load(home, clock)
            seen.append(step)

    match.load_term(2026, Term.SPRING, clock=clock, config=home, step=meanwhile)
    assert seen == ["spooled"]
    assert load(home, clock).matched == 1


@pytest.mark.django_db(transaction=True)
def test_a_load_that_ends_early_leaves_no_spool_behind(home: Config, clock: FixedClock) -> None:
    class PowerCut(Exception):
        """Stands for an error on the way."""

    def cut(step: str) -> None:
        raise PowerCut

    send(home, clock, pupil(UPN=upn(1)))
    with pytest.raises(PowerCut):
        match.load_term(2026, Term.SPRING, clock=clock, config=home, step=cut)
    # The lake keeps a list of the files it wrote, for the next load to clear away; no fact is left.
    assert {path.name for path in home.scratch.rglob("*") if path.is_file()} <= {"files-written"}
