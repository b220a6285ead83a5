"""What the lake holds is changed in one visible step, stays changed when a term is loaded again, and is never half done."""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq
import pytest

from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr, Term
from schoolgate.records.amend import Drop, Fill, LoadUnderWay, Put, RowChanged, amend, kept, let_go, partitions
from schoolgate.records.append import load_term
from schoolgate.records.read import current_snapshot, snapshot
from tests.world import batch

pytestmark = pytest.mark.django_db(transaction=True)

AUT, SPR = Term.AUTUMN, Term.SPRING
Rows = list[dict[str, Any]]


def census(pupil: int, **given: Any) -> dict[str, Any]:
    row = {
        "pupil": pupil, "year": 2026, "term": "AUT", "urn": 100008, "onroll": True, "sex": "F", "senprovision": "N",
        "ethnicity": "WBRI", "return_id": "r1", "return_row": pupil,
    }  # fmt: skip
    return row | given


def absence(pupil: int, reason: str, sessions: int, **given: Any) -> dict[str, Any]:
    row = {
        "pupil": pupil, "year": 2026, "term": "AUT", "urn": 100008, "attendancereason": reason, "sessions": sessions,
        "return_id": "r1", "return_row": pupil,
    }  # fmt: skip
    return row | given


PUPILS = [census(p) for p in (1, 2, 3)]
ABSENCES = [absence(1, "I", 5), absence(1, "M", 2), absence(1, "M", 2), absence(2, "I", 4)]


def load(config: Config, clock: FixedClock, pupils: Rows, absences: Rows = ABSENCES, term: Term = AUT) -> int:
    given = [
        ("census_pupil", batch("census_pupil", [row | {"term": str(term)} for row in pupils])),
        ("census_absence", batch("census_absence", [row | {"term": str(term)} for row in absences])),
    ]
    return load_term(2026, term, given, return_ids=["r1"], config=config, clock=clock).number


def held(config: Config, table: str, *names: str, version: int | None = None) -> list[tuple[Any, ...]]:
    found = (current_snapshot(config) if version is None else snapshot(version, config)).tables[table]
    rows = [row for path in found.files for row in pq.read_table(path, partitioning=None).to_pylist()]
    return sorted(tuple(row[name] for name in names) for row in rows)


def put(pupil: int, was: dict[str, Any] | None, name: str = "", table: str = "census_pupil", **values: Any) -> Put:
    return Put(table, 2026, AUT, Pmr(pupil), values, was, name)


def test_a_value_is_put_right_in_its_own_row_and_the_version_before_stays_as_it_was(
    home: Config, clock: FixedClock
) -> None:
    load(home, clock, PUPILS, term=SPR)
    before = load(home, clock, PUPILS)
    view = amend([put(2, {"urn": 100008, "senprovision": "N"}, senprovision="E")], config=home, clock=clock)
    assert view.number == before + 1
    assert held(home, "census_pupil", "term", "pupil", "senprovision") == [
        ("AUT", 1, "N"), ("AUT", 2, "E"), ("AUT", 3, "N"), ("SPR", 1, "N"), ("SPR", 2, "N"), ("SPR", 3, "N"),
    ]  # fmt: skip
    assert held(home, "census_pupil", "senprovision", version=before) == [("N",)] * 6
    untouched = [path for path in current_snapshot(home).tables["census_pupil"].files if "SPR" in path]
    assert untouched == [path for path in snapshot(before, home).tables["census_pupil"].files if "SPR" in path]
    assert current_snapshot(home).tables["census_absence"] == snapshot(before, home).tables["census_absence"]
    changed = [path for path in current_snapshot(home).tables["census_pupil"].files if "AUT" in path]
    assert pq.read_table(changed[0], columns=["pupil"], partitioning=None).column(0).to_pylist() == [1, 2, 3]


def test_one_of_two_rows_that_are_the_same_is_changed_and_two_items_of_one_row_at_once(
    home: Config, clock: FixedClock
) -> None:
    load(home, clock, PUPILS)
    same = {"attendancereason": "M", "sessions": 2}
    amend([put(1, same, table="census_absence", sessions=1)], config=home, clock=clock)
    assert held(home, "census_absence", "pupil", "attendancereason", "sessions") == [
        (1, "I", 5), (1, "M", 1), (1, "M", 2), (2, "I", 4),
    ]  # fmt: skip
    row = {"sex": "F", "ethnicity": "WBRI"}
    amend([put(1, row, sex="M"), put(1, row, ethnicity="APKN")], config=home, clock=clock)
    assert held(home, "census_pupil", "pupil", "sex", "ethnicity")[0] == (1, "M", "APKN")


def test_a_row_that_is_not_as_it_was_said_to_be_changes_nothing(home: Config, clock: FixedClock) -> None:
    number = load(home, clock, PUPILS)
    changes = [put(1, {"sex": "F"}, sex="M"), put(2, {"sex": "M"}, sex="F"), put(9, {"sex": "F"}, sex="M")]
    with pytest.raises(RowChanged, match="no longer as it was") as said:
        amend(changes, config=home, clock=clock)
    assert said.value.at == (1, 2)
    # Two corrections of one value of one row: there is one row.
    with pytest.raises(RowChanged):
        amend([put(1, {"sex": "F"}, sex="M"), put(1, {"sex": "F"}, sex="X")], config=home, clock=clock)
    assert current_snapshot(home).version == number
    assert held(home, "census_pupil", "sex") == [("F",)] * 3
    assert not list(home.scratch.iterdir()) or not list(home.scratch.rglob("*.parquet"))


@pytest.mark.parametrize("column", ["pupil", "year", "return_id", "no_such"])
def test_whose_row_it_is_and_where_it_came_from_cannot_be_changed(column: str, home: Config, clock: FixedClock) -> None:
    load(home, clock, PUPILS)
    with pytest.raises(SchoolgateError, match="Only items of the dictionary"):
        amend([Put("census_pupil", 2026, AUT, Pmr(1), {column: 1})], config=home, clock=clock)


def test_a_pupil_is_removed_and_a_column_is_emptied(home: Config, clock: FixedClock) -> None:
    load(home, clock, PUPILS)
    amend(
        [Drop("census_pupil", 2026, AUT, Pmr(1)), Fill("census_pupil", 2026, AUT, {"ethnicity": None})],
        config=home,
        clock=clock,
    )
    assert held(home, "census_pupil", "pupil", "ethnicity") == [(2, None), (3, None)]
    amend([Drop("census_absence", 2026, AUT, Pmr(p)) for p in (1, 2)], config=home, clock=clock)
    assert held(home, "census_absence", "pupil") == []
    assert current_snapshot(home).tables["census_absence"].files == ()
    assert partitions(home) == ((2026, AUT),)


def test_what_is_kept_is_laid_over_the_same_return_loaded_again(home: Config, clock: FixedClock) -> None:
    load(home, clock, PUPILS)
    amend(
        [
            put(1, {"sex": "F"}, "C-1", sex="M"),
            put(1, {"attendancereason": "I"}, "C-2", "census_absence", sessions=3),
            put(2, None, "D-1", ethnicity="REFU"),
            Drop("census_pupil", 2026, AUT, Pmr(3), "E-1"),
            Fill("census_pupil", 2026, AUT, {"senprovision": None}, "F-1"),
        ],
        config=home,
        clock=clock,
    )
    for _ in range(2):
        assert held(home, "census_pupil", "pupil", "sex", "ethnicity", "senprovision") == [
            (1, "M", "WBRI", None), (2, "F", "REFU", None),
        ]  # fmt: skip
        assert held(home, "census_absence", "pupil", "sessions") == [(1, 2), (1, 2), (1, 3), (2, 4)]
        load(home, clock, PUPILS)
    assert {one.came_of_it for one in kept(names=["C-1", "C-2", "D-1", "E-1", "F-1"])} == {"laid"}
    assert let_go(["C-1", "E-1", "F-1"]) == 3
    load(home, clock, PUPILS)
    assert held(home, "census_pupil", "pupil", "sex", "senprovision") == [(1, "F", "N"), (2, "F", "N"), (3, "F", "N")]


@pytest.mark.parametrize(
    ("sent", "came_of_it", "sex"),
    [
        (census(1, sex="M", return_id="r2"), "fulfilled", "M"),
        (census(1, sex="X", return_id="r2"), "overtaken", "X"),
        (census(1, ethnicity="APKN", return_id="r2", return_row=7), "laid", "M"),
    ],
)
def test_a_school_that_says_the_new_value_itself_or_a_third_one_is_believed(
    sent: dict[str, Any], came_of_it: str, sex: str, home: Config, clock: FixedClock
) -> None:
    load(home, clock, PUPILS)
    amend([put(1, {"sex": "F"}, "C-1", sex="M")], config=home, clock=clock)
    load(home, clock, [sent, census(2)])
    assert held(home, "census_pupil", "pupil", "sex")[0] == (1, sex)
    assert [one.came_of_it for one in kept(names=["C-1"])] == [came_of_it]


def test_a_row_that_no_return_has_any_more_is_said_to_be_missing(home: Config, clock: FixedClock) -> None:
    load(home, clock, PUPILS)
    amend([put(1, {"sex": "F"}, "C-1", sex="M")], config=home, clock=clock)
    load(home, clock, [census(2)])
    assert [one.came_of_it for one in kept(names=["C-1"])] == ["missing"]
    load(home, clock, PUPILS)
    assert [one.came_of_it for one in kept(names=["C-1"])] == ["laid"]


def test_a_correction_follows_the_pupil_to_whom_the_row_of_the_paper_now_belongs(
    home: Config, clock: FixedClock
) -> None:
    """A clerk found that the row was another pupil's: split from 1, or merged into one that was known before."""
    load(home, clock, PUPILS)
    amend([put(1, {"sex": "F"}, "C-1", sex="M")], config=home, clock=clock)
    load(home, clock, [census(8, return_row=1), census(1, return_row=44, urn=100009), census(2)])
    assert held(home, "census_pupil", "pupil", "sex") == [(1, "F"), (2, "F"), (8, "M")]
    assert kept(pupil=Pmr(1)) == ()
    assert [one.name for one in kept(pupil=Pmr(8))] == ["C-1"]


class _PowerCut(Exception):
    """Stands for the process ending at a step."""


@pytest.mark.parametrize("at", ["committed census_pupil", "committed census_absence", "inside"])
def test_a_change_cut_short_leaves_the_old_version_and_no_file(at: str, home: Config, clock: FixedClock) -> None:
    number = load(home, clock, PUPILS)
    changes = [put(1, {"sex": "F"}, "C-1", sex="M"), put(2, {"sessions": 4}, "C-2", "census_absence", sessions=1)]

    def cut(step: str) -> None:
        if step == at:
            raise _PowerCut

    def inside(version: object) -> None:
        if at == "inside":
            raise _PowerCut

    with pytest.raises(_PowerCut):
        amend(changes, config=home, clock=clock, step=cut, in_transaction=inside)
    assert current_snapshot(home).version == number
    assert held(home, "census_pupil", "sex") == [("F",)] * 3
    assert kept(names=["C-1", "C-2"]) == ()
    amend(changes, config=home, clock=clock)
    assert held(home, "census_pupil", "pupil", "sex") == [(1, "M"), (2, "F"), (3, "F")]
    assert held(home, "census_absence", "pupil", "sessions") == [(1, 2), (1, 2), (1, 5), (2, 1)]
    there = {str(path) for path in home.lake.rglob("data/**/*.parquet")}
    named = {
        path
        for version in (number, number + 1)
        for one in snapshot(version, home).tables.values()
        for path in one.files
    }
    assert there == named


def test_a_term_is_not_loaded_and_corrected_at_once(home: Config, clock: FixedClock) -> None:
    load(home, clock, PUPILS)

    def meanwhile(step: str) -> None:
        with pytest.raises(LoadUnderWay):
            amend([put(2, {"sex": "F"}, sex="M")], config=home, clock=clock)

    amend([put(1, {"sex": "F"}, sex="M")], config=home, clock=clock, step=meanwhile)


def test_nothing_to_change_and_no_lake_are_said(home: Config, clock: FixedClock) -> None:
    with pytest.raises(SchoolgateError, match="nothing to change"):
        amend([], config=home, clock=clock)
    with pytest.raises(SchoolgateError, match="No census has been loaded"):
        amend([put(1, {"sex": "F"}, sex="M")], config=home, clock=clock)
